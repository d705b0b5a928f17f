"""What holds for every update rule, rule by rule."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
import torch

from descend import nn, optim
from descend.engine import Tensor, ops, override
from descend.optim.searching import SearchingOptimizer
from tests.optim.peer import agree, arrays, backward, network, train
from tests.optim.rules import RULES, SEARCHING

EACH = pytest.mark.parametrize("rule", RULES, ids=repr)
ALL = pytest.mark.parametrize("rule", [*RULES, *SEARCHING], ids=repr)
PEERS = pytest.mark.parametrize("rule", [rule for rule in RULES if rule.theirs], ids=repr)


def closure_of(model, optimizer):
    def closure() -> Tensor:
        optimizer.zero_grad()
        dtype = next(iter(model.parameters())).dtype
        rng = np.random.default_rng(1)
        x, y = rng.standard_normal((11, 3)).astype(dtype), rng.standard_normal((11, 2)).astype(dtype)
        loss = nn.mse_loss(model(Tensor(x)), y)
        loss.backward()
        return loss

    return closure


def steps(model, optimizer, n):
    for _ in range(n):
        optimizer.step(closure_of(model, optimizer))


def test_no_rule_is_left_out():
    parameters = [nn.Parameter([1.0]), nn.Parameter([1.0])]
    tried = {type(rule.ours(iter(parameters))) for rule in [*RULES, *SEARCHING]}
    exported = {part for part in vars(optim).values() if inspect.isclass(part) and issubclass(part, optim.Optimizer)}
    assert tried == exported - {optim.Optimizer}


@pytest.fixture
def _torch_in_double():
    """PyTorch keeps some of its state, such as Nadam's product of momenta, in its default type."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


@PEERS
@pytest.mark.usefixtures("_torch_in_double")
def test_agrees_with_pytorch(rule):
    agree(rule.ours, rule.theirs, np.float64, 1e-10)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.theirs and "=" not in rule.name], ids=repr)
def test_agrees_with_pytorch_in_single_precision(rule):
    # Signs decide Rprop's steps: a rounding that turns one moves a weight by a whole step.
    agree(rule.ours, rule.theirs, np.float32, 1e-5 if "Rprop" not in rule.name else 1e-2)


@ALL
def test_resuming_gives_the_same_bits_as_going_on(rule):
    model, again = network(nn), network(nn)
    optimizer = rule.ours(model.parameters())
    steps(model, optimizer, 7)
    weights, state = model.state_dict(), optimizer.state_dict()
    steps(model, optimizer, 6)
    again.load_state_dict(weights)
    resumed = rule.ours(again.parameters())
    resumed.load_state_dict(state)
    steps(again, resumed, 6)
    assert arrays(again) == arrays(model)
    assert {k: a.tobytes() for k, a in resumed.state_dict().items()} == {
        k: a.tobytes() for k, a in optimizer.state_dict().items()
    }


@ALL
def test_a_convex_quadratic_comes_close_to_its_minimum(rule):
    """(p - m)' A (p - m) / 2 with eigenvalues from 0.3 to 3."""
    rng = np.random.default_rng(0)
    q, _ = np.linalg.qr(rng.standard_normal((4, 4)))
    A, m = Tensor((q * [0.3, 0.6, 1.5, 3.0]) @ q.T), Tensor(rng.standard_normal(4))
    p, idle = nn.Parameter(np.zeros(4)), nn.Parameter(np.zeros(2))
    optimizer = rule.ours([p, idle])
    optimizer.weight_decay = 0.0

    def closure():
        optimizer.zero_grad()
        loss = ops.sum((p - m) * ((p - m) @ A)) / 2 + ops.sum(idle * idle)
        loss.backward()
        return loss

    first = closure().item()
    for _ in range(600):
        optimizer.step(closure)
    assert closure().item() < 1e-2 * first
    assert np.array_equal(idle.numpy(), [0, 0])


@ALL
def test_a_step_that_fails_leaves_everything_as_it_was(rule):
    model = network(nn)
    optimizer = rule.ours(model.parameters())
    steps(model, optimizer, 4)
    before = arrays(model), {k: a.tobytes() for k, a in optimizer.state_dict().items()}
    whole = type(optimizer.parameters[-1]).write

    class Refusing(nn.Parameter):
        __slots__ = ()
        left = 1

        def write(self, new):
            if Refusing.left:
                Refusing.left -= 1
                raise ZeroDivisionError
            whole(self, new)

    last = optimizer.parameters[-1]
    last.__class__ = Refusing  # the last cell of a step to be written refuses once
    with pytest.raises(ZeroDivisionError):
        optimizer.step(closure_of(model, optimizer))
    last.__class__ = nn.Parameter
    assert Refusing.left == 0
    assert before == (arrays(model), {k: a.tobytes() for k, a in optimizer.state_dict().items()})


def test_a_learners_line_that_raises_leaves_counter_and_velocity_unmoved():
    model = network(nn)
    optimizer = optim.SGD(model.parameters(), 0.1, momentum=0.9)
    train(model, optimizer, 3)
    before = arrays(model), {k: a.tobytes() for k, a in optimizer.state_dict().items()}
    backward(model)
    with pytest.raises(ZeroDivisionError), override("optim.sgd.update", lambda p, g, lr: 1 / 0):
        optimizer.step()
    assert before == (arrays(model), {k: a.tobytes() for k, a in optimizer.state_dict().items()})
    assert optimizer.t.item() == 3


@EACH
def test_the_loss_of_a_closure_is_returned(rule):
    model = network(nn)
    optimizer = rule.ours(model.parameters())
    expected = closure_of(model, optimizer)().item()
    loss = optimizer.step(closure_of(model, optimizer))
    assert loss is not None
    assert loss.item() == pytest.approx(expected, rel=1e-6)
    assert optimizer.step() is None


@pytest.mark.parametrize(
    "rule",
    [
        lambda p: optim.Adam(p, 0.1, eps=0),
        lambda p: optim.AdamW(p, 0.1, eps=0, weight_decay=0),
        lambda p: optim.AMSGrad(p, 0.1, eps=0),
        lambda p: optim.Adamax(p, 0.1, eps=1e-30),
    ],
    ids=["Adam", "AdamW", "AMSGrad", "Adamax"],
)
@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e12])
def test_the_first_step_has_size_lr_whatever_the_scale_of_the_gradient(rule, scale):
    p, signs = nn.Parameter(np.zeros(4)), np.array([1.0, -1, 1, -1])
    p.grad = Tensor(signs * scale * [1, 2, 0.5, 3])
    rule([p]).step()
    assert np.allclose(p.numpy(), -0.1 * signs, rtol=1e-12)


def test_searching_rules_need_a_closure():
    for rule in SEARCHING:
        optimizer = rule.ours([nn.Parameter([1.0])])
        assert isinstance(optimizer, SearchingOptimizer)
        with pytest.raises(optim.optimizer.UsageError, match="several places"):
            optimizer.step()
