"""Random primitives as pure functions of seed and counter."""
# ruff: noqa: E501  tables of cases

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from descend.engine import PRIMITIVES, Tensor
from descend.engine.ops.random import random_bits, random_normal, random_uniform, words_for
from tests.engine import references

SEED, AT = Tensor(np.array(2**40 + 7)), Tensor(np.array(2**33))


@pytest.mark.parametrize(
    ("shape", "dtype", "words"),
    [((), np.float32, 2), ((3,), np.float32, 4), ((2, 3), np.float32, 6), ((3,), np.float64, 8), ((0,), np.float64, 0), ((5,), np.uint32, 6)],
)  # fmt: skip
def test_words_are_counted_in_pairs(shape: tuple[int, ...], dtype: Any, words: int) -> None:
    assert words_for(shape, dtype) == words
    assert words_for(shape, np.dtype(dtype)) == words


def test_equal_seeds_and_counters_give_equal_numbers() -> None:
    for draw in (random_uniform, random_normal):
        assert draw(SEED, AT, (5,), np.float32).tolist() == draw(SEED, AT, (5,), np.float32).tolist()
    assert random_bits(SEED, AT, (5,)).tolist() == references.words(5, 2**40 + 7, 2**33)


def test_shapes_do_not_change_the_numbers() -> None:
    assert (
        random_uniform(SEED, AT, (2, 3), np.float64).numpy().ravel().tolist()
        == random_uniform(SEED, AT, (6,), np.float64).tolist()
    )
    longer = random_normal(SEED, AT, (7,), np.float32).tolist()
    assert random_normal(SEED, AT, (4,), np.float32).tolist() == longer[:4]


def test_uniform_numbers_have_all_their_bits() -> None:
    """Multiples of 2^-24 and 2^-53, each of them possible: the smallest step occurs, and 1 never does."""
    for dtype, bits in ((np.float32, 24), (np.float64, 53)):
        u = random_uniform(SEED, AT, (4096,), dtype).numpy().astype(np.float64) * 2.0**bits
        assert (u == np.floor(u)).all()
        assert (u % 2 == 1).any()
        assert u.max() < 2.0**bits


def test_the_largest_word_gives_less_than_one_and_a_finite_normal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("descend.engine.philox.bits", lambda n, *_: np.full(n, 0xFFFFFFFF, np.uint32))
    for dtype in (np.float32, np.float64):
        assert random_uniform(SEED, AT, (3,), dtype).numpy().max() < 1
        assert np.isfinite(random_normal(SEED, AT, (3,), dtype).numpy()).all()


def test_random_primitives_say_that_they_are() -> None:
    assert {name for name, p in PRIMITIVES.items() if p.random} == {
        "random_bits", "random_uniform", "random_normal", "callback",
    }  # fmt: skip
