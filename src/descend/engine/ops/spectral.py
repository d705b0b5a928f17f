"""Decompositions of matrices: QR, eigenvalues of symmetric matrices, singular values, and what is made of them.

A primitive has one result, so each part of a decomposition is a primitive; the work itself is done once an array
(`_Last`). The gradient of a function of several parts is the sum of their pullbacks. Signs, which a decomposition
leaves open, are fixed: so each part is a function of the matrix, and has derivatives.

Vectors that belong to equal values are not determined by the matrix; between nearly equal ones (a difference of d) the
gradients of vectors grow like 1/d. Where values are exactly equal, or singular values 0, that part of it is 0.

Source of the gradient rules: Townsend 2016, "Differentiating the singular value decomposition"; Walter and Lehmann
2018, arXiv:1009.6112 (QR); Golub and Pereyra 1973 (pseudo-inverse).
"""

from __future__ import annotations

import operator
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from descend.engine.errors import ShapeError
from descend.engine.ops.diagonals import eye, tril
from descend.engine.ops.elementwise import where
from descend.engine.ops.linalg import matmul
from descend.engine.ops.movement import concat
from descend.engine.ops.solve import inv, solve_triangular, square_shape, turned
from descend.engine.primitive import Primitive, Shape, bind, promote
from descend.engine.samples import Rng, Sampled, real
from descend.engine.tensor import Tensor

Parts = tuple[Any, ...]


class _Last(threading.local):
    """A decomposition that remembers its last matrix: asking for one part after the other costs one decomposition.

    Matrices are compared by their numbers, which is little work beside the decomposition: an executor may put other
    numbers into the same memory.
    """

    def __init__(self, decompose: Callable[[Any], Parts]) -> None:
        self.decompose = decompose
        self.of: Any = None
        self.parts: Parts = ()

    def __call__(self, a: Any) -> Parts:
        known = self.of is not None and self.of.dtype == a.dtype and np.array_equal(self.of, a)
        if not known:
            self.parts, self.of = self.decompose(a), np.array(a)
        return self.parts


def _sign_of(x: Any) -> Any:
    """1 or -1: never 0."""
    return np.where(x < 0, -1, 1).astype(x.dtype)


def _column_signs(u: Any) -> Any:
    """The sign of each column's largest element: (..., n, k) to (..., 1, k)."""
    if not u.shape[-2]:
        return np.ones((*u.shape[:-2], 1, u.shape[-1]), u.dtype)
    largest = np.argmax(np.abs(u), -2, keepdims=True)
    return _sign_of(np.take_along_axis(u, largest, -2))


def _eigh_parts(a: Any) -> Parts:
    square_shape(a.shape)
    values, vectors = np.linalg.eigh((a + np.swapaxes(a, -1, -2)) / 2)
    return values, vectors * _column_signs(vectors)


def _svd_parts(a: Any) -> Parts:
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    signs = _column_signs(u)
    return u * signs, s, vh * np.swapaxes(signs, -1, -2)


def _qr_parts(a: Any) -> Parts:
    q, r = np.linalg.qr(a)
    signs = _sign_of(np.diagonal(r, 0, -2, -1))
    return q * signs[..., None, :], r * signs[..., None]


_eigh_of, _svd_of, _qr_of = _Last(_eigh_parts), _Last(_svd_parts), _Last(_qr_parts)


def _gaps(low: Tensor, high: Tensor) -> Tensor:
    """1 / (high[j] - low[i]) as a matrix, 0 where they are equal."""
    gaps = high[..., None, :] - low[..., :, None]
    return where(gaps == 0, 0, 1 / where(gaps == 0, 1, gaps))


def _symmetric(x: Tensor) -> Tensor:
    return 0.5 * (x + turned(x))


# Symmetric matrices: a = V diag(w) Vᵀ.


def _eigenvalues_cotangent(g: Tensor, y: Tensor, a: Tensor) -> Tensor:
    v = bind(_eigenvectors, a)
    return matmul(v * g[..., None, :], turned(v))


def _eigenvectors_cotangent(g: Tensor, v: Tensor, a: Tensor) -> Tensor:
    w = bind(_eigenvalues, a)
    inner = _gaps(w, w) * matmul(turned(v), g)
    return _symmetric(matmul(matmul(v, inner), turned(v)))


def _matrices(*shapes: Shape) -> Callable[[Rng], Sampled]:
    return lambda rng: [((real(rng, shape),), {}) for shape in shapes]


def _separated(rng: Rng) -> Sampled:
    for shape in ((3, 3), (1, 1), (2, 5, 5), (0, 3, 3)):
        yield (real(rng, shape) + np.diag(2.5 * np.arange(shape[-1])),), {}


_eigenvalues: Primitive = Primitive(
    "eigh_values", lambda a: _eigh_of(a)[0], lambda shape: square_shape(shape)[:-1], (_eigenvalues_cotangent,),
    samples=_separated,
)  # fmt: skip

_eigenvectors: Primitive = Primitive(
    "eigh_vectors", lambda a: _eigh_of(a)[1], square_shape, (_eigenvectors_cotangent,), samples=_separated,
)  # fmt: skip


# Singular values: a = U diag(s) Vᵀ.


def _svd_shapes(shape: Shape) -> tuple[Shape, Shape, Shape]:
    if len(shape) < 2:
        raise ShapeError("only matrices are decomposed", given=str(shape), needed="(..., n, m)", fix="x[None]")
    *batch, n, m = shape
    k = min(n, m)
    return (*batch, n, k), (*batch, k), (*batch, k, m)


def _parts_of(a: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    return bind(_left, a), bind(_singular, a), bind(_right, a)


def _beside(u: Tensor, x: Tensor) -> Tensor:
    """What of x lies outside the space that the columns of u span."""
    return x - matmul(u, matmul(turned(u), x))


def _inverse(s: Tensor) -> Tensor:
    """1 / s as a row, 0 where s is: the vectors that belong to it are not determined."""
    return where(s == 0, 0, 1 / where(s == 0, 1, s))[..., None, :]


def _singular_cotangent(g: Tensor, y: Tensor, a: Tensor) -> Tensor:
    return matmul(bind(_left, a) * g[..., None, :], bind(_right, a))


def _rotation(u: Tensor, g: Tensor, s: Tensor) -> Tensor:
    """How the vectors u turn into each other: F * (uᵀ g - gᵀ u) with F[i, j] = 1 / (s[j]² - s[i]²)."""
    turning = matmul(turned(u), g)
    return _gaps(s * s, s * s) * (turning - turned(turning))


def _left_cotangent(g: Tensor, u: Tensor, a: Tensor) -> Tensor:
    _, s, vh = _parts_of(a)
    within = matmul(u, _rotation(u, g, s) * s[..., None, :])
    return matmul(within + _beside(u, g) * _inverse(s), vh)


def _right_cotangent(g: Tensor, vh: Tensor, a: Tensor) -> Tensor:
    u, s, _ = _parts_of(a)
    v, g = turned(vh), turned(g)
    within = matmul(v, turned(_rotation(v, g, s)) * s[..., None, :])
    return turned(matmul(within + _beside(v, g) * _inverse(s), turned(u)))


_svd_samples = _matrices((3, 3), (5, 3), (2, 3, 5), (1, 1), (0, 3, 2))

_left: Primitive = Primitive(
    "svd_left", lambda a: _svd_of(a)[0], lambda shape: _svd_shapes(shape)[0], (_left_cotangent,), samples=_svd_samples,
)  # fmt: skip

_singular: Primitive = Primitive(
    "svd_values", lambda a: _svd_of(a)[1], lambda shape: _svd_shapes(shape)[1], (_singular_cotangent,),
    samples=_svd_samples,
)  # fmt: skip

_right: Primitive = Primitive(
    "svd_right", lambda a: _svd_of(a)[2], lambda shape: _svd_shapes(shape)[2], (_right_cotangent,),
    samples=_svd_samples,
)  # fmt: skip


# a = Q R for matrices at least as tall as wide.


def _tall(shape: Shape) -> Shape:
    if len(shape) < 2 or shape[-2] < shape[-1]:
        raise ShapeError("this takes tall matrices", given=str(shape), needed="(..., n, m), n >= m", fix="use qr")
    return shape


def _qr_cotangent(a: Tensor, q: Tensor, r: Tensor, of_q: Tensor | None, of_r: Tensor | None) -> Tensor:
    inner = matmul(r, turned(of_r)) if of_r is not None else -matmul(turned(of_q), q)  # type: ignore[arg-type]
    lower = tril(inner)
    mirrored = matmul(q, lower + turned(tril(inner, -1)))
    whole = mirrored if of_q is None else of_q + mirrored
    return turned(solve_triangular(r, turned(whole), upper=True))


_qr_samples = _matrices((3, 3), (5, 3), (1, 1), (2, 3, 2), (0, 3, 2))

_q: Primitive = Primitive(
    "qr_q", lambda a: _qr_of(a)[0], _tall, (lambda g, y, a: _qr_cotangent(a, y, bind(_r, a), g, None),),
    samples=_qr_samples,
)  # fmt: skip

_r: Primitive = Primitive(
    "qr_r", lambda a: _qr_of(a)[1], lambda shape: (*_tall(shape)[:-2], shape[-1], shape[-1]),
    (lambda g, y, a: _qr_cotangent(a, bind(_q, a), y, None, g),), samples=_qr_samples,
)  # fmt: skip


def _pinv(a: Any, rcond: float) -> Any:
    _svd_shapes(a.shape)
    return np.linalg.pinv(a, rcond)


def _pinv_cotangent(g: Tensor, p: Tensor, a: Tensor, rcond: float) -> Tensor:
    n, m = a.shape[-2:]
    pt, gt = turned(p), turned(g)
    inside = matmul(matmul(pt, g), pt)
    below = matmul(matmul(eye(n, dtype=a.dtype) - matmul(a, p), gt), matmul(p, pt))
    beside = matmul(matmul(pt, p), matmul(gt, eye(m, dtype=a.dtype) - matmul(p, a)))
    return below + beside - inside


_pinv_of = Primitive(
    "pinv", _pinv, lambda shape, rcond: (*shape[:-2], shape[-1], shape[-2]), (_pinv_cotangent,),
    samples=lambda rng: [((x,), {"rcond": 1e-6}) for (x,), _ in _svd_samples(rng)],
)  # fmt: skip


def eigvalsh(a: Any) -> Tensor:
    """The eigenvalues of each symmetric matrix, increasing: (..., n, n) to (..., n)."""
    return bind(_eigenvalues, *_floats(a))


def eigh(a: Any) -> tuple[Tensor, Tensor]:
    """Eigenvalues w, increasing, and eigenvectors V of symmetric matrices, a = V diag(w) Vᵀ: (..., n), (..., n, n).

    Each column of V has length 1 and its largest element positive. Between equal eigenvalues its gradient is
    taken as 0.
    Differs: of a matrix that is not symmetric the symmetric part (a + aᵀ)/2 is taken, where PyTorch reads one triangle.
    """
    (a,) = _floats(a)
    return bind(_eigenvalues, a), bind(_eigenvectors, a)


def svd(a: Any) -> tuple[Tensor, Tensor, Tensor]:
    """U, s and Vᵀ with a = U diag(s) Vᵀ, s decreasing.

    Shapes: a (..., n, m); (..., n, k), (..., k), (..., k, m) with k = min(n, m).
    The columns of U have length 1 and their largest element positive. Between equal values, and for values of 0, the
    gradients of U and V are taken as 0.
    Differs: from PyTorch in being the reduced form always, and in the signs.
    """
    (a,) = _floats(a)
    return bind(_left, a), bind(_singular, a), bind(_right, a)


def svdvals(a: Any) -> Tensor:
    """The singular values of each matrix, decreasing: (..., n, m) to (..., min(n, m))."""
    return bind(_singular, *_floats(a))


def qr(a: Any) -> tuple[Tensor, Tensor]:
    """Q with orthonormal columns and upper triangular R with a = Q R: (..., n, k), (..., k, m) for k = min(n, m).

    Differs: the diagonal of R is not negative, so that Q and R are functions of a. The gradient needs full rank.
    """
    (a,) = _floats(a)
    n, m = _svd_shapes(a.shape)[0][-2], a.shape[-1]
    first = a[..., :n] if m > n else a
    q, r = bind(_q, first), bind(_r, first)
    return (q, concat([r, matmul(turned(q), a[..., n:])], a.ndim - 1)) if m > n else (q, r)


def pinv(a: Any, rcond: float | None = None) -> Tensor:
    """Moore and Penrose's inverse of each matrix: (..., n, m) to (..., m, n).

    Singular values below rcond times the largest (max(n, m) times the type's precision if not given) count as 0. The
    gradient is that among matrices of the same rank.
    """
    (a,) = _floats(a)
    _svd_shapes(a.shape)
    return bind(_pinv_of, a, rcond=float(max(a.shape[-2:]) * np.finfo(a.dtype).eps if rcond is None else rcond))


def lstsq(a: Any, b: Any) -> Tensor:
    """The x with the least |a x - b|², and of those the shortest. Shapes: a (..., n, m), b (..., n, k) or (n,).

    Differs: from PyTorch, which returns residuals, rank and singular values too.
    """
    a, b = promote((a, b), floating=True)
    return matmul(pinv(a), b)


def matrix_power(a: Any, n: int) -> Tensor:
    """a @ a @ ... @ a, n times, by repeated squaring; of the inverse if n is negative. Raises: SingularError."""
    (a,) = _floats(a)
    square_shape(a.shape)
    left = abs(operator.index(n))
    square, result = inv(a) if n < 0 else a, eye(a.shape[-1], dtype=a.dtype).expand(a.shape)
    while left:
        result = matmul(result, square) if left % 2 else result
        left //= 2
        square = matmul(square, square) if left else square
    return result


def _floats(a: Any) -> tuple[Tensor, ...]:
    return promote((a,), floating=True)
