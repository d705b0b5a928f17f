"""Linear systems: inverse, solutions, determinants, and Cholesky's factor. All work on batches of matrices (..., n, n).

Source of the gradient rules: Giles 2008, "Collected matrix derivative results for forward and reverse mode algorithmic
differentiation"; of Cholesky's: Murray 2016, arXiv:1602.07527, Eq. 10.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.engine.errors import ShapeError, SingularError
from descend.engine.ops.diagonals import tril, triu
from descend.engine.ops.elementwise import where
from descend.engine.ops.linalg import matmul
from descend.engine.ops.movement import reshape, transpose
from descend.engine.primitive import Primitive, Shape, bind, broadcast_shapes, promote
from descend.engine.samples import Rng, Sampled, real
from descend.engine.tensor import Tensor, box


def turned(x: Tensor) -> Tensor:
    """Each matrix transposed."""
    return transpose(x, -1, -2)


def square_shape(shape: Shape) -> Shape:
    """The shape itself. Raises: ShapeError unless it is one of square matrices."""
    if len(shape) < 2 or shape[-1] != shape[-2]:
        raise ShapeError(
            "only square matrices have this", given=str(shape), needed="(..., n, n)",
            fix="for other matrices there are pinv, lstsq, qr and svd",
        )  # fmt: skip
    return shape


def _refused(what: str, a: Any) -> SingularError:
    small = np.linalg.matrix_rank(a) < a.shape[-1] if a.size else False
    number = f", number {int(np.argmax(small))} of the batch" if np.ndim(small) and np.any(small) else ""
    return SingularError(
        f"{what}: the matrix is singular", given=f"shape {a.shape}{number}", needed="a matrix of full rank",
        fix="add a small multiple of the identity, or use pinv or lstsq",
    )  # fmt: skip


def _inv(a: Any) -> Any:
    square_shape(a.shape)
    try:
        return np.linalg.inv(a)
    except np.linalg.LinAlgError:
        raise _refused("there is no inverse", a) from None


def _solve(a: Any, b: Any) -> Any:
    _solved(a.shape, b.shape)
    try:
        return np.linalg.solve(a, b)
    except np.linalg.LinAlgError:
        raise _refused("the system has no single solution", a) from None


def _solved(a: Shape, b: Shape) -> Shape:
    square_shape(a)
    if len(b) < 2 or b[-2] != a[-1]:
        raise ShapeError(
            "the right-hand side does not fit the matrix", given=f"matrix {a}, right-hand side {b}",
            needed=f"(..., {a[-1]}, k)", fix="one column for each right-hand side: b[..., None]",
        )  # fmt: skip
    return (*broadcast_shapes(a[:-2], b[:-2]), *b[-2:])


def _solve_triangular(a: Any, b: Any, upper: bool) -> Any:
    """Substitution, row by row, beginning at the corner."""
    x = np.empty(_solved(a.shape, b.shape), np.result_type(a, b))
    b = np.broadcast_to(b, x.shape)
    n = a.shape[-1]
    if (np.diagonal(a, 0, -2, -1) == 0).any():
        raise _refused("a triangular system with a 0 on its diagonal has no single solution", a)
    for i in range(n - 1, -1, -1) if upper else range(n):
        known = slice(i + 1, n) if upper else slice(i)
        rest = np.matmul(a[..., i, None, known], x[..., known, :])[..., 0, :]
        x[..., i, :] = (b[..., i, :] - rest) / a[..., i, i, None]
    return x


def _cholesky(a: Any) -> Any:
    square_shape(a.shape)
    try:
        return np.linalg.cholesky((a + np.swapaxes(a, -1, -2)) / 2)
    except np.linalg.LinAlgError:
        raise SingularError(
            "there is no Cholesky factor: the matrix is not positive definite", given=f"shape {a.shape}",
            needed="positive eigenvalues", fix="add a small multiple of the identity",
        ) from None  # fmt: skip


def _cholesky_cotangent(g: Tensor, y: Tensor, x: Tensor) -> Tensor:
    lower = tril(matmul(turned(y), g))
    half = lower - 0.5 * lower * box(np.eye(y.shape[-1], dtype=y.dtype), None)
    inner = solve_triangular(turned(y), half, upper=True)
    whole = turned(solve_triangular(turned(y), turned(inner), upper=True))
    return 0.5 * (whole + turned(whole))


def _det_sign(a: Any) -> Any:
    return np.linalg.slogdet(a)[0]


def _log_abs_det(a: Any) -> Any:
    return np.linalg.slogdet(a)[1]


def _det_shape(shape: Shape) -> Shape:
    return square_shape(shape)[:-2]


def _per_matrix(g: Tensor) -> Tensor:
    return reshape(g, (*g.shape, 1, 1))


# Samples: well-conditioned matrices.

_BATCHES: tuple[Shape, ...] = ((3, 3), (1, 1), (2, 5, 5), (0, 3, 3))


def regular(rng: Rng, shape: Shape) -> Any:
    """Square matrices far from singular, of either sign of the determinant."""
    return real(rng, shape) + 2 * np.sqrt(shape[-1]) * np.eye(shape[-1])[:, ::-1]


def _regulars(rng: Rng) -> Sampled:
    return [((regular(rng, shape),), {}) for shape in _BATCHES]


def _definite(rng: Rng) -> Sampled:
    return [((x @ np.swapaxes(x, -1, -2) + 0.1 * real(rng, x.shape),), {}) for ((x,), _) in _regulars(rng)]


def _systems(rng: Rng) -> Sampled:
    shapes = (((3, 3), (3, 5)), ((1, 1), (1, 1)), ((2, 1, 3, 3), (7, 3, 2)), ((0, 3, 3), (3, 1)))
    return [((regular(rng, a), real(rng, b)), {}) for a, b in shapes]


def _triangular(rng: Rng) -> Sampled:
    for number, ((a, b), _) in enumerate(_systems(rng)):
        diagonal = np.eye(a.shape[-1]) * 3
        yield (a[..., ::-1, :] / 3 + diagonal, b), {"upper": number % 2 == 0}


_inv_of = Primitive(
    "inv", _inv, square_shape, (lambda g, y, x: -matmul(matmul(turned(y), g), turned(y)),), samples=_regulars,
)  # fmt: skip

_solve_of: Primitive = Primitive(
    "solve", _solve, _solved,
    (
        lambda g, y, a, b: -matmul(bind(_solve_of, turned(a), g), turned(y)),
        lambda g, y, a, b: bind(_solve_of, turned(a), g),
    ),
    samples=_systems,
)  # fmt: skip


def _triangle_cotangent(g: Tensor, y: Tensor, a: Tensor, b: Tensor, upper: bool) -> Tensor:
    whole = -matmul(solve_triangular(turned(a), g, upper=not upper), turned(y))
    return triu(whole) if upper else tril(whole)


_solve_triangular_of = Primitive(
    "solve_triangular", _solve_triangular, lambda a, b, upper: _solved(a, b),
    (_triangle_cotangent, lambda g, y, a, b, upper: solve_triangular(turned(a), g, upper=not upper)),
    samples=_triangular,
)  # fmt: skip

_cholesky_of = Primitive("cholesky", _cholesky, square_shape, (_cholesky_cotangent,), samples=_definite)

_det_of = Primitive(
    "det", np.linalg.det, _det_shape, (lambda g, y, x: _per_matrix(g * y) * turned(inv(x)),), samples=_regulars,
)  # fmt: skip

_det_sign_of = Primitive("det_sign", _det_sign, _det_shape, (None,), samples=_regulars)

_log_abs_det_of = Primitive(
    "log_abs_det", _log_abs_det, _det_shape, (lambda g, y, x: _per_matrix(g) * turned(inv(x)),), samples=_regulars,
)  # fmt: skip


def inv(a: Any) -> Tensor:
    """The inverse of each matrix (..., n, n). Raises: SingularError, ShapeError."""
    return bind(_inv_of, *promote((a,), floating=True))


def solve(a: Any, b: Any) -> Tensor:
    """The x with a @ x = b. Shapes: a (..., n, n), b (..., n, k) or (n,); result as b.

    Raises: SingularError, ShapeError.
    Differs: from PyTorch in taking b for one vector only if it has one axis.
    """
    a, b = promote((a, b), floating=True)
    return _columns(b, lambda columns: bind(_solve_of, a, columns))


def solve_triangular(a: Any, b: Any, *, upper: bool) -> Tensor:
    """The x with a @ x = b for triangular a, whose other triangle is not looked at. Shapes, errors: as for `solve`."""
    a, b = promote((a, b), floating=True)
    return _columns(b, lambda columns: bind(_solve_triangular_of, a, columns, upper=upper))


def _columns(b: Tensor, solved: Any) -> Tensor:
    if b.ndim != 1:
        return solved(b)  # type: ignore[no-any-return]
    return reshape(solved(reshape(b, (b.size, 1))), b.shape)


def cholesky(a: Any) -> Tensor:
    """The lower triangular L with positive diagonal and L Lᵀ = a. Raises: SingularError if a is not positive definite.

    Differs: of a matrix that is not symmetric the symmetric part (a + aᵀ)/2 is taken, where PyTorch reads one triangle.
    """
    return bind(_cholesky_of, *promote((a,), floating=True))


def det(a: Any) -> Tensor:
    """The determinant of each matrix. Its gradient needs the inverse: SingularError where there is none."""
    return bind(_det_of, *promote((a,), floating=True))


def slogdet(a: Any) -> tuple[Tensor, Tensor]:
    """The sign of the determinant and the logarithm of its size, without overflow: (0, -inf) for a singular matrix."""
    (a,) = promote((a,), floating=True)
    return bind(_det_sign_of, a), bind(_log_abs_det_of, a)


def logdet(a: Any) -> Tensor:
    """The logarithm of the determinant; NaN where that is negative."""
    positive, size = slogdet(a)
    return where(positive < 0, np.nan, size)
