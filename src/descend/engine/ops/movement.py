"""Movement: the same elements in another arrangement. Adjoint: expand and sum, pad and slice, concat and slice."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from descend.engine.errors import ShapeError
from descend.engine.primitive import Primitive, Pullback, Shape, bind, promote
from descend.engine.samples import cases, real
from descend.engine.tensor import Tensor, as_tensor


def _reshaped(old: Shape, shape: Shape) -> Shape:
    if math.prod(old) != math.prod(shape):
        raise ShapeError(
            "reshape keeps the number of elements", given=f"{old} to {shape}",
            needed=f"a shape of {math.prod(old)} elements", fix="one length may be -1 and is then worked out",
        )  # fmt: skip
    return shape


_reshape = Primitive(
    "reshape", lambda x, shape: x.reshape(shape), _reshaped, (lambda g, y, x, shape: reshape(g, x.shape),),
    samples=cases(
        (((6,),), {"shape": (2, 3)}), (((2, 3, 5),), {"shape": (3, 10)}), (((0, 3),), {"shape": (3, 0)}),
        (((),), {"shape": (1, 1)}),
    ),
)  # fmt: skip

_permute = Primitive(
    "permute", np.transpose, lambda shape, axes: tuple(shape[a] for a in axes),
    (lambda g, y, x, axes: permute(g, tuple(int(i) for i in np.argsort(axes))),),
    samples=cases(
        (((3, 5),), {"axes": (1, 0)}), (((2, 3, 5),), {"axes": (2, 0, 1)}), (((0, 3),), {"axes": (1, 0)}),
        (((1, 5),), {"axes": (1, 0)}), (((7,),), {"axes": (0,)}),
    ),
)  # fmt: skip

_expand = Primitive(
    "expand", np.broadcast_to, lambda old, shape: shape, (lambda g, y, x, shape: g,),
    samples=cases(
        (((1,),), {"shape": (7,)}), (((3, 1),), {"shape": (2, 3, 5)}), (((),), {"shape": (3,)}),
        (((1, 2),), {"shape": (0, 2)}), (((0, 1),), {"shape": (0, 3)}),
    ),
)  # fmt: skip


def _padded(shape: Shape, widths: tuple[tuple[int, int], ...], value: float) -> Shape:
    return tuple(length + before + after for length, (before, after) in zip(shape, widths, strict=True))


def _unpad(g: Tensor, widths: tuple[tuple[int, int], ...]) -> Tensor:
    return g[tuple(slice(before, length - after) for (before, after), length in zip(widths, g.shape, strict=True))]


_pad = Primitive(
    "pad", lambda x, widths, value: np.pad(x, widths or 0, constant_values=value), _padded,
    (lambda g, y, x, widths, value: _unpad(g, widths),),
    samples=cases(
        (((3, 5),), {"widths": ((1, 0), (2, 3)), "value": 0.0}), (((7,),), {"widths": ((0, 2),), "value": 1.5}),
        (((0, 2),), {"widths": ((1, 1), (0, 0)), "value": 0.0}), (((),), {"widths": (), "value": 0.0}),
    ),
)  # fmt: skip


def _part(place: int) -> Pullback:
    """The pullback of concat for its input number `place`: the slice that it became."""

    def pullback(g: Tensor, y: Tensor, *inputs: Tensor, axis: int) -> Tensor:
        start = sum(x.shape[axis] for x in inputs[:place])
        return g[(slice(None),) * axis + (slice(start, start + inputs[place].shape[axis]),)]

    return pullback


def _joined(*shapes: Shape, axis: int) -> Shape:
    first = shapes[0]
    for shape in shapes:
        if shape[:axis] + shape[axis + 1 :] != first[:axis] + first[axis + 1 :] or len(shape) != len(first):
            raise ShapeError(
                f"these cannot be joined along axis {axis}", given=" and ".join(map(str, shapes)),
                needed="equal other axes",
                fix="join along another axis, or reshape them first",
            )  # fmt: skip
    return (*first[:axis], sum(shape[axis] for shape in shapes), *first[axis + 1 :])


_concat = Primitive(
    "concat", lambda *xs, axis: np.concatenate(xs, axis), _joined, _part,
    samples=lambda rng: [
        ((real(rng, (2, 3)), real(rng, (5, 3)), real(rng, (1, 3))), {"axis": 0}),
        ((real(rng, (2, 3)), real(rng, (2, 0))), {"axis": 1}),
        ((real(rng, (7,)),), {"axis": 0}),
    ],
)  # fmt: skip


def _raveled(*xs: Any) -> Any:
    return np.concatenate([x.reshape(-1) for x in xs])


def _part_of_ravel(place: int) -> Pullback:
    def pullback(g: Tensor, y: Tensor, *inputs: Tensor) -> Tensor:
        return section(g, sum(x.size for x in inputs[:place]), inputs[place].shape)

    return pullback


_ravel = Primitive(
    "ravel", _raveled, lambda *shapes: (sum(math.prod(shape) for shape in shapes),), _part_of_ravel,
    samples=cases((((2, 3), (), (5,), (0, 2)), {}), (((7, 1),), {})),
)  # fmt: skip


def _section_of(x: Any, start: int, shape: Shape) -> Any:
    return x[start : start + math.prod(shape)].reshape(shape)


_section = Primitive(
    "section", _section_of, lambda _, start, shape: shape,
    (lambda g, y, x, start, shape: pad(reshape(g, (g.size,)), ((start, x.size - start - g.size),)),),
    samples=cases(
        (((11,),), {"start": 2, "shape": (2, 3)}), (((3,),), {"start": 2, "shape": ()}),
        (((3,),), {"start": 3, "shape": (0, 2)}), (((1,),), {"start": 0, "shape": (1, 1)}),
        (((0,),), {"start": 0, "shape": (0,)}),
    ),
)  # fmt: skip


def ravel(tensors: Sequence[Tensor]) -> Tensor:
    """All elements of tensors of one type in one vector, one tensor after the other."""
    if not len(tensors):
        raise ShapeError("there is nothing to ravel", given="no tensors", needed="one or more", fix="pass parameters")
    return bind(_ravel, *promote(tuple(tensors)))


def section(x: Tensor, start: int, shape: Shape) -> Tensor:
    """The part of a vector from `start` on that fills `shape`: undoes `ravel` for one tensor."""
    return bind(_section, x, start=start, shape=shape)


def reshape(x: Any, shape: Sequence[int]) -> Tensor:
    """The same elements in row-major order under another shape; one length may be -1."""
    x = as_tensor(x)
    return bind(_reshape, x, shape=_complete(x.shape, _lengths(shape)))


def _lengths(shape: Sequence[int]) -> Shape:
    try:
        return tuple(operator.index(n) for n in shape)
    except TypeError:
        raise ShapeError(
            "the lengths in a shape are whole numbers",
            given=repr(shape),
            needed="integers",
            fix="divide with //, not /",
        ) from None


def _complete(old: Shape, shape: Shape) -> Shape:
    """`shape` with a -1 replaced by the length that fits."""
    if min(shape, default=0) >= 0:
        return shape
    known = -math.prod(shape)
    total = math.prod(old)
    if min(shape) < -1 or shape.count(-1) > 1 or known <= 0 or total % known:
        raise ShapeError(
            "the -1 in this shape cannot be worked out", given=f"{old} to {shape}", needed=f"a divisor of {total}",
            fix="use one -1 at most, and no length 0 beside it",
        )  # fmt: skip
    return tuple(total // known if n == -1 else n for n in shape)


def permute(x: Any, axes: Sequence[int]) -> Tensor:
    """The axes in another order: axis i of the result is axis axes[i] of x."""
    x = as_tensor(x)
    order = tuple(a % x.ndim if -x.ndim <= a < x.ndim else a for a in axes)
    if sorted(order) != list(range(x.ndim)):
        raise ShapeError(
            "permute needs every axis once", given=f"{tuple(axes)} for shape {x.shape}",
            needed=f"an order of all {x.ndim} axes", fix="use transpose(a, b) to exchange two of them",
        )  # fmt: skip
    return bind(_permute, x, axes=order)


def _no_axis(axis: int, shape: Shape) -> ShapeError:
    needed = f"{-len(shape)} to {len(shape) - 1}" if shape else "a tensor with axes"
    return ShapeError(
        f"there is no axis {axis}", given=f"shape {shape}", needed=needed, fix="axes count from 0, or -1 from the end"
    )


def transpose(x: Any, a: int, b: int) -> Tensor:
    """Two axes exchanged."""
    x = as_tensor(x)
    for axis in (a, b):
        if not -x.ndim <= axis < x.ndim:
            raise _no_axis(axis, x.shape)
    order = list(range(x.ndim))
    order[a], order[b] = order[b], order[a]
    return bind(_permute, x, axes=tuple(order))


def expand(x: Any, shape: Sequence[int]) -> Tensor:
    """x repeated along new axes and axes of length 1 until it has `shape`, in which -1 leaves an axis as it is.

    Its adjoint is the sum over those axes.
    """
    x = as_tensor(x)
    wanted = _kept(x.shape, _lengths(shape))
    fits = (
        len(wanted) >= x.ndim
        and min(wanted, default=0) >= 0
        and all(n in (1, m) for n, m in zip(x.shape[::-1], wanted[::-1], strict=False))
    )
    if not fits:
        raise ShapeError(
            "expand repeats axes of length 1 only", given=f"{x.shape} to {wanted}",
            needed="equal lengths, or 1, counted from the last", fix="add an axis of length 1 first: x[:, None]",
        )  # fmt: skip
    return x if x.shape == wanted else bind(_expand, x, shape=wanted)


def _kept(old: Shape, shape: Shape) -> Shape:
    """`shape` with the old lengths in place of -1."""
    new = len(shape) - len(old)
    return tuple(old[a - new] if n == -1 and a >= new else n for a, n in enumerate(shape))


def pad(x: Any, widths: Sequence[tuple[int, int]], value: float = 0.0) -> Tensor:
    """`value` put before and after x along each axis: widths = ((before, after), ...), one pair an axis."""
    x = as_tensor(x)
    try:
        pairs = tuple((int(before), int(after)) for before, after in widths)
    except (TypeError, ValueError):
        pairs = ()
    if not isinstance(widths, (tuple, list)) or len(pairs) != x.ndim or any(n < 0 for pair in pairs for n in pair):
        raise ShapeError(
            "pad needs one pair (before, after) an axis, not negative", given=f"{widths} for shape {x.shape}",
            needed=f"{x.ndim} pairs, first axis first", fix="leave an axis alone with (0, 0)",
        )  # fmt: skip
    return bind(_pad, x, widths=pairs, value=float(value))


def concat(tensors: Sequence[Any], axis: int = 0) -> Tensor:
    """Tensors joined along an axis that exists."""
    if not len(tensors):
        raise ShapeError(
            "there is nothing to join", given="no tensors", needed="one or more", fix="check for an empty list before"
        )
    inputs = promote(tuple(tensors))
    if not -inputs[0].ndim <= axis < inputs[0].ndim:
        raise _no_axis(axis, inputs[0].shape)
    return bind(_concat, *inputs, axis=axis % inputs[0].ndim)


def stack(tensors: Sequence[Any], axis: int = 0) -> Tensor:
    """Tensors of one shape joined along a new axis."""
    parts = [as_tensor(x) for x in tensors]
    shapes = {x.shape for x in parts}
    if len(shapes) != 1:
        raise ShapeError(
            "only equal shapes can be stacked", given=" and ".join(map(str, sorted(shapes))) or "no tensors",
            needed="one or more tensors of one shape", fix="use concat along an axis that exists",
        )  # fmt: skip
    (shape,) = shapes
    if not -len(shape) <= axis + 1 <= len(shape) + 1:
        raise ShapeError(
            f"there is no place {axis} for a new axis", given=f"shape {shape}",
            needed=f"{-len(shape) - 1} to {len(shape)}",
            fix="0 puts the new axis first, -1 last",
        )  # fmt: skip
    place = axis % (len(shape) + 1)
    return concat([reshape(x, (*shape[:place], 1, *shape[place:])) for x in parts], place)


def flip(x: Any, axis: int | Sequence[int]) -> Tensor:
    """The order along `axis`, or along several axes, reversed."""
    tensor = as_tensor(x)
    forwards, backwards = slice(None), slice(None, None, -1)
    key = [forwards] * tensor.ndim
    for a in axis if isinstance(axis, (tuple, list)) else (axis,):
        if not -tensor.ndim <= a < tensor.ndim:
            raise _no_axis(a, tensor.shape)
        if key[a] == backwards:
            raise ShapeError("an axis is named twice", given=f"axis={axis}", needed="different axes",
                             fix="remember that -1 is the last axis")  # fmt: skip
        key[a] = backwards
    return tensor[tuple(key)]


def sum_to(x: Tensor, shape: Shape) -> Tensor:
    """x summed over the axes along which `shape` had been broadcast: the adjoint of broadcasting."""
    if x.ndim < len(shape):  # what was assigned may have more axes, of length 1, than its places
        x = reshape(x, (*(1,) * (len(shape) - x.ndim), *x.shape))
    extra = x.ndim - len(shape)
    axes = tuple(range(extra)) + tuple(i + extra for i, n in enumerate(shape) if n == 1 and x.shape[i + extra] != 1)
    from descend.engine.ops.reduce import sum as total

    return reshape(total(x, axes), shape) if axes else x
