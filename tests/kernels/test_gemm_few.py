"""The product with few rows, of every size, against NumPy in float64."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.kernels import jit
from descend.kernels.code import DOUBLE, FLOAT
from descend.kernels.gemm_few import FewRows
from tests.kernels.products import SIZES, SLOWLY, Product, close, product

MOST = {16: 12, 32: 12, 64: 24}  # rows, by the bytes of a register


def computed(run, few: FewRows, n: int, k: int, threads: int = 1) -> tuple[np.ndarray, np.ndarray]:
    what = Product(few.kind, (few.rows, n, k), few.a_by_columns, False, few.bias, few=True)
    return product(run, few.source(), 0, what, threads)


@pytest.mark.parametrize("a_by_columns", [False, True])
@SLOWLY
@given(rows=st.sampled_from([1, 2, 5, 10, 12]), n=SIZES, k=SIZES)
def test_every_size(run, a_by_columns: bool, rows: int, n: int, k: int) -> None:
    few = FewRows(FLOAT, rows, a_by_columns, not a_by_columns, jit.target().vector_bytes)
    close(*computed(run, few, n, k), few.kind)


@pytest.mark.parametrize("vector_bytes", MOST)
@pytest.mark.parametrize("kind", [FLOAT, DOUBLE])
def test_registers_of_every_width(run, kind: str, vector_bytes: int) -> None:
    for rows in (1, MOST[vector_bytes]):
        for a_by_columns in (False, True):
            close(*computed(run, FewRows(kind, rows, a_by_columns, True, vector_bytes), 91, 130), kind)


@pytest.mark.parametrize("threads", [2, 3, 16])
@pytest.mark.parametrize("rows", [1, 10])
def test_any_number_of_threads_gives_the_same_bits(run, rows: int, threads: int) -> None:
    few = FewRows(FLOAT, rows, False, True, jit.target().vector_bytes)
    alone, together = (computed(run, few, 700, 150, n)[0] for n in (1, threads))
    assert np.array_equal(alone, together)


def test_it_pays_where_the_sums_of_a_column_fit_into_the_registers() -> None:
    for vector_bytes, most in MOST.items():
        assert [rows for rows in range(40) if FewRows(FLOAT, rows, False, False, vector_bytes).pays] == [
            *range(1, most + 1)
        ]
