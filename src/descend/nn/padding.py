"""Padding: what is put around sequences, images and volumes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from descend.engine import ShapeError, Tensor, UsageError, as_tensor, ops
from descend.nn import checks
from descend.nn.module import Module

MODES = ("reflect", "replicate", "circular")
Pairs = tuple[tuple[int, int], ...]


def padded(x: Tensor, widths: Pairs, mode: str) -> Tensor:
    """x with more places before and after its last axes, as many as `widths` has pairs, first of these axes first.

    "reflect" goes back from the border without repeating it, "replicate" repeats it, "circular" goes on at the other
    end. Raises: ShapeError where the padding needs more than there is.
    """
    for axis, (before, after) in enumerate(widths, x.ndim - len(widths)):
        if before or after:
            _check_length(x.shape, axis, max(before, after), mode)
            parts = [_side(x, axis, before, mode, first=True), x, _side(x, axis, after, mode, first=False)]
            x = ops.concat([part for part in parts if part.shape[axis]], axis)
    return x


def _check_length(shape: tuple[int, ...], axis: int, width: int, mode: str) -> None:
    most = {"reflect": shape[axis] - 1, "circular": shape[axis]}.get(mode, width if shape[axis] else 0)
    if width > most:
        raise ShapeError(
            f"there is not enough to {mode} from", given=f"padding {width} of axis {axis} of {shape}",
            needed=f"padding up to {most}", fix='"replicate" and zeros need no more than the border',
        )  # fmt: skip


def _side(x: Tensor, axis: int, width: int, mode: str, first: bool) -> Tensor:
    """What comes before x along the axis, or after it."""
    n, key = x.shape[axis], (slice(None),) * axis
    if mode == "circular":
        return x[(*key, slice(n - width, n) if first else slice(0, width))]
    if mode == "replicate":
        border = x[(*key, slice(0, 1) if first else slice(n - 1, n))]
        return border.expand(*x.shape[:axis], width, *x.shape[axis + 1 :])
    return ops.flip(x[(*key, slice(1, width + 1) if first else slice(n - 1 - width, n - 1))], axis)


def pad(x: Any, pad: Sequence[int], mode: str = "constant", value: float = 0.0) -> Tensor:
    """Places put around the last axes: PyTorch's `pad`, (before, after) of the last axis, then of the one before, ...

    Numbers below 0 cut places off. `mode`: "constant", which fills with `value`, "reflect", "replicate" or "circular".
    Raises: UsageError, ShapeError.
    """
    x = as_tensor(x)
    checks.one_of("pad", "mode", mode, ("constant", *MODES))
    widths = _pairs(pad, x.ndim)
    lengths = x.shape[x.ndim - len(widths) :]
    x = x[(..., *[slice(max(-a, 0), n - max(-b, 0)) for (a, b), n in zip(widths, lengths, strict=True)])]
    wider = tuple((max(a, 0), max(b, 0)) for a, b in widths)
    if mode != "constant":
        return padded(x, wider, mode)
    return ops.pad(x, (*((0, 0),) * (x.ndim - len(wider)), *wider), value)


def _pairs(flat: Any, ndim: int) -> Pairs:
    """(before, after) of each axis that is padded, the first of them first."""
    each = tuple(flat) if isinstance(flat, (tuple, list)) else ()
    if not each or len(each) % 2 or len(each) > 2 * ndim or not all(isinstance(n, int) for n in each):
        raise UsageError(
            "pad needs the numbers of places before and after the last axes", given=f"pad={flat!r}",
            needed=f"whole numbers, two for each axis, up to {ndim} axes, the last axis first",
            fix="ops.pad takes one pair an axis, the first axis first",
        )  # fmt: skip
    return tuple(zip(each[::2], each[1::2], strict=True))[::-1]


class _Pad(Module):
    """Places put around the last d axes.

    Shapes: x (n, c, *size) or (c, *size). `padding` is one number, or as in PyTorch one before and one after each
    axis, the last axis first: (left, right, top, bottom).
    Raises: UsageError for another number of paddings, ShapeError where the input is too small.
    """

    d, mode = 2, ""

    def __init__(self, padding: int | tuple[int, ...]) -> None:
        name = type(self).__name__
        flat: tuple[Any, ...] = (padding,) * (2 * self.d) if not isinstance(padding, (tuple, list)) else tuple(padding)
        if len(flat) != 2 * self.d or not all(isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in flat):
            raise UsageError(
                f"{name} needs one number, or one for each side", given=f"padding={padding!r}",
                needed=f"1 or {2 * self.d} whole numbers from 0 up",
                fix="the last axis comes first: (left, right, top, bottom)",
            )  # fmt: skip
        self.padding: tuple[int, ...] = flat

    @property
    def widths(self) -> Pairs:
        """(before, after) of each axis, the first axis first."""
        return tuple(zip(self.padding[::2], self.padding[1::2], strict=True))[::-1]

    def forward(self, x: Tensor) -> Tensor:
        """The input with its surroundings."""
        x = as_tensor(x)
        if x.ndim < self.d + 1:
            raise ShapeError(
                "the input has too few axes to pad", given=str(x.shape), needed=f"channels and {self.d} axes of places",
                fix="add the channel axis with x[:, None]",
            )  # fmt: skip
        return self._padded(x)

    def _padded(self, x: Tensor) -> Tensor:
        return padded(x, self.widths, self.mode)

    def described(self) -> str:
        """The padding."""
        return str(self.padding[0] if len(set(self.padding)) == 1 else self.padding)


class _ConstantPad(_Pad):
    """One number around the last d axes."""

    def __init__(self, padding: int | tuple[int, ...], value: float) -> None:
        super().__init__(padding)
        self.value = checks.number(type(self).__name__, "value", value)

    def _padded(self, x: Tensor) -> Tensor:
        return ops.pad(x, (*((0, 0),) * (x.ndim - self.d), *self.widths), self.value)

    def described(self) -> str:
        """The padding, and what it holds."""
        return f"{super().described()}, value={self.value:g}"


class _ZeroPad(_ConstantPad):
    """Zeros around the last d axes."""

    def __init__(self, padding: int | tuple[int, ...]) -> None:
        super().__init__(padding, 0.0)

    def described(self) -> str:
        """The padding."""
        return _Pad.described(self)


class ConstantPad1d(_ConstantPad):
    """One number before and after sequences (n, c, t)."""

    d = 1


class ConstantPad2d(_ConstantPad):
    """One number around images (n, c, h, w)."""


class ConstantPad3d(_ConstantPad):
    """One number around volumes (n, c, d, h, w)."""

    d = 3


class ZeroPad1d(_ZeroPad):
    """Zeros before and after sequences (n, c, t)."""

    d = 1


class ZeroPad2d(_ZeroPad):
    """Zeros around images (n, c, h, w)."""


class ZeroPad3d(_ZeroPad):
    """Zeros around volumes (n, c, d, h, w)."""

    d = 3


class ReflectionPad1d(_Pad):
    """Sequences (n, c, t) that go back from their ends: b a | a b c without repeating a is c b | a b c."""

    d, mode = 1, "reflect"


class ReflectionPad2d(_Pad):
    """Images (n, c, h, w) mirrored at their borders, which are not repeated."""

    mode = "reflect"


class ReflectionPad3d(_Pad):
    """Volumes (n, c, d, h, w) mirrored at their borders, which are not repeated."""

    d, mode = 3, "reflect"


class ReplicationPad1d(_Pad):
    """Sequences (n, c, t) whose ends are repeated."""

    d, mode = 1, "replicate"


class ReplicationPad2d(_Pad):
    """Images (n, c, h, w) whose borders are repeated."""

    mode = "replicate"


class ReplicationPad3d(_Pad):
    """Volumes (n, c, d, h, w) whose borders are repeated."""

    d, mode = 3, "replicate"


class CircularPad1d(_Pad):
    """Sequences (n, c, t) that begin again where they end."""

    d, mode = 1, "circular"


class CircularPad2d(_Pad):
    """Images (n, c, h, w) that begin again where they end."""

    mode = "circular"


class CircularPad3d(_Pad):
    """Volumes (n, c, d, h, w) that begin again where they end."""

    d, mode = 3, "circular"
