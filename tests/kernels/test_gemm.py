"""The matrix product, of every size and arrangement, against NumPy in float64."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given

from descend.kernels import jit
from descend.kernels.code import DOUBLE, FLOAT
from descend.kernels.gemm import Gemm
from tests.kernels.products import SIZES, SLOWLY, Product, close, product


def computed(run, gemm: Gemm, m: int, n: int, k: int, threads: int = 1) -> tuple[np.ndarray, np.ndarray]:
    what = Product(gemm.kind, (m, n, k), gemm.a_by_columns, gemm.b_by_columns, gemm.bias)
    return product(run, gemm.source(), gemm.room(m, n), what, threads)


@pytest.mark.parametrize("low", [False, True])
@pytest.mark.parametrize("a_by_columns", [False, True])
@pytest.mark.parametrize("b_by_columns", [False, True])
@SLOWLY
@given(m=SIZES, n=SIZES, k=SIZES)
def test_every_size_in_every_arrangement(
    run, low: bool, a_by_columns: bool, b_by_columns: bool, m: int, n: int, k: int
) -> None:
    gemm = Gemm(FLOAT, a_by_columns, b_by_columns, b_by_columns, jit.target().vector_bytes, low)
    close(*computed(run, gemm, m, n, k), gemm.kind)


@pytest.mark.parametrize("low", [False, True])
@pytest.mark.parametrize("vector_bytes", [16, 32, 64])
def test_registers_of_every_width(run, vector_bytes: int, low: bool) -> None:
    for kind, a_by_columns, b_by_columns in itertools.product((FLOAT, DOUBLE), (False, True), (False, True)):
        gemm = Gemm(kind, a_by_columns, b_by_columns, True, vector_bytes, low)
        close(*computed(run, gemm, 29, 37, 41), kind)


@pytest.mark.parametrize("threads", [2, 3, 16])
@pytest.mark.parametrize("low", [False, True])
@pytest.mark.parametrize("a_by_columns", [False, True])
@pytest.mark.parametrize("sizes", [(13, 150, 30), (150, 13, 30), (131, 40, 517)])
def test_any_number_of_threads_gives_the_same_bits(run, sizes, a_by_columns: bool, low: bool, threads: int) -> None:
    gemm = Gemm(FLOAT, a_by_columns, False, False, jit.target().vector_bytes, low)
    alone, _ = computed(run, gemm, *sizes)
    together, _ = computed(run, gemm, *sizes, threads)
    assert np.array_equal(alone, together)


# Stacks of matrices.


def placed(x: np.ndarray, by_columns: bool, room: np.ndarray, begin: int) -> tuple[int, ...]:
    """Put a stack (outer, inner, rows, columns) into rows that are longer, with gaps; where it lies there."""
    _, inner, *sizes = x.shape
    rows, columns = sizes[::-1] if by_columns else sizes
    length = inner * (columns + 3)
    steps = (rows * length + 5, columns + 3)
    seen = room[begin:]
    size = room.itemsize
    strides = (*steps, 1, length) if by_columns else (*steps, length, 1)
    view = np.lib.stride_tricks.as_strided(seen, x.shape, [n * size for n in strides])
    view[:] = x
    return length, begin, *steps


def stacked(run, gemm: Gemm, sizes: tuple[int, ...], threads: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """What the kernel writes into longer rows, which hold NaN elsewhere, and what is right there."""
    outer, inner, m, n, k = sizes
    dtype = np.float32 if gemm.kind == FLOAT else np.float64
    rng = np.random.default_rng(m + 100 * n + 10_000 * k)
    a, b = (rng.standard_normal((outer, inner, *shape)).astype(dtype) for shape in ((m, k), (k, n)))
    exact = 0.25 * (a.astype(np.float64) @ b.astype(np.float64))
    arrays = [np.full(7 + outer * inner * (x + 9) * (y + 9) * 2, np.nan, dtype) for x, y in ((m, k), (k, n), (m, n))]
    found, wanted = arrays[2], arrays[2].astype(np.float64)
    lda, *in_a = placed(a, gemm.a_by_columns, arrays[0], 2)
    ldb, *in_b = placed(b, gemm.b_by_columns, arrays[1], 0)
    ldc, *in_c = placed(exact, False, wanted, 7)
    factor = int(np.array(0.25, dtype).view(np.int32 if dtype == np.float32 else np.int64))
    room = np.zeros(gemm.room(m, n) * threads + 64, np.uint8)
    numbers = (ldc, outer, inner, *in_a, *in_b, *in_c, factor)
    run("gemm", gemm.source(), m, n, k, arrays[0], lda, arrays[1], ldb, found, 0, room, *numbers, threads=threads)
    return found, wanted


@pytest.mark.parametrize("kind", [FLOAT, DOUBLE])
@pytest.mark.parametrize("a_by_columns", [False, True])
@pytest.mark.parametrize("b_by_columns", [False, True])
@pytest.mark.parametrize("sizes", [
    (2, 3, 13, 37, 5), (1, 4, 1, 3, 40), (3, 1, 40, 1, 1), (2, 2, 3, 4, 0), (0, 2, 3, 4, 5), (1, 2, 97, 5, 513),
])  # fmt: skip
@pytest.mark.parametrize("low", [False, True])
def test_stacks_inside_longer_rows(run, sizes, a_by_columns: bool, b_by_columns: bool, kind: str, low: bool) -> None:
    gemm = Gemm(kind, a_by_columns, b_by_columns, False, jit.target().vector_bytes, low, stacks=True)
    found, wanted = stacked(run, gemm, sizes)
    scale = max(1, np.abs(wanted[np.isfinite(wanted)]).max(initial=0))
    np.testing.assert_allclose(found, wanted, rtol=0, atol=(1e-5 if kind == FLOAT else 1e-13) * scale)


@pytest.mark.parametrize("threads", [2, 3, 7, 16])
@pytest.mark.parametrize("sizes", [(2, 3, 13, 37, 5), (1, 1, 40, 9, 7), (1, 1, 9, 70, 7), (5, 1, 2, 2, 2)])
@pytest.mark.parametrize("a_by_columns", [False, True])
def test_any_number_of_threads_gives_the_same_stacks(run, sizes, a_by_columns: bool, threads: int) -> None:
    gemm = Gemm(FLOAT, a_by_columns, False, False, jit.target().vector_bytes, not a_by_columns, stacks=True)
    alone, together = (stacked(run, gemm, sizes, n)[0] for n in (1, threads))
    assert np.array_equal(alone, together, equal_nan=True)
