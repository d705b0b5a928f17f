"""Gradients of weights of many small groups, beside NumPy's in float64."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.kernels.code import DOUBLE, FLOAT
from descend.kernels.geometry import Geometry
from descend.kernels.grouped_weight import GroupedWeight
from tests.kernels.convolutions import SLOWLY, close, computed, drawn, exact, here
from tests.kernels.test_grouped import MANY, SMALL


@SLOWLY
@given(g=SMALL, n=st.integers(0, 3), threads=st.integers(1, 3), kind=st.sampled_from([FLOAT, DOUBLE]))
def test_the_gradient_of_the_weights(run, g: Geometry, n: int, threads: int, kind: str) -> None:
    x, w, y = drawn(g, n, kind)
    found = computed(run, GroupedWeight(kind, g, here()), (x, y), w.shape, threads)
    close(found, exact("weight", g, x, y, kernel=g.kernel), kind)


@pytest.mark.parametrize("name", MANY)
@pytest.mark.parametrize("vector_bytes", [16, 32, 64])
def test_registers_of_every_width_and_images_of_many_blocks(run, vector_bytes: int, name: str) -> None:
    g, kind = MANY[name], DOUBLE if vector_bytes == 32 else FLOAT
    x, w, y = drawn(g, 2, kind)
    found = computed(run, GroupedWeight(kind, g, vector_bytes), (x, y), w.shape)
    close(found, exact("weight", g, x, y, kernel=g.kernel), kind)


def test_any_number_of_threads_gives_the_same_bits(run) -> None:
    g = MANY["many taps"]
    x, w, y = drawn(g, 3)
    kernel = GroupedWeight(FLOAT, g, here())
    alone = computed(run, kernel, (x, y), w.shape)
    for threads in (2, 3, 16):
        assert np.array_equal(alone, computed(run, kernel, (x, y), w.shape, threads))
