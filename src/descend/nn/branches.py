"""Modules side by side: graphs that are not a chain."""

from __future__ import annotations

from functools import reduce
from operator import add
from typing import Any

from descend.engine import ShapeError, Tensor, UsageError, as_tensor, ops
from descend.nn.module import Module
from descend.nn.sequential import Numbered
from descend.nn.shapes import Identity


class Parallel(Numbered):
    """Several modules at once: one input goes to all of them, or a tuple of inputs one to each.

    Gives a tuple of their outputs. Raises: UsageError for a tuple of another length.
    """

    def forward(self, *inputs: Any) -> tuple[Any, ...]:
        """The output of each."""
        given = inputs[0] if len(inputs) == 1 else inputs
        if not isinstance(given, (tuple, list)):
            return tuple(branch(given) for branch in self)
        if len(given) != len(self):
            raise UsageError(
                "each branch has an input of its own", given=f"{len(given)} inputs", needed=f"{len(self)}, or 1",
                fix="pass as many inputs as there are branches",
            )  # fmt: skip
        return tuple(branch(x) for branch, x in zip(self, given, strict=True))


class Concat(Numbered):
    """The outputs of several modules, all with the same input, joined along an axis: the channels if not given.

    Raises: ShapeError where the other axes differ. Source: Szegedy et al. 2014, arXiv:1409.4842, Fig. 2.
    """

    def __init__(self, *branches: Module, axis: int = 1) -> None:
        self.axis = axis
        super().__init__(*branches)

    def forward(self, x: Any) -> Tensor:
        """All outputs side by side."""
        return ops.concat([branch(x) for branch in self], self.axis)

    def described(self) -> str:
        """The axis."""
        return f"axis={self.axis}"


class Sum(Numbered):
    """The sum of the outputs of several modules, all with the same input. Raises: ShapeError for unequal shapes."""

    def forward(self, x: Any) -> Tensor:
        """All outputs added."""
        outputs = [as_tensor(branch(x)) for branch in self]
        _alike(outputs)
        return reduce(add, outputs)


class Residual(Module):
    """x + body(x): what the body learns is the difference.

    Args:
        shortcut: what is done to x before it is added, such as a convolution where the body changes the shape.

    Raises: ShapeError where both differ in shape. Source: He et al. 2015, arXiv:1512.03385, Eqs. 1 and 2.
    """

    def __init__(self, body: Module, shortcut: Module | None = None) -> None:
        parts: dict[str, Any] = {"body": body, "shortcut": Identity() if shortcut is None else shortcut}
        for name, part in parts.items():
            if not isinstance(part, Module):
                raise UsageError(
                    f"the {name} of a Residual is a module", given=type(part).__name__, needed="a module",
                    fix="put several layers into a Sequential",
                )  # fmt: skip
        self.body, self.shortcut = body, shortcut

    def forward(self, x: Any) -> Tensor:
        """The body's output, and the shortcut's, added."""
        straight = as_tensor(x if self.shortcut is None else self.shortcut(x))
        y = as_tensor(self.body(x))
        _alike([straight, y])
        return straight + y


def _alike(outputs: list[Tensor]) -> None:
    if len({y.shape for y in outputs}) > 1:
        raise ShapeError(
            "what is added must have one shape", given=" and ".join(str(y.shape) for y in outputs),
            needed="equal shapes", fix="give the shortcut a layer that changes the shape, such as Conv2d(c, k, 1)",
        )  # fmt: skip
