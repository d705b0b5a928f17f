from __future__ import annotations

import numpy as np
import pytest

from descend import nn
from descend.engine import Generator, Tensor, default_generator
from descend.engine.errors import DescendError
from descend.train.probe import gradients, outputs, own_parameters, probe
from tests.train.small import equal_bits, split, trainer


def test_it_tells_what_each_layer_gives_out() -> None:
    model, x = trainer().model, split(10, 0).x
    model.eval()
    found = probe(model, x)
    assert [(a.layer, a.shape) for a in found] == [
        ("Linear", (10, 8)), ("BatchNorm1d", (10, 8)), ("Tanh", (10, 8)), ("Dropout", (10, 8)), ("Linear", (10, 3)),
    ]  # fmt: skip
    y = model(Tensor(x)).numpy()
    last = found[-1]
    numbers = (last.mean, last.std, last.low, last.high)
    assert numbers == pytest.approx((y.mean(), y.std(), y.min(), y.max()), rel=1e-5)
    assert len({a.name for a in found}) == 5


def test_nothing_is_changed_by_looking() -> None:
    model, x = trainer().model, split(10, 0).x
    own = Generator(3)
    model = nn.Sequential(model, nn.Dropout(0.5, generator=own))
    model.train()
    next(iter(model.modules())).training = False
    modes, attributes = [m.training for m in model.modules()], [set(vars(m)) for m in model.modules()]
    before = model.state_dict() | default_generator().state_dict() | {"own": own.counter.numpy()}
    versions = [cell.version for _, cell in model.named_cells()]
    first = probe(model, x)
    after = model.state_dict() | default_generator().state_dict() | {"own": own.counter.numpy()}
    assert equal_bits(after, before)
    assert [cell.version for _, cell in model.named_cells()] == versions
    assert [m.training for m in model.modules()] == modes
    assert [set(vars(m)) for m in model.modules()] == attributes
    assert all(p.grad is None for p in model.parameters())
    assert probe(model, x) == first


class Noisy(nn.Module):
    """Draws in evaluation mode too."""

    def forward(self, x: Tensor) -> Tensor:
        return x + default_generator().normal(x.shape)


def test_a_layer_that_always_draws_gets_its_stream_back() -> None:
    before = default_generator().state_dict()
    probe(nn.Sequential(Noisy()), np.zeros((4, 2), np.float32))
    assert equal_bits(default_generator().state_dict(), before)


def test_training_goes_on_as_if_nobody_had_looked() -> None:
    watched, alone = trainer(2), trainer(2)
    list(alone.events())
    watched = trainer(2)
    for _ in watched.events():
        probe(watched.model, split(5, 9).x)
    assert equal_bits(watched.model.state_dict(), alone.model.state_dict())


def test_dead_units_and_numbers_that_are_not_finite_are_counted() -> None:
    found = probe(nn.Sequential(nn.ReLU()), np.array([[-1.0, 2.0, np.nan, np.inf]], np.float32))[0]
    assert found.zeros == 0.25
    assert found.nonfinite == 2
    assert (found.low, found.high) == (0.0, 2.0)
    nothing = probe(nn.Sequential(nn.ReLU()), np.full((1, 2), np.nan, np.float32))[0]
    assert np.isnan(nothing.mean)


def test_everything_comes_back_after_an_error() -> None:
    model = trainer().model
    model.train()
    with pytest.raises(DescendError):
        probe(model, np.zeros((3, 5), np.float32))
    assert all(m.training and "forward" not in vars(m) for m in model.modules())


def test_a_model_that_is_one_layer() -> None:
    assert [a.name for a in probe(nn.Linear(2, 3), np.zeros((1, 2), np.float32))] == ["Linear"]


def test_outputs_are_what_the_layers_give_out() -> None:
    model, x = trainer().model, Tensor(split(10, 0).x)
    calls, y = outputs(model, x)
    model.eval()
    for call in calls:
        x = call.module(x)
        assert x.tolist() == call.y.tolist()
    assert y.tolist() == x.tolist()


class Counting(nn.Module):
    """Writes to a buffer whatever the mode is, and holds a parameter beside a module."""

    def __init__(self) -> None:
        self.inside = nn.Linear(2, 3)
        self.scale = nn.Parameter(np.ones(3, np.float32))
        self.count = nn.Buffer(np.zeros((), np.float32))

    def forward(self, x: Tensor) -> Tensor:
        self.count.write(self.count + 1)
        return self.inside(x) * self.scale


def test_a_buffer_that_is_written_to_in_evaluation_is_put_back() -> None:
    model = Counting()
    assert [a.layer for a in probe(model, np.ones((4, 2), np.float32))] == ["Linear", "Counting"]
    assert model.count.item() == 0
    assert model.count.version == 0


def test_gradients_are_those_of_backward_and_leave_grad_alone() -> None:
    model, x = Counting(), Tensor(np.ones((4, 2), np.float32))
    model(x).sum().backward()
    before = {name: p.grad for name, p in model.named_parameters()}
    found = gradients(model, lambda: model(x).sum() * 3)
    assert {name: p.grad for name, p in model.named_parameters()} == before
    assert found.keys() == before.keys()
    for name, g in before.items():
        assert g is not None
        assert found[name] == pytest.approx(3 * g.numpy())
    with pytest.raises(DescendError):
        gradients(model, lambda: model(Tensor(np.ones((4, 7), np.float32))).sum())
    assert {name: p.grad for name, p in model.named_parameters()} == before


def test_a_parameter_that_is_frozen_has_no_gradient() -> None:
    model = nn.Linear(2, 3)
    model.bias.requires_grad_(False)
    assert list(gradients(model, lambda: model(Tensor(np.ones((4, 2), np.float32))).sum())) == ["weight"]


def test_a_modules_own_parameters() -> None:
    model = Counting()
    assert own_parameters(model) == {"scale": model.scale}
    assert list(own_parameters(model.inside)) == ["weight", "bias"]
    assert own_parameters(nn.Sequential(model)) == {}
