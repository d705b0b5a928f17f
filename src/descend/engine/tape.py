"""The gradient tape: what was applied to what. A node refers to earlier nodes and never to a tensor made from it,
so that graphs hold no reference cycles and memory is freed as soon as the last tensor is.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from descend.engine.primitive import Primitive
    from descend.engine.tensor import Cell, Tensor

_next_index = count().__next__


class Node:
    """One recorded application of a primitive, or a leaf (`primitive` None): a tensor that requires gradients.

    Attributes:
        values, output: the arrays that went in and came out; None once backward has freed them.
        parents: the node of each input, None for an input without gradient.
        cells: the cells among the inputs with the version that was read.
        index: increases along the graph, so sorting by it is a topological order.
        grad: where gradients accumulate (leaves, and nodes asked to retain theirs).
    """

    __slots__ = (
        "attributes", "cells", "grad", "hooks", "index", "output", "parents", "primitive", "retains", "values",
    )  # fmt: skip

    def __init__(
        self,
        primitive: Primitive | None = None,
        inputs: tuple[Tensor, ...] = (),
        attributes: Any = None,
        output: Any = None,
    ) -> None:
        self.primitive, self.attributes, self.output = primitive, attributes, output
        self.values: tuple[Any, ...] | None = tuple([x.value for x in inputs])
        self.parents: tuple[Node | None, ...] = tuple([x.node for x in inputs])
        self.cells: list[tuple[Cell, int]] = [(x, x.version) for x in inputs if x.version is not None]  # type: ignore[misc]
        self.grad: Tensor | None = None
        self.hooks: list[Callable[[Tensor], Tensor | None]] | None = None
        self.retains = primitive is None
        self.index = _next_index()

    @property
    def name(self) -> str:
        """The primitive's name, or "leaf"."""
        return self.primitive.name if self.primitive else "leaf"

    def free(self) -> None:
        """Let the saved arrays go; a second backward through this node is then an error."""
        self.values = self.output = None


def subgraph(roots: list[Node], stop: set[Node] | frozenset[Node] = frozenset()) -> list[Node]:
    """Every node that the roots were made from, latest first; what lies behind the nodes in `stop` is left out."""
    seen, pending = set(roots), list(roots)
    while pending:
        node = pending.pop()
        if node in stop:
            continue
        for parent in node.parents:
            if parent is not None and parent not in seen:
                seen.add(parent)
                pending.append(parent)
    return sorted(seen, key=_by_index, reverse=True)


def _by_index(node: Node) -> int:
    return node.index
