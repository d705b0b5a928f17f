"""Functions of the rows of a matrix."""

from __future__ import annotations

from descend.compiler.binding.call import REALS, Call
from descend.compiler.graph import Equation
from descend.kernels import softmax
from descend.kernels.expression import KINDS


def softmax_call(equation: Equation) -> Call | None:
    """softmax or its logarithm over the last axis."""
    (x,) = equation.inputs
    if x.dtype.name not in REALS or not x.ndim or not x.shape[-1]:
        return None
    logarithm = equation.name == "log_softmax"
    columns = x.shape[-1]
    arguments = (x.size // columns, columns, x, equation.output)
    return Call("softmax", softmax.source(KINDS[x.dtype.name], logarithm), arguments)
