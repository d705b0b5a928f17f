"""Elementary functions without branches, so that a loop over them is vectorised.

In float32 each is right to 4 units in the last place (the complement of erf to 5), with the limits at infinity, NaN and
subnormal numbers that NumPy has; in float64, and for fmod, the C library is called.
"""

from __future__ import annotations

from collections.abc import Callable

from descend.kernels import circular, error_function, exponential, widened
from descend.kernels.code import DOUBLE, FLOAT, Function, Term, lane_kind, real, whole

Emit = Callable[..., Term]


def _by_kind(short: Emit, name: str) -> Emit:
    """The polynomial in float32, the C library's function in float64."""
    return lambda code, *x: short(code, *x) if x[0].kind == FLOAT else code.call(name, *x)


def _library(name: str) -> Emit:
    """The C library's function of this name; that for float32 ends with an f."""
    return lambda code, *x: code.call(name + ("f" if x[0].kind == FLOAT else ""), *x)


def _intrinsic(name: str) -> Emit:
    return lambda code, *x: code.call(name, *x)


def is_float(x: Term) -> bool:
    """Whether the term is a floating-point number."""
    return lane_kind(x.kind) in (FLOAT, DOUBLE)


def maximum(code: Function, a: Term, b: Term) -> Term:
    """The larger; NaN where either is NaN."""
    if is_float(a):
        larger = code.select(code.compare("ogt", a, b), a, b)
        return code.select(code.compare("uno", a, a), a, larger)
    return code.select(code.compare("sgt", a, b), a, b)


def minimum(code: Function, a: Term, b: Term) -> Term:
    """The smaller; NaN where either is NaN."""
    if is_float(a):
        smaller = code.select(code.compare("olt", a, b), a, b)
        return code.select(code.compare("uno", a, a), a, smaller)
    return code.select(code.compare("slt", a, b), a, b)


def absolute(code: Function, x: Term) -> Term:
    """|x|."""
    if is_float(x):
        return code.call("llvm.fabs", x)
    return maximum(code, x, code.binary("sub", whole(0, x.kind), x))


def sign(code: Function, x: Term) -> Term:
    """-1, 0 or 1; NaN for NaN."""
    make, order = (real, "o") if is_float(x) else (whole, "s")
    zero, y = make(0, x.kind), x
    for condition, result in ((f"{order}gt", 1), (f"{order}lt", -1), ("oeq" if is_float(x) else "eq", 0)):
        y = code.select(code.compare(condition, x, zero), make(result, x.kind), y)
    return y


def remainder(code: Function, a: Term, b: Term) -> Term:
    """a - b floor(a / b): it has the sign of b."""
    left, one, zero = _library("fmod")(code, a, b), real(1.0, a.kind), real(0.0, a.kind)
    signs = [code.call("llvm.copysign", one, x) for x in (left, b)]
    moved = code.select(code.compare("une", *signs), code.binary("fadd", left, b), left)
    return code.select(code.compare("oeq", left, zero), code.call("llvm.copysign", zero, b), moved)


def sigmoid(code: Function, x: Term) -> Term:
    """1 / (1 + e^-x); far below 0, where e^-x would overflow, e^x."""
    low, one = code.compare("olt", x, real(-80.0 if x.kind == FLOAT else -700.0, x.kind)), real(1.0, x.kind)
    power = FUNCTIONS["exp"](code, code.select(low, x, code.define(x.kind, f"fneg {x}")))
    return code.select(low, power, code.binary("fdiv", one, code.binary("fadd", one, power)))


FUNCTIONS: dict[str, Emit] = {
    "exp": _by_kind(exponential.exp, "exp"),
    "expm1": _by_kind(exponential.expm1, "expm1"),
    "log": _by_kind(exponential.log, "log"),
    "log1p": _by_kind(exponential.log1p, "log1p"),
    "tanh": _by_kind(exponential.tanh, "tanh"),
    "erf": _by_kind(error_function.erf, "erf"),
    "erfc": _by_kind(error_function.erfc, "erfc"),
    **{name: _by_kind(widened.widened(getattr(widened, name)), name) for name in ("exp2", "log2", "log10")},
    **{name: _by_kind(widened.widened(getattr(widened, name)), name) for name in ("sinh", "cosh")},
    "pow": _by_kind(widened.power, "pow"),
    **{name: _by_kind(getattr(circular, name), name) for name in ("sin", "cos", "tan")},
    **{f"arc{name}": _by_kind(getattr(circular, f"arc{name}"), f"a{name}") for name in ("sin", "cos", "tan", "tan2")},
    "fmod": _library("fmod"),
    "remainder": remainder,
    "sigmoid": sigmoid,
    "sqrt": _intrinsic("llvm.sqrt"),
    "maximum": maximum,
    "minimum": minimum,
    "abs": absolute,
    "sign": sign,
    "floor": _intrinsic("llvm.floor"),
    "ceil": _intrinsic("llvm.ceil"),
    "trunc": _intrinsic("llvm.trunc"),
    "round": _intrinsic("llvm.roundeven"),
}

FLOATING = frozenset(FUNCTIONS) - {"maximum", "minimum", "abs", "sign"}
"""Those that take floating-point numbers only."""
