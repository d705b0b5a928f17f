"""Products of matrices."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from descend.compiler.binding.call import REALS, Argument, Call, Room
from descend.compiler.graph import Equation, Literal, Value
from descend.compiler.passes.products import Chain, arranged, factor, is_product, moved
from descend.compiler.stacks import Stacks
from descend.kernels import jit
from descend.kernels.code import FLOAT
from descend.kernels.expression import KINDS
from descend.kernels.gemm import LOW, Gemm
from descend.kernels.gemm_dots import FewDots
from descend.kernels.gemm_few import FewRows


def product(equation: Equation) -> Call | None:
    """a @ b, with what moves a, b or the result inside the group."""
    body = equation.body
    makers, outer = body.makers(), dict(zip(body.inputs, equation.inputs, strict=True))
    place = next(i for i, e in enumerate(body.equations) if e.name == "matmul")
    inner, after = body.equations[place], body.equations[place + 1 :]
    chains = [_chain(x, makers) for x in inner.inputs]
    given = [moved(chain[0]) if chain else x for chain, x in zip(chains, inner.inputs, strict=True)]
    if any(isinstance(x, Literal) for x in given):
        return None
    found = arranged(inner, chains[0], chains[1], after)
    factors = (factor(e) for e in (*chains[0], *chains[1], *after) if e.name == "mul")
    a, b = (outer[x] for x in given)
    times = math.prod(x for x in factors if x is not None)
    return None if found is None else _stacked(found, (a, b, equation.output), times)


def _chain(x: Value, makers: dict[Value, Equation]) -> Chain:
    """The equations that make an operand, the first one first."""
    if x not in makers:
        return ()
    return (*_chain(moved(makers[x]), makers), makers[x])


def matmul(equation: Equation) -> Call | None:
    """a @ b, for matrices or stacks of matrices; a may be a single row."""
    a, b = equation.inputs
    if a.ndim == 1 or (b.ndim == 2 and a.size == 0):
        return _gemm((a, b), (False, False), equation.output, None)
    found = arranged(equation, (), (), ()) if is_product(equation) else None
    return None if found is None else _stacked(found, (a, b, equation.output), 1.0)


def affine(equation: Equation) -> Call | None:
    """x @ w.T + b."""
    x, w, b = equation.inputs
    return _gemm((x, w), (False, True), equation.output, b)


def _gemm(stored: tuple[Value, Value], by_columns: tuple[bool, bool], result: Value, bias: Value | None) -> Call | None:
    a, b = stored
    values = (a, b, result, *([] if bias is None else [bias]))
    if b.ndim != 2 or not a.ndim or len({x.dtype for x in values}) > 1 or a.dtype.name not in REALS:
        return None
    n, k = result.shape[-1], b.shape[1] if by_columns[1] else b.shape[0]
    m = result.size // n if n else 0
    left, right = (Matrix(x, x.shape[-1], turned) for x, turned in zip(stored, by_columns, strict=True))
    return single((m, n, k), left, right, result, bias)


@dataclass(frozen=True)
class Matrix:
    """An array that begins with a matrix: how long its rows are, and whether these are the matrix's columns."""

    value: Value
    length: int
    by_columns: bool


def single(sizes: tuple[int, int, int], a: Matrix, b: Matrix, result: Value, bias: Value | None = None) -> Call:
    """The call for one pair of matrices, by the kernel for as many rows; few columns are few rows of b^T a^T = c^T."""
    (m, n, k), kind, after = sizes, KINDS[a.value.dtype.name], (result, 0 if bias is None else bias)
    biased, width = bias is not None, jit.target().vector_bytes
    dots = FewDots(kind, n, not b.by_columns, biased, width, turned=True)
    if n <= m and not a.by_columns and dots.pays(k):
        return Call("gemm", dots.source(), (m, k, *_placed(b, a), *after, Room(dots.room())))
    dots = FewDots(kind, m, a.by_columns, biased, width)
    if b.by_columns and dots.pays(k):
        return Call("gemm", dots.source(), (n, k, *_placed(a, b), *after, Room(dots.room())))
    few = FewRows(kind, m, a.by_columns, biased, width)
    if not b.by_columns and few.pays:
        return Call("gemm", few.source(), (n, k, *_placed(a, b), *after))
    gemm = Gemm(kind, a.by_columns, b.by_columns, biased, width, m <= LOW)
    return Call("gemm", gemm.source(), (*sizes, *_placed(a, b), *after, Room(gemm.room(m, n))))


def _placed(*operands: Matrix) -> Iterator[Argument]:
    for operand in operands:
        yield operand.value
        yield operand.length


def _stacked(found: Stacks, values: tuple[Value, Value, Value], times: float) -> Call:
    """The call for these operands and this result; a plain one where there is one matrix, at its array's beginning."""
    a, b, c = values if not found.swapped else (values[1], values[0], values[2])
    left, right = (Matrix(x, s.length, s.by_columns) for x, s in ((a, found.a), (b, found.b)))
    plain = not found.counts and times == 1 and not any(s.begin for s in (found.a, found.b, found.c))
    if plain and found.c.length == found.sizes[1]:
        return single(found.sizes, left, right, c)
    kind, (m, n, _) = KINDS[a.dtype.name], found.sizes
    low = m <= LOW and left.by_columns  # else A is packed, and there are few panels to pack it for
    kernel = Gemm(kind, left.by_columns, right.by_columns, False, jit.target().vector_bytes, low, stacks=True)
    arguments: list[Argument] = [*found.sizes, *_placed(left, right), c, 0, Room(kernel.room(m, n))]
    missing = 2 - len(found.counts)
    arguments += [found.c.length, *([1] * missing), *found.counts]
    for stack in (found.a, found.b, found.c):
        arguments += [stack.begin, *([0] * missing), *stack.steps]
    return Call("gemm", kernel.source(), (*arguments, _bits(times, kind)))


def _bits(number: float, kind: str) -> int:
    """The bits of a floating-point number as a whole one."""
    form, whole = ("<f", "<i") if kind == FLOAT else ("<d", "<q")
    return int(struct.unpack(whole, struct.pack(form, number))[0])
