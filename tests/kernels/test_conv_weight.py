"""Gradients of weights, of every geometry, beside NumPy's in float64."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.kernels.code import DOUBLE, FLOAT
from descend.kernels.conv_weight import ConvWeight
from descend.kernels.geometry import Geometry
from tests.kernels.convolutions import SLOWLY, close, computed, drawn, exact, geometries, here
from tests.kernels.test_conv import MANY


@SLOWLY
@given(g=geometries(), n=st.integers(0, 5), threads=st.integers(1, 3), kind=st.sampled_from([FLOAT, DOUBLE]))
def test_the_gradient_of_the_weights(run, g: Geometry, n: int, threads: int, kind: str) -> None:
    x, w, y = drawn(g, n, kind)
    found = computed(run, ConvWeight(kind, g, here()), (x, y), w.shape, threads)
    close(found, exact("weight", g, x, y, kernel=g.kernel), kind)


@pytest.mark.parametrize("name", MANY)
@pytest.mark.parametrize("vector_bytes", [16, 32, 64])
def test_registers_of_every_width_and_images_of_many_blocks(run, vector_bytes: int, name: str) -> None:
    g, kind = MANY[name], DOUBLE if vector_bytes == 32 else FLOAT
    x, w, y = drawn(g, 7, kind)
    found = computed(run, ConvWeight(kind, g, vector_bytes), (x, y), w.shape)
    close(found, exact("weight", g, x, y, kernel=g.kernel), kind)


def test_panels_are_narrow_where_a_thread_would_have_all_weights() -> None:
    def across(channels: int, out: int, groups: int = 1) -> int:
        g = Geometry(channels, (8, 8), out, (5, 5), (1, 1), ((2, 2), (2, 2)), (1, 1), groups)
        return ConvWeight(FLOAT, g, 64).across

    assert [across(1, 16), across(1, 32), across(1, 33)] == [1, 1, 2]
    assert [across(1, 32, groups=2), across(20, 32), across(20, 16)] == [2, 2, 1]


@pytest.mark.parametrize("out", [37, 16])
def test_any_number_of_threads_gives_the_same_bits(run, out: int) -> None:
    g = replace(MANY["volumes"], out=out)
    x, w, y = drawn(g, 5)
    kernel = ConvWeight(FLOAT, g, here())
    alone = computed(run, kernel, (x, y), w.shape)
    for threads in (2, 3, 16):
        assert np.array_equal(alone, computed(run, kernel, (x, y), w.shape, threads))
