"""Random numbers."""

from __future__ import annotations

from descend.compiler.binding.call import Call
from descend.compiler.graph import Equation
from descend.kernels.expression import KINDS
from descend.kernels.random import WORD, Random


def random(equation: Equation) -> Call | None:
    """Bits, uniform and normal numbers from a key and a counter."""
    if any(x.dtype.name != "int64" for x in equation.inputs):
        return None
    what, result = equation.name.removeprefix("random_"), equation.output
    kernel = Random(what, WORD if what == "bits" else KINDS[result.dtype.name])
    return Call("random", kernel.source(), (result.size, *equation.inputs, result))
