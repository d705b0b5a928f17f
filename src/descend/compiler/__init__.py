"""The compiler: a function becomes a graph, passes make the graph better, an executor runs it.

Read `graph`, `trace`, `compile`, then the passes and executors.
"""

from descend.compiler.compile import Compiled, compile
from descend.compiler.graph import Equation, Fused, Graph, GraphError, Literal, Value

__all__ = ["Compiled", "Equation", "Fused", "Graph", "GraphError", "Literal", "Value", "compile"]
