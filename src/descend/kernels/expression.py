"""A primitive's `fast` form, "{0} * {1}" or "maximum({0}, 0)", as instructions."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import cache

import numpy as np

from descend.kernels.code import BIT, DOUBLE, FLOAT, Function, Term, real, whole
from descend.kernels.mathematics import FLOATING, FUNCTIONS, is_float

KINDS = {"float32": FLOAT, "float64": DOUBLE, "int64": "i64", "int32": "i32", "int16": "i16", "int8": "i8", "bool": BIT}
"""The types that kernels compute in, by NumPy's names."""

ARITHMETIC: dict[type[ast.AST], tuple[str, str]] = {
    ast.Add: ("fadd", "add"), ast.Sub: ("fsub", "sub"), ast.Mult: ("fmul", "mul"), ast.Div: ("fdiv", ""),
    ast.BitAnd: ("", "and"), ast.BitOr: ("", "or"),
}  # fmt: skip
COMPARISON: dict[type[ast.AST], tuple[str, str]] = {
    ast.Eq: ("oeq", "eq"), ast.NotEq: ("une", "ne"), ast.Lt: ("olt", "slt"), ast.LtE: ("ole", "sle"),
    ast.Gt: ("ogt", "sgt"), ast.GtE: ("oge", "sge"),
}  # fmt: skip


@cache
def parsed(fast: str) -> ast.expr:
    """The form as a syntax tree, with the operands called x0, x1, ..."""
    return ast.parse(fast.format("x0", "x1", "x2"), mode="eval").body


def supported(fast: str | None, dtypes: Sequence[np.dtype[np.generic]]) -> bool:
    """Whether the form can be computed by a kernel on operands of these types."""
    if fast is None or not all(dtype.name in KINDS for dtype in dtypes):
        return False
    calls = [node.func for node in ast.walk(parsed(fast)) if isinstance(node, ast.Call)]
    used = {name.id for name in calls if isinstance(name, ast.Name)}
    if not used <= FUNCTIONS.keys():
        return False
    floating = used & FLOATING or any(isinstance(node, ast.Div) for node in ast.walk(parsed(fast)))
    if any(dtype.kind == "b" for dtype in dtypes) and not _is_logic(parsed(fast)):
        return False  # in NumPy True + True is True
    return not (floating and any(dtype.kind != "f" for dtype in dtypes))


def _is_logic(tree: ast.expr) -> bool:
    """Whether truth values are only compared, combined and chosen by."""
    allowed = (ast.Compare, ast.IfExp, ast.Name, ast.Constant, ast.BinOp, ast.Eq, ast.NotEq, ast.BitAnd, ast.BitOr)
    return all(isinstance(node, (*allowed, ast.Load)) for node in ast.walk(tree))


def emitted(code: Function, fast: str, operands: Sequence[Term]) -> Term:
    """The value of the form for these operands."""
    named = {f"x{i}": term for i, term in enumerate(operands)}
    return _emitted(code, parsed(fast), named, operands[-1].kind)


def formula(code: Function, text: str, named: dict[str, Term], kind: str) -> Term:
    """The value of an expression in which variables have these names; numbers in it are of this type."""
    return _emitted(code, ast.parse(text, mode="eval").body, named, kind)


def _emitted(code: Function, node: ast.expr, named: dict[str, Term], kind: str) -> Term:
    def of(part: ast.expr) -> Term:
        return _emitted(code, part, named, kind)

    match node:
        case ast.Name(id=name):
            return named[name]
        case ast.Constant(value=int() | float() as number):
            return constant(number, kind)
        case ast.BinOp(left=left, op=op, right=right):
            a, b = of(left), of(right)
            return code.binary(ARITHMETIC[type(op)][0 if is_float(a) else 1], a, b)
        case ast.UnaryOp(operand=operand):
            return negative(code, of(operand))
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            a, b = of(left), of(right)
            return code.compare(COMPARISON[type(op)][0 if is_float(a) else 1], a, b)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            return code.select(of(test), of(body), of(orelse))
        case ast.Call(func=ast.Name(id=name), args=parts):
            return FUNCTIONS[name](code, *map(of, parts))
    raise ValueError(f"a kernel cannot compute {ast.unparse(node)}")


def negative(code: Function, x: Term) -> Term:
    """-x."""
    if is_float(x):
        return code.define(x.kind, f"fneg {x}")
    return code.binary("sub", whole(0, x.kind), x)


def constant(number: float, kind: str) -> Term:
    """A number in this type."""
    return real(float(number), kind) if kind in (FLOAT, DOUBLE) else whole(int(number), kind)


def converted(code: Function, x: Term, kind: str) -> Term:
    """x in another type, as NumPy's astype has it."""
    if x.kind == kind:
        return x
    if kind == BIT:
        return code.compare("une" if is_float(x) else "ne", x, constant(0, x.kind))
    if is_float(x) and kind in (FLOAT, DOUBLE):
        return code.convert("fpext" if kind == DOUBLE else "fptrunc", x, kind)
    if is_float(x):
        return code.convert("fptosi", x, kind)
    if kind in (FLOAT, DOUBLE):
        return code.convert("uitofp" if x.kind == BIT else "sitofp", x, kind)
    if x.kind == BIT:
        return code.convert("zext", x, kind)
    return code.convert("sext" if int(kind[1:]) > int(x.kind[1:]) else "trunc", x, kind)
