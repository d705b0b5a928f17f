"""Convolutions in many small groups and gradients of their inputs, beside NumPy's in float64."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.kernels.code import DOUBLE, FLOAT
from descend.kernels.geometry import Geometry
from descend.kernels.grouped import Grouped
from tests.kernels.convolutions import SLOWLY, close, computed, drawn, exact, geometries, here

ONE = (1, 1)
COUNTS, KINDS = st.integers(0, 3), st.sampled_from([FLOAT, DOUBLE])
SMALL = geometries(groups=(1, 2, 7, 19), out=(1, 2, 3))


@SLOWLY
@given(g=SMALL, n=COUNTS, threads=st.integers(1, 3), kind=KINDS)
def test_the_convolution(run, g: Geometry, n: int, threads: int, kind: str) -> None:
    x, w, y = drawn(g, n, kind)
    found = computed(run, Grouped(kind, g, False, here()), (x, w), y.shape, threads)
    close(found, exact("conv", g, x, w), kind)


@SLOWLY
@given(g=SMALL, n=COUNTS, threads=st.integers(1, 3), kind=KINDS)
def test_the_gradient_of_the_input(run, g: Geometry, n: int, threads: int, kind: str) -> None:
    x, w, y = drawn(g, n, kind)
    found = computed(run, Grouped(kind, g, True, here()), (y, w), x.shape, threads)
    close(found, exact("input", g, w, y, size=g.size), kind)


MANY = {
    "depthwise, of several blocks of lines": Geometry(1, (40, 30), 1, (3, 3), ONE, (ONE, ONE), ONE, 20),
    "two results for each channel, strided": Geometry(1, (37, 21), 2, (4, 3), (2, 2), (ONE, ONE), ONE, 11),
    "fewer pixels than a stride, so that taps are never used": Geometry(
        1, (2, 1), 2, (3, 5), (3, 4), (ONE, (2, 3)), ONE, 5
    ),
    "many taps": Geometry(2, (9, 11), 2, (7, 7), ONE, ((3, 3), (3, 3)), ONE, 5),
    "volumes": Geometry(1, (6, 9, 10), 1, (3, 3, 3), (2, 1, 2), (ONE, ONE, (0, 1)), (1, 2, 1), 17),
}


@pytest.mark.parametrize("name", MANY)
@pytest.mark.parametrize("vector_bytes", [16, 32, 64])
def test_registers_of_every_width_and_images_of_many_blocks(run, vector_bytes: int, name: str) -> None:
    g, kind = MANY[name], DOUBLE if vector_bytes == 32 else FLOAT
    x, w, y = drawn(g, 2, kind)
    forwards, back = (Grouped(kind, g, turned, vector_bytes) for turned in (False, True))
    close(computed(run, forwards, (x, w), y.shape), exact("conv", g, x, w), kind)
    close(computed(run, back, (y, w), x.shape), exact("input", g, w, y, size=g.size), kind)


@pytest.mark.parametrize("turned", [False, True])
def test_any_number_of_threads_gives_the_same_bits(run, turned: bool) -> None:
    g = MANY["two results for each channel, strided"]
    x, w, y = drawn(g, 3)
    arrays, shape, kernel = (
        (y, w) if turned else (x, w),
        x.shape if turned else y.shape,
        Grouped(FLOAT, g, turned, here()),
    )
    alone = computed(run, kernel, arrays, shape)
    for threads in (2, 3, 16):
        assert np.array_equal(alone, computed(run, kernel, arrays, shape, threads))
