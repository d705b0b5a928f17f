from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.special import expit, softmax

from descend.studio.shown.answers import Task

RNG = np.random.default_rng(0)
SCORES = RNG.normal(size=(6, 3))


def test_classes() -> None:
    y = np.array([0, 1, 2, 0, 1, 2])
    task = Task(y, SCORES, ["cat", "dog"])
    assert (task.kind, task.loss, task.names) == ("classes", "cross-entropy", ["cat", "dog", "2"])
    found = task.answers(SCORES, y)
    assert found.bars == pytest.approx(softmax(SCORES, axis=1))
    best = SCORES.argmax(axis=1)
    assert found.says == [task.names[i] for i in best]
    assert found.is_right == (best == y).tolist()
    assert found.share_right == pytest.approx((best == y).mean())
    assert task.truth(y)[:3] == ["cat", "dog", "2"]


def test_probabilities_stay_what_they_are() -> None:
    p = softmax(SCORES, axis=1)
    assert Task(np.zeros(6, int), p).answers(p, None).bars == pytest.approx(p)


def test_classes_of_positions_in_both_layouts() -> None:
    scores, y = RNG.normal(size=(4, 7, 3)), RNG.integers(0, 3, (4, 7))
    ours, torchs = Task(y, scores), Task(y, np.moveaxis(scores, -1, 1))
    assert ours.kind == torchs.kind == "classes"
    a, b = ours.answers(scores, y), torchs.answers(np.moveaxis(scores, -1, 1), y)
    assert a.says == b.says == [f"{n} of 7 right" for n in (scores.argmax(-1) == y).sum(axis=1)]
    assert a.bars == pytest.approx(softmax(scores[:, -1], axis=-1))


@pytest.mark.parametrize("shape", [(6,), (6, 1)])
def test_yes_or_no(shape: tuple[int, ...]) -> None:
    z, y = SCORES[:, 0].reshape(shape), np.array([0, 1, 1, 0, 1, 0])
    task = Task(y, z)
    assert (task.kind, task.loss) == ("yes or no", "binary cross-entropy")
    found = task.answers(z, y)
    assert found.bars[:, 1] == pytest.approx(expit(SCORES[:, 0]))
    assert found.is_right == ((SCORES[:, 0] > 0) == (y == 1)).tolist()


def test_signs_are_yes_or_no_too() -> None:
    task = Task(np.array([-1.0, 1.0]), np.array([[-3.0], [0.5]]))
    assert task.kind == "yes or no"
    assert task.loss is None
    assert task.truth(np.array([-1.0, 1.0])) == ["0", "1"]


def test_measured_numbers() -> None:
    y = np.array([[0.5, 2.0], [1.5, 3.0]])
    task = Task(y, y + 0.25)
    assert (task.kind, task.loss) == ("numbers", "squared error")
    found = task.answers(y + 0.25, y)
    assert found.says == ["0.75 2.25", "1.75 3.25"]
    assert found.share_right is None
    assert task.truth(y) == ["0.5 2", "1.5 3"]


@pytest.mark.parametrize(
    ("y", "output"),
    [
        (None, np.zeros((3, 4))), (np.zeros(3), np.zeros((3, 2, 2))), (np.full(3, 9), np.zeros((3, 4))),
        (np.full(3, -1), np.zeros((3, 4))), (np.zeros((3, 2), int), np.zeros((3, 5))),
    ],
)  # fmt: skip
def test_where_there_is_no_telling_nothing_is_claimed(y: Any, output: Any) -> None:
    task = Task(y, output)
    assert (task.kind, task.loss) == ("", None)
    found = task.answers(output, y)
    assert found.is_right == [None, None, None]
    assert len(found.bars) == 3
    assert task.truth(y) == []


def test_scores_that_are_no_numbers_are_no_error() -> None:
    scores = np.full((3, 4), np.nan)
    found = Task(np.zeros(3, int), np.zeros((3, 4))).answers(scores, np.zeros(3, int))
    assert found.says == ["not a number"] * 3
    assert found.is_right == [False] * 3
    found = Task(np.arange(3) % 2, np.zeros(3)).answers(scores[:, 0], np.zeros(3))
    assert found.says == ["not a number"] * 3
