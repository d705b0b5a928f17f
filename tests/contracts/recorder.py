"""A recorder: the smallest tracer that proves the engine's contracts before there is a compiler.

It watches one step through `bind`, keeps each application as a row, and replays the rows. Whatever changes from step
to step must reach it as a cell; a number that Python keeps for itself is baked in, and the replay shows it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from descend.engine import Cell, Primitive, Tensor, interpreting
from descend.engine.tensor import Constant


@dataclass
class Row:
    primitive: Primitive
    inputs: list[int]
    attributes: dict[str, Any]
    output: int


@dataclass
class Recorder:
    """Slots hold values: those of captured tensors and cells are read anew at each replay."""

    rows: list[Row] = field(default_factory=list)
    cells: dict[int, Cell] = field(default_factory=dict)  # slot -> the cell it is read from
    captured: dict[int, Tensor] = field(default_factory=dict)  # slot -> a tensor that came from outside, by identity
    constants: dict[int, Any] = field(default_factory=dict)
    writes: dict[int, tuple[Cell, int]] = field(default_factory=dict)  # id of a cell -> (cell, slot of its last value)
    slots: dict[int, int] = field(default_factory=dict)  # id of a value -> its slot
    alive: list[Any] = field(default_factory=list)  # so that no id is used twice
    count: int = 0

    def new(self, value: Any) -> int:
        self.alive.append(value)
        self.slots[id(value)] = self.count
        self.count += 1
        return self.count - 1

    def slot(self, x: Tensor) -> int:
        if id(x.value) in self.slots:
            return self.slots[id(x.value)]
        slot = self.new(x.value)
        kind = self.cells if isinstance(x, Cell) else self.constants if isinstance(x, Constant) else self.captured
        kind[slot] = x.value if kind is self.constants else x  # type: ignore[index]
        return slot

    def bind(self, primitive: Primitive, inputs: tuple[Tensor, ...], attributes: dict[str, Any]) -> Any:
        read = [self.slot(x) for x in inputs]
        value = np.array(primitive.evaluate(*[x.value for x in inputs], **attributes))  # a value of its own: no view
        self.rows.append(Row(primitive, read, attributes, self.new(value)))
        return value

    def write(self, cell: Cell, value: Any) -> None:
        slot = self.slots[id(value)] if id(value) in self.slots else self.new(value)
        self.writes[id(cell)] = (cell, slot)

    def read(self, tensor: Tensor) -> None:
        """Values keep their numbers here: there is nothing to do."""

    def record(self, step: Any) -> Any:
        with interpreting(self):
            return step()

    def replay(self) -> None:
        """One more step, without running any Python of the network."""
        slots: dict[int, Any] = dict(self.constants)
        slots |= {slot: cell.numpy() for slot, cell in self.cells.items()}
        slots |= {slot: x.value for slot, x in self.captured.items()}
        for row in self.rows:
            slots[row.output] = np.asarray(row.primitive.evaluate(*[slots[i] for i in row.inputs], **row.attributes))
        for cell, slot in self.writes.values():
            cell.write(slots[slot])
