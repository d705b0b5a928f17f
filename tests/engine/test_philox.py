"""Philox4x32-10 against its authors' known answers and a second implementation on Python's integers."""

from __future__ import annotations

import math
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.engine import philox
from tests.engine import references

ONES = 0xFFFFFFFF

# Salmon et al. 2011, Random123 1.14, tests/kat_vectors: counter, key, result.
KNOWN = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((ONES,) * 4, (ONES, ONES), (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]  # fmt: skip

word = st.integers(0, ONES)


def computed(counter: tuple[int, ...], key: tuple[int, int]) -> tuple[int, ...]:
    words: Any = tuple(np.array([c], np.uint64) for c in counter)
    return tuple(int(w[0]) for w in philox.philox(words, key))


@pytest.mark.parametrize(("counter", "key", "result"), KNOWN)
def test_known_answers(counter: tuple[int, ...], key: tuple[int, int], result: tuple[int, ...]) -> None:
    assert computed(counter, key) == result
    assert references.philox(counter, key) == result  # type: ignore[arg-type]


@given(st.tuples(word, word, word, word), st.tuples(word, word))
def test_any_counter_and_key(counter: tuple[int, ...], key: tuple[int, int]) -> None:
    assert computed(counter, key) == references.philox(counter, key)  # type: ignore[arg-type]


@given(st.integers(0, 40), st.integers(0, 2**63 - 1), st.integers(0, 2**63), st.integers(0, 2**64 - 1))
def test_bits_are_the_words_of_consecutive_blocks(n: int, seed: int, start: int, stream: int) -> None:
    found = philox.bits(n, seed, start, stream)
    assert found.dtype == np.uint32
    assert found.tolist() == references.words(n, seed, start, stream)


def test_a_stream_begins_where_the_last_block_ended() -> None:
    whole = philox.bits(40, 5)
    assert np.array_equal(np.concatenate([philox.bits(12, 5), philox.bits(28, 5, philox.blocks(12))]), whole)


@pytest.mark.parametrize(("n", "blocks"), [(0, 0), (1, 1), (4, 1), (5, 2), (8, 2)])
def test_four_words_a_block(n: int, blocks: int) -> None:
    assert philox.blocks(n) == blocks


def test_neighbouring_counters_and_seeds_have_nothing_in_common() -> None:
    """Half of the bits differ, whichever input bit is changed: five sigma around 16,000 of 32,000."""
    here = philox.bits(1000, 12345)
    for other in (
        philox.bits(1000, 12345, 250),
        philox.bits(1000, 12346),
        philox.bits(1000, 12345, 0, 1),
        philox.bits(1000, 12345 + 2**40),
    ):
        differing = int(np.bitwise_count(here ^ other).sum())
        assert abs(differing - 16_000) < 5 * math.sqrt(32_000 / 4)


# Permutations.


@given(st.integers(0, 50), st.integers(0, 2**63 - 1), st.integers(0, 1000))
def test_a_permutation_has_every_number_once(n: int, seed: int, stream: int) -> None:
    order = philox.permutation(n, seed, stream)
    assert order.dtype == np.int64
    assert sorted(order.tolist()) == list(range(n))


def test_a_permutation_is_a_function_of_seed_and_stream() -> None:
    assert np.array_equal(philox.permutation(20, 3, 4), philox.permutation(20, 3, 4))
    assert not np.array_equal(philox.permutation(20, 3, 4), philox.permutation(20, 3, 5))
    assert not np.array_equal(philox.permutation(20, 3, 4), philox.permutation(20, 4, 4))


@pytest.mark.parametrize("by", ["stream", "seed"])
def test_all_six_orders_of_three_are_equally_likely(by: str) -> None:
    n = 6000
    drawn = [tuple(philox.permutation(3, **({"seed": 1} | {by: i})).tolist()) for i in range(n)]
    for order in permutations(range(3)):
        assert abs(drawn.count(order) - n / 6) < 5 * math.sqrt(n * 1 / 6 * 5 / 6)
