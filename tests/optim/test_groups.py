from __future__ import annotations

import numpy as np
import pytest
import torch

from descend import nn
from descend.engine import GradientError, Tensor, UsageError
from descend.optim import LBFGS, SGD, Adam, AdamW, CosineSchedule, RMSprop, StepLR
from tests.nn.peer import close, give_weights, in_double
from tests.nn.refusal import Mistake, check
from tests.optim.peer import X, Y, network, train

T = torch.optim
RULES = {
    "SGD": (lambda p: SGD(p, 0.1, momentum=0.9), lambda p: T.SGD(p, 0.1, momentum=0.9)),
    "Adam": (lambda p: Adam(p, 0.1), lambda p: T.Adam(p, 0.1)),
    "AdamW": (lambda p: AdamW(p, 0.1), lambda p: T.AdamW(p, 0.1)),
    "RMSprop": (lambda p: RMSprop(p, 0.1, centered=True), lambda p: T.RMSprop(p, 0.1, centered=True)),
}


def grouped(model):
    """Weights of the first layer decay, biases do not and go slower."""
    weights = [p for name, p in model.named_parameters() if name == "0.weight"]
    biases = [p for name, p in model.named_parameters() if name.endswith("bias")]
    rest = [p for name, p in model.named_parameters() if name == "2.weight"]
    return [
        {"params": weights, "weight_decay": 0.2, "lr": 0.02},
        {"params": biases, "lr": 0.005, "weight_decay": 0},
        {"params": rest},
    ]


@pytest.mark.parametrize("rule", RULES)
def test_groups_agree_with_pytorch(rule):
    model, peer = in_double(network(nn)), network(torch.nn).double()
    give_weights(model, peer)
    ours, theirs = (make(grouped(net)) for make, net in zip(RULES[rule], (model, peer), strict=True))
    schedule, their_schedule = StepLR(ours, 10, 0.5), T.lr_scheduler.StepLR(theirs, 10, 0.5)
    for _ in range(50):
        train(model, ours, 1, schedule)
        theirs.zero_grad()
        torch.nn.functional.mse_loss(peer(torch.from_numpy(X)), torch.from_numpy(Y)).backward()
        theirs.step()
        their_schedule.step()
    expected = dict(peer.named_parameters())
    for name, cell in model.named_parameters():
        close(name, cell.numpy(), expected[name].detach(), 1e-10)


def test_a_schedule_moves_all_groups_together():
    a, b = nn.Parameter([0.0]), nn.Parameter([0.0])
    optimizer = SGD([{"params": [a]}, {"params": [b], "lr": 0.3}], 0.1)
    schedule = CosineSchedule(optimizer, 4)
    for _ in range(5):
        a.grad, b.grad = Tensor([1.0]), Tensor([1.0])
        optimizer.step()
        schedule.step()
    assert b.item() == pytest.approx(3 * a.item())


def test_groups_are_no_state():
    a, b = nn.Parameter([0.0]), nn.Parameter([0.0])
    plain, grouped = SGD([a, b], 0.1), SGD([{"params": [a], "lr": 1}, {"params": [b]}], 0.1, weight_decay=0.1)
    assert set(plain.state_dict()) == set(grouped.state_dict())


def test_a_rule_of_ones_own_has_groups_for_nothing():
    class Sign(SGD):
        def update(self, p: Tensor, g: Tensor) -> Tensor:
            return p - self.lr * (g / abs(g))

    a, b = nn.Parameter([0.0, 0.0]), nn.Parameter([0.0])
    a.grad, b.grad = Tensor([3.0, -2.0]), Tensor([5.0])
    Sign([{"params": [a], "lr": 0.5}, {"params": [b]}], 0.1).step()
    assert np.allclose([*a.tolist(), *b.tolist()], [-0.5, 0.5, -0.1])


A, B = nn.Parameter([1.0]), nn.Parameter([2.0])


@pytest.mark.parametrize(
    "mistake",
    [
        Mistake(lambda: SGD([{"params": [A]}, B], 0.1), UsageError, "groups only", "Parameter", "params"),
        Mistake(lambda: SGD([{"parameters": [A]}], 0.1), UsageError, "no setting 'parameters'", "parameters", "params"),
        Mistake(lambda: SGD([{"lr": 0.1}], 0.1), UsageError, "needs its parameters", "a group with lr", "params"),
        Mistake(
            lambda: SGD([{"params": [A], "learning_rate": 1}], 0.1), UsageError, "no setting 'learning_rate'",
            "learning_rate=1", "params, lr, weight_decay",
        ),
        Mistake(lambda: SGD([{"params": [A], "wd": 1}], 0.1), UsageError, "'wd'", "wd=1", "weight_decay"),
        Mistake(lambda: SGD([{"params": [A], "lr": -1}], 0.1), UsageError, "lr", "lr=-1.0"[:5], "lr >= 0"),
        Mistake(lambda: SGD([{"params": [A], "lr": 1}], 0.0), UsageError, "share", "lr=0", "lr > 0"),
        Mistake(lambda: SGD([{"params": []}], 0.1), UsageError, "nothing to optimise", "no parameters", "at least one"),
        Mistake(lambda: SGD([{"params": [A]}, {"params": [A]}], 0.1), UsageError, "listed twice", "0 and 1", "once"),
        Mistake(lambda: SGD([{"params": [nn.Buffer([1.0])]}], 0.1), GradientError, "without gradients", "Buffer", "P"),
        Mistake(lambda: LBFGS([{"params": [A], "lr": 1}]), UsageError, "one line", "groups", "alike", "penalty"),
    ],
    ids=lambda mistake: f"{mistake.problem} {mistake.given}",
)  # fmt: skip
def test_wrong_groups(mistake):
    check(mistake)
