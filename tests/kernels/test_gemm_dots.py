"""The product with few rows, or few columns, along k, of every size, against NumPy in float64."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.kernels import jit
from descend.kernels.code import DOUBLE, FLOAT
from descend.kernels.gemm_dots import FewDots
from tests.kernels.products import SIZES, SLOWLY, Product, close, product


def computed(run, dots: FewDots, n: int, k: int, threads: int = 1) -> tuple[np.ndarray, np.ndarray]:
    what = Product(dots.kind, (dots.rows, n, k), dots.a_by_columns, True, dots.bias, dots.turned, few=True)
    return product(run, dots.source(), dots.room(), what, threads)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("a_by_columns", [False, True])
@SLOWLY
@given(rows=st.sampled_from([1, 3, 10, 16]), n=SIZES, k=st.one_of(SIZES, st.sampled_from([608, 1100, 3073])))
def test_every_size(run, turned: bool, a_by_columns: bool, rows: int, n: int, k: int) -> None:
    dots = FewDots(FLOAT, rows, a_by_columns, not a_by_columns, jit.target().vector_bytes, turned)
    close(*computed(run, dots, n, k), dots.kind)


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("vector_bytes", [16, 32, 64])
@pytest.mark.parametrize("kind", [FLOAT, DOUBLE])
def test_registers_of_every_width(run, kind: str, vector_bytes: int, turned: bool) -> None:
    for rows in (1, 8, 13):
        for a_by_columns in (False, True):
            dots = FewDots(kind, rows, a_by_columns, True, vector_bytes, turned)
            close(*computed(run, dots, 21, 130), kind)


@pytest.mark.parametrize("threads", [2, 3, 16])
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("rows", [1, 10])
def test_any_number_of_threads_gives_the_same_bits(run, rows: int, turned: bool, threads: int) -> None:
    dots = FewDots(FLOAT, rows, False, True, jit.target().vector_bytes, turned)
    alone, together = (computed(run, dots, 61, 700, n)[0] for n in (1, threads))
    assert np.array_equal(alone, together)


def test_the_sums_of_lanes_must_be_worth_it() -> None:
    assert FewDots(FLOAT, 16, False, False, 64).pays(48)
    assert not FewDots(FLOAT, 16, False, False, 64).pays(47)
    assert not FewDots(FLOAT, 17, False, False, 64).pays(1000)
    assert FewDots(DOUBLE, 8, False, False, 32).pays(12)
    assert not FewDots(DOUBLE, 9, False, False, 32).pays(1000)
    assert not FewDots(FLOAT, 0, False, False, 64).pays(1000)
