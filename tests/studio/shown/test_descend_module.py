from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from descend import nn
from descend.engine import Tensor, default_generator, manual_seed, no_grad
from descend.studio.shown.descend_module import DescendNetwork
from descend.studio.shown.outputs import LAST_STEP
from tests.studio.shown.conftest import same

X = np.random.default_rng(0).normal(size=(8, 6)).astype(np.float32)
Y = np.arange(8) % 3


def look(model: nn.Module, x: Any = X, y: Any = Y, loss: Any = "cross-entropy") -> Any:
    return DescendNetwork(model).look((x,), y, loss)


def test_layers_with_what_they_give_out_and_their_parameters() -> None:
    manual_seed(1)
    model = nn.Sequential(nn.Linear(6, 5), nn.ReLU(), nn.Sequential(nn.Linear(5, 3)))
    found = look(model)
    assert [layer.name for layer in found.layers] == ["0", "1", "2.0"]
    with no_grad():
        assert found.output.tolist() == model(Tensor(X)).tolist()
    assert found.layers[0].y.tolist() == model[0](Tensor(X)).tolist()
    assert found.layers[0].norm == pytest.approx(np.hypot(*[np.linalg.norm(p.numpy()) for p in model[0].parameters()]))


@pytest.mark.parametrize(
    ("loss", "y", "outputs", "direct"),
    [
        ("cross-entropy", Y, 3, nn.cross_entropy),
        ("squared error", X[:, :3], 3, nn.mse_loss),
        ("binary cross-entropy", (Y > 0).astype(np.float32), 1, nn.binary_cross_entropy_with_logits),
    ],
)
def test_gradients_are_those_of_the_loss_and_go_nowhere(loss: str, y: Any, outputs: int, direct: Any) -> None:
    model = nn.Linear(6, outputs)
    found = look(model, y=y, loss=loss)
    assert found.gradients == loss
    assert model.weight.grad is None
    output = model(Tensor(X))
    direct(output if output.shape == y.shape or outputs == 3 else output.reshape(-1), Tensor(y)).backward()
    assert model.weight.grad is not None
    assert found.layers[0].parts[0].gradient == pytest.approx(model.weight.grad.numpy(), abs=1e-6)


def test_gradients_of_the_last_step_come_first() -> None:
    model = nn.Linear(6, 3)
    model(Tensor(X)).sum().backward()
    grad = model.weight.grad
    found = look(model)
    assert found.gradients == LAST_STEP
    assert model.weight.grad is grad
    assert found.layers[0].parts[0].gradient.tolist() == grad.tolist()  # type: ignore[union-attr]


def test_a_backward_that_is_still_to_come_is_not_disturbed() -> None:
    model = nn.Sequential(nn.Linear(6, 4), nn.BatchNorm1d(4), nn.Linear(4, 3))
    loss = nn.cross_entropy(model(Tensor(X)), Tensor(Y))
    look(model)
    loss.backward()


def test_how_far_a_step_moves() -> None:
    model = nn.Linear(6, 3)
    network = DescendNetwork(model)
    assert np.isnan(network.look((X,), Y, None).layers[0].moved)
    network.mark()
    for p in model.parameters():
        p.write(p.numpy() * 1.5)
    assert network.look((X,), Y, None).layers[0].moved == pytest.approx(0.5 / 1.5)


class Odd(nn.Module):
    """Writes to a buffer and draws from every stream, whatever the mode is; gives out a dict."""

    def __init__(self) -> None:
        self.inside = nn.Linear(6, 3)
        self.count = nn.Buffer(np.zeros((), np.float32))

    def forward(self, x: Tensor) -> Any:
        self.count.write(self.count + 1)
        noise = default_generator().normal(x.shape) + random.random() + float(np.random.rand())
        return {"extra": None, "logits": (self.inside(x + noise), x)}


def test_nothing_is_changed_by_looking() -> None:
    model = Odd()

    def state() -> Any:
        arrays = {**model.state_dict(), **default_generator().state_dict(), "numpy": np.random.get_state()[1].copy()}
        return arrays, [cell.version for _, cell in model.named_cells()], random.getstate()

    (before, versions, python), network = state(), DescendNetwork(model)
    for _ in range(2):
        assert network.look((X,), Y, "cross-entropy").output.shape == (8, 3)
        network.answer((X,))
        network.mark()
    assert same(state()[0], before)
    assert state()[1:] == (versions, python)


class Shared(nn.Module):
    """One layer twice, one weight in two layers, one layer never, one parameter of its own."""

    def __init__(self) -> None:
        self.layers = {"a": nn.Linear(6, 6), "b": [nn.Linear(6, 6), nn.Linear(2, 2)]}
        self.layers["b"][0].weight = self.layers["a"].weight
        self.scale = nn.Parameter(np.ones(6, np.float32))

    def forward(self, x: Tensor) -> Tensor:
        a, b = self.layers["a"], self.layers["b"][0]
        return b(a(a(x))) * self.scale


def test_shared_layers_and_layers_that_are_not_called() -> None:
    found = {layer.name: layer for layer in look(Shared()).layers}
    assert list(found) == ["layers.a", "layers.a (call 2)", "layers.b.0", "Shared", "layers.b.1"]
    assert [len(layer.parts) for layer in found.values()] == [2, 0, 1, 1, 2]
    assert found["layers.b.1"].y is None


def test_a_loss_that_fails_is_told() -> None:
    found = look(nn.Linear(6, 3), loss=lambda output, y: output / "x")
    assert found.gradients == ""
    assert found.trouble


def test_no_parameters_and_nan_weights() -> None:
    assert look(nn.ReLU(), loss=None).layers[0].parts == ()
    model = nn.Linear(6, 3)
    model.weight.write(np.full((3, 6), np.nan, np.float32))
    found = look(model)
    assert np.isnan(found.output).all()
    assert np.isnan(found.layers[0].norm)
