"""Fusion: what one kernel can compute becomes one operation.

Two kinds of groups are made. A *product* takes in what only moves its operands or its result (`passes.products`). A
*loop* takes together elementwise operations over the same shape, and reductions of what they compute: each
number is read once, and what lies between stays in registers.

A group must not depend on itself by a way around: a -> outside -> b with a and b inside could never be run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from descend.compiler.graph import Equation, Fused, Graph, Literal, Shape, Value
from descend.compiler.passes.groups import group_of
from descend.compiler.passes.poolings import with_poolings
from descend.compiler.passes.products import with_products
from descend.compiler.passes.recurrences import with_recurrences
from descend.kernels.expression import KINDS, supported

REDUCTIONS = frozenset({"sum", "max", "min"})


def fused(graph: Graph) -> Graph:
    """The graph with recurrences, poolings, products and loops as single operations."""
    return _loops(with_products(with_poolings(with_recurrences(graph))))


# Loops.


@dataclass
class Group:
    """Equations, by their numbers, that one nest of loops computes; `space` is the shape that it goes through."""

    space: Shape
    members: list[int] = field(default_factory=list)

    @property
    def mask(self) -> int:
        """The members as bits."""
        return sum(1 << i for i in self.members)


def extent(equation: Equation) -> Shape:
    """The shape that a loop with this equation goes through."""
    return equation.inputs[0].shape if equation.name in REDUCTIONS else equation.output.shape


def space_of(equation: Equation) -> Shape | None:
    """The shape that a loop computing the equation goes through; None for what is no loop."""
    if isinstance(equation.operation, Fused) or equation.opaque or equation.operation.random:
        return None
    values = (*equation.inputs, *equation.outputs)
    if any(value.dtype.name not in KINDS for value in values):
        return None
    if equation.name in REDUCTIONS:
        x = equation.inputs[0]
        plain = equation.attributes["axes"] and equation.output.dtype.kind != "b" and not isinstance(x, Literal)
        return extent(equation) if plain else None
    fast = form_of(equation)
    fits = fast is not None and (fast.startswith("to ") or supported(fast, [x.dtype for x in equation.inputs]))
    return extent(equation) if fits and all(map(_is_readable, equation.inputs)) else None


def form_of(equation: Equation) -> str | None:
    """The elementwise operation as a form for `kernels.loop`."""
    if equation.name == "cast":
        return f"to {KINDS[equation.output.dtype.name]}"
    if equation.name == "expand":
        return "{0}"
    return None if isinstance(equation.operation, Fused) else equation.operation.fast


def _is_readable(value: Value) -> bool:
    """Whether a loop can read it: an array that it is given, or one number."""
    return not isinstance(value, Literal) or value.uniform


def _loops(graph: Graph) -> Graph:
    groups = _grouped(graph)
    return _ordered(graph, [[graph.equations[i] for i in group] for group in groups])


def _grouped(graph: Graph) -> list[list[int]]:
    """Numbers of equations, each in exactly one group; what is no loop is alone."""
    before = _dependencies(graph)
    number = {value: i for i, e in enumerate(graph.equations) for value in e.outputs}
    home: dict[int, Group] = {}
    alone: list[list[int]] = []
    for i, equation in enumerate(graph.equations):
        space = space_of(equation)
        if space is None:
            alone.append([i])
            continue
        group = Group(space, [i])
        for x in equation.inputs:
            other = home.get(number.get(x, -1))
            if other is not None and other is not group and other.space == space:
                joined = Group(space, sorted({*other.members, *group.members}))
                group = joined if _is_whole(joined, graph, before, number) else group
        home |= dict.fromkeys(group.members, group)
    return [*alone, *[g.members for g in {id(g): g for g in home.values()}.values()]]


def _dependencies(graph: Graph) -> dict[Value, int]:
    """For each value the equations that it was computed by, directly or not, as bits."""
    before: dict[Value, int] = {}
    for i, equation in enumerate(graph.equations):
        mask = 1 << i
        for x in equation.inputs:
            mask |= before.get(x, 0)
        before |= dict.fromkeys(equation.outputs, mask)
    return before


def _is_whole(group: Group, graph: Graph, before: dict[Value, int], number: dict[Value, int]) -> bool:
    """Whether nothing outside lies between members, and no member reads another's reduction."""
    mask, inside = group.mask, set(group.members)
    for i in group.members:
        for x in graph.equations[i].inputs:
            maker = number.get(x, -1)
            if maker in inside:
                if graph.equations[maker].name in REDUCTIONS:
                    return False
            elif before.get(x, 0) & mask:
                return False
    return True


def _ordered(graph: Graph, groups: list[list[Equation]]) -> Graph:
    """The graph of the groups, each after those whose results it reads."""
    uses = graph.uses()
    outputs = set(graph.outputs)
    made = [_joined(members, uses, outputs) for members in groups]
    place = {value: i for i, e in enumerate(graph.equations) for value in e.outputs}
    made.sort(key=lambda e: max(place[value] for value in e.outputs))
    return Graph(graph.inputs, tuple(_sorted(made)), graph.outputs)


def _joined(members: list[Equation], uses: dict[Value, list[Equation]], outputs: set[Value]) -> Equation:
    if space_of(members[0]) is None:
        return members[0]
    inside = set(members)
    results = [v for e in members for v in e.outputs if v in outputs or any(u not in inside for u in uses.get(v, []))]
    return group_of(members, tuple(results), "loop")


def _sorted(equations: list[Equation]) -> Iterator[Equation]:
    """Each equation after those that it depends on; otherwise the order stays."""
    maker = {value: e for e in equations for value in e.outputs}
    done: set[Equation] = set()
    for start in equations:
        pending = [start]
        while pending:
            equation = pending[-1]
            left = [m for x in equation.inputs if (m := maker.get(x)) is not None and m not in done]
            if left:
                pending += left
            else:
                pending.pop()
                if equation not in done:
                    done.add(equation)
                    yield equation
