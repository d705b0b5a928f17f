"""The graph: what a traced function computes, as a list of equations that one can read, check, draw and run.

    graph(x: float32(2, 3), w: float32(3, 5)):
        a: float32(2, 5) = matmul(x, w)
        b: float32(2, 5) = tanh(a)
        return b

A graph is a pure function of its inputs. Each value is defined once, before its first use, and knows its shape and
type. A pass is a function from graph to graph; `verify` says whether the result still fits together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from descend.engine.errors import DescendError

if TYPE_CHECKING:
    from descend.engine import Primitive

Array = NDArray[Any]
Shape = tuple[int, ...]


class GraphError(DescendError, RuntimeError):
    """A graph that does not fit together: a bug of a pass, named with the equation."""


@dataclass(eq=False, slots=True)
class Value:
    """A place for an array: an input of a graph, or a result of an equation.

    `name` is a wish, such as a parameter's path; printing makes it unique.
    """

    shape: Shape
    dtype: np.dtype[Any]
    name: str = ""

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return math.prod(self.shape)

    @property
    def kind(self) -> str:
        """Shape and type as printed: float32(2, 3)."""
        return f"{self.dtype}{self.shape}" if self.shape else str(self.dtype)

    def same_kind(self, other: Value) -> bool:
        """Whether the other value has the same shape and type."""
        return self.shape == other.shape and self.dtype == other.dtype


class Literal(Value):
    """A value that is known already."""

    __slots__ = ("array",)

    def __init__(self, array: Array) -> None:
        super().__init__(array.shape, array.dtype)
        self.array = array

    @property
    def uniform(self) -> bool:
        """Whether it is one number, repeated."""
        flat = self.array.reshape(-1)
        return self.size > 0 and flat.tobytes() == flat[:1].tobytes() * self.size

    def __repr__(self) -> str:
        return f"{self.array.item():.7g}" if not self.shape else f"<{self.kind}>"


@dataclass(eq=False, frozen=True, slots=True)
class Fused:
    """Several equations as one operation: what a single kernel will compute. `body` is a graph of its own."""

    body: Graph
    name: str = "fused"
    random: bool = False


@dataclass(eq=False, frozen=True, slots=True)
class Equation:
    """outputs = operation(inputs, attributes).

    `meaning`, where it is not None, stands in for the primitive's own: an override, opaque to every pass.
    """

    operation: Primitive | Fused
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    attributes: Mapping[str, Any] = field(default_factory=dict)
    meaning: Callable[..., Any] | None = None

    @property
    def name(self) -> str:
        """The operation's name; one that was replaced is marked."""
        return self.operation.name if self.meaning is None else f"callback:{self.operation.name}"

    @property
    def output(self) -> Value:
        """The only result. Every primitive has one; only what is fused may have more."""
        (only,) = self.outputs
        return only

    @property
    def body(self) -> Graph:
        """What is fused in it. Raises: GraphError where nothing is."""
        if not isinstance(self.operation, Fused):
            raise GraphError(f"{self.name} is a single operation", needed="a fused one")
        return self.operation.body

    @property
    def opaque(self) -> bool:
        """Whether nothing may be concluded from the operation's name: it was replaced, or calls back into Python."""
        return self.meaning is not None or self.operation.name == "callback"

    @property
    def pure(self) -> bool:
        """Whether equal inputs give equal outputs, so that two such equations may become one."""
        return not (self.opaque or self.operation.random)

    def with_inputs(self, inputs: tuple[Value, ...]) -> Equation:
        """The same operation on other inputs of the same kinds."""
        return Equation(self.operation, inputs, self.outputs, self.attributes, self.meaning)


@dataclass(eq=False, frozen=True, slots=True)
class Graph:
    """A pure function: from `inputs`, through `equations` in order, to `outputs`."""

    inputs: tuple[Value, ...]
    equations: tuple[Equation, ...]
    outputs: tuple[Value, ...]

    def __str__(self) -> str:
        from descend.compiler.text import printed

        return printed(self)

    def svg(self) -> str:
        """A drawing: values flow from top to bottom."""
        from descend.compiler.draw import svg

        return svg(self)

    def operations(self) -> Iterator[str]:
        """The name of each equation's operation, in order; those inside what is fused too."""
        for equation in self.equations:
            if isinstance(equation.operation, Fused):
                yield from equation.operation.body.operations()
            else:
                yield equation.name

    def uses(self) -> dict[Value, list[Equation]]:
        """For each value the equations that read it; a value named twice by one equation is listed once."""
        found: dict[Value, list[Equation]] = {}
        for equation in self.equations:
            for value in dict.fromkeys(equation.inputs):
                found.setdefault(value, []).append(equation)
        return found

    def makers(self) -> dict[Value, Equation]:
        """For each result the equation that defines it."""
        return {value: equation for equation in self.equations for value in equation.outputs}

    def verify(self) -> Graph:
        """Itself, if every value is defined once before it is used and has the kind that its operation gives it.

        Raises: GraphError.
        """
        from descend.compiler.verify import verify

        verify(self)
        return self
