from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from descend.engine import DtypeError, ShapeError, Tensor, check_gradients, ops
from descend.nn import (
    CrossEntropyLoss,
    MSELoss,
    binary_cross_entropy_with_logits,
    cross_entropy,
    mse_loss,
    nll_loss,
)
from tests.nn.peer import close
from tests.nn.refusal import Mistake, check

F = torch.nn.functional
seeds = st.integers(0, 2**32)
scales = st.sampled_from([0.0, 1.0, 30.0, 1e4])
THREE = np.zeros((4, 3), np.float32)


def agree(ours, theirs, x, target, tolerance=1e-5):
    """Value and gradient, which is compared times n: the losses are means."""
    a, b = Tensor(x, requires_grad=True), torch.from_numpy(x).requires_grad_()
    y, z = ours(a, Tensor(target)), theirs(b, torch.from_numpy(target))
    assert y.shape == ()
    assert y.dtype == x.dtype
    close("loss", y.numpy(), z.detach(), tolerance)
    y.backward()
    z.backward()
    close("gradient", a.grad.numpy() * x.size, b.grad.numpy() * x.size, tolerance)


@given(st.integers(1, 11), st.integers(1, 7), scales, seeds)
def test_cross_entropy_agrees_with_pytorch(n, k, scale, seed):
    rng = np.random.default_rng(seed)
    x = (scale * rng.standard_normal((n, k))).astype(np.float32)
    agree(cross_entropy, F.cross_entropy, x, rng.integers(0, k, n))


def test_cross_entropy_of_logits_whose_exponentials_overflow():
    x = np.array([[1e38, -1e38], [3e38, 3e38], [-200, 200], [1e4, 0]], np.float32)
    agree(cross_entropy, F.cross_entropy, x[1:], np.array([0, 1, 1]))
    assert cross_entropy(Tensor(x[:1]), [0]).item() == 0


def test_a_class_with_a_logit_of_minus_infinity_is_impossible():
    x = np.array([[0, -np.inf], [1, 1]], np.float32)
    assert cross_entropy(Tensor(x[:1]), [0]).item() == 0
    assert cross_entropy(Tensor(x[:1]), [1]).item() == np.inf


@given(st.floats(-50, 50), seeds)
def test_cross_entropy_does_not_change_when_a_number_is_added_to_a_row(shift, seed):
    x = np.random.default_rng(seed).standard_normal((5, 3))
    labels, shifts = [0, 2, 1, 1, 0], shift * np.array([[1.0], [0.0], [-1.0], [2.0], [0.5]])
    x0, x1 = Tensor(x, requires_grad=True), Tensor(x + shifts, requires_grad=True)
    a, b = cross_entropy(x0, labels), cross_entropy(x1, labels)
    assert abs(a.item() - b.item()) < 1e-12
    a.backward()
    b.backward()
    close("gradient", x1.grad.numpy(), x0.grad.numpy(), 1e-11)
    close("sum of a row's gradient", x0.grad.numpy().sum(1), np.zeros(5), 1e-14)


@given(st.integers(1, 100))
def test_equal_logits_cost_log_k(k):
    assert abs(cross_entropy(Tensor(np.full((3, k), 7.0)), [0, k - 1, k // 2]).item() - np.log(k)) < 1e-12


def test_cross_entropy_of_many_axes_is_that_of_all_rows():
    rng = np.random.default_rng(0)
    x, labels = rng.standard_normal((2, 3, 5)).astype(np.float32), rng.integers(0, 5, (2, 3))
    expected = F.cross_entropy(torch.from_numpy(x).reshape(6, 5), torch.from_numpy(labels).reshape(6))
    close("loss", cross_entropy(Tensor(x), labels).numpy(), expected)


@pytest.mark.parametrize("labels", [[0, 2, 1, 1], (0, 2, 1, 1), np.array([0, 2, 1, 1], np.uint8)])
def test_labels_may_be_lists_and_small_integers(labels):
    x = np.random.default_rng(0).standard_normal((4, 3)).astype(np.float32)
    expected = F.cross_entropy(torch.from_numpy(x), torch.tensor([0, 2, 1, 1]))
    close("loss", cross_entropy(Tensor(x), labels).numpy(), expected)
    close("loss", CrossEntropyLoss()(Tensor(x), labels).numpy(), expected)


@given(st.integers(1, 11), st.integers(1, 7), seeds)
def test_nll_loss_agrees_with_pytorch(n, k, seed):
    rng = np.random.default_rng(seed)
    x = -rng.exponential(size=(n, k)).astype(np.float32)
    agree(nll_loss, F.nll_loss, x, rng.integers(0, k, n))


def test_cross_entropy_is_nll_loss_of_log_softmax():
    x, labels = Tensor(np.random.default_rng(0).standard_normal((5, 3))), [0, 2, 1, 1, 0]
    assert cross_entropy(x, labels).item() == nll_loss(ops.log_softmax(x), labels).item()


@given(st.lists(st.integers(1, 5), max_size=3).map(tuple), scales, seeds)
def test_mse_loss_agrees_with_pytorch(shape, scale, seed):
    rng = np.random.default_rng(seed)
    x, target = (np.asarray(scale * rng.standard_normal(shape), np.float32) for _ in range(2))
    agree(mse_loss, F.mse_loss, x, target)
    assert MSELoss()(Tensor(x), target).item() == mse_loss(Tensor(x), target).item()


@given(st.lists(st.integers(1, 5), max_size=3).map(tuple), scales, st.booleans(), seeds)
def test_binary_cross_entropy_agrees_with_pytorch(shape, scale, hard, seed):
    rng = np.random.default_rng(seed)
    x = np.asarray(scale * rng.standard_normal(shape), np.float32)
    target = np.asarray(rng.integers(0, 2, shape) if hard else rng.random(shape), np.float32)
    agree(binary_cross_entropy_with_logits, F.binary_cross_entropy_with_logits, x, target)


def test_binary_cross_entropy_has_the_right_slope_and_curvature_where_a_zero_network_begins():
    target = np.array([0.0, 1.0, 0.25])
    x = Tensor(np.zeros(3), requires_grad=True)
    (binary_cross_entropy_with_logits(x, target) * 3).backward()
    assert np.array_equal(x.grad.numpy(), 0.5 - target)
    check_gradients(lambda z: binary_cross_entropy_with_logits(z, target), np.zeros(3), order=2)


@pytest.mark.parametrize(
    ("loss", "target"),
    [
        (cross_entropy, np.array([0, 2, 1, 1])),
        (nll_loss, np.array([0, 2, 1, 1])),
        (mse_loss, np.arange(12.0).reshape(4, 3)),
        (binary_cross_entropy_with_logits, np.arange(12.0).reshape(4, 3) / 12),
    ],
)
def test_gradients_of_first_and_second_order(loss, target):
    check_gradients(lambda x: loss(x, target), np.random.default_rng(0).standard_normal((4, 3)), order=2)


def test_both_arguments_of_mse_loss_have_gradients():
    x, y = np.random.default_rng(0).standard_normal((2, 5, 3))
    check_gradients(mse_loss, x, y, order=2)


@pytest.mark.parametrize("loss", [mse_loss, binary_cross_entropy_with_logits])
def test_a_float64_or_integer_target_leaves_the_loss_in_the_networks_type(loss):
    for dtype in (np.float64, np.int64, np.bool_):
        assert loss(Tensor(THREE), np.ones((4, 3), dtype)).dtype == np.float32


ONE_HOT = np.eye(3, dtype=np.float32)[[0, 2, 1, 1]]


@pytest.mark.parametrize("loss", [cross_entropy, nll_loss])
@pytest.mark.parametrize(
    ("labels", "kind", "problem", "given", "needed", "fix"),
    [
        (ONE_HOT, ShapeError, "one class number", "labels (4, 3)", "labels (4,)", "labels.argmax(-1)"),
        ([[0], [2], [1], [1]], ShapeError, "one class number", "labels (4, 1)", "labels (4,)", "labels[..., 0]"),
        ([0, 2, 1], ShapeError, "one class number", "labels (3,)", "labels (4,)", "same batch"),
        (0, ShapeError, "one class number", "labels ()", "labels (4,)", "same batch"),
        ([0.0, 2, 1, 1], DtypeError, "labels are class numbers", "float32", "integers", "np.int64"),
        ([True, False, True, True], DtypeError, "labels are class numbers", "bool", "integers", "np.int64"),
        ([0, 2, 3, 1], ShapeError, "out of range", "label 3 at index 2", "0 to 2 for 3 classes", "from 0"),
        ([0, -1, 2, 1], ShapeError, "out of range", "label -1 at index 1", "0 to 2 for 3 classes", "from 0"),
    ],
    ids=["one-hot", "a column", "too few", "one for all", "floats", "bools", "too large", "negative"],
)
def test_wrong_labels(loss, labels, kind, problem, given, needed, fix):
    check(Mistake(lambda: loss(Tensor(THREE), labels), kind, problem, given, needed, fix))


def test_logits_and_labels_exchanged():
    labels = Tensor([0, 2, 1, 1])
    check(
        Mistake(
            lambda: cross_entropy(labels, THREE), ShapeError, "one class", "scores (4,)", "()", "the scores come first"
        )
    )


@pytest.mark.parametrize("loss", [mse_loss, binary_cross_entropy_with_logits])
@pytest.mark.parametrize(
    ("prediction", "target", "fix"),
    [
        ((5, 1), (5,), "target.reshape(5, 1)"),
        ((5,), (5, 1), "target.reshape(5,)"),
        ((5, 3), (5,), "as many outputs"),
        ((5, 1), (4, 1), "same batch"),
    ],
)
def test_targets_of_another_shape(loss, prediction, target, fix):
    call = lambda: loss(Tensor(np.zeros(prediction)), np.zeros(target))
    given = f"prediction {prediction}, target {target}"
    check(Mistake(call, ShapeError, f"{loss.__name__} compares", given, "equal shapes", fix))
