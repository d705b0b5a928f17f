"""The matrix product, of every size and arrangement, against NumPy in float64."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from descend.kernels import jit
from descend.kernels.code import DOUBLE, FLOAT
from descend.kernels.gemm import BLOCK, Gemm

SIZES = st.one_of(st.integers(0, 40), st.sampled_from([BLOCK - 1, BLOCK, BLOCK + 3]))


def product(run, gemm: Gemm, m: int, n: int, k: int, threads: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """What the kernel computes, and what is right."""
    rng = np.random.default_rng(m + 100 * n + 10_000 * k)
    dtype = np.float32 if gemm.kind == FLOAT else np.float64
    a, b, bias = (rng.standard_normal(shape).astype(dtype) for shape in ((m, k), (k, n), (n,)))
    stored_a = np.ascontiguousarray(a.T) if gemm.a_by_columns else a
    stored_b = np.ascontiguousarray(b.T) if gemm.b_by_columns else b
    edge = np.full(64, np.nan, dtype)
    c = np.concatenate([np.full(m * n, np.nan, dtype), edge])
    room = np.zeros(gemm.room(n) * threads + 64, np.uint8)
    sizes = (stored_a, stored_a.shape[1], stored_b, stored_b.shape[1])
    run("gemm", gemm.source(), m, n, k, *sizes, c, bias, room, threads=threads)
    assert np.isnan(c[m * n :]).all()  # nothing was written behind the result
    exact = a.astype(np.float64) @ b.astype(np.float64) + (bias if gemm.bias else 0)
    return c[: m * n].reshape(m, n), exact


@pytest.mark.parametrize("a_by_columns", [False, True])
@pytest.mark.parametrize("b_by_columns", [False, True])
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(m=SIZES, n=SIZES, k=SIZES)
def test_every_size_in_every_arrangement(run, a_by_columns: bool, b_by_columns: bool, m: int, n: int, k: int) -> None:
    gemm = Gemm(FLOAT, a_by_columns, b_by_columns, b_by_columns, jit.target().vector_bytes)
    found, exact = product(run, gemm, m, n, k)
    np.testing.assert_allclose(found, exact, rtol=0, atol=1e-5 * max(1, np.abs(exact).max(initial=0)))


@pytest.mark.parametrize("vector_bytes", [16, 32, 64])
def test_registers_of_every_width(run, vector_bytes: int) -> None:
    for kind, tolerance in ((FLOAT, 1e-5), (DOUBLE, 1e-14)):
        found, exact = product(run, Gemm(kind, False, True, True, vector_bytes), 29, 37, 41)
        np.testing.assert_allclose(found, exact, rtol=0, atol=tolerance * np.abs(exact).max())


@pytest.mark.parametrize("threads", [2, 3, 16])
def test_any_number_of_threads_gives_the_same_bits(run, threads: int) -> None:
    gemm = Gemm(FLOAT, False, False, False, jit.target().vector_bytes)
    alone, _ = product(run, gemm, 13, 150, 30)
    together, _ = product(run, gemm, 13, 150, 30, threads)
    assert np.array_equal(alone, together)
