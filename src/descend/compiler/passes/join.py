"""Joining: a sum of parts that lie side by side, each in zeros of its own, is these parts joined.

So the gradient of what was cut into slices is put together in one go: each slice's gradient is written to its place,
and nothing is added.
"""

from __future__ import annotations

from itertools import pairwise

from descend.compiler.graph import Equation, Graph, Shape, Value
from descend.compiler.kinds import kind_of
from descend.engine import PRIMITIVES

Range = tuple[int, int]


def joined(graph: Graph) -> Graph:
    """The graph with such sums as `concat`."""
    makers, uses = graph.makers(), graph.uses()
    equations = [_joined(equation, makers, uses) or equation for equation in graph.equations]
    return Graph(graph.inputs, tuple(equations), graph.outputs)


def _joined(equation: Equation, makers: dict[Value, Equation], uses: dict[Value, list[Equation]]) -> Equation | None:
    if equation.name != "add":
        return None
    parts = [part for x in equation.inputs for part in _parts(x, makers, uses)]
    if any(part is None for part in parts):
        return None
    found = [(ranges, part) for part in parts if part is not None and (ranges := _ranges(part)) is not None]
    if len(found) != len(parts) or any(part.output.shape != equation.output.shape for _, part in found):
        return None
    found.sort(key=lambda row: row[0])
    axis = _axis([ranges for ranges, _ in found], equation.output.shape)
    if axis is None:
        return None
    inputs, attributes = tuple(part.inputs[0] for _, part in found), {"axis": axis}
    if not kind_of(PRIMITIVES["concat"], inputs, attributes).same_kind(equation.output):
        return None
    return Equation(PRIMITIVES["concat"], inputs, equation.outputs, attributes)


def _parts(x: Value, makers: dict[Value, Equation], uses: dict[Value, list[Equation]]) -> list[Equation | None]:
    """The terms of a sum; None for what is no slice in zeros."""
    maker = makers.get(x)
    if maker is None or len(uses[x]) > 1:
        return [None]
    if maker.name == "add":
        return [part for term in maker.inputs for part in _parts(term, makers, uses)]
    return [maker if maker.name == "index_add" and len(maker.inputs) == 1 else None]


def _ranges(part: Equation) -> list[Range] | None:
    """Where the slice begins and ends along each axis; None for what is no slice.

    One with steps is shorter than that, so that the parts are too short together.
    """
    key, shape = part.attributes["key"], part.attributes["shape"]
    if Ellipsis in key:
        place = key.index(Ellipsis)
        key = (*key[:place], *[(None, None, None)] * (len(shape) - len(key) + 1), *key[place + 1 :])
    key = (*key, *[(None, None, None)] * (len(shape) - len(key)))
    if len(key) != len(shape) or not all(isinstance(k, tuple) for k in key):
        return None
    return [slice(*k).indices(n)[:2] for k, n in zip(key, shape, strict=True)]


def _axis(ranges: list[list[Range]], shape: Shape) -> int | None:
    """The only axis along which the slices differ, if they follow one another there and fill the whole."""
    cut = [axis for axis, n in enumerate(shape) if any(place[axis] != (0, n) for place in ranges)]
    if len(cut) != 1:
        return None
    (axis,) = cut
    places = [place[axis] for place in ranges]
    follow = all(a[1] == b[0] for a, b in pairwise(places))
    return axis if follow and (places[0][0], places[-1][1]) == (0, shape[axis]) else None
