"""Indexing: reading places of a tensor, adding into them (the adjoint), and putting values there.

A key is split into its shape, which is an attribute (slices, numbers, None, ...), and its index tensors, which are
inputs: a trace can be replayed with other indices. Boolean masks become index tensors, which needs their values:
they cannot be traced.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from descend.engine.errors import DtypeError, ShapeError, TraceError
from descend.engine.ops.movement import expand
from descend.engine.primitive import Primitive, Shape, bind, broadcast_shapes
from descend.engine.samples import Sampled, distinct, real
from descend.engine.tensor import Tensor, as_tensor, box

INDEX = "index"  # stands in a key for an index tensor
Key = tuple[Any, ...]


def _filled(key: Key, indices: tuple[Any, ...]) -> Key:
    """The key with its index arrays back in their places."""
    arrays = iter(indices)
    return tuple(next(arrays) if part is INDEX or part == INDEX else _sliced(part) for part in key)


def _sliced(part: Any) -> Any:
    return slice(*part) if isinstance(part, tuple) else part


def _get(x: Any, *indices: Any, key: Key) -> Any:
    try:
        return x[_filled(key, indices)]
    except IndexError as error:
        raise ShapeError(
            f"this index does not fit: {error}", given=f"shape {x.shape}",
            needed="at most one index an axis, from -n to n - 1",
            fix="count from 0: the last of n elements is number n - 1, or -1",
        ) from None  # fmt: skip


def _add_at(g: Any, *indices: Any, key: Key, shape: Shape) -> Any:
    out = np.zeros(shape, g.dtype)
    if indices:  # the same place may be named twice, and then receives both
        np.add.at(out, _filled(key, indices), g)
    else:
        out[_filled(key, ())] = g
    return out


def _put(x: Any, new: Any, *indices: Any, key: Key) -> Any:
    out, places = np.array(x), _filled(key, indices)
    _check_fit(new.shape, _get(out, *indices, key=key).shape)
    out[places] = new
    return out


def _check_fit(new: Shape, places: Shape) -> None:
    extra = max(len(new) - len(places), 0)
    if any(n != 1 for n in new[:extra]) or any(n not in (1, m) for n, m in zip(new[::-1], places[::-1], strict=False)):
        raise ShapeError(
            "what is assigned does not fit its places", given=f"{new} for places {places}",
            needed=f"{places}, or lengths of 1 in it", fix="reshape what is assigned",
        )  # fmt: skip


def _put_shape(shape: Shape, new: Shape, *indices: Shape, key: Key) -> Shape:
    _check_fit(new, _read_shape(shape, *indices, key=key))
    return shape


def _read_shape(shape: Shape, *indices: Shape, key: Key) -> Shape:
    empty = np.broadcast_to(np.zeros((), np.bool_), shape)
    return _get(empty, *[np.zeros(i, np.int64) for i in indices], key=key).shape  # type: ignore[no-any-return]


def _keys(rng: np.random.Generator) -> Sampled:
    pick = rng.integers(0, 5, (2, 3))
    return [
        ((real(rng, (5, 3)),), {"key": (2,)}),
        ((real(rng, (5, 3)),), {"key": ((None, None, -2), (1, 3, None))}),
        ((real(rng, (5, 3)),), {"key": (None, ..., 0)}),
        ((real(rng, (0, 3)),), {"key": ((0, 2, None),)}),
        ((real(rng, (5, 3)), pick), {"key": (INDEX,)}),
        ((real(rng, (5, 7)), pick, pick[:, :1]), {"key": (INDEX, INDEX)}),
        ((real(rng, (2, 5)), np.array([4, 4, 0])), {"key": ((None, None, None), INDEX)}),
    ]


def _added(rng: np.random.Generator) -> Sampled:
    return [
        ((np.asarray(_get(*inputs, **attributes)), *inputs[1:]), {**attributes, "shape": inputs[0].shape})
        for inputs, attributes in _keys(rng)
    ]


def _puts(rng: np.random.Generator) -> Sampled:
    distinct_rows = np.array([3, 0])
    return [
        ((real(rng, (5, 3)), real(rng, (3,))), {"key": (2,)}),
        ((real(rng, (5, 3)), real(rng, ())), {"key": ((None, None, 2),)}),
        ((distinct(rng, (5, 3)), real(rng, (2, 1)), distinct_rows), {"key": (INDEX,)}),
        ((real(rng, (0, 3)), real(rng, (0, 1))), {"key": ((None, None, None),)}),
    ]


_index = Primitive(
    "index", _get, _read_shape,
    (lambda g, y, x, *indices, key: bind(_index_add, g, *indices, key=key, shape=x.shape),), samples=_keys,
)  # fmt: skip

_index_add: Primitive = Primitive(
    "index_add", _add_at, lambda *_, key, shape: shape,
    (lambda g, y, x, *indices, key, shape: bind(_index, g, *indices, key=key),), samples=_added,
)  # fmt: skip

_index_put: Primitive = Primitive(
    "index_put", _put, _put_shape,
    (
        lambda g, y, x, new, *indices, key: bind(_index_put, g, box(np.zeros((), g.dtype), None), *indices, key=key),
        lambda g, y, x, new, *indices, key: bind(_index, g, *indices, key=key),
    ),
    samples=_puts,
)  # fmt: skip


def _pick(x: Any, labels: Any) -> Any:
    _picked_shape(x.shape, labels.shape)  # NumPy would broadcast one label over all rows
    _check_labels(labels, x.shape[-1])
    return np.take_along_axis(x, labels[..., None], -1)[..., 0]


def _unpick(g: Any, labels: Any, classes: int) -> Any:
    out = np.zeros((*labels.shape, classes), g.dtype)
    np.put_along_axis(out, labels[..., None], g[..., None], -1)
    return out


def _check_labels(labels: Any, classes: int) -> None:
    wrong = (labels < 0) | (labels >= classes)
    if wrong.any():
        where = tuple(int(i) for i in np.argwhere(wrong)[0])
        left_out = f"let the loss leave it out: ignore_index={labels[where]}"
        raise ShapeError(
            "a label is out of range", given=f"label {labels[where]} at index {where[0] if len(where) == 1 else where}",
            needed=f"0 to {classes - 1} for {classes} classes",
            fix=f"number the classes from 0, or {'widen the last layer' if labels[where] > 0 else left_out}",
        )  # fmt: skip


def _picked_shape(shape: Shape, labels: Shape) -> Shape:
    if not shape or shape[:-1] != labels:
        raise ShapeError(
            "one label is needed for each row of scores", given=f"scores {shape}, labels {labels}",
            needed=f"labels {shape[:-1]}" if shape else "scores with an axis of classes",
            fix="labels number the classes: one integer a row, no axis of classes",
        )  # fmt: skip
    return labels


def _labelled(rng: np.random.Generator) -> Sampled:
    return [
        ((real(rng, (7, 3)), rng.integers(0, 3, 7)), {}),
        ((real(rng, (2, 3, 5)), rng.integers(0, 5, (2, 3))), {}),
        ((real(rng, (0, 3)), np.zeros(0, np.int64)), {}),
        ((real(rng, (1, 1)), np.zeros(1, np.int64)), {}),
    ]


_pick_of = Primitive(
    "pick", _pick, _picked_shape,
    (lambda g, y, x, labels: bind(_unpick_of, g, labels, classes=x.shape[-1]),), samples=_labelled,
)  # fmt: skip

_unpick_of: Primitive = Primitive(
    "unpick", _unpick, lambda shape, labels, classes: (*labels, classes),
    (lambda g, y, x, labels, classes: bind(_pick_of, g, labels),),
    samples=lambda rng: [
        ((real(rng, labels.shape), labels), {"classes": x.shape[-1]}) for (x, labels), _ in _labelled(rng)
    ],
)  # fmt: skip


def index(x: Any, key: Any) -> Tensor:
    """x[key], by NumPy's rules: numbers, slices, None, ..., integer tensors, boolean masks."""
    x = as_tensor(x)
    template, indices = split(key, x.shape)
    return bind(_index, x, *indices, key=template)


def assign(x: Tensor, key: Any, new: Any) -> Tensor:
    """A copy of x with `new` (broadcast) at x[key]. Naming one place twice leaves open which value it gets.

    Raises: ShapeError if the index or `new` does not fit.
    """
    template, indices = split(key, x.shape)
    return bind(_index_put, x, as_tensor(new).to(x.dtype), *indices, key=template)


def pick(x: Any, labels: Any) -> Tensor:
    """x[..., labels[...]]: from each row of the last axis the element that its label numbers.

    Shapes: x (..., k), labels (...) integers; result (...). Raises: ShapeError for a label outside 0 .. k-1.
    """
    return bind(_pick_of, as_tensor(x), integers(labels, "labels"))


def one_hot(labels: Any, classes: int, dtype: Any = np.float32) -> Tensor:
    """Rows with a 1 at the label and 0 elsewhere: labels (...) to (..., classes)."""
    labels = integers(labels, "labels")
    if isinstance(labels.value, np.ndarray):  # labels that are traced have no numbers to look at
        _check_labels(labels.value, classes)
    return bind(_unpick_of, box(np.ones(labels.shape, dtype), None), labels, classes=classes)


def nonzero(x: Any) -> Tensor:
    """The indices of the elements that are not 0: one row each, in reading order, (n, x.ndim), int64.

    Raises: TraceError under a trace, since n depends on the values.
    """
    return box(np.argwhere(_numbers(as_tensor(x), "nonzero")), None)


def masked_select(x: Any, mask: Any) -> Tensor:
    """The elements of x where `mask` (broadcast) is true, in reading order, as one vector.

    Raises: TraceError under a trace, since its length depends on the values.
    """
    x, mask = as_tensor(x), as_tensor(mask).to(np.bool_)
    shape = broadcast_shapes(x.shape, mask.shape)
    return expand(x, shape)[expand(mask, shape)]


def integers(x: Any, what: str) -> Tensor:
    """x as an integer tensor. Raises: DtypeError for any other type."""
    tensor = as_tensor(x)
    if tensor.dtype.kind in "iu":
        return tensor
    raise DtypeError(
        f"{what} are integers",
        given=str(tensor.dtype),
        needed="int64",
        fix="use .to(np.int64) if they are whole numbers",
    )


def split(key: Any, shape: Shape) -> tuple[Key, list[Tensor]]:
    """A key as (hashable template, index tensors)."""
    parts = [_part(part) for part in (key if isinstance(key, tuple) else (key,))]
    hidden = len(shape) - sum(_consumed(part) for part in parts)  # the axes that an Ellipsis stands for
    template: list[Any] = []
    indices: list[Tensor] = []
    axis = 0
    for part in parts:
        found = _places(part, shape[axis:]) if isinstance(part, Tensor) else None
        template += [part] if found is None else [INDEX] * len(found)
        indices += found or []
        axis += hidden if part is Ellipsis else _consumed(part)
    return tuple(template), indices


def _part(part: Any) -> Any:
    """One part of a key: a number, a slice as a tuple, None, ..., or a tensor of indices or truth values."""
    if isinstance(part, slice):
        return tuple(_whole(n) for n in (part.start, part.stop, part.step))
    if part is None or part is Ellipsis:
        return part
    if isinstance(part, (int, np.integer)) and not isinstance(part, bool):
        return int(part)
    if isinstance(part, list) and not part:
        return as_tensor(part, np.int64)
    tensor = as_tensor(part)
    return tensor if tensor.dtype.kind == "b" else integers(tensor, "indices")


def _whole(n: Any) -> int | None:
    if n is None or hasattr(n, "__index__"):
        return n if n is None else operator.index(n)
    raise DtypeError(
        "slices go from one whole number to another", given=repr(n), needed="an integer", fix="use int() or //"
    )


def _consumed(part: Any) -> int:
    """How many axes of the tensor a part of a key speaks of."""
    if part is None or part is Ellipsis:
        return 0
    return part.ndim if isinstance(part, Tensor) and part.dtype.kind == "b" else 1


def _places(part: Tensor, shape: Shape) -> list[Tensor]:
    """The index tensors of a part: itself, or where a mask is true, one tensor an axis of the mask."""
    if part.dtype.kind != "b":
        return [part]
    if not part.ndim or part.shape != shape[: part.ndim]:
        raise ShapeError(
            "a mask has the shape of what it selects from", given=f"mask {part.shape} for axes {shape}",
            needed=str(shape[: part.ndim] if part.ndim else shape), fix="compare the tensor itself: x[x > 0]",
        )  # fmt: skip
    return [box(places, None) for places in np.nonzero(_numbers(part, "an index that is a mask of truth values"))]


def _numbers(x: Tensor, what: str) -> Any:
    """The numbers of x, on which the shape of a result depends. Raises: TraceError where they are only traced."""
    try:
        return x.numpy()
    except TraceError:
        raise TraceError(
            f"{what} cannot be traced: the shape of what it selects depends on values",
            given=f"a traced tensor of shape {x.shape}", needed="shapes that are the same at each replay",
            fix="use where(mask, a, b), or multiply by the mask; a fixed mask becomes indices with np.nonzero",
        ) from None  # fmt: skip
