"""Indexing: reading places of a tensor, adding into them (the adjoint), and putting values there.

A key is split into its shape, which is an attribute (slices, numbers, None, ...), and its index tensors, which are
inputs: a trace can be replayed with other indices. Boolean masks become index tensors, which needs their values:
they cannot be traced.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.engine.errors import DtypeError, ShapeError
from descend.engine.primitive import Primitive, Shape, bind
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
    return x[_filled(key, indices)]


def _add_at(g: Any, *indices: Any, key: Key, shape: Shape) -> Any:
    out = np.zeros(shape, g.dtype)
    if indices:  # the same place may be named twice, and then receives both
        np.add.at(out, _filled(key, indices), g)
    else:
        out[_filled(key, ())] = g
    return out


def _put(x: Any, new: Any, *indices: Any, key: Key) -> Any:
    out = np.array(x)
    out[_filled(key, indices)] = new
    return out


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
    ]


_index = Primitive(
    "index", _get, _read_shape,
    (lambda g, y, x, *indices, key: bind(_index_add, g, *indices, key=key, shape=x.shape),), samples=_keys,
)  # fmt: skip

_index_add = Primitive(
    "index_add", _add_at, lambda *_, key, shape: shape,
    (lambda g, y, x, *indices, key, shape: bind(_index, g, *indices, key=key),), samples=_added,
)  # fmt: skip

_index_put = Primitive(
    "index_put", _put, lambda shape, *_, key: shape,
    (
        lambda g, y, x, new, *indices, key: bind(_index_put, g, box(np.zeros((), g.dtype), None), *indices, key=key),
        lambda g, y, x, new, *indices, key: bind(_index, g, *indices, key=key),
    ),
    samples=_puts,
)  # fmt: skip


def _pick(x: Any, labels: Any) -> Any:
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
        raise ShapeError(
            "a label is out of range", given=f"label {labels[where]} at index {where[0] if len(where) == 1 else where}",
            needed=f"0 to {classes - 1} for {classes} classes", fix="number the classes from 0, or widen the last layer",
        )  # fmt: skip


def _picked_shape(shape: Shape, labels: Shape) -> Shape:
    if shape[:-1] != labels:
        raise ShapeError(
            "one label is needed for each row of scores", given=f"scores {shape}, labels {labels}", needed=f"labels {shape[:-1]}"
        )
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

_unpick_of = Primitive(
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
    """A copy of x with `new` (broadcast) at x[key]. Naming one place twice leaves open which value it gets."""
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
    _check_labels(labels.numpy(), classes)
    return bind(_unpick_of, box(np.ones(labels.shape, dtype), None), labels, classes=classes)


def integers(x: Any, what: str) -> Tensor:
    """x as an integer tensor. Raises: DtypeError for any other type."""
    tensor = as_tensor(x)
    if tensor.dtype.kind in "iu":
        return tensor
    raise DtypeError(f"{what} are integers", given=str(tensor.dtype), needed="int64", fix="use .to(np.int64) if they are whole numbers")


def split(key: Any, shape: Shape) -> tuple[Key, list[Tensor]]:
    """A key as (hashable template, index tensors)."""
    template: list[Any] = []
    indices: list[Tensor] = []
    for part in key if isinstance(key, tuple) else (key,):
        if isinstance(part, slice):
            template.append((part.start, part.stop, part.step))
        elif part is None or part is Ellipsis or (isinstance(part, (int, np.integer)) and not isinstance(part, bool)):
            template.append(part if part is None or part is Ellipsis else int(part))
        else:
            found = _index_tensors(part)
            indices += found
            template += [INDEX] * len(found)
    _check_ints(template, shape)
    return tuple(template), indices


def _index_tensors(part: Any) -> list[Tensor]:
    tensor = as_tensor(part)
    if tensor.dtype.kind == "b":
        return [box(places, None) for places in np.nonzero(tensor.numpy())]
    return [integers(tensor, "indices")]


def _check_ints(template: list[Any], shape: Shape) -> None:
    named = [part for part in template if part is not None and part is not Ellipsis]
    if len(named) > len(shape):
        raise ShapeError("too many indices", given=f"{len(named)} for shape {shape}", needed=f"at most {len(shape)}")
    if Ellipsis in template or INDEX in template:
        return
    for axis, part in enumerate(named):
        if isinstance(part, int) and not -shape[axis] <= part < shape[axis]:
            raise ShapeError(
                f"index {part} is out of range for axis {axis}", given=f"shape {shape}", needed=f"{-shape[axis]} to {shape[axis] - 1}"
            )
