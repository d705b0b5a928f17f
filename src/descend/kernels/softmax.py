"""softmax and its logarithm over the rows of a matrix, without overflow.

Arguments of the kernel: the number of rows and their length; the address of the matrix, that of the result.
"""

from __future__ import annotations

from descend.kernels.code import DOUBLE, Function, Term, real
from descend.kernels.mathematics import FUNCTIONS
from descend.kernels.once import once


@once
def source(kind: str, logarithm: bool, name: str = "softmax") -> str:
    """exp(x - max) / sum(exp(x - max)), or x - max - log(sum(exp(x - max))), row by row."""
    code = Function(name)
    rows, columns, x, y = code.number(0), code.number(1), code.pointer(2), code.pointer(3)
    thread, threads = code.parameter("thread"), code.parameter("threads")
    first, last = (
        code.binary("sdiv", code.mul(rows, t), threads) for t in (thread, code.add(thread, 1))
    )  # fmt: skip
    with code.loop(first, last) as row:
        start = code.mul(row, columns)
        source_row, target_row = (code.address(kind, base, start) for base in (x, y))
        top = _largest(code, kind, source_row, columns)
        total = _total(code, kind, source_row, target_row, columns, top)
        scale = FUNCTIONS["log"](code, total) if logarithm else total
        with code.loop(0, columns, parallel=True) as i:
            held = code.load(kind, source_row if logarithm else target_row, i)
            code.store(_finished(code, held, top, scale, logarithm), target_row, i)
    return code.text()


def _largest(code: Function, kind: str, row: Term, columns: Term) -> Term:
    top = code.variable(real(float("-inf"), kind))
    with code.loop(0, columns, parallel=True) as i:
        top.set(code.call("llvm.maximum", top.get(), code.load(kind, row, i)))
    return top.get()


def _total(code: Function, kind: str, row: Term, target: Term, columns: Term, top: Term) -> Term:
    """The sum of exp(x - max); each term is left in the result's row."""
    total = code.variable(real(0.0, kind))
    with code.loop(0, columns, parallel=True) as i:
        weight = FUNCTIONS["exp"](code, code.binary("fsub", code.load(kind, row, i), top))
        code.store(weight, target, i)
        sum_ = total.get()
        total.set(code.define(kind, f"fadd reassoc contract {sum_}, {weight.text}"))
    return total.get()


def _finished(code: Function, held: Term, top: Term, scale: Term, logarithm: bool) -> Term:
    if logarithm:
        return code.binary("fsub", code.binary("fsub", held, top), scale)
    return code.binary("fdiv", held, scale)


KINDS = ("float", DOUBLE)
