"""The maxima of windows, and where they lie, which the way back needs, become one operation: one kernel finds both."""

from __future__ import annotations

from descend.compiler.graph import Equation, Graph
from descend.compiler.passes.groups import group_of


def with_poolings(graph: Graph) -> Graph:
    """The graph with the maxima and, where they come later, the places of the same windows as single operations."""
    pools: list[Equation] = []
    places: dict[Equation, Equation] = {}  # of each pooling
    for equation in graph.equations:
        if equation.name == "max_pool":  # an opaque one has another name
            pools.append(equation)
        elif equation.name == "pool_places":
            places |= {pool: equation for pool in pools if _is_alike(pool, equation)}
    if not places:
        return graph
    joined = [_pair(e, places[e]) if e in places else e for e in graph.equations if e not in places.values()]
    return Graph(graph.inputs, tuple(joined), graph.outputs)


def _is_alike(a: Equation, b: Equation) -> bool:
    """Whether both look at the same windows."""
    return a.inputs == b.inputs and a.attributes == b.attributes


def _pair(pool: Equation, places: Equation) -> Equation:
    return group_of([pool, places], (pool.output, places.output), "pooling")
