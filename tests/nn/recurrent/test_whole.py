"""A sequence read at once gives what its steps give one after the other."""

from __future__ import annotations

import numpy as np
import pytest

from descend import nn
from descend.engine import PRIMITIVES, Tensor, ops, override, override_calls

T, N, D, H = 6, 3, 2, 4
LAYERS = {
    "tanh": lambda **more: nn.RNN(D, H, 2, **more),
    "relu": lambda **more: nn.RNN(D, H, 2, nonlinearity="relu", **more),
    "lstm": lambda **more: nn.LSTM(D, H, 2, **more),
    "gru": lambda **more: nn.GRU(D, H, 2, **more),
}
SETTINGS = [
    {}, {"bias": False}, {"bidirectional": True}, {"lengths": [6, 2, 3]}, {"bidirectional": True, "lengths": [1, 4, 6]},
]  # fmt: skip


def results(layer: nn.Module, x: np.ndarray, lengths: list[int] | None) -> list[np.ndarray]:
    """Outputs, last states, and the gradients of everything along random cotangents."""
    leaf, rng = Tensor(x, requires_grad=True), np.random.default_rng(5)
    y, state = layer(leaf, lengths=lengths)
    parts = [y, *(state if isinstance(state, tuple) else (state,))]
    for p in layer.parameters():
        p.grad = None
    ops.sum(ops.concat([(part * rng.standard_normal(part.shape)).reshape(-1) for part in parts])).backward()
    return [part.numpy() for part in [*parts, leaf.grad, *(p.grad for p in layer.parameters())]]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("name", LAYERS)
def test_it_is_what_the_steps_give(name: str, settings: dict) -> None:
    settings = dict(settings)
    lengths = settings.pop("lengths", None)
    layer = LAYERS[name](**settings).double()
    x = np.random.default_rng(0).standard_normal((T, N, D))
    at_once = results(layer, x, lengths)
    with override("mul", np.multiply):  # a step of which a part was replaced is taken by itself
        stepwise = results(layer, x, lengths)
        assert override_calls("mul") > T or name in {"tanh", "relu"}
    for a, b in zip(at_once, stepwise, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("name", "part"), [("tanh", "tanh"), ("relu", "relu"), ("lstm", "sigmoid"), ("gru", "affine")])
def test_a_replaced_part_of_a_step_is_used_at_every_step(name: str, part: str) -> None:
    layer = LAYERS[name]()
    with override(part, PRIMITIVES[part].evaluate):
        layer(np.ones((T, N, D), np.float32))
        assert override_calls(part) >= 2 * T


def test_a_replaced_recurrence_is_used() -> None:
    layer = nn.LSTM(D, H)
    with override("lstm", lambda x, h, c, w: np.full((2, len(x) + 1, *h.shape), 7.0)):
        y, (h, c) = layer(np.ones((T, N, D), np.float32))
    assert all((part.numpy() == 7).all() for part in (y, h, c))


@pytest.mark.parametrize("name", LAYERS)
def test_not_even_nan_behind_the_end_is_seen(name: str) -> None:
    lengths, x = [6, 2, 3], np.random.default_rng(0).standard_normal((T, N, D))
    layer = LAYERS[name](bidirectional=True).double()
    clean = results(layer, np.where((np.arange(T)[:, None] < lengths)[..., None], x, 0), lengths)
    spoilt = results(layer, np.where((np.arange(T)[:, None] < lengths)[..., None], x, np.nan), lengths)
    for a, b in zip(clean, spoilt, strict=True):
        assert np.array_equal(a, b)
