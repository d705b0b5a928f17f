"""Products of matrices in every arrangement, and what NumPy makes of them in float64."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from descend.kernels.code import DOUBLE, FLOAT

SLOWLY = settings(max_examples=25, suppress_health_check=list(HealthCheck), deadline=None)
SIZES = st.one_of(st.integers(0, 40), st.sampled_from([255, 256, 259, 515]))  # whole blocks of k, and a little more
KINDS = {FLOAT: np.float32, DOUBLE: np.float64}
TOLERANCES = {FLOAT: 1e-5, DOUBLE: 1e-13}
EDGE = 64  # numbers behind a result, and bytes behind the room, that must stay as they are


@dataclass(frozen=True)
class Product:
    """C = A B: the numbers' kind; m, n, k; the operands that are stored by columns; with a bias.

    Attributes:
        turned: whether C is stored by columns, and the bias is that of its rows.
        few: whether the kernel was made for this m, and is not told.
    """

    kind: str
    sizes: tuple[int, int, int]
    a_by_columns: bool
    b_by_columns: bool
    bias: bool
    turned: bool = False
    few: bool = False


def product(run, source: str, room: int, what: Product, threads: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """What the kernel computes, and what is right."""
    (m, n, k), dtype = what.sizes, KINDS[what.kind]
    rng = np.random.default_rng(m + 100 * n + 10_000 * k)
    shapes = (m, k), (k, n), (m if what.turned else n,)
    a, b, bias = (rng.standard_normal(shape).astype(dtype) for shape in shapes)
    stored = [
        np.ascontiguousarray(x.T) if by_columns else x
        for x, by_columns in ((a, what.a_by_columns), (b, what.b_by_columns))
    ]
    c = np.full(m * n + EDGE, np.nan, dtype)
    placed = (x for matrix in stored for x in (matrix, matrix.shape[1]))
    sizes = what.sizes[1:] if what.few else what.sizes
    packing, size = np.full(room * threads + 2 * EDGE, 255, np.uint8), room * threads + EDGE
    run("gemm", source, *sizes, *placed, c, bias, packing[:size], threads=threads)
    assert np.isnan(c[m * n :]).all()  # nothing was written behind the result
    assert (packing[size:] == 255).all()  # nor behind the room for packing
    exact = a.astype(np.float64) @ b.astype(np.float64)
    if what.bias:
        exact += bias[:, None] if what.turned else bias
    return c[: m * n].reshape(n, m).T if what.turned else c[: m * n].reshape(m, n), exact


def close(found: np.ndarray, exact: np.ndarray, kind: str) -> None:
    """Right within what rounding may do."""
    scale = max(1, np.abs(exact).max(initial=0))
    np.testing.assert_allclose(found, exact, rtol=0, atol=TOLERANCES[kind] * scale)
