"""A network at a glance: what each layer gives out, and how many numbers it learns."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np

from descend.engine import Cell, Tensor
from descend.engine.dtypes import DEFAULT
from descend.nn.inspection import undisturbed
from descend.nn.module import Module, Parameter, is_leaf

_HEAD = ("name", "layer", "output", "parameters")


@dataclass(frozen=True)
class Row:
    """One call of a layer.

    Attributes:
        name: its path in the model, empty for the model itself.
        layer: its type and settings.
        shape: of its output, batch axis included; () where that is not one tensor.
        parameters: how many numbers it learns that no earlier row has counted.
    """

    name: str
    layer: str
    shape: tuple[int, ...]
    parameters: int


@dataclass(frozen=True)
class Summary:
    """The layers in the order in which they ran, and what the whole model adds up to.

    Attributes:
        parameters: how many numbers are learned.
        buffers: how many are kept without being learned.
        bytes: the memory that both take.
    """

    rows: tuple[Row, ...]
    parameters: int
    buffers: int
    bytes: int

    def __str__(self) -> str:
        body = [(row.name, row.layer, str(row.shape), f"{row.parameters:,}") for row in self.rows]
        widths = [max(len(line[i]) for line in (_HEAD, *body)) for i in range(4)]
        lines = [_aligned(line, widths) for line in (_HEAD, *body)]
        lines.insert(1, "-" * len(lines[0]))
        return "\n".join([*lines, self._total()])

    def _total(self) -> str:
        buffers = f", {self.buffers:,} numbers in buffers" if self.buffers else ""
        return f"{self.parameters:,} parameters{buffers}: {_size(self.bytes)}"


def summary(model: Module, input_shape: tuple[int, ...], dtype: Any = DEFAULT) -> Summary:
    """Run zeros of `input_shape` (batch axis included) through the model and list what each layer gives out.

    Layers are the modules without modules inside, and those with parameters of their own. The model is left as it
    was: nothing is trained, no buffer moves, no random number is used up. Meanwhile no other thread may use it.
    """
    rows: list[Row] = []
    counted: set[int] = set()
    with undisturbed(model), ExitStack() as hooks:
        for name, module in model.named_modules():
            if is_leaf(module) or _own(module):
                hooks.callback(module.register_forward_hook(_noting(name, rows, counted)))
        model(Tensor(np.zeros(input_shape, dtype)))
    return _summed(rows, [cell for _, cell in model.named_cells()])


def _noting(name: str, rows: list[Row], counted: set[int]) -> Callable[[Module, tuple[Any, ...], Any], None]:
    """A hook that adds the row of its module."""

    def note(module: Module, _: tuple[Any, ...], y: Any) -> None:
        new = [cell for cell in _own(module) if id(cell) not in counted]
        counted.update(map(id, new))
        layer = repr(module) if is_leaf(module) else f"{type(module).__name__}({module.described()})"
        rows.append(Row(name, layer, y.shape if isinstance(y, Tensor) else (), _count(new)))

    return note


def _own(module: Module) -> list[Parameter]:
    """The parameters held by the module itself, by none inside it."""
    inside = {id(cell) for part in module.modules() if part is not module for cell in part.parameters()}
    return [cell for cell in module.parameters() if id(cell) not in inside]


def _summed(rows: list[Row], cells: list[Cell]) -> Summary:
    learned = _count(cell for cell in cells if isinstance(cell, Parameter))
    size = sum(cell.size * cell.dtype.itemsize for cell in cells)
    return Summary(tuple(rows), learned, _count(cells) - learned, size)


def _count(cells: Iterable[Cell]) -> int:
    return sum(cell.size for cell in cells)


def _aligned(line: tuple[str, ...], widths: list[int]) -> str:
    """Words to the left, the number to the right."""
    *words, number = line
    columns = [word.ljust(width) for word, width in zip(words, widths, strict=False)]
    return "  ".join([*columns, number.rjust(widths[-1])])


def _size(n: float) -> str:
    """Bytes in the unit that leaves a number from 1 to 1000."""
    for unit in ("bytes", "kB", "MB"):
        if n < 1000:
            return f"{n:.3g} {unit}"
        n /= 1000
    return f"{n:.3g} GB"
