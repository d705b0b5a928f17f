from __future__ import annotations

import numpy as np

from descend import nn
from descend.engine import Tensor
from descend.optim import SGD, CosineSchedule, Lookahead
from tests.optim.peer import arrays, network, train


def test_follows_its_formula():
    rng = np.random.default_rng(0)
    start, gradients = rng.standard_normal(5), rng.standard_normal((11, 5))
    cell = nn.Parameter(start)
    optimizer = Lookahead(SGD([cell], 0.1), k=3, alpha=0.4)
    slow = p = start
    for t, g in enumerate(gradients, 1):
        cell.grad = Tensor(g)
        optimizer.step()
        p = p - 0.1 * g
        if t % 3 == 0:
            slow = p = slow + 0.4 * (p - slow)
        assert np.abs(cell.numpy() - p).max() < 1e-13


def test_with_alpha_1_it_is_the_inner_optimiser():
    model, twin = network(nn), network(nn)
    twin.load_state_dict(model.state_dict())
    train(model, Lookahead(SGD(model.parameters(), 0.1, momentum=0.9), alpha=1.0, k=1), 12)
    train(twin, SGD(twin.parameters(), 0.1, momentum=0.9), 12)
    for a, b in zip(model.parameters(), twin.parameters(), strict=True):
        assert np.allclose(a.numpy(), b.numpy(), atol=1e-6)


def test_with_alpha_0_every_kth_step_ends_where_it_began():
    model = network(nn)
    before = arrays(model)
    train(model, Lookahead(SGD(model.parameters(), 0.1), k=4, alpha=0.0), 8)
    assert arrays(model) == before


def test_a_schedule_of_it_is_one_of_the_inner_optimiser():
    inner = SGD([nn.Parameter([1.0])], 0.2)
    schedule = CosineSchedule(Lookahead(inner), 10)
    for _ in range(10):
        schedule.step()
    assert inner.lr.item() == 0


def test_its_limits_are_the_inner_ones():
    p = nn.Parameter(np.zeros(2))
    p.grad = Tensor(np.array([30.0, 40.0]))
    Lookahead(SGD([p], 1.0)).clip(norm=5.0).step()
    assert np.allclose(p.numpy(), [-3, -4])


def test_its_state_holds_the_inner_one():
    optimizer = Lookahead(SGD([nn.Parameter([1.0])], 0.2, momentum=0.9))
    assert set(optimizer.state_dict()) == {"lr", "t", "slow", "since", "inner.lr", "inner.t", "inner.velocity"}
