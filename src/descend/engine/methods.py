"""Reductions, arrangements and linear algebra as methods of `Tensor`.

Each is the operation of its name in `ops`, which says what it computes; `axis` None means over everything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from descend.engine.errors import unknown_name
from descend.engine.operators import Operators
from descend.engine.ops.elsewhere import METHODS

if TYPE_CHECKING:
    from descend.engine.tensor import Axes, Tensor


class Methods(Operators):
    """Everything that is computed from a tensor other than element by element."""

    __slots__ = ()

    # Reductions.

    def sum(self, axis: Axes = None, keepdims: bool = False) -> Tensor:
        """The sum over `axis`."""
        return ops.sum(self, axis, keepdims)

    def prod(self, axis: Axes = None, keepdims: bool = False) -> Tensor:
        """The product over `axis`."""
        return ops.prod(self, axis, keepdims)

    def mean(self, axis: Axes = None, keepdims: bool = False) -> Tensor:
        """The mean over `axis`."""
        return ops.mean(self, axis, keepdims)

    def var(self, axis: Axes = None, keepdims: bool = False, correction: int = 0) -> Tensor:
        """The mean squared deviation over `axis`; `correction=1` divides by n - 1."""
        return ops.var(self, axis, keepdims, correction)

    def std(self, axis: Axes = None, keepdims: bool = False, correction: int = 0) -> Tensor:
        """The square root of the variance; `correction=1` divides by n - 1."""
        return ops.std(self, axis, keepdims, correction)

    def norm(self, p: float = 2.0, axis: Axes = None, keepdims: bool = False) -> Tensor:
        """The p-norm over `axis`."""
        return ops.norm(self, p, axis, keepdims)

    def max(self, axis: Axes = None, keepdims: bool = False) -> Tensor:
        """The largest element over `axis`."""
        return ops.max(self, axis, keepdims)

    def min(self, axis: Axes = None, keepdims: bool = False) -> Tensor:
        """The smallest element over `axis`."""
        return ops.min(self, axis, keepdims)

    def argmax(self, axis: int = -1) -> Tensor:
        """The place of the first largest element along `axis`, int64."""
        return ops.argmax(self, axis)

    def argmin(self, axis: int = -1) -> Tensor:
        """The place of the first smallest element along `axis`, int64."""
        return ops.argmin(self, axis)

    def median(self, axis: Axes = None, keepdims: bool = False) -> Tensor:
        """The middle element over `axis`, the lower one of two."""
        return ops.median(self, axis, keepdims)

    def quantile(self, q: float | Sequence[float], axis: Axes = None, keepdims: bool = False) -> Tensor:
        """The value below which a fraction q over `axis` lies."""
        return ops.quantile(self, q, axis, keepdims)

    def logsumexp(self, axis: int = -1, keepdims: bool = False) -> Tensor:
        """log(sum(exp(x))) along `axis`, without overflow."""
        return ops.logsumexp(self, axis, keepdims)

    def all(self, axis: Axes = None, keepdims: bool = False) -> Tensor:
        """Whether every element over `axis` is true."""
        return ops.all(self, axis, keepdims)

    def any(self, axis: Axes = None, keepdims: bool = False) -> Tensor:
        """Whether some element over `axis` is true."""
        return ops.any(self, axis, keepdims)

    def count_nonzero(self, axis: Axes = None, keepdims: bool = False) -> Tensor:
        """How many elements over `axis` are not 0."""
        return ops.count_nonzero(self, axis, keepdims)

    # Along one axis.

    def cumsum(self, axis: int = -1) -> Tensor:
        """The running sum along `axis`."""
        return ops.cumsum(self, axis)

    def cumprod(self, axis: int = -1) -> Tensor:
        """The running product along `axis`."""
        return ops.cumprod(self, axis)

    def softmax(self, axis: int = -1) -> Tensor:
        """exp(x) / sum(exp(x)) along `axis`."""
        return ops.softmax(self, axis)

    def log_softmax(self, axis: int = -1) -> Tensor:
        """x - log(sum(exp(x))) along `axis`."""
        return ops.log_softmax(self, axis)

    def sort(self, axis: int = -1, descending: bool = False) -> tuple[Tensor, Tensor]:
        """In order along `axis`, and where each element came from."""
        return ops.sort(self, axis, descending)

    def argsort(self, axis: int = -1, descending: bool = False) -> Tensor:
        """The order that sorts along `axis`."""
        return ops.argsort(self, axis, descending)

    def topk(self, k: int, axis: int = -1, largest: bool = True) -> tuple[Tensor, Tensor]:
        """The k largest elements along `axis`, and their places."""
        return ops.topk(self, k, axis, largest)

    # Indexing.

    def __getitem__(self, key: Any) -> Tensor:
        return ops.index(self, key)

    def gather(self, axis: int, indices: Any) -> Tensor:
        """For each index the element that it numbers along `axis`."""
        return ops.gather(self, axis, indices)

    def scatter_add(self, axis: int, indices: Any, source: Any) -> Tensor:
        """With `source` added at the places that `indices` number along `axis`."""
        return ops.scatter_add(self, axis, indices, source)

    def index_select(self, axis: int, indices: Any) -> Tensor:
        """The slices along `axis` that `indices` numbers."""
        return ops.index_select(self, axis, indices)

    def masked_select(self, mask: Any) -> Tensor:
        """The elements where `mask` is true."""
        return ops.masked_select(self, mask)

    def nonzero(self) -> Tensor:
        """The indices of the elements that are not 0, one row each."""
        return ops.nonzero(self)

    # The same elements in another arrangement.

    def reshape(self, *shape: Any) -> Tensor:
        """The same elements in row-major order under another shape; one length may be -1."""
        return ops.reshape(self, _flat(shape))

    def view(self, *shape: Any) -> Tensor:
        """`reshape`, under PyTorch's other name: a tensor never changes, so there is nothing to share."""
        return ops.reshape(self, _flat(shape))

    def flatten(self, start_axis: int = 0, end_axis: int = -1) -> Tensor:
        """The axes from `start_axis` to `end_axis` merged into one."""
        return ops.flatten(self, start_axis, end_axis)

    def squeeze(self, axis: Axes = None) -> Tensor:
        """Without the axes of length 1."""
        return ops.squeeze(self, axis)

    def unsqueeze(self, axis: int) -> Tensor:
        """With a new axis of length 1."""
        return ops.unsqueeze(self, axis)

    def permute(self, *axes: Any) -> Tensor:
        """The axes in another order."""
        return ops.permute(self, _flat(axes))

    def transpose(self, a: int, b: int) -> Tensor:
        """Two axes exchanged."""
        return ops.transpose(self, a, b)

    def moveaxis(self, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
        """The axes `source` at the places `destination`."""
        return ops.moveaxis(self, source, destination)

    @property
    def mT(self) -> Tensor:  # noqa: N802  the mathematical symbol
        """Each matrix transposed: the last two axes exchanged."""
        return ops.transpose(self, -2, -1)

    def expand(self, *shape: Any) -> Tensor:
        """Repeated along axes of length 1 until it has `shape`."""
        return ops.expand(self, _flat(shape))

    def broadcast_to(self, shape: Sequence[int]) -> Tensor:
        """Repeated along axes of length 1 until it has `shape`."""
        return ops.expand(self, shape)

    def repeat(self, *times: Any) -> Tensor:
        """Repeated as a whole, times[i] times along axis i: PyTorch's name for `tile`."""
        return ops.tile(self, _flat(times))

    def tile(self, *times: Any) -> Tensor:
        """Repeated as a whole, times[i] times along axis i."""
        return ops.tile(self, _flat(times))

    def repeat_interleave(self, times: Any, axis: int | None = None) -> Tensor:
        """Each element `times` times in succession."""
        return ops.repeat_interleave(self, times, axis)

    def split(self, sizes: int | Sequence[int], axis: int = 0) -> tuple[Tensor, ...]:
        """Cut along `axis` into pieces of these lengths."""
        return ops.split(self, sizes, axis)

    def chunk(self, chunks: int, axis: int = 0) -> tuple[Tensor, ...]:
        """Cut along `axis` into that many pieces."""
        return ops.chunk(self, chunks, axis)

    def unbind(self, axis: int = 0) -> tuple[Tensor, ...]:
        """The slices along `axis`."""
        return ops.unbind(self, axis)

    def roll(self, shifts: int | Sequence[int], axis: Axes = None) -> Tensor:
        """Moved on along `axis`, round the end."""
        return ops.roll(self, shifts, axis)

    def flip(self, axis: int | Sequence[int], *more: int) -> Tensor:
        """The order along `axis`, or along several axes, reversed."""
        return ops.flip(self, (axis, *more) if isinstance(axis, int) else axis)

    def tril(self, diagonal: int = 0) -> Tensor:
        """The lower triangle of each matrix."""
        return ops.tril(self, diagonal)

    def triu(self, diagonal: int = 0) -> Tensor:
        """The upper triangle of each matrix."""
        return ops.triu(self, diagonal)

    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
        """The diagonal of the matrices that two axes make."""
        return ops.diagonal(self, offset, axis1, axis2)

    # Linear algebra.

    def matmul(self, other: Any) -> Tensor:
        """The matrix product."""
        return ops.matmul(self, other)

    def dot(self, other: Any) -> Tensor:
        """The sum of the products of two vectors."""
        return ops.dot(self, other)

    def outer(self, other: Any) -> Tensor:
        """Every element of a vector times every element of another."""
        return ops.outer(self, other)

    def trace(self) -> Tensor:
        """The sum of the diagonal."""
        return ops.trace(self)

    def inverse(self) -> Tensor:
        """The inverse of each matrix."""
        return ops.inv(self)

    def det(self) -> Tensor:
        """The determinant of each matrix."""
        return ops.det(self)

    def cholesky(self) -> Tensor:
        """The lower triangular factor of each positive definite matrix."""
        return ops.cholesky(self)

    if not TYPE_CHECKING:  # for a type checker, only what is above is there

        def __getattr__(self, name: str) -> object:
            if name.startswith("_"):  # asked for by libraries, not by persons
                raise AttributeError(f"'Tensor' object has no attribute {name!r}")
            known = [word for word in dir(type(self)) if not word.startswith("_")]
            operation = {name: f"ops.{name}(x)"} if name in ops.__all__ else {}
            raise unknown_name("Tensor", name, known, operation | METHODS)


def _flat(arguments: tuple[Any, ...]) -> tuple[int, ...]:
    """f(2, 3) and f((2, 3)) alike."""
    if len(arguments) == 1 and isinstance(arguments[0], (tuple, list)):
        return tuple(arguments[0])
    return arguments


# As in `operators`: what methods are made of comes second.
from descend.engine import ops  # noqa: E402
