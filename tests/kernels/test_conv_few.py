"""Convolutions into few channels and gradients of inputs of few channels, beside NumPy's in float64."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.kernels.code import DOUBLE, FLOAT
from descend.kernels.conv_few import ConvFew
from descend.kernels.geometry import Geometry
from tests.kernels.convolutions import SLOWLY, close, computed, drawn, exact, geometries, here

ONE = (1, 1)
COUNTS, KINDS = st.integers(0, 3), st.sampled_from([FLOAT, DOUBLE])
FEW = geometries(groups=(1,), out=(1, 3, 11))


@SLOWLY
@given(g=FEW, n=COUNTS, threads=st.integers(1, 3), kind=KINDS)
def test_the_convolution(run, g: Geometry, n: int, threads: int, kind: str) -> None:
    g = replace(g, stride=(1,) * len(g.size))
    x, w, y = drawn(g, n, kind)
    close(computed(run, ConvFew(kind, g, False, here()), (x, w), y.shape, threads), exact("conv", g, x, w), kind)


@SLOWLY
@given(g=FEW, n=COUNTS, threads=st.integers(1, 3), kind=KINDS)
def test_the_gradient_of_the_input(run, g: Geometry, n: int, threads: int, kind: str) -> None:
    x, w, y = drawn(g, n, kind)
    found = computed(run, ConvFew(kind, g, True, here()), (y, w), x.shape, threads)
    close(found, exact("input", g, w, y, size=g.size), kind)


MANY = {
    "images": Geometry(3, (30, 31), 17, (3, 3), ONE, (ONE, ONE), ONE),
    "volumes": Geometry(2, (6, 9, 10), 5, (3, 3, 3), (1, 1, 1), (ONE, ONE, (0, 1)), (1, 2, 1)),
}


@pytest.mark.parametrize("name", MANY)
@pytest.mark.parametrize("vector_bytes", [16, 32, 64])
def test_registers_of_every_width(run, vector_bytes: int, name: str) -> None:
    g, kind = MANY[name], DOUBLE if vector_bytes == 32 else FLOAT
    x, w, y = drawn(g, 2, kind)
    forwards, back = (ConvFew(kind, g, turned, vector_bytes) for turned in (False, True))
    close(computed(run, forwards, (x, w), y.shape), exact("conv", g, x, w), kind)
    close(computed(run, back, (y, w), x.shape), exact("input", g, w, y, size=g.size), kind)


def test_any_number_of_threads_gives_the_same_bits(run) -> None:
    g = replace(MANY["images"], stride=(2, 3))
    x, w, y = drawn(g, 5)
    kernel = ConvFew(FLOAT, g, True, here())
    alone = computed(run, kernel, (y, w), x.shape)
    for threads in (2, 3, 16):
        assert np.array_equal(alone, computed(run, kernel, (y, w), x.shape, threads))


def test_it_is_used_where_it_pays() -> None:
    def pays(turned: bool = False, **changes) -> bool:
        plain = Geometry(64, (32, 32), 3, (4, 4), ONE, (ONE, ONE), ONE)
        return ConvFew(FLOAT, replace(plain, **changes), turned, 64).pays

    assert pays()
    assert pays(out=16)
    assert pays(True, channels=3, stride=(2, 2))
    assert not any(pays(**change) for change in ({"out": 32}, {"stride": (1, 2)}, {"groups": 2}))
    assert not pays(kernel=(30, 30), out=16)  # most of the long line is no result
