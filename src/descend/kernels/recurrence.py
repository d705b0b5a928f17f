"""Recurrences: a layer reads a whole sequence. Every thread takes its rows of the batch through all steps by itself.

    pack the weights
    for each block of rows
        for each step
            the product of the states (back: of the cotangents) with the weights     `recurrence_product`
            for each row and unit, the formulas                                      `recurrence_cells`

Arguments of the kernel: steps, rows, units; bytes of room for each thread; then the arrays in the order of `arrays`,
C-contiguous as the primitives have them; the address of the room.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from descend.kernels.code import Term, whole
from descend.kernels.expression import formula
from descend.kernels.recurrence_cells import CELLS
from descend.kernels.recurrence_product import AT_ONCE, Product, bytes_of
from descend.kernels.tile import SIZES

STATES, GATES, BOTH, BACK = "states", "gates", "both", "back"
"""What is computed: the states; the gates, from states that are known; both; the cotangents."""


@dataclass(frozen=True)
class Recurrence:
    """Which recurrence, and what of it; for numbers of this kind in registers of this many bytes."""

    cell: str
    way: str
    kind: str
    vector_bytes: int

    @property
    def arrays(self) -> tuple[str, ...]:
        """The arrays that the kernel is given, in order: those that it reads, then those that it writes."""
        cell = CELLS[self.cell]
        gates, bias = ("gates",) if cell.kept else (), ("b",) if cell.biased else ()
        if self.way == BACK:
            return "g", *gates, "s", "w", "back"
        if self.way == GATES:
            return "x", "s", "w", *bias, "gates"
        return "x", *(f"{state}0" for state in cell.states), "w", *bias, "s", *(gates if self.way == BOTH else ())

    def room(self, units: int) -> int:
        """Bytes that a thread needs for a product, and for what is carried from step to step."""
        said = len(CELLS[self.cell].gates) * units
        deep, wide = (said, units) if self.way == BACK else (units, said)
        return bytes_of(self.kind, self.vector_bytes, deep, wide) + AT_ONCE * units * SIZES[self.kind] + 64

    def source(self, name: str = "recurrence") -> str:
        """The kernel as a module of LLVM IR."""
        return _Writer(self, name).code.text()


@dataclass(frozen=True)
class Field:
    """What belongs to each unit of each row: an array, the first row's place in it, how far it is to the next."""

    array: Term
    start: Term
    stride: Term


Fields = list[tuple[str, Field]]


class _Writer(Product):
    def __init__(self, kernel: Recurrence, name: str) -> None:
        super().__init__(name, kernel.kind, kernel.vector_bytes)
        self.kernel, self.cell, code = kernel, CELLS[kernel.cell], self.code
        self.steps, self.count, self.units = (code.number(i) for i in range(3))
        self.array = {name: code.pointer(4 + i) for i, name in enumerate(kernel.arrays)}
        room, said = self.room(4 + len(kernel.arrays), code.number(3)), code.mul(self.units, len(self.cell.gates))
        if kernel.way == BACK:
            self.carried = self.pack(self.array["w"], (said, self.units), room, turned=False)
        else:
            self.carried = self.pack(self.array["w"], (self.units, said), room, turned=True)
        first, last = self.share(self.count)
        with code.loop(first, last, AT_ONCE) as row:
            self.first, self.rows = row, self.smaller(whole(AT_ONCE), code.binary("sub", last, row))
            (self._backwards if kernel.way == BACK else self._forwards)()

    # All steps of a block of rows.

    def _forwards(self) -> None:
        code, cell, way = self.code, self.cell, self.kernel.way
        if way != GATES:
            begin = {f"new_{x}": self._row(f"{x}0", whole(0)) for x in cell.states}
            self._each_unit(begin, (), self._states("new_", whole(0)))
        with code.loop(0, self.steps) as t:
            before = self._states("", t)
            self._multiply(before[0][1])
            reads = dict([*self._parts("x", t, [f"x_{x}" for x in cell.gates]), *before, *self._said(cell.gates)])
            kept = self._parts("gates", t, cell.kept) if way != STATES else []
            self._each_unit(reads, cell.forward, kept + (self._states("new_", code.add(t, 1)) if way != GATES else []))

    def _backwards(self) -> None:
        code, cell = self.code, self.cell
        code.clear(self.kind, self.products, code.mul(self.across, self.rows))
        code.clear(self.kind, self.carried, code.mul(self.units, self.rows))
        with code.loop(0, self.steps) as i:
            t = code.binary("sub", code.add(self.steps, -1), i)
            after = code.add(t, 1)
            states = [*self._states("", t), *self._states("new_", after), *self._parts("gates", t, cell.kept)]
            of_x = [f"of_{x}" for x in cell.gates]
            writes = [*self._cotangents(after, of_x, cell.own or of_x), ("carry", self._carried())]
            self._each_unit(self._outside(after) | dict(states), cell.back, writes if cell.carries else writes[:-1])
            self._multiply(self._row("back", after, len(of_x), block=1 if cell.own else 0))
        self._end()

    def _end(self) -> None:
        """The cotangents of the states before the first step, and zeros in the rest of each row."""
        cell, none = self.cell, ["none"] * len(self.cell.gates)
        states = [f"of_{x}" for x in cell.states]
        sums = [f"of_{x} = g_{x}{' + a_h' * (x == 'h')}{' + k' * (x == cell.carries)}" for x in cell.states]
        writes = self._cotangents(whole(0), [*states, *none[len(states) :]], none)
        self._each_unit(self._outside(whole(0)), [*sums, "none = 0"], writes)

    def _multiply(self, field: Field) -> None:
        """The product of this field, and of what lies behind it in each row, with the weights."""
        self.product(self.code.address(self.kind, field.array, field.start), field.stride, self.rows)

    # Where things lie.

    def _row(self, name: str, t: Term, parts: int = 1, part: int = 0, block: int = 0) -> Field:
        """A part of the rows of an array (steps, rows, parts units) at time t; of block number `block` of steps + 1."""
        code = self.code
        time = code.add(t, code.mul(code.add(self.steps, 1), block))
        row = code.add(code.mul(time, self.count), self.first)
        stride = code.mul(self.units, parts)
        return Field(self.array[name], code.add(code.mul(row, stride), code.mul(self.units, part)), stride)

    def _parts(self, name: str, t: Term, names: Sequence[str], block: int = 0) -> Fields:
        return [(x, self._row(name, t, len(names), i, block)) for i, x in enumerate(names)]

    def _states(self, prefix: str, t: Term) -> Fields:
        return [(f"{prefix}{x}", self._row("s", t, block=i)) for i, x in enumerate(self.cell.states)]

    def _said(self, letters: str) -> Fields:
        """The products, and the biases that are added to them."""
        starts = [(x, self.code.mul(self.units, i)) for i, x in enumerate(letters)]
        biases = [(f"b_{x}", Field(self.array["b"], start, whole(0))) for x, start in starts if "b" in self.array]
        return [*biases, *((f"a_{x}", Field(self.products, start, self.across)) for x, start in starts)]

    def _outside(self, t: Term) -> dict[str, Field]:
        """The cotangents of the states at time t, from all sides."""
        given = [(f"g_{x}", self._row("g", t, block=i)) for i, x in enumerate(self.cell.states)]
        return dict([*given, *self._said("h"), ("k", self._carried())])

    def _carried(self) -> Field:
        return Field(self.carried, whole(0), self.units)

    def _cotangents(self, t: Term, of_x: Sequence[str], of_states: Sequence[str]) -> Fields:
        """Where the cotangents lie of what was said to the gates: by the input, and by the states if these differ."""
        return self._parts("back", t, of_x) + (self._parts("back", t, of_states, 1) if self.cell.own else [])

    # Formulas.

    def _each_unit(self, reads: dict[str, Field], formulas: Sequence[str], writes: Fields) -> None:
        """For each row and unit: read, compute, write."""
        code = self.code
        with code.loop(0, self.rows) as row:
            at = {x: code.add(x.start, code.mul(x.stride, row)) for x in (*reads.values(), *(x for _, x in writes))}
            with code.loop(0, self.units, parallel=True) as j:
                named = {name: code.load(self.kind, x.array, code.add(at[x], j)) for name, x in reads.items()}
                for line in formulas:
                    name, _, text = line.partition(" = ")
                    named[name] = formula(code, text, named, self.kind)
                for name, x in writes:
                    code.store(named[name], x.array, code.add(at[x], j))
