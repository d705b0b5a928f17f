from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.studio.shown.picture import coloured, in_rows, kept, note, pictures, thinned, thinned_maps, tiled

RNG = np.random.default_rng(0)


def test_a_byte_keeps_a_number_to_a_127th_of_the_largest() -> None:
    x = RNG.normal(size=(5, 7)).astype(np.float32)
    found = kept(x)
    assert found.code.dtype == np.int8
    assert np.abs(found.numbers() - x).max() <= np.abs(x).max() / 127
    assert kept(np.zeros(3)).numbers().tolist() == [0, 0, 0]


def test_signs_and_zero_are_kept() -> None:
    x = np.array([-1000.0, 0.0, 1000.0, 3.0])
    assert np.sign(kept(x).numbers()).tolist() == [-1, 0, 1, 0]


def test_what_is_no_number_stays_none() -> None:
    found = kept(np.array([np.nan, 2.0, np.inf, -np.inf])).numbers()
    assert np.isnan(found[0])
    assert found[1:].tolist() == [2, 2, -2]
    assert kept(np.full(3, np.nan)).numbers().tolist() != [0, 0, 0]


@given(st.lists(st.integers(1, 3000), max_size=4), st.integers(1, 5000))
def test_thinning_leaves_at_most_so_many(shape: list[int], most: int) -> None:
    cuts = thinned(shape, most)
    seen = [len(range(n)[cut]) for n, cut in zip(shape, cuts)]
    assert math.prod(seen) <= max(most, 1)
    assert all(seen)
    assert (note(shape, cuts) == "") == (seen == shape)


def test_the_longest_axes_are_thinned_out_first() -> None:
    assert [cut.step for cut in thinned((256, 128, 3, 3), 10_000)][2:] == [1, 1]
    assert note((256, 8), thinned((256, 8), 1024)) == "128 of 256 × 8"


@pytest.mark.parametrize(
    ("shape", "seen"), [((), (1, 1, 1)), ((9,), (1, 1, 9)), ((50,), (1, 5, 10)), ((4, 5), (1, 4, 5)),
                        ((3, 4, 5), (3, 4, 5)), ((2, 3, 4, 5), (6, 4, 5))],
)  # fmt: skip
def test_everything_is_pictures(shape: tuple[int, ...], seen: tuple[int, ...]) -> None:
    x = RNG.normal(size=shape).astype(np.float32)
    found = pictures(np.asarray(x))
    assert found.shape == seen
    assert found.ravel().tolist() == x.ravel().tolist()


def test_what_is_left_over_of_a_row_is_nothing() -> None:
    found = in_rows(np.arange(19.0))
    assert found.shape == (3, 7)
    assert np.isnan(found.ravel()[19:]).all()


def test_kernels_are_tiled_a_column_for_each_output() -> None:
    w = RNG.normal(size=(4, 2, 3, 5)).astype(np.float32)
    found = tiled(w)
    assert found.shape == (2 * 4 - 1, 4 * 6 - 1)
    assert np.array_equal(found[4:7, 12:17], w[2, 1])
    assert np.isnan(found[3]).all()
    assert np.isnan(found[:, 5]).all()


def test_many_kernels_follow_one_another_in_bands() -> None:
    w = RNG.normal(size=(96, 2, 3, 3)).astype(np.float32)
    found = tiled(w)
    assert found.shape == (4 * 2 * 4 - 1, 24 * 4 - 1)
    assert np.array_equal(found[8 + 4 : 8 + 7, 4:7], w[25, 1])
    assert np.isnan(tiled(w[:95])[-3:, -3:]).all()


def test_kernels_of_three_inputs_are_colours() -> None:
    w = RNG.normal(size=(5, 3, 2, 4))
    found = coloured(w)
    assert (found.shape, found.dtype) == ((5, 2, 4, 3), np.uint8)
    assert np.abs(found / 127.5 - 1 - np.moveaxis(w, 1, -1) / np.abs(w).max()).max() < 0.005


@given(st.integers(1, 300), st.integers(1, 200), st.integers(1, 200), st.integers(64, 20_000))
def test_maps_become_fewer_before_they_become_coarser(c: int, h: int, w: int, most: int) -> None:
    along, down, across = thinned_maps((c, h, w), most)
    maps = len(range(c)[along])
    assert down.step == across.step
    assert maps <= 64
    if down.step > 1:
        assert maps <= 16
    step = down.step
    assert maps * (h / step) * (w / step) <= most + 1e-6 * most or maps * h * w <= most
