"""Convolutions and gradients of their inputs, of every geometry, beside NumPy's in float64."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.kernels.code import DOUBLE, FLOAT
from descend.kernels.conv import Conv
from descend.kernels.geometry import Geometry
from tests.kernels.convolutions import SLOWLY, close, computed, drawn, exact, geometries, here

ONE = (1, 1)
COUNTS, KINDS = st.integers(0, 5), st.sampled_from([FLOAT, DOUBLE])


@SLOWLY
@given(g=geometries(), n=COUNTS, threads=st.integers(1, 3), kind=KINDS)
def test_the_convolution(run, g: Geometry, n: int, threads: int, kind: str) -> None:
    x, w, y = drawn(g, n, kind)
    found = computed(run, Conv(kind, g, False, here()), (x, w), y.shape, threads)
    close(found, exact("conv", g, x, w), kind)


@SLOWLY
@given(g=geometries(), n=COUNTS, threads=st.integers(1, 3), kind=KINDS)
def test_the_gradient_of_the_input(run, g: Geometry, n: int, threads: int, kind: str) -> None:
    x, w, y = drawn(g, n, kind)
    found = computed(run, Conv(kind, g, True, here()), (y, w), x.shape, threads)
    close(found, exact("input", g, w, y, size=g.size), kind)


MANY = {
    "many taps, and lines of many tiles": Geometry(33, (30, 31), 40, (3, 3), ONE, (ONE, ONE), ONE),
    "several images in a block, and a last one with fewer": Geometry(20, (4, 5), 33, (4, 4), (2, 2), (ONE, ONE), ONE),
    "long lines": Geometry(3, (2, 700), 5, (2, 7), (1, 3), ((0, 0), (3, 2)), ONE),
    "volumes": Geometry(9, (6, 9, 10), 34, (3, 3, 3), (2, 1, 2), (ONE, ONE, (0, 1)), (1, 2, 1)),
    "fewer pixels than a stride, so that taps are never used": Geometry(
        2, (2, 1), 3, (3, 5), (3, 4), (ONE, (2, 3)), ONE
    ),
    "windows of one pixel": Geometry(150, (7, 9), 40, ONE, ONE, ((0, 0), (0, 0)), ONE, 2),
}


@pytest.mark.parametrize("name", MANY)
@pytest.mark.parametrize("vector_bytes", [16, 32, 64])
def test_registers_of_every_width_and_images_of_many_blocks(run, vector_bytes: int, name: str) -> None:
    g, kind = MANY[name], DOUBLE if vector_bytes == 32 else FLOAT
    x, w, y = drawn(g, 7, kind)
    forwards, back = (Conv(kind, g, turned, vector_bytes) for turned in (False, True))
    close(computed(run, forwards, (x, w), y.shape), exact("conv", g, x, w), kind)
    close(computed(run, back, (y, w), x.shape), exact("input", g, w, y, size=g.size), kind)


@pytest.mark.parametrize("turned", [False, True])
def test_any_number_of_threads_gives_the_same_bits(run, turned: bool) -> None:
    g = MANY["several images in a block, and a last one with fewer"]
    x, w, y = drawn(g, 21)
    arrays, shape = ((y, w), x.shape) if turned else ((x, w), y.shape)
    alone = computed(run, Conv(FLOAT, g, turned, here()), arrays, shape)
    for threads in (2, 3, 16):
        assert np.array_equal(alone, computed(run, Conv(FLOAT, g, turned, here()), arrays, shape, threads))
