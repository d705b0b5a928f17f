"""L-BFGS and conjugate gradients."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy.optimize import rosen, rosen_der

from descend import nn
from descend.engine import Tensor, UsageError, ops
from descend.optim import LBFGS, ConjugateGradient, Optimizer
from tests.nn.peer import close, give_weights, in_double
from tests.optim.peer import X, Y, network

BOTH = pytest.mark.parametrize("rule", [LBFGS, ConjugateGradient])


class Watched:
    """A closure that counts."""

    def __init__(self, optimizer: Optimizer, loss):
        self.optimizer, self.loss, self.calls = optimizer, loss, 0

    def __call__(self) -> Tensor:
        self.calls += 1
        self.optimizer.zero_grad()
        loss = self.loss()
        loss.backward()
        return loss


def rosenbrock(p: Tensor) -> Tensor:
    x, y = p[:-1], p[1:]
    return ops.sum(100 * (y - x * x) ** 2 + (1 - x) ** 2)


@BOTH
@pytest.mark.parametrize("start", [[-1.2, 1.0], [-1.2, 1.0, -1.2, 1.0, 2.0], [3.0, -2.0, 0.0]], ids=str)
def test_rosenbrocks_valley_is_walked_to_its_end(rule, start):
    p = nn.Parameter(np.array(start))
    optimizer = rule([p], max_iter=400)
    closure = Watched(optimizer, lambda: rosenbrock(p))
    assert optimizer.step(closure).item() == pytest.approx(rosen(start))
    assert np.abs(p.numpy() - 1).max() < 1e-8
    assert np.abs(rosen_der(p.numpy())).max() < 1e-7
    assert closure.calls < 600


def test_lbfgs_needs_far_fewer_looks_than_conjugate_gradients():
    calls = []
    for rule in (LBFGS, ConjugateGradient):
        p = nn.Parameter(np.array([-1.2, 1.0] * 5))
        optimizer = rule([p], max_iter=400)
        closure = Watched(optimizer, lambda p=p: rosenbrock(p))
        optimizer.step(closure)
        calls.append(closure.calls)
    assert calls[0] < 0.7 * calls[1]


def test_conjugate_gradients_end_a_quadratic_in_as_many_moves_as_it_has_eigenvalues():
    rng = np.random.default_rng(0)
    q, _ = np.linalg.qr(rng.standard_normal((9, 9)))
    A, p = Tensor((q * [1, 1, 1, 5, 5, 5, 20, 20, 20.0]) @ q.T), nn.Parameter(rng.standard_normal(9))
    optimizer = ConjugateGradient([p], max_iter=1)
    closure = Watched(optimizer, lambda: ops.sum(p * (p @ A)) / 2)
    losses = [optimizer.step(closure).item() for _ in range(8)]
    # The searches are not exact, so a few more moves than 3 eigenvalues; descent along the gradient needs 50.
    assert losses[-1] < 1e-8 * losses[0]


def test_lbfgs_without_a_search_agrees_with_pytorch():
    model, peer = in_double(network(nn)), network(torch.nn).double()
    give_weights(model, peer)
    ours = LBFGS(model.parameters(), 0.3, max_iter=1, tolerance_grad=0, history_size=5, line_search_fn=None)
    theirs = torch.optim.LBFGS(peer.parameters(), 0.3, max_iter=1, tolerance_grad=0, tolerance_change=0, history_size=5)
    x, y = torch.from_numpy(X), torch.from_numpy(Y)

    def their_closure():
        theirs.zero_grad()
        loss = torch.nn.functional.mse_loss(peer(x), y)
        loss.backward()
        return loss

    for step in range(50):
        ours.step(Watched(ours, lambda: nn.mse_loss(model(Tensor(X)), Y)))
        theirs.step(their_closure)
        expected = dict(peer.named_parameters())
        for name, cell in model.named_parameters():
            close(f"{name} after step {step + 1}", cell.numpy(), expected[name].detach(), 1e-10)


def test_the_two_loops_are_the_product_with_the_bfgs_matrix():
    """H from the pairs by the update formula of a dense inverse Hessian (Nocedal and Wright 2006, Eq. 6.17)."""
    rng = np.random.default_rng(0)
    p = nn.Parameter(rng.standard_normal(6))
    optimizer = LBFGS([p], history_size=4)
    s, y = rng.standard_normal((2, 4, 6))
    y = y * np.sign((s * y).sum(1))[:, None]
    optimizer.s.write(s)
    optimizer.y.write(y)
    for n in range(5):
        optimizer.pairs.write(n)
        H = np.eye(6) if n == 0 else np.eye(6) * (s[-1] @ y[-1]) / (y[-1] @ y[-1])
        for i in range(4 - n, 4):
            V = np.eye(6) - np.outer(y[i], s[i]) / (s[i] @ y[i])
            H = V.T @ H @ V + np.outer(s[i], s[i]) / (s[i] @ y[i])
        g = rng.standard_normal(6)
        assert np.allclose(optimizer.direction(Tensor(g)).numpy(), -H @ g)


@BOTH
def test_a_network_is_fitted_and_no_step_climbs(rule):
    model = in_double(network(nn))
    optimizer = rule(model.parameters(), max_iter=5)
    closure = Watched(optimizer, lambda: nn.mse_loss(model(Tensor(X)), Y))
    losses = [optimizer.step(closure).item() for _ in range(40)]
    assert all(b <= a for a, b in pairwise(losses))
    assert losses[-1] < 0.2 * losses[0]


@BOTH
def test_clipping_is_refused(rule):
    with pytest.raises(UsageError, match="finds the lengths of its steps itself"):
        rule([nn.Parameter([1.0])]).clip(norm=1.0)


@BOTH
def test_at_a_minimum_nothing_moves(rule):
    p = nn.Parameter(np.zeros(3))
    optimizer = rule([p])
    optimizer.step(Watched(optimizer, lambda: ops.sum(p * p)))
    assert p.tolist() == [0, 0, 0]
    assert optimizer.t.item() == 0


@BOTH
def test_a_loss_that_is_not_defined_further_out_is_searched_nearer(rule):
    p = nn.Parameter(np.array([0.1]))
    optimizer = rule([p], lr=50.0)
    optimizer.step(Watched(optimizer, lambda: ops.sum(p - ops.log(1 - p) - 3 * ops.log(p))))
    assert 0 < p.item() < 1
    assert p.item() == pytest.approx((5 - np.sqrt(13)) / 2, abs=1e-6)
