"""The samples are as awkward as they promise to be."""

from __future__ import annotations

import numpy as np
import pytest

from descend.engine import samples
from descend.engine.samples import ONE, TWO

SHAPES = [(7,), (1,), (3, 5), (0, 3), ()]


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(
    "draw", [samples.real, samples.positive, samples.away_from_zero, samples.distinct, samples.whole]
)
def test_a_draw_has_its_shape(draw: samples.Draw, shape: tuple[int, ...]) -> None:
    assert np.shape(draw(rng(), shape)) == shape


def test_positive_numbers() -> None:
    x = samples.positive(rng(), (1000,))
    assert 0.5 <= x.min() < 0.6
    assert 2.4 < x.max() <= 2.5


def test_numbers_away_from_zero_have_either_sign() -> None:
    x = samples.away_from_zero(rng(), (1000,))
    assert np.abs(x).min() >= 0.3
    assert (x > 0).any()
    assert (x < 0).any()


def test_distinct_numbers_lie_apart() -> None:
    x = np.sort(samples.distinct(rng(), (5, 7)).ravel())
    assert np.diff(x).min() > 0.09
    assert np.abs(x).min() > 0.01


def test_whole_numbers_are_often_equal() -> None:
    assert set(samples.whole(rng(), (100,)).tolist()) == {0.0, 1.0, 2.0}


def test_the_awkward_shapes_are_among_them() -> None:
    assert () in ONE
    assert any(0 in shape for shape in ONE)
    assert any(1 in shape and len(shape) > 1 for shape in ONE)
    assert all(np.broadcast_shapes(*pair) is not None for pair in TWO)
    assert any(a != b for a, b in TWO)


def test_one_and_two_inputs() -> None:
    one = list(samples.of_one(samples.real, keepdims=True)(rng()))
    assert [(x.shape, attributes) for (x,), attributes in one] == [(shape, {"keepdims": True}) for shape in ONE]
    two = list(samples.of_two(samples.real, samples.whole)(rng()))
    assert [(a.shape, b.shape) for (a, b), _ in two] == list(TWO)
    listed = list(samples.cases((((2,), (3,)), {"axis": 1}), draw=samples.positive)(rng()))
    assert [(tuple(x.shape for x in xs), attributes) for xs, attributes in listed] == [(((2,), (3,)), {"axis": 1})]
    assert all((x > 0).all() for xs, _ in listed for x in xs)
