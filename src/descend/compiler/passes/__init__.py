"""Passes: functions from graph to graph, one a file, each of which leaves the graph's results what they were.

`improved` runs those that make the graph smaller, in an order in which each finds what the one before uncovered.
`fuse` and `plan` come last: they decide what one kernel computes and where its results lie.
"""

from __future__ import annotations

from collections.abc import Callable

from descend.compiler.graph import Graph
from descend.compiler.passes.dead import without_dead_code
from descend.compiler.passes.fold import folded
from descend.compiler.passes.join import joined
from descend.compiler.passes.merge import merged
from descend.compiler.passes.rewrite import rewritten

Pass = Callable[[Graph], Graph]

PASSES: dict[str, Pass] = {
    "dead code": without_dead_code,
    "constant folding": folded,
    "rewriting": rewritten,
    "joining": joined,
    "common subexpressions": merged,
    "dead code again": without_dead_code,
}


def improved(graph: Graph, *, watch: Callable[[str, Graph], None] | None = None) -> Graph:
    """The graph after all passes. `watch` is told of the graph after each, to print, draw or verify it."""
    for name, run in PASSES.items():
        graph = run(graph)
        if watch is not None:
            watch(name, graph)
    return graph
