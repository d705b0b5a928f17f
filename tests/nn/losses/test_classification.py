from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from descend.engine import DtypeError, ShapeError, Tensor, check_gradients, ops
from descend.nn import CrossEntropyLoss, cross_entropy, nll_loss, soft_cross_entropy
from tests.nn.losses.agreement import agree
from tests.nn.peer import close
from tests.nn.refusal import Mistake, check

F = torch.nn.functional
seeds = st.integers(0, 2**32)
scales = st.sampled_from([0.0, 1.0, 30.0, 1e4])
THREE = np.zeros((4, 3), np.float32)


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


@pytest.mark.parametrize(
    ("loss", "target"),
    [
        (cross_entropy, np.array([0, 2, 1, 1])),
        (nll_loss, np.array([0, 2, 1, 1])),
    ],
)
def test_gradients_of_first_and_second_order(loss, target):
    check_gradients(lambda x: loss(x, target), np.random.default_rng(0).standard_normal((4, 3)), order=2)


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


def by_hand(x, labels, weight, ignored, smoothing):
    """The weighted mean of each row's loss, one row at a time."""
    k = x.shape[1]
    weight = np.ones(k) if weight is None else weight
    total, counted = 0.0, 0.0
    for row, label in zip(x, labels, strict=True):
        if label == ignored:
            continue
        logp = row - np.log(np.exp(row).sum())
        target = (1 - smoothing) * np.eye(k)[label] + smoothing / k
        total -= (target * weight * logp).sum()
        counted += weight[label]
    return total / counted


@given(st.integers(2, 9), st.integers(2, 6), st.booleans(), st.booleans(), st.floats(0, 1), seeds)
def test_weights_ignored_labels_and_smoothing_are_what_they_say(n, k, weighed, ignoring, smoothing, seed):
    rng = np.random.default_rng(seed)
    x, labels = rng.standard_normal((n, k)), rng.integers(0, k, n)
    labels[0] = 0
    weight, ignored = (rng.uniform(0.1, 2, k) if weighed else None), (k - 1 if ignoring else None)
    found = cross_entropy(Tensor(x), labels, weight, ignore_index=ignored, label_smoothing=smoothing)
    assert abs(found.item() - by_hand(x, labels, weight, ignored, smoothing)) < 1e-12


def test_a_label_outside_the_classes_may_be_the_one_that_is_ignored():
    x = np.random.default_rng(0).standard_normal((4, 3))
    found = cross_entropy(Tensor(x), [0, -100, 2, -100], ignore_index=-100)
    assert abs(found.item() - cross_entropy(Tensor(x[[0, 2]]), [0, 2]).item()) < 1e-14


@pytest.mark.parametrize("label", [-1, -100, 3])
@pytest.mark.parametrize(
    "settings", [{}, {"label_smoothing": 0.1}, {"weight": np.ones(3)}, {"ignore_index": 1}], ids=str
)
def test_a_label_that_is_no_class_is_refused_in_every_form(settings, label):
    fix = "ignore_index=-" if label < 0 else "widen the last layer"
    call = lambda: cross_entropy(Tensor(THREE), [0, label, 2, 1], **settings)
    check(Mistake(call, ShapeError, "a label is out of range", f"label {label} at index 1", "0 to 2", fix))


def test_classes_on_pytorch_s_axis_are_answered_with_the_way_to_ours():
    x, labels = (
        np.random.default_rng(0).standard_normal((2, 4, 3, 5)),
        np.random.default_rng(1).integers(0, 4, (2, 3, 5)),
    )
    call = lambda: cross_entropy(Tensor(x), labels)
    check(Mistake(call, ShapeError, "one class number", "(2, 4, 3, 5)", "labels (2, 4, 3)", "logits.moveaxis(1, -1)"))
    agree(lambda x, y: cross_entropy(x.moveaxis(1, -1), y), F.cross_entropy, x.astype(np.float32), labels)


def test_an_impossible_class_in_an_ignored_row_does_no_harm():
    x = Tensor(np.array([[0.0, -np.inf], [1.0, 2.0]]), requires_grad=True)
    loss = cross_entropy(x, [1, 0], ignore_index=1)
    loss.backward()
    assert np.isfinite(loss.item())
    assert np.array_equal(x.grad.numpy()[0], [0, 0])


def test_a_target_that_is_sure_costs_what_its_label_costs():
    x, labels = np.random.default_rng(0).standard_normal((5, 3)), np.array([0, 2, 1, 1, 0])
    found = soft_cross_entropy(Tensor(x), np.eye(3)[labels]).item()
    assert abs(found - cross_entropy(Tensor(x), labels).item()) < 1e-14


def test_full_smoothing_wants_equal_chances():
    x = np.random.default_rng(0).standard_normal((5, 3))
    smooth = cross_entropy(Tensor(x), [0, 1, 2, 0, 1], label_smoothing=1.0)
    assert abs(smooth.item() - soft_cross_entropy(Tensor(x), np.full((5, 3), 1 / 3)).item()) < 1e-14
