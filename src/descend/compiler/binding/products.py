"""Products of matrices."""

from __future__ import annotations

from descend.compiler.binding.call import REALS, Call, Room
from descend.compiler.graph import Equation, Literal, Value
from descend.kernels import jit
from descend.kernels.expression import KINDS
from descend.kernels.gemm import Gemm


def product(equation: Equation) -> Call | None:
    """a @ b, where a or b may be a transposition inside the group."""
    body = equation.body
    turned = {e.output: e.inputs[0] for e in body.equations if e.name == "permute"}
    a, b = body.equations[-1].inputs
    outer = dict(zip(body.inputs, equation.inputs, strict=True))
    if any(isinstance(turned.get(x, x), Literal) for x in (a, b)):
        return None
    stored = outer[turned.get(a, a)], outer[turned.get(b, b)]
    return _gemm(stored, (a in turned, b in turned), equation.output, None)


def matmul(equation: Equation) -> Call | None:
    """a @ b."""
    a, b = equation.inputs
    return _gemm((a, b), (False, False), equation.output, None)


def affine(equation: Equation) -> Call | None:
    """x @ w.T + b."""
    x, w, b = equation.inputs
    return _gemm((x, w), (False, True), equation.output, b)


def _gemm(stored: tuple[Value, Value], by_columns: tuple[bool, bool], result: Value, bias: Value | None) -> Call | None:
    a, b = stored
    values = (a, b, result, *([] if bias is None else [bias]))
    if b.ndim != 2 or not a.ndim or len({x.dtype for x in values}) > 1 or a.dtype.name not in REALS:
        return None
    if a.ndim != 2 and by_columns[0]:
        return None
    n, k = result.shape[-1], b.shape[1] if by_columns[1] else b.shape[0]
    m = result.size // n if n else 0
    kernel = Gemm(KINDS[a.dtype.name], *by_columns, bias is not None, jit.target().vector_bytes)
    lda = a.shape[-1]
    arguments = (m, n, k, a, lda, b, b.shape[1], result, 0 if bias is None else bias, Room(kernel.room(n)))
    return Call("gemm", kernel.source(), arguments)
