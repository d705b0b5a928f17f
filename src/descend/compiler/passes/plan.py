"""Memory planning: where every value of a graph lies while it runs.

Values that are seen from outside lie in arrays of their own; all others share one arena, each from its making to its
last use. What only looks at another array in another shape (`reshape`, `section`) lies inside it, the parts of a
vector that is put together (`ravel`) are made where they will lie, and a loop writes over an input that it is the last
to need: each element is read before its place is written.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from descend.compiler.graph import Equation, Graph, Literal, Value
from descend.compiler.passes.fuse import extent

ALIGNMENT = 64  # bytes: a cache line, and the widest register
LOOKS = frozenset({"reshape", "section"})

Lives = dict[Value, tuple[int, int]]
"""From which equation to which an array in the arena is needed."""


@dataclass(frozen=True)
class Place:
    """Element `start` of the array of `root` on."""

    root: Value
    start: int = 0


@dataclass
class Plan:
    """For each value its place; for each root in the arena its offset in bytes; the size of the arena."""

    places: dict[Value, Place] = field(default_factory=dict)
    offsets: dict[Value, int] = field(default_factory=dict)
    size: int = 0

    def root(self, value: Value) -> Value:
        """The value whose array it lies in."""
        return self.place(value).root

    def place(self, value: Value) -> Place:
        """The root and the place in it."""
        place = self.places.get(value)
        if place is None:
            return Place(value)
        above = self.place(place.root)
        return Place(above.root, above.start + place.start)


def is_look(equation: Equation) -> bool:
    """Whether the result is the input, or a part of it, seen under another shape."""
    return equation.name in LOOKS and not equation.opaque and not isinstance(equation.inputs[0], Literal)


def planned(graph: Graph, made: Iterable[Value]) -> Plan:
    """A plan for the graph. `made` are the values that kernels write; others get arrays as they are evaluated."""
    plan = Plan()
    written = set(made)
    for equation in graph.equations:
        if is_look(equation):
            plan.places[equation.output] = Place(equation.inputs[0], int(equation.attributes.get("start", 0)))
    for equation in graph.equations:
        if equation.name == "ravel" and not equation.opaque and equation.output in written:
            _put_inside(equation, plan, written)
    outside = {plan.root(value) for value in graph.outputs}
    lives = _lives(graph, plan, written - outside)
    for i, equation in enumerate(graph.equations):
        if equation.name == "loop":
            _write_over(equation, i, plan, lives)
    _place_all(plan, lives)
    return plan


def _put_inside(ravel: Equation, plan: Plan, written: set[Value]) -> None:
    """Let each part be made inside the vector, where it is made by a kernel and is part of nothing else."""
    start = 0
    for x in ravel.inputs:
        place = plan.place(x)
        if place.root in written and not place.start and place.root.size == x.size and ravel.inputs.count(x) == 1:
            plan.places[place.root] = Place(ravel.output, start)
        start += x.size


def _lives(graph: Graph, plan: Plan, roots: set[Value]) -> Lives:
    lives: Lives = {}
    for i, equation in enumerate(graph.equations):
        for value in (*equation.inputs, *equation.outputs):
            root = plan.root(value)
            if root in roots:
                lives[root] = (lives.get(root, (i, i))[0], i)
    return lives


def _write_over(loop: Equation, i: int, plan: Plan, lives: Lives) -> None:
    """Let results of equation `i` lie where inputs lie that nothing needs afterwards."""
    size = math.prod(extent(loop.body.equations[0]))
    roots = dict.fromkeys(plan.root(x) for x in loop.inputs)
    free = [r for r in roots if r in lives and lives[r][1] == i and r.size == size]
    for result in loop.outputs:
        root = next((r for r in free if r.dtype == result.dtype), None)
        if root is not None and result in lives and result.size == size:
            plan.places[result] = Place(root)
            lives[root] = (lives[root][0], lives.pop(result)[1])
            free.remove(root)


def _place_all(plan: Plan, lives: Lives) -> None:
    """Give each root the lowest offset that is free during its life, the largest first."""
    wanted = [(value.size * value.dtype.itemsize, first, last, value) for value, (first, last) in lives.items()]
    wanted.sort(key=lambda row: -row[0])
    taken: list[tuple[int, int, int, int]] = []  # from byte to byte, from equation to equation
    for size, first, last, value in wanted:
        plan.offsets[value] = _lowest(size, first, last, taken)
        taken.append((plan.offsets[value], plan.offsets[value] + size, first, last))
    top = max((end for _, end, _, _ in taken), default=0)
    plan.size = _aligned(top)


def _lowest(size: int, first: int, last: int, taken: list[tuple[int, int, int, int]]) -> int:
    at = 0
    for start, end, born, dead in sorted(taken):
        if born <= last and first <= dead and start < at + size and at < end:
            at = _aligned(end)
    return at


def _aligned(n: int) -> int:
    return math.ceil(n / ALIGNMENT) * ALIGNMENT
