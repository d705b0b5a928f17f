"""Taking along an axis, and adding there (the adjoint); ordering, which says what to take.

`gather` and `scatter_add` are adjoint. Sorted values are gathered, so their gradient needs no rule of its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.engine.errors import ShapeError
from descend.engine.ops.indexing import integers
from descend.engine.ops.movement import expand
from descend.engine.ops.reduce import axis_number
from descend.engine.primitive import Primitive, Shape, bind, promote
from descend.engine.samples import Sampled, cases, distinct, real, whole
from descend.engine.tensor import Tensor, as_tensor


def _gathered(shape: Shape, indices: Shape, axis: int) -> Shape:
    within = len(shape) == len(indices) and all(
        i <= n for a, (i, n) in enumerate(zip(indices, shape, strict=True)) if a != axis
    )
    if not within:
        raise ShapeError(
            "gather takes along one axis, with one index an element of the result", given=f"{shape} at {indices}",
            needed="as many axes, no other one longer than the tensor's", fix="take_along_axis broadcasts",
        )  # fmt: skip
    return indices


def _check_range(indices: Any, n: int) -> None:
    if indices.size and not -n <= indices.min() <= indices.max() < n:
        raise ShapeError(
            "an index is out of range", given=f"indices from {indices.min()} to {indices.max()}",
            needed=f"{-n} to {n - 1} for {n} elements", fix="count from 0",
        )  # fmt: skip


def _places(indices: Any, axis: int, n: int) -> tuple[Any, ...]:
    """The key that names, for each index, the element of the tensor that it means."""
    _check_range(indices, n)
    grid = np.ogrid[tuple(slice(length) for length in indices.shape)]
    return tuple(indices if a == axis else places for a, places in enumerate(grid))


def _gather(x: Any, indices: Any, axis: int) -> Any:
    _gathered(x.shape, indices.shape, axis)
    return x[_places(indices, axis, x.shape[axis])]


def _scatter_add(g: Any, indices: Any, axis: int, shape: Shape) -> Any:
    out = np.zeros(shape, g.dtype)
    np.add.at(out, _places(indices, axis, shape[axis]), g)
    return out


def _gather_samples(rng: np.random.Generator) -> Sampled:
    return [
        ((real(rng, (5, 3)), np.array([[0, 4, -1], [2, 2, 0]])), {"axis": 0}),
        ((real(rng, (5, 3)), rng.integers(0, 3, (2, 7))), {"axis": 1}),
        ((real(rng, (2, 3, 5)), rng.integers(0, 3, (1, 4, 5))), {"axis": 1}),
        ((real(rng, (1,)), np.zeros(3, np.int64)), {"axis": 0}),
        ((real(rng, (3, 2)), np.zeros((0, 2), np.int64)), {"axis": 0}),
        ((real(rng, (0, 3)), np.zeros((0, 3), np.int64)), {"axis": 1}),
    ]


def _scatter_samples(rng: np.random.Generator) -> Sampled:
    return [
        ((real(rng, indices.shape), indices), {"axis": at["axis"], "shape": x.shape})
        for (x, indices), at in _gather_samples(rng)
    ]


_gather_of = Primitive(
    "gather", _gather, _gathered,
    (lambda g, y, x, indices, axis: bind(_scatter_add_of, g, indices, axis=axis, shape=x.shape),),
    samples=_gather_samples,
)  # fmt: skip

_scatter_add_of: Primitive = Primitive(
    "scatter_add", _scatter_add, lambda *_, axis, shape: shape,
    (lambda g, y, x, indices, axis, shape: bind(_gather_of, g, indices, axis=axis),), samples=_scatter_samples,
)  # fmt: skip


def _argsort(x: Any, axis: int, descending: bool) -> Any:
    if not descending:
        return np.argsort(x, axis, kind="stable")
    backwards = np.argsort(np.flip(x, axis), axis, kind="stable")  # so that equal elements keep their order here too
    return np.flip(x.shape[axis] - 1 - backwards, axis)


_argsort_of = Primitive(
    "argsort", _argsort, lambda shape, **_: shape, (None,),
    samples=cases(
        (((7,),), {"axis": 0, "descending": False}), (((3, 5),), {"axis": 0, "descending": True}),
        (((2, 11, 1),), {"axis": 1, "descending": True}), (((0, 3),), {"axis": 1, "descending": False}), draw=whole,
    ),
)  # fmt: skip


def _searchsorted(edges: Any, x: Any, right: bool) -> Any:
    return np.searchsorted(edges, x, "right" if right else "left").astype(np.int64)


def _sorted_samples(rng: np.random.Generator) -> Sampled:
    for n, shape, right in ((7, (3, 5), False), (1, (), True), (5, (0,), True), (0, (2,), False)):
        yield (np.sort(distinct(rng, (n,))), real(rng, shape)), {"right": right}
    for right in (False, True):  # what is looked for is among the edges
        yield (np.array([0.0, 1.0, 1.0, 2.0]), whole(rng, (7,))), {"right": right}


_searchsorted_of = Primitive(
    "searchsorted", _searchsorted, lambda edges, x, right: x, (None, None), samples=_sorted_samples,
)  # fmt: skip


def gather(x: Any, axis: int, indices: Any) -> Tensor:
    """y[i, j, ...] = x[indices[i, j, ...], j, ...] for axis 0, and so on for the others.

    Shapes: x and indices have as many axes, indices is no longer than x except along `axis`; result as indices.
    Raises: ShapeError for an index out of range.
    """
    x = as_tensor(x)
    return bind(_gather_of, x, integers(indices, "indices"), axis=axis_number(axis, x.ndim))


def scatter_add(x: Any, axis: int, indices: Any, source: Any) -> Tensor:
    """A copy of x with source[i, j, ...] added at [indices[i, j, ...], j, ...] for axis 0, and so on for the others.

    A place that is named twice receives both. Shapes: indices as for `gather`; source as indices, or longer, and then
    its first elements are added.
    """
    target, added = promote((x, source))
    places, a = integers(indices, "indices"), axis_number(axis, target.ndim)
    _gathered(target.shape, places.shape, a)
    if added.ndim == places.ndim:
        added = added[tuple(slice(n) for n in places.shape)]
    return target + bind(_scatter_add_of, expand(added, places.shape), places, axis=a, shape=target.shape)


def take_along_axis(x: Any, indices: Any, axis: int) -> Tensor:
    """`gather`, with the other axes broadcast: what `argsort` and `argmax` (axis kept) return can be taken with it."""
    x, places = as_tensor(x), integers(indices, "indices")
    a = axis_number(axis, x.ndim)
    if places.ndim != x.ndim:
        _gathered(x.shape, places.shape, a)
    others = np.broadcast_shapes((*x.shape[:a], 1, *x.shape[a + 1 :]), (*places.shape[:a], 1, *places.shape[a + 1 :]))
    wide = expand(x, (*others[:a], x.shape[a], *others[a + 1 :]))
    return gather(wide, a, expand(places, (*others[:a], places.shape[a], *others[a + 1 :])))


def index_select(x: Any, axis: int, indices: Any) -> Tensor:
    """The slices of x along `axis` that `indices` (one axis) numbers; a slice taken twice gets both gradients."""
    tensor = as_tensor(x)
    return tensor[(slice(None),) * axis_number(axis, tensor.ndim) + (integers(indices, "indices"),)]


def argsort(x: Any, axis: int = -1, descending: bool = False) -> Tensor:
    """The order that sorts x along `axis`, int64. Equal elements keep their order; NaN counts as the largest."""
    x = as_tensor(x)
    return bind(_argsort_of, x, axis=axis_number(axis, x.ndim), descending=descending)


def sort(x: Any, axis: int = -1, descending: bool = False) -> tuple[Tensor, Tensor]:
    """x in order along `axis`, and where each element came from: (values, indices)."""
    x = as_tensor(x)
    order = argsort(x.detach(), axis, descending)
    return gather(x, axis, order), order


def topk(x: Any, k: int, axis: int = -1, largest: bool = True) -> tuple[Tensor, Tensor]:
    """The k largest (or smallest) elements along `axis`, the extreme first, and their places: (values, indices)."""
    x = as_tensor(x)
    a = axis_number(axis, x.ndim)
    if not 0 <= k <= x.shape[a]:
        raise ShapeError(
            f"there are not {k} elements to choose", given=f"k={k} of shape {x.shape} along axis {axis}",
            needed=f"0 to {x.shape[a]}", fix="choose fewer",
        )  # fmt: skip
    order = argsort(x.detach(), a, descending=largest)[(slice(None),) * a + (slice(k),)]
    return gather(x, a, order), order


def searchsorted(edges: Any, x: Any, right: bool = False) -> Tensor:
    """Where each element of x would be put into the increasing vector `edges` to keep its order, int64.

    The number of edges below x, or with `right` of edges at or below x. Shapes: edges (n,), x any; result as x.
    """
    edges, x = promote((edges, x))
    if edges.ndim != 1:
        raise ShapeError("edges are one vector", given=str(edges.shape), needed="(n,)", fix="search row by row")
    return bind(_searchsorted_of, edges, x, right=right)
