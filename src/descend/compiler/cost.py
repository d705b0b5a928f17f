"""What an equation costs: arithmetic operations and bytes moved, counted from shapes.

A multiplication and an addition are two operations; an elementary function counts as one, as it is usual. Bytes are
those of the inputs and outputs: what lies in a cache already is counted too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from descend.compiler.graph import Equation, Fused, Value

FREE = frozenset({
    "reshape", "section", "permute", "expand", "copy", "cast", "ravel", "pad", "concat", "index", "pick", "unpick",
    "pool_take",
})  # fmt: skip
ROWS = {"softmax": 4, "log_softmax": 4}  # operations an element: the maximum, the exponential, the sum, the quotient

WITH_BY_PRODUCT = frozenset({"recurrence", "pooling"})  # gates come with states, places with maxima

WEIGHTS = {
    "rnn": 2, "lstm": 3, "gru": 2, "lstm_gates": 2, "gru_gates": 2, "rnn_adjoint": 2, "lstm_adjoint": 3,
    "gru_adjoint": 3,
}  # fmt: skip
"""Which input of a recurrence is its weights: each is used once at every step for every row."""


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
    moved = sum(_bytes(value) for value in (*dict.fromkeys(_read(equation)), *equation.outputs))
    return Cost(flops(equation), 0 if equation.name in {"reshape", "section"} else moved)


def _read(equation: Equation) -> tuple[Value, ...]:
    """What is read: of an array that is indexed, as much as comes out."""
    if equation.name == "index":
        return (equation.output, *equation.inputs[1:])
    if equation.name == "product":
        return next(e.inputs for e in equation.body.equations if e.name == "matmul")
    return equation.inputs


def flops(equation: Equation) -> int:
    """Arithmetic operations, from the shapes."""
    if isinstance(equation.operation, Fused):
        members = equation.body.equations
        return sum(map(flops, members[:1] if equation.name in WITH_BY_PRODUCT else members))
    if equation.name in WEIGHTS:
        return 2 * equation.inputs[WEIGHTS[equation.name]].size * math.prod(equation.inputs[0].shape[-3:-1])
    return 0 if equation.name in FREE or equation.opaque else _single(equation)


def _single(equation: Equation) -> int:
    result = equation.output
    match equation.name:
        case "matmul":
            return 2 * result.size * equation.inputs[0].shape[-1]
        case "affine":
            return 2 * result.size * equation.inputs[0].shape[-1] + result.size
        case "conv1d" | "conv2d" | "conv3d":
            return 2 * result.size * math.prod(equation.inputs[1].shape[1:])
        case "conv1d_input" | "conv2d_input" | "conv3d_input":
            return 2 * equation.inputs[1].size * math.prod(equation.inputs[0].shape[1:])
        case "conv1d_weight" | "conv2d_weight" | "conv3d_weight":
            return 2 * equation.inputs[1].size * math.prod(result.shape[1:])
        case "sum" | "max" | "min" | "argmax" | "index_add" | "pool_put":
            return equation.inputs[0].size
        case "max_pool" | "pool_places" | "pool_sum":
            return result.size * int(math.prod(equation.attributes["kernel"]))
        case "pool_spread":
            return equation.inputs[0].size * int(math.prod(equation.attributes["kernel"]))
    return result.size * ROWS.get(equation.name, 1)


def _bytes(value: Value) -> int:
    return value.size * value.dtype.itemsize
