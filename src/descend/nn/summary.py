"""A network at a glance: what each layer gives out, and how many numbers it learns."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from descend.engine import Generator, Tensor, default_generator, no_grad
from descend.engine.dtypes import DEFAULT
from descend.nn.module import Module


@dataclass(frozen=True)
class Row:
    """One layer."""

    name: str
    layer: str
    shape: tuple[int, ...]
    parameters: int


@dataclass(frozen=True)
class Summary:
    """The layers in the order in which they ran, and what they add up to."""

    rows: tuple[Row, ...]
    parameters: int
    buffers: int

    def __str__(self) -> str:
        head = ("layer", "", "output", "parameters")
        body = [(row.name, row.layer, str(row.shape), f"{row.parameters:,}") for row in self.rows]
        widths = [max(len(line[i]) for line in (head, *body)) for i in range(4)]
        lines = ["  ".join((a.ljust(widths[0]), b.ljust(widths[1]), c.ljust(widths[2]), d.rjust(widths[3]))) for a, b, c, d in (head, *body)]
        return "\n".join([*lines, f"{self.parameters:,} parameters, {self.parameters * 4 / 1e6:.2f} MB in float32"])


def summary(model: Module, input_shape: tuple[int, ...], dtype: Any = DEFAULT) -> Summary:
    """Run zeros of `input_shape` (batch axis included) through the model and list what each layer gives out.

    The model is left as it was: nothing is trained, no buffer moves.
    """
    rows: list[Row] = []
    leaves = {id(m): name or type(m).__name__ for name, m in model.named_modules() if not _inner(m)}
    with _evaluating(model), _watching(leaves, rows), no_grad():
        model(Tensor(np.zeros(input_shape, dtype)))
    return Summary(tuple(rows), _count(model.parameters()), _count(cell for _, cell in model.named_buffers()))


def _inner(module: Module) -> list[Module]:
    return list(module.modules())[1:]


def _count(cells: Any) -> int:
    return sum(cell.size for cell in cells)


@contextmanager
def _evaluating(model: Module) -> Iterator[None]:
    """Evaluation mode inside the block, then each module as it was; the random stream is put back too."""
    modes = [(module, module.training) for module in model.modules()]
    generator: Generator = default_generator()
    saved = generator.state_dict()
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training
        generator.load_state_dict(saved)


@contextmanager
def _watching(leaves: dict[int, str], rows: list[Row]) -> Iterator[None]:
    """Note every call of a leaf module inside the block."""
    call = Module.__call__

    def noted(module: Module, *inputs: Any) -> Any:
        y = call(module, *inputs)
        if id(module) in leaves:
            rows.append(Row(leaves[id(module)], repr(module), y.shape, _count(module.parameters())))
        return y

    Module.__call__ = noted  # type: ignore[method-assign]
    try:
        yield
    finally:
        Module.__call__ = call  # type: ignore[method-assign]
