from __future__ import annotations

import random
from collections import OrderedDict
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from descend.engine.errors import UsageError
from descend.studio.shown.outputs import LAST_STEP
from descend.studio.shown.torch_module import TorchNetwork, is_torch_module, is_torch_tensor
from tests.studio.shown.conftest import same

X = np.random.default_rng(0).normal(size=(8, 6)).astype(np.float32)
Y = np.arange(8) % 3


def state(model: nn.Module) -> dict[str, Any]:
    found = {name: value.numpy().copy() for name, value in model.state_dict().items()}
    return {**found, "random": torch.get_rng_state().numpy(), "numpy": np.random.get_state()[1]}


def look(model: nn.Module, x: Any = X, y: Any = Y, loss: Any = "cross-entropy") -> Any:
    return TorchNetwork(model).look((x,), y, loss)


def test_layers_with_what_they_give_out_and_their_parameters() -> None:
    model = nn.Sequential(OrderedDict(a=nn.Linear(6, 5), b=nn.ReLU(), c=nn.Sequential(nn.Linear(5, 3))))
    found = look(model)
    assert [layer.name for layer in found.layers] == ["a", "b", "c.0"]
    x = torch.tensor(X)
    a = model.a(x)  # type: ignore[operator]
    for layer, y in zip(found.layers, (a, a.relu(), model(x))):
        assert layer.y == pytest.approx(y.detach().numpy(), abs=1e-6)
    assert found.output == pytest.approx(model(x).detach().numpy(), abs=1e-6)
    weight, bias = found.layers[0].parts
    assert (weight.name, weight.shape, bias.shape) == ("weight", (5, 6), (5,))
    assert weight.norm == pytest.approx(model.a.weight.norm().item())  # type: ignore[union-attr, operator]


def test_gradients_are_those_of_the_loss_and_go_nowhere() -> None:
    model = nn.Linear(6, 3)
    found = look(model).layers[0].parts[0]
    assert model.weight.grad is None
    nn.functional.cross_entropy(model(torch.tensor(X)), torch.tensor(Y)).backward()
    assert found.gradient == pytest.approx(model.weight.grad.numpy(), abs=1e-6)  # type: ignore[union-attr]
    assert found.gradient_norm == pytest.approx(float(model.weight.grad.norm()))  # type: ignore[union-attr]


def test_gradients_of_the_last_step_come_first() -> None:
    model = nn.Linear(6, 3)
    model.weight.grad = torch.full((3, 6), 2.0)
    found = look(model)
    assert found.gradients == LAST_STEP
    assert found.layers[0].parts[0].gradient.tolist() == [[2.0] * 6] * 3
    assert model.weight.grad.tolist() == [[2.0] * 6] * 3


@pytest.mark.parametrize(
    ("loss", "y", "outputs"),
    [("squared error", X[:, 0], 1), ("binary cross-entropy", Y > 0, 1), ("squared error", X[:, :3], 3)],
)
def test_other_losses(loss: str, y: Any, outputs: int) -> None:
    model = nn.Linear(6, outputs)
    found = look(model, y=y, loss=loss)
    z, target = model(torch.tensor(X)).reshape(y.shape), torch.tensor(np.asarray(y)).float()
    F = nn.functional
    direct = F.mse_loss if loss == "squared error" else F.binary_cross_entropy_with_logits
    direct(z, target).backward()
    assert found.layers[0].parts[0].gradient == pytest.approx(model.weight.grad.numpy(), abs=1e-6)  # type: ignore[union-attr]


def test_how_far_a_step_moves() -> None:
    model = nn.Linear(6, 3)
    network = TorchNetwork(model)
    assert np.isnan(network.look((X,), Y, None).layers[0].moved)
    network.mark()
    with torch.no_grad():
        model.weight.mul_(1.5)
        model.bias.mul_(1.5)
    assert network.look((X,), Y, None).layers[0].moved == pytest.approx(0.5 / 1.5)
    assert np.isnan(network.look((X,), Y, None).layers[0].moved)


class Odd(nn.Module):
    """Writes to buffers, draws from every stream, and behaves by its mode, whatever the mode is."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = nn.Linear(6, 3)
        self.register_buffer("count", torch.zeros(()))
        self.register_buffer("kept", torch.ones(3))

    def forward(self, x: torch.Tensor) -> Any:
        self.count += 1  # type: ignore[operator]
        self.kept = self.kept * 2 + torch.rand(3) + random.random() + float(np.random.rand())
        return {"extra": None, "logits": (self.inside(x), torch.rand(2))}

    def train(self, mode: bool = True) -> Any:
        if not mode:
            raise AssertionError("eval() has side effects here")
        return super().train(mode)


def test_nothing_is_changed_by_looking() -> None:
    model = Odd()
    network, python = TorchNetwork(model), random.getstate()
    before, held = state(model), model.count
    for _ in range(2):
        assert network.look((X,), Y, "cross-entropy").output.shape == (8, 3)
        network.answer((X,))
        network.mark()
    assert same(state(model), before)
    assert model.count is held
    assert random.getstate() == python
    assert all(part.training for part in model.modules())
    assert not any(part._forward_hooks for part in model.modules())


def test_everything_comes_back_after_an_error() -> None:
    model = nn.Sequential(nn.Linear(6, 4), nn.BatchNorm1d(4), nn.Linear(5, 3))
    before = state(model)
    with pytest.raises(RuntimeError):
        look(model)
    assert same(state(model), before)
    assert all(part.training for part in model.modules())
    assert not any(part._forward_hooks for part in model.modules())


class Shared(nn.Module):
    """One layer twice, one weight in two layers, one layer never."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.tied, self.never = nn.Linear(6, 6), nn.Linear(6, 6), nn.Linear(2, 2)
        self.tied.weight = self.layer.weight

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.tied(self.layer(self.layer(x)))  # type: ignore[no-any-return]


def test_shared_layers_and_layers_that_are_not_called() -> None:
    found = {layer.name: layer for layer in look(Shared()).layers}
    assert list(found) == ["layer", "layer (call 2)", "tied", "never"]
    assert [len(layer.parts) for layer in found.values()] == [2, 0, 1, 2]
    assert found["never"].y is None
    assert not np.array_equal(found["layer"].y, found["layer (call 2)"].y)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("model", "x"),
    [
        (nn.Sequential(nn.Embedding(10, 4), nn.Flatten(), nn.Linear(20, 3)), np.ones((8, 5), np.int64)),
        (nn.LSTM(6, 3, batch_first=True), np.ones((8, 5, 6))),
        (nn.TransformerEncoderLayer(6, 2, 8, batch_first=True), np.ones((8, 5, 6))),
        (nn.MultiheadAttention(6, 2, batch_first=True), None),
        (nn.Conv1d(2, 3, 3), np.ones((8, 2, 9))),
        (nn.Sequential(nn.Conv3d(1, 2, 3), nn.Flatten()), np.ones((8, 1, 5, 5, 5))),
        (nn.Linear(6, 3).double(), X), (nn.Linear(6, 3).bfloat16(), X), (nn.Flatten(), np.ones((8, 2, 3))),
        (nn.Embedding(10, 3, sparse=True), np.ones(8, np.int64)),
    ],
)  # fmt: skip
def test_all_kinds_of_layers(model: nn.Module, x: Any) -> None:
    q = np.ones((8, 5, 6), np.float32)
    found = TorchNetwork(model).look((q, q, q) if x is None else (x,), None, None)
    assert found.layers
    assert any(layer.y is not None for layer in found.layers)
    assert all(layer.y is None or layer.y.dtype.kind in "fiu" for layer in found.layers)


def test_a_sparse_gradient_is_a_gradient() -> None:
    model = nn.Embedding(10, 3, sparse=True)
    model(torch.arange(8)).sum().backward()
    found = look(model, np.arange(8)).layers[0].parts[0]
    assert found.gradient.sum() == 24


def test_a_loss_that_fails_is_told() -> None:
    found = look(nn.Linear(6, 3), loss=lambda output, y: output.reshape(7))
    assert found.gradients == ""
    assert "RuntimeError" in found.trouble


def test_weights_of_pictures_are_pictures() -> None:
    model = nn.Sequential(nn.Flatten(), nn.Linear(12, 5))
    network = TorchNetwork(model)
    network.sight = (1, 3, 4)
    weight = network.look((np.ones((8, 1, 3, 4), np.float32),), None, None).layers[1].parts[0]
    assert weight.value.shape == (5, 1, 3, 4)
    assert weight.value.reshape(5, 12) == pytest.approx(model[1].weight.detach().numpy())


def test_wrappers_are_taken_off() -> None:
    inside = nn.Linear(6, 3)
    assert TorchNetwork(nn.DataParallel(inside)).model is inside


def test_without_parameters() -> None:
    network = TorchNetwork(nn.ReLU())
    network.mark()
    found = network.look((X,), None, None)
    assert (network.parameters, [layer.parts for layer in found.layers]) == (0, [()])


def test_large_layers_are_thinned_out_and_say_so() -> None:
    part = look(nn.Linear(6, 100_000), loss=None).layers[0].parts[0]
    assert part.value.size < 20_000
    assert "of 100,000" in part.note


def test_what_is_no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_torch_module(nn.ReLU())
    assert not is_torch_module(3)
    assert is_torch_tensor(torch.zeros(1))
    monkeypatch.delitem(__import__("sys").modules, "torch")
    assert not is_torch_module(3)
    assert not is_torch_tensor(3)


def test_lazy_layers_are_refused() -> None:
    with pytest.raises(UsageError, match="without a shape"):
        TorchNetwork(nn.Sequential(nn.LazyLinear(3)))
