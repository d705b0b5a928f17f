"""Changes of basis in every lane at once."""

from __future__ import annotations

import numpy as np
import pytest

from descend.kernels import jit
from descend.kernels.basis import Basis
from descend.kernels.toom_cook import Matrix, transforms


def source(matrix: Matrix) -> str:
    """A kernel of two arguments, x and the result, both [i][j][lane]."""
    made = Basis("sandwich", jit.target().vector_bytes, max(matrix.shape))
    code, (p, q), lanes = made.code, matrix.shape, made.lanes
    x, y = code.pointer(0), code.pointer(1)
    made.sandwich(
        matrix,
        lambda i, j: code.load(made.vector, x, made.index((1, i), (q, j), (lanes, 0))),
        lambda i, j, value: code.store(value, y, made.index((1, i), (p, j), (lanes, 0))),
    )
    return code.text()


MATRICES = {f"{m} {r} {name}": getattr(transforms(m, r), name) for m, r in ((4, 3), (4, 5))
            for name in ("input", "kernel", "output")}  # fmt: skip


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("name", MATRICES)
def test_a_matrix_from_both_sides(run, name: str, turned: bool) -> None:
    matrix = MATRICES[name].T if turned else MATRICES[name]
    p, q = matrix.shape
    lanes = jit.target().vector_bytes // 4
    x = np.random.default_rng(0).standard_normal((q, q, lanes)).astype(np.float32)
    found = np.full((p, p, lanes), np.nan, np.float32)
    run("sandwich", source(matrix), x, found)
    exact = np.einsum("ij,jkl,mk->iml", matrix, x.astype(np.float64), matrix)
    np.testing.assert_allclose(found, exact, rtol=0, atol=2e-6 * np.abs(exact).max())


def test_rows_that_differ_in_signs_share_their_products() -> None:
    matrix = transforms(4, 3).input
    made = Basis("shared", 32, 6)
    column = [made.code.load(made.vector, made.code.pointer(0), 8 * i) for i in range(6)]
    begun = len(made.code.lines)
    made.applied(matrix, column)
    assert len(made.code.lines) - begun < np.count_nonzero(matrix)
