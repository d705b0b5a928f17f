from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from descend.studio.shown.answers import Task
from descend.studio.shown.examples import examples
from descend.studio.shown.ground import PLACES, SIDE, ground, points

RNG = np.random.default_rng(0)
X = np.array([[0.0, 10.0], [1.0, 30.0], [0.5, 20.0]])
Y = np.array([0, 1, 0])


def test_the_plane_lies_around_the_data_row_by_row_from_the_bottom() -> None:
    place = ground(examples((X, Y)))
    assert place is not None
    x = place.inputs()
    assert x.shape == (SIDE * SIDE, 2)
    assert x[0] == pytest.approx([-0.1, 8])
    assert x[SIDE - 1] == pytest.approx([1.1, 8])
    assert x[-1] == pytest.approx([1.1, 32])
    scores = np.stack([-x[:, 0], x[:, 0]], axis=1)
    found = place.answers(scores, Task(Y, scores[:3]))
    assert found.shape == (2, SIDE, SIDE)
    assert (np.diff(found[1], axis=1) > 0).all()


@pytest.mark.parametrize("shape", [(30,), (30, 1)])
def test_a_line(shape: tuple[int, ...]) -> None:
    x = RNG.normal(size=shape).astype(np.float32)
    place = ground(examples((x, x)))
    assert place is not None
    inputs = place.inputs()
    assert (inputs.shape, inputs.dtype) == ((PLACES, *shape[1:]), np.float32)
    found = place.answers(3 * inputs.reshape(-1, 1), Task(x, x))
    assert found[:, 1] == pytest.approx(3 * found[:, 0])


@pytest.mark.parametrize(
    "x", [RNG.normal(size=(9, 3)), np.ones((9, 2), int), RNG.normal(size=(9, 2, 1)), np.full((9, 2), np.nan), (X, X)]
)
def test_elsewhere_there_is_no_ground(x: Any) -> None:
    assert ground(examples((x, np.zeros(3 if isinstance(x, tuple) else 9)))) is None


def test_points() -> None:
    assert points(examples((X, Y)), 2, 1).tolist() == [[0, 10, 0], [1, 30, 1], [0.5, 20, 0]]
    assert points(examples((X, Y)), 2, 0)[:, 2].tolist() == [1, 0, 1]
    assert points(examples((X, Y + 4)), 2, None)[:, 2].tolist() == [4, 5, 4]
    assert points(examples((X[:, 0], Y)), 1, None).tolist() == [[0, 0], [1, 1], [0.5, 0]]


def test_data_of_one_value() -> None:
    place = ground(examples((np.zeros((4, 2)), np.zeros(4))))
    assert place is not None
    assert (place.high > place.low).all()
