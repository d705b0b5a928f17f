"""Functions of float32 numbers that are computed in float64 and rounded once: powers, logarithms, hyperbolic sines.

In float64 short polynomials and plain formulas are enough: what they lose lies below float32's last place. Nothing here
branches or calls the C library, so a loop over it is vectorised.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from descend.kernels.code import DOUBLE, FLOAT, Function, Term, real, whole
from descend.kernels.polynomial import limited, polynomial

ROUNDS = 6755399441055744.0  # 1.5 * 2^52: a float64 of this size has no fraction left, so adding it rounds
EXP = tuple(1 / math.factorial(i) for i in range(10, -1, -1))  # the Taylor series of e^x
ARTANH = tuple(2 / (2 * i + 1) / math.log(2) for i in range(8, -1, -1))  # that of 2 artanh(s) / s / ln 2, in s²
ROOT_HALF = 0x3FE6A09E667F3BCD  # the bits of sqrt(1/2)
FRACTION = 0xFFFFFFFFFFFFF
SMALL = 2.0**-10  # where e^x - e^-x would lose too many digits


def widened(function: Callable[[Function, Term], Term]) -> Callable[[Function, Term], Term]:
    """The function of a float32 number, computed in float64."""
    return lambda code, x: narrow(code, function(code, wide(code, x)))


def wide(code: Function, x: Term) -> Term:
    """The number in float64."""
    return code.convert("fpext", x, DOUBLE)


def narrow(code: Function, x: Term) -> Term:
    """The number rounded to float32: too large ones become infinite, small ones subnormal."""
    return code.convert("fptrunc", x, FLOAT)


def rounded(code: Function, x: Term) -> tuple[Term, Term]:
    """x to the nearest whole number, for |x| < 2^51; and the same in the low bits of an integer."""
    shifted = code.binary("fadd", x, real(ROUNDS, DOUBLE))
    return code.binary("fsub", shifted, real(ROUNDS, DOUBLE)), code.convert("bitcast", shifted, "i64")


def exp2(code: Function, x: Term) -> Term:
    """2^x = 2^n e^(f ln 2) with x = n + f and |f| <= 1/2, for what is finite in float32."""
    n, bits = rounded(code, limited(code, x, -200.0, 200.0))
    f = code.binary("fsub", limited(code, x, -200.0, 200.0), n)
    y = polynomial(code, code.binary("fmul", f, real(math.log(2), DOUBLE)), EXP)
    field = code.binary("shl", code.add(bits, 1023), whole(52))
    return code.binary("fmul", y, code.convert("bitcast", field, DOUBLE))


def log2(code: Function, x: Term) -> Term:
    """e + 2 artanh((m - 1) / (m + 1)) / ln 2 with x = 2^e m and m around 1."""
    bits = code.add(code.convert("bitcast", x, "i64"), -ROOT_HALF)
    e = _from_whole(code, code.binary("ashr", bits, whole(52)))
    m = code.convert("bitcast", code.add(code.binary("and", bits, whole(FRACTION)), ROOT_HALF), DOUBLE)
    one = real(1.0, DOUBLE)
    s = code.binary("fdiv", code.binary("fsub", m, one), code.binary("fadd", m, one))
    y = code.fma(s, polynomial(code, code.binary("fmul", s, s), ARTANH), e)
    for condition, limit in (("oeq", -math.inf), ("ult", math.nan)):  # unordered too: NaN
        y = code.select(code.compare(condition, x, real(0.0, DOUBLE)), real(limit, DOUBLE), y)
    return code.select(code.compare("oeq", x, real(math.inf, DOUBLE)), x, y)


def _from_whole(code: Function, n: Term) -> Term:
    """A small whole number as float64: put into the bits of a number that has no fraction."""
    bits = code.add(n, 0x4338000000000000)
    return code.binary("fsub", code.convert("bitcast", bits, DOUBLE), real(ROUNDS, DOUBLE))


def log10(code: Function, x: Term) -> Term:
    """log2(x) / log2(10)."""
    return code.binary("fmul", log2(code, x), real(math.log10(2), DOUBLE))


def _exp(code: Function, x: Term) -> Term:
    return exp2(code, code.binary("fmul", x, real(1 / math.log(2), DOUBLE)))


def cosh(code: Function, x: Term) -> Term:
    """(e^x + e^-x) / 2."""
    y = _exp(code, x)
    return code.binary("fmul", real(0.5, DOUBLE), code.fma(real(1.0, DOUBLE), y, _inverse(code, y)))


def sinh(code: Function, x: Term) -> Term:
    """(e^x - e^-x) / 2; x + x³/6 where that would lose digits."""
    y = _exp(code, x)
    far = code.binary("fmul", real(0.5, DOUBLE), code.binary("fsub", y, _inverse(code, y)))
    square = code.binary("fmul", x, x)
    near = code.binary("fmul", x, code.fma(square, real(1 / 6, DOUBLE), real(1.0, DOUBLE)))
    return code.select(code.compare("olt", code.call("llvm.fabs", x), real(SMALL, DOUBLE)), near, far)


def _inverse(code: Function, y: Term) -> Term:
    return code.binary("fdiv", real(1.0, DOUBLE), y)


def power(code: Function, a: Term, b: Term) -> Term:
    """a^b = 2^(b log2 |a|), with the sign and the limits of the C library's pow."""
    size = code.call("llvm.fabs", a)
    y = narrow(code, exp2(code, code.binary("fmul", wide(code, b), log2(code, wide(code, size)))))
    one, zero = real(1.0), real(0.0)
    numbers = code.compare("ord", a, b)
    unit = code.binary("and", code.compare("oeq", size, one), numbers)
    y = code.select(unit, one, y)  # also for an infinite b
    broken = code.compare("une", code.call("llvm.trunc", b), b)
    y = code.select(code.binary("and", broken, _inside(code, a)), real(math.nan), y)
    half = code.binary("fmul", b, real(0.5))
    odd = code.binary("and", code.compare("une", code.call("llvm.trunc", half), half), _is_whole(code, b))
    y = code.select(odd, code.call("llvm.copysign", y, a), y)
    always = code.binary("or", code.compare("oeq", a, one), code.compare("oeq", b, zero))
    return code.select(always, one, y)  # even for NaN


def _inside(code: Function, a: Term) -> Term:
    """Whether a is negative and finite: its powers that are no whole ones are not real."""
    return code.binary("and", code.compare("olt", a, real(0.0)), code.compare("one", a, real(-math.inf)))


def _is_whole(code: Function, b: Term) -> Term:
    return code.compare("oeq", code.call("llvm.trunc", b), b)
