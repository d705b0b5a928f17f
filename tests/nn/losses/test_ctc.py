from __future__ import annotations

from itertools import groupby, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from descend.engine import Tensor, check_gradients, ops
from descend.nn import ctc_loss


def reads(path: tuple[int, ...], blank: int) -> list[int]:
    """What an alignment reads as: repetitions merged, then blanks left out."""
    return [symbol for symbol, _ in groupby(path) if symbol != blank]


def by_enumeration(probabilities: np.ndarray, target: list[int], blank: int) -> float:
    """The probability of a target as the sum over every path of the input that reads as it."""
    t, k = probabilities.shape
    paths = (path for path in product(range(k), repeat=t) if reads(path, blank) == target)
    return sum(float(np.prod([probabilities[i, symbol] for i, symbol in enumerate(path)])) for path in paths)


@settings(max_examples=60)
@given(st.integers(1, 5), st.integers(2, 4), st.data(), st.integers(0, 2**32))
def test_it_is_the_sum_over_all_alignments(t, k, data, seed):
    rng, blank = np.random.default_rng(seed), data.draw(st.integers(0, k - 1))
    symbols = [symbol for symbol in range(k) if symbol != blank]
    target = data.draw(st.lists(st.sampled_from(symbols), max_size=t))
    p = rng.dirichlet(np.ones(k), t)
    chances, filled = Tensor(np.log(p))[:, None], [target or [blank]]
    found = ctc_loss(chances, filled, [t], [len(target)], blank, reduction="none").item()
    exact = by_enumeration(p, target, blank)
    assert np.isinf(found) if exact == 0 else abs(np.exp(-found) - exact) < 1e-12


def test_all_targets_of_an_input_together_have_probability_1():
    p = np.random.default_rng(0).dirichlet(np.ones(3), 4)
    targets = {tuple(reads(path, 0)) for path in product(range(3), repeat=4)}
    costs = [ctc_loss(Tensor(np.log(p))[:, None], [t or [1]], [4], [len(t)], reduction="sum").item() for t in targets]
    assert abs(np.exp(-np.array(costs)).sum() - 1) < 1e-12


def test_shorter_inputs_and_targets_of_a_batch_are_as_if_alone():
    rng = np.random.default_rng(0)
    x, lengths = np.log(rng.dirichlet(np.ones(4), (6, 3))), [6, 4, 5]
    targets, sizes = np.array([[1, 2, 1], [3, 3, 0], [2, 0, 0]]), [3, 2, 1]
    together = ctc_loss(Tensor(x), targets, lengths, sizes, reduction="none").numpy()
    for i in range(3):
        own = Tensor(x[: lengths[i], i : i + 1]), targets[i : i + 1, : sizes[i]]
        alone = ctc_loss(*own, [lengths[i]], [sizes[i]], reduction="none")
        assert abs(together[i] - alone.item()) < 1e-12
    flat = [1, 2, 1, 3, 3, 2]
    assert np.array_equal(ctc_loss(Tensor(x), flat, lengths, sizes, reduction="none").numpy(), together)


@pytest.mark.parametrize("target", [[1, 2], [1, 1], [2]])
def test_gradients_of_first_and_second_order(target):
    x = np.random.default_rng(0).standard_normal((4, 1, 3))
    loss = lambda z: ctc_loss(ops.log_softmax(z), [target], [4], [len(target)])
    check_gradients(loss, x, order=2)


def test_a_target_that_does_not_fit_costs_infinity_or_nothing_and_spoils_no_gradient():
    x = Tensor(np.log(np.random.default_rng(0).dirichlet(np.ones(3), (3, 2))), requires_grad=True)
    targets = [[1, 1, 1], [1, 2, 1]]  # three equal symbols need two blanks between them
    assert np.isinf(ctc_loss(x, targets, [3, 3], [3, 3], reduction="none").numpy()).tolist() == [True, False]
    loss = ctc_loss(x, targets, [3, 3], [3, 3], reduction="sum", zero_infinity=True)
    loss.backward()
    assert np.isfinite(loss.item())
    assert np.isfinite(x.grad.numpy()).all()
    assert not x.grad.numpy()[:, 0].any()


def test_long_inputs_do_not_underflow():
    x = ops.log_softmax(Tensor(np.random.default_rng(0).standard_normal((400, 1, 5)).astype(np.float32)))
    cost = ctc_loss(x, [list(range(1, 5)) * 10], [400], [40], reduction="sum").item()
    assert 100 < cost < 2000
