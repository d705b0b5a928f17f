"""A network at a glance: what each layer gives out, how many numbers it learns, and what it costs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np

from descend.engine import Cell, Tensor, UsageError, tree
from descend.engine.dtypes import DEFAULT
from descend.nn.inspection import undisturbed
from descend.nn.module import Module, Parameter, is_leaf

_HEAD = ("name", "layer", "output", "parameters", "multiply-adds")
_WORDS = 3  # the columns of words; the others are numbers


@dataclass(frozen=True)
class Row:
    """One call of a layer.

    Attributes:
        name: its path in the model, empty for the model itself.
        layer: its type and settings.
        shape: of its output, batch axis included; of the first tensor where there are several; () without one.
        parameters: how many numbers it learns that no earlier row has counted.
        multiply_adds: how many products it sums up, in this call, without those of layers inside it.
        bytes: the memory that its output takes.
    """

    name: str
    layer: str
    shape: tuple[int, ...]
    parameters: int
    multiply_adds: int = 0
    bytes: int = 0


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

    @property
    def multiply_adds(self) -> int:
        """How many products are summed up in one forward pass of the whole batch."""
        return sum(row.multiply_adds for row in self.rows)

    @property
    def activation_bytes(self) -> int:
        """The memory that all the layers' outputs take: about what training keeps for the way back."""
        return sum(row.bytes for row in self.rows)

    def __str__(self) -> str:
        body = [
            (row.name, row.layer, str(row.shape), f"{row.parameters:,}", f"{row.multiply_adds:,}") for row in self.rows
        ]
        widths = [max(len(line[i]) for line in (_HEAD, *body)) for i in range(len(_HEAD))]
        lines = [_aligned(line, widths) for line in (_HEAD, *body)]
        lines.insert(1, "-" * len(lines[0]))
        return "\n".join([*lines, self._work(), self._total()])

    def _work(self) -> str:
        return f"{self.multiply_adds:,} multiply-adds, {_size(self.activation_bytes)} of layer outputs"

    def _total(self) -> str:
        buffers = f", {self.buffers:,} numbers in buffers" if self.buffers else ""
        return f"{self.parameters:,} parameters{buffers}: {_size(self.bytes)}"


def summary(model: Module, input_shape: Any, dtype: Any = DEFAULT) -> Summary:
    """Run zeros of `input_shape` (batch axis included) through the model and list what each layer gives out.

    A model of several inputs gets a list of shapes; `dtype` is then one type or a list of them, as embeddings need
    integers. Layers are the modules without modules inside, and those with parameters of their own. The model is
    left as it was: nothing is trained, no buffer moves, no random number is used up. Meanwhile no other thread may
    use it.
    """
    rows: list[Row] = []
    counted: set[int] = set()
    with undisturbed(model), ExitStack() as hooks:
        for name, module in model.named_modules():
            if is_leaf(module) or _own(module):
                hooks.callback(module.register_forward_hook(_noting(name, rows, counted)))
        model(*zeros(input_shape, dtype))
    return _summed(rows, [cell for _, cell in model.named_cells()])


def zeros(input_shape: Any, dtype: Any = DEFAULT) -> list[Tensor]:
    """Inputs of zeros, of one shape or a list of shapes. Raises: UsageError for what is no shape."""
    several = isinstance(input_shape, (tuple, list)) and bool(input_shape) and isinstance(input_shape[0], (tuple, list))
    shapes = list(input_shape) if several else [input_shape]
    dtypes = list(dtype) if isinstance(dtype, (tuple, list)) else [dtype] * len(shapes)
    for shape in shapes:
        _check_shape(shape)
    if len(dtypes) != len(shapes):
        given = f"{len(dtypes)} types for {len(shapes)} inputs"
        raise UsageError("there is one type for all inputs, or one for each", given=given, needed=f"{len(shapes)}")
    return [Tensor(np.zeros(shape, kind)) for shape, kind in zip(shapes, dtypes)]


def _check_shape(shape: Any) -> None:
    whole = isinstance(shape, (tuple, list)) and all(isinstance(length, Integral) for length in shape)
    if not whole or any(length < 0 for length in shape):
        raise UsageError(
            "an input shape is a tuple of lengths, or a list of such for several inputs", given=repr(shape),
            needed="like (1, 28, 28) with the batch axis before it: (1, 1, 28, 28)",
        )  # fmt: skip


def _noting(name: str, rows: list[Row], counted: set[int]) -> Callable[[Module, tuple[Any, ...], Any], None]:
    """A hook that adds the row of its module."""

    def note(module: Module, inputs: tuple[Any, ...], y: Any) -> None:
        new = [cell for cell in _own(module) if id(cell) not in counted]
        counted.update(map(id, new))
        layer = repr(module) if is_leaf(module) else f"{type(module).__name__}({module.described()})"
        outputs = [part for part in tree.flatten(y)[0] if isinstance(part, Tensor)]
        shape, size = outputs[0].shape if outputs else (), sum(part.value.nbytes for part in outputs)
        rows.append(Row(name, layer, shape, _count(new), module.multiply_adds(inputs, y), size))

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
    """Words to the left, numbers to the right."""
    places = enumerate(zip(line, widths, strict=True))
    return "  ".join(word.ljust(width) if i < _WORDS else word.rjust(width) for i, (word, width) in places)


def _size(n: float) -> str:
    """Bytes in the unit that leaves a number from 1 to 1000."""
    for unit in ("bytes", "kB", "MB"):
        if n < 1000:
            return f"{n:.3g} {unit}"
        n /= 1000
    return f"{n:.3g} GB"
