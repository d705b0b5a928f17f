"""What an equation costs: arithmetic operations and bytes moved, counted from shapes.

A multiplication and an addition are two operations; an elementary function counts as one, as it is usual. Bytes are
those of the inputs and outputs: what lies in a cache already is counted too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from descend.compiler.graph import Equation, Fused, Value

FREE = frozenset({"reshape", "section", "permute", "expand", "copy", "cast", "ravel", "pad", "concat", "index"})
ROWS = {"softmax": 4, "log_softmax": 4}  # operations an element: the maximum, the exponential, the sum, the quotient


@dataclass(frozen=True)
class Cost:
    """Arithmetic operations, and bytes read and written."""

    flops: int
    bytes: int

    @property
    def intensity(self) -> float:
        """Operations a byte: below the machine's ratio of the two, memory is what limits."""
        return self.flops / self.bytes if self.bytes else math.inf


def cost(equation: Equation) -> Cost:
    """The cost of one equation, or of all that is fused in it."""
    moved = sum(_bytes(value) for value in (*dict.fromkeys(equation.inputs), *equation.outputs))
    return Cost(flops(equation), 0 if equation.name in {"reshape", "section"} else moved)


def flops(equation: Equation) -> int:
    """Arithmetic operations, from the shapes."""
    if isinstance(equation.operation, Fused):
        return sum(map(flops, equation.operation.body.equations))
    if equation.name in FREE or equation.opaque:
        return 0
    result = equation.output
    match equation.name:
        case "matmul":
            return 2 * result.size * equation.inputs[0].shape[-1]
        case "affine":
            return 2 * result.size * equation.inputs[0].shape[-1] + result.size
        case "conv2d":
            return 2 * result.size * math.prod(equation.inputs[1].shape[1:])
        case "conv2d_input":
            return 2 * equation.inputs[1].size * math.prod(equation.inputs[0].shape[1:])
        case "conv2d_weight":
            return 2 * equation.inputs[1].size * math.prod(result.shape[1:])
        case "sum" | "max" | "min" | "argmax":
            return equation.inputs[0].size
    return result.size * ROWS.get(equation.name, 1)


def _bytes(value: Value) -> int:
    return value.size * value.dtype.itemsize
