from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.engine.errors import NonFiniteError, ShapeError
from descend.train import metrics as m

LOGITS = np.array([[2.0, 1.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 1.0], [5.0, 0.0, 0.0]])
LABELS = np.array([0, 1, 1, 2])


def test_accuracy_by_hand() -> None:
    assert m.accuracy(LOGITS, LABELS).tolist() == [1, 1, 0, 0]


def test_cross_entropy_is_minus_log_of_the_probability() -> None:
    p = np.exp(LOGITS) / np.exp(LOGITS).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(m.cross_entropy(LOGITS, LABELS), -np.log(p[np.arange(4), LABELS]), rtol=1e-12)


def test_cross_entropy_of_chance_is_log_k_and_large_logits_do_not_overflow() -> None:
    assert m.cross_entropy(np.zeros((1, 7), np.float32), np.array([3]))[0] == pytest.approx(math.log(7))
    assert m.cross_entropy(np.array([[1e4, 0.0]], np.float32), np.array([1]))[0] == pytest.approx(1e4)


def test_squared_error_is_a_mean_over_outputs_only() -> None:
    predictions, targets = np.array([[[1.0, 2.0]], [[0.0, 0.0]]]), np.array([[[0.0, 0.0]], [[0.0, 4.0]]])
    assert m.squared_error(predictions, targets).tolist() == [2.5, 8.0]


@given(st.lists(st.floats(-1e15, 1e15), min_size=1, max_size=60), st.integers(1, 60))
def test_the_mean_is_exact_whatever_the_batches_and_the_order(values: list[float], size: int) -> None:
    # The sum is correctly rounded: adding float by float would drift differently for each batch size.
    expected = float(sum(map(Fraction, values))) / len(values)
    for order in (values, values[::-1], sorted(values)):
        mean = m.Mean()
        for start in range(0, len(order), size):
            mean.add(np.array(order[start : start + size]))
        assert mean.value() == expected


def test_means_of_nothing_and_of_infinities() -> None:
    assert math.isnan(m.Mean().value())
    mean = m.Mean()
    mean.add(np.array([1.0, math.inf]))
    assert mean.value() == math.inf


@pytest.mark.filterwarnings("ignore:invalid value")
def test_the_mean_of_both_infinities_is_nan() -> None:
    mean = m.Mean()
    mean.add(np.array([-math.inf, math.inf]))
    assert math.isnan(mean.value())


def test_a_metric_that_takes_the_mean_itself_is_refused() -> None:
    with pytest.raises(ShapeError, match="one number for each example"):
        m.measure({"mean": lambda logits, labels: np.array(0.5)}, LOGITS, LABELS)


def test_confusion_counts_every_example_once() -> None:
    counts = m.confusion(LOGITS, LABELS)
    assert counts.tolist() == [[1, 0, 0], [0, 1, 1], [1, 0, 0]]
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(500, 4)), rng.integers(0, 4, 500)
    counts = m.confusion(logits, labels)
    assert counts.sum() == 500
    assert np.trace(counts) == m.accuracy(logits, labels).sum()
    assert counts.sum(axis=1).tolist() == np.bincount(labels, minlength=4).tolist()


def test_mistakes_come_surest_first_and_are_mistakes() -> None:
    rng = np.random.default_rng(1)
    logits, labels = rng.normal(size=(300, 5)), rng.integers(0, 5, 300)
    worst = m.mistakes(logits, labels, 20)
    assert worst.total == 300 - m.accuracy(logits, labels).sum()
    assert len(worst.index) == 20
    assert (np.diff(worst.confidence) <= 0).all()
    p = np.exp(m.log_softmax(logits)).max(axis=1)
    wrong = logits.argmax(axis=1) != labels
    assert worst.confidence[0] == p[wrong].max()
    for i, read, true, sure in zip(worst.index, worst.predicted, worst.labels, worst.confidence):
        assert (read, true) == (logits[i].argmax(), labels[i])
        assert read != true
        assert sure == pytest.approx(p[i])


def test_no_mistakes_and_fewer_than_asked_for() -> None:
    assert m.mistakes(LOGITS[:2], LABELS[:2]).total == 0
    assert m.mistakes(LOGITS, LABELS, 10).index.tolist() == [3, 2]


def test_nan_is_no_mistake() -> None:
    with pytest.raises(NonFiniteError, match="NaN"):
        m.mistakes(np.array([[np.nan, 1.0]]), np.array([0]))
