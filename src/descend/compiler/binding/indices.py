"""Elements and rows by index, slices, transpositions, margins, joined arrays."""

from __future__ import annotations

import math
import sys

import numpy as np

from descend.compiler.binding.call import INDICES, REALS, Call, Fault
from descend.compiler.graph import Equation
from descend.compiler.walk import walk
from descend.engine.ops.indexing import INDEX
from descend.kernels.expression import KINDS
from descend.kernels.gather import Gather
from descend.kernels.join import Join
from descend.kernels.strided import Strided

GATHERS = {"pick": "pick", "unpick": "unpick", "index": "take", "index_add": "add"}


def gather(equation: Equation) -> Call | None:
    """Elements by labels, rows by one array of indices, slices."""
    if len(equation.inputs) == 1:
        return strided(equation)
    what = GATHERS[equation.name]
    by_rows = what in {"take", "add"}
    if by_rows and equation.attributes["key"] != (INDEX,):
        return None
    x, at = equation.inputs
    table = x if what in {"pick", "take"} else equation.output
    if x.dtype.name not in REALS or at.dtype.name not in INDICES or not table.size:
        return None
    columns = math.prod(table.shape[1:]) if by_rows else table.shape[-1]
    sizes = (at.size, columns, table.shape[0]) if by_rows else (at.size, columns)
    kernel = Gather(what, KINDS[x.dtype.name], KINDS[at.dtype.name])
    return Call("gather", kernel.source(), (*sizes, x, at, equation.output, Fault()))


def strided(equation: Equation) -> Call | None:
    """Slices, their adjoint, margins, and transpositions: elements that lie at even steps."""
    (x,), result = equation.inputs, equation.output
    if not x.size or not result.size or x.dtype.itemsize > 8:
        return None
    way, clear = walk(equation), equation.name in {"index_add", "pad"}
    kernel = Strided(len(way.lengths), f"i{8 * x.dtype.itemsize}", way.unit, clear, clear and way.apart(result.size))
    margin = np.asarray(equation.attributes.get("value", 0), x.dtype).tobytes()
    numbers = (*way.lengths, *way.read, *way.written, way.begin, way.at, result.size)
    fill = int.from_bytes(margin, sys.byteorder, signed=True)
    return Call("strided", kernel.source(), (*numbers, x, result, *([fill] if clear else [])))


def concat(equation: Equation) -> Call | None:
    """Arrays joined along an axis: rows of the result are made of rows of the parts."""
    result, axis = equation.output, equation.attributes["axis"]
    if not result.size or result.dtype.itemsize > 8 or any(x.dtype != result.dtype for x in equation.inputs):
        return None
    parts = [x for x in equation.inputs if x.size]
    lengths = [math.prod(x.shape[axis:]) for x in parts]
    kernel = Join(len(parts), f"i{8 * result.dtype.itemsize}")
    return Call("join", kernel.source(), (math.prod(result.shape[:axis]), *lengths, *parts, result))
