"""Compiled recurrent layers: eager's numbers, in few kernels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from descend import nn
from descend.compiler import Compiled
from descend.compiler.compile import Call
from descend.compiler.cost import cost
from descend.engine import Tensor, from_numpy, grad, ops
from tests.compiler.programs import graph_of

T, N, D, H = 5, 7, 3, 18
LAYERS: dict[str, Callable[..., nn.Module]] = {
    "tanh": lambda *a, **k: nn.RNN(D, H, *a, **k),
    "relu": lambda *a, **k: nn.RNN(D, H, *a, nonlinearity="relu", **k),
    "lstm": lambda *a, **k: nn.LSTM(D, H, *a, **k),
    "gru": lambda *a, **k: nn.GRU(D, H, *a, **k),
}
SETTINGS: list[dict[str, Any]] = [
    {}, {"layers": 2}, {"bidirectional": True}, {"lengths": [5, 1, 3, 4, 4, 2, 5], "bidirectional": True},
    {"bias": False}, {"batch_first": True},
]  # fmt: skip
TOLERANCE = {np.float32: 1e-5, np.float64: 1e-10}


def step_of(layer: nn.Module, lengths: Any = None, dtype: Any = np.float32) -> Callable[[Tensor], list[Tensor]]:
    """Outputs, last states, and the gradients of input and weights along random cotangents."""
    cells = list(layer.parameters())

    def step(x: Tensor) -> list[Tensor]:
        rng = np.random.default_rng(5)
        for p in cells:
            p.grad = None

        def weighted(x: Tensor) -> Tensor:
            y, state = layer(x, lengths=lengths)
            parts = [y, *(state if isinstance(state, tuple) else (state,))]
            return ops.sum(ops.concat([(p * rng.standard_normal(p.shape).astype(dtype)).reshape(-1) for p in parts]))

        y, state = layer(x, lengths=lengths)
        of_x = grad(weighted)(x)
        weighted(x).backward()
        return [y, *(state if isinstance(state, tuple) else (state,)), of_x, *(p.grad for p in cells)]

    return step


def close(found: list[Tensor], wanted: list[Tensor]) -> None:
    for a, b in zip(found, wanted, strict=True):
        exact = b.numpy()
        scale = max(1, np.abs(exact).max())
        np.testing.assert_allclose(a.numpy(), exact, rtol=0, atol=TOLERANCE[exact.dtype.type] * scale)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_and_its_gradients(name: str, settings: dict[str, Any], dtype: Any) -> None:
    settings = dict(settings)
    lengths, layers = settings.pop("lengths", None), settings.pop("layers", 1)
    layer = LAYERS[name](layers, **settings)
    layer = layer.double() if dtype is np.float64 else layer
    shape = (N, T, D) if settings.get("batch_first") else (T, N, D)
    x = from_numpy(np.random.default_rng(0).standard_normal(shape).astype(dtype))
    step = step_of(layer, lengths, dtype)
    close(Compiled(step, "native")(x), step(x))


def test_peepholes_still_go_step_by_step() -> None:
    x = from_numpy(np.random.default_rng(0).standard_normal((T, N, D)).astype(np.float32))
    step = step_of(nn.LSTM(D, H, peepholes=True))
    close(Compiled(step, "native")(x), step(x))


def kernels(step: Callable[..., Any], x: Tensor) -> Counter[str]:
    """How often each operation has a kernel, by the kernel's symbol and the operation's name."""
    run = Compiled(step, "native").entry(Call(((x,), {}))).run
    return Counter(e.name for e in run.calls if run.calls[e].symbol == "recurrence")


@pytest.mark.parametrize("name", LAYERS)
def test_one_kernel_forwards_and_one_back(name: str) -> None:
    layer = LAYERS[name](2)
    kind = "rnn" if name in {"tanh", "relu"} else name
    x = from_numpy(np.zeros((T, N, D), np.float32))
    assert kernels(lambda x: layer(x)[0], x) == {kind: 2}
    forward = "rnn" if kind == "rnn" else "recurrence"  # the gates are kept along with the states
    assert kernels(grad(lambda x: (layer(x)[0] ** 2).sum()), x) == {forward: 2, f"{kind}_adjoint": 2}


def test_a_width_of_nothing_and_an_empty_batch_are_left_to_numpy() -> None:
    layer = nn.LSTM(D, H)
    x = from_numpy(np.zeros((T, 0, D), np.float32))
    assert kernels(lambda x: layer(x)[0], x) == {}
    assert Compiled(lambda x: layer(x)[0], "native")(x).shape == (T, 0, H)


def test_mixed_types_are_left_to_numpy() -> None:
    weight = from_numpy(np.eye(3))
    function = lambda x: ops.rnn(x, np.zeros((2, 3), np.float32), weight.to(np.float32))
    x = from_numpy(np.ones((4, 2, 3), np.float32))
    assert kernels(function, x) == {"rnn": 1}
    np.testing.assert_allclose(Compiled(function, "native")(x).numpy(), function(x).numpy(), rtol=0, atol=1e-6)


def test_what_a_recurrence_costs() -> None:
    arrays = [np.zeros(shape, np.float32) for shape in ((T, N, 4 * H), (N, H), (N, H), (4 * H, H))]
    found = {e.name: cost(e).flops for e in graph_of(ops.lstm, *arrays).equations}
    assert found["lstm"] == 2 * T * N * 4 * H * H
