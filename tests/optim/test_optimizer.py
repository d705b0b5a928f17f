from __future__ import annotations

import numpy as np
import pytest

from descend import nn
from descend.engine import DtypeError, GradientError, ShapeError, Tensor, UsageError, no_grad, ops
from descend.optim import SGD, Adam, Optimizer, schedules
from tests.nn.refusal import Mistake, check
from tests.optim.peer import arrays, backward, network, train

RULES = {
    "sgd": lambda p: SGD(p, 0.1),
    "momentum": lambda p: SGD(p, 0.1, momentum=0.9, weight_decay=0.01),
    "adam": lambda p: Adam(p, 0.01),
}
EACH = pytest.mark.parametrize("rule", RULES)


@EACH
def test_resuming_gives_the_same_bits_as_going_on(rule):
    model, again = network(nn), network(nn)
    optimizer = RULES[rule](model.parameters())
    train(model, optimizer, 7)
    optimizer.lr.write(0.03)
    weights, state = model.state_dict(), optimizer.state_dict()
    train(model, optimizer, 5)

    again.load_state_dict(weights)
    resumed = RULES[rule](again.parameters())
    resumed.load_state_dict(state)
    train(again, resumed, 5)
    assert arrays(again) == arrays(model)
    for name, array in optimizer.state_dict().items():
        assert array.tobytes() == resumed.state_dict()[name].tobytes(), name
    assert resumed.t.item() == 12
    assert resumed.lr.item() == 0.03


@EACH
def test_a_state_is_a_copy(rule):
    model = network(nn)
    optimizer = RULES[rule](model.parameters())
    state = optimizer.state_dict()
    before = {name: array.copy() for name, array in state.items()}
    train(model, optimizer, 2)
    assert all(np.array_equal(state[name], before[name]) for name in state)
    assert state["t"] == 0
    now = {name: array.tobytes() for name, array in optimizer.state_dict().items()}
    for array in optimizer.state_dict().values():
        array[...] = 7
    assert {name: array.tobytes() for name, array in optimizer.state_dict().items()} == now


@EACH
def test_training_lowers_the_loss(rule):
    model = network(nn)
    x, y = np.linspace(-1, 1, 30, dtype=np.float32).reshape(10, 3), np.ones((10, 2))
    first = nn.mse_loss(model(x), y).item()
    train(model, RULES[rule](model.parameters()), 100)
    model, optimizer = network(nn), RULES[rule]
    optimizer = optimizer(model.parameters())
    for _ in range(100):
        optimizer.zero_grad()
        backward(model, x, y)
        optimizer.step()
    assert nn.mse_loss(model(x), y).item() < 0.1 * first


@EACH
def test_a_parameter_without_a_gradient_counts_as_one_with_gradient_0(rule):
    used, unused, zero = (nn.Parameter(np.ones(shape, np.float32)) for shape in ((2, 3), (4,), (4,)))
    a, b = RULES[rule]([used, unused]), RULES[rule]([nn.Parameter(used.numpy()), zero])
    for _ in range(3):
        for optimizer in (a, b):
            optimizer.parameters[0].grad = Tensor(np.full((2, 3), 0.5, np.float32))
        zero.grad = Tensor(np.zeros(4, np.float32))
        a.step()
        b.step()
    assert np.array_equal(unused.numpy(), zero.numpy())
    assert np.array_equal(used.numpy(), b.parameters[0].numpy())
    assert unused.grad is None


@EACH
def test_parameters_of_all_shapes_move_each_by_their_own_gradient(rule):
    shapes = [(), (1,), (3, 2), (0, 4), (2, 1, 3)]
    rng = np.random.default_rng(0)
    starts, gradients = ([rng.standard_normal(shape).astype(np.float32) for shape in shapes] for _ in range(2))
    together, alone = [nn.Parameter(x) for x in starts], [nn.Parameter(x) for x in starts]
    optimizers = [RULES[rule](together), *(RULES[rule]([p]) for p in alone)]
    for _ in range(3):
        for p, g in zip(together + alone, gradients * 2, strict=True):
            p.grad = Tensor(g)
        for optimizer in optimizers:
            optimizer.step()
    for a, b in zip(together, alone, strict=True):
        assert np.allclose(a.numpy(), b.numpy(), rtol=0, atol=1e-7)
        assert a.numpy().flags.c_contiguous


def test_zero_grad_forgets_only_its_own_parameters():
    a, b = nn.Parameter([1.0]), nn.Parameter([1.0])
    (a * b).backward()
    SGD([a], 0.1).zero_grad()
    assert a.grad is None
    assert b.grad.item() == 1


def test_gradients_stay_until_they_are_forgotten():
    model = network(nn)
    backward(model)
    once = model[0].weight.grad.numpy().copy()
    SGD(model.parameters(), 0.0).step()
    backward(model)
    assert np.allclose(model[0].weight.grad.numpy(), 2 * once)


def test_the_learning_rate_can_be_changed_between_steps():
    p = nn.Parameter([0.0])
    optimizer = SGD([p], 1.0)
    for lr in (1.0, 0.5, 0.0):
        optimizer.lr.write(lr)
        p.grad = Tensor([1.0])
        optimizer.step()
    assert p.item() == -1.5


def test_a_number_put_in_the_place_of_the_learning_rate_is_written_into_it():
    optimizer = SGD([nn.Parameter([0.0])], 1.0)
    cell, schedule = optimizer.lr, schedules.StepLR(optimizer, 2)
    optimizer.lr = 0.25
    assert optimizer.lr is cell
    assert cell.item() == 0.25
    schedule.step()
    with pytest.raises(UsageError, match="lr"):
        optimizer.lr = -1.0
    assert cell.item() == 1.0


def test_a_loss_computed_before_the_step_is_refused_after_it():
    model = network(nn)
    loss = nn.mse_loss(model(np.ones((1, 3), np.float32)), np.ones((1, 2)))
    backward(model)
    SGD(model.parameters(), 0.1).step()
    with pytest.raises(GradientError, match="was written after"):
        loss.backward()


def test_a_step_records_nothing():
    recorded = []

    class Looks(SGD):
        def update(self, p: Tensor, g: Tensor) -> Tensor:
            recorded.append(p.requires_grad or g.requires_grad)
            return super().update(p, g)

    model = network(nn)
    backward(model)
    Looks(model.parameters(), 0.1).step()
    assert recorded == [False]
    assert all(p.is_leaf and p.requires_grad for p in model.parameters())


@EACH
def test_a_step_before_backward_is_refused_and_not_counted(rule):
    model = network(nn)
    optimizer = RULES[rule](model.parameters())
    check(
        Mistake(
            optimizer.step, GradientError, "no parameter has a gradient", "4 parameters", "loss.backward()", "no_grad"
        )
    )
    assert optimizer.t.item() == 0
    with no_grad():
        ops.sum(model(np.ones((1, 3), np.float32)))
    check(
        Mistake(
            optimizer.step, GradientError, "no parameter has a gradient", "4 parameters", "loss.backward()", "no_grad"
        )
    )


def test_an_update_rule_has_to_be_written():
    p = nn.Parameter([1.0])
    p.grad = Tensor([1.0])
    with pytest.raises(UsageError, match="Optimizer defines no update"):
        Optimizer([p], 0.1).step()


def test_a_rule_of_ones_own_needs_only_an_update():
    class SignDescent(Optimizer):
        def update(self, p: Tensor, g: Tensor) -> Tensor:
            return p - self.lr * ops.sign(g)

    p, q = nn.Parameter([1.0, 2.0]), nn.Parameter([[3.0]])
    p.grad, q.grad = Tensor([5.0, -0.1]), Tensor([[0.0]])
    SignDescent([p, q], 0.5).step()
    assert (p.tolist(), q.tolist()) == ([0.5, 2.5], [[3.0]])


STATES = {
    "missing": (
        lambda s: {k: s[k] for k in s if k != "m"},
        UsageError,
        "another optimiser",
        "lr, t, v",
        "m",
        "settings",
    ),
    "unknown": (lambda s: {**s, "x": 1}, UsageError, "another optimiser", "x", "lr, m, t, v", "settings"),
    "shape": (lambda s: {**s, "v": s["v"][:-1]}, ShapeError, "the state's v", "(31,)", "(32,)", "settings"),
    "would broadcast": (lambda s: {**s, "v": np.ones(())}, ShapeError, "the state's v", "()", "(32,)", "settings"),
    "text": (lambda s: {**s, "v": np.array(["a"] * 32)}, DtypeError, "the state's v", "<U1", "numbers", None),
}


@pytest.mark.parametrize("case", STATES)
def test_a_wrong_state_is_refused_and_nothing_of_it_is_loaded(case):
    model = network(nn)
    optimizer = Adam(model.parameters())
    before = optimizer.state_dict()
    change, *words = STATES[case]
    wrong = change({name: array + 1 for name, array in before.items()})
    check(Mistake(lambda: optimizer.load_state_dict(wrong), *words))
    assert all(np.array_equal(before[name], now) for name, now in optimizer.state_dict().items())
