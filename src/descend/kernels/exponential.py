"""exp, log and what is made of them, in float32: a range reduction and a polynomial.

Source: the coefficients of exp, log and tanh are those of Cephes (Moshier 1989, "Methods and Programs for Mathematical
Functions"); expm1 and log1p are put together from them as in Kahan's "Branch cuts".
"""

from __future__ import annotations

from math import inf, nan

from descend.kernels.code import FLOAT, Function, Term, real, whole
from descend.kernels.polynomial import limited, polynomial

LOG2_E, LN2_HIGH, LN2_LOW = 1.44269504088896341, 0.693359375, -2.12194440e-4
ROUNDS = 12582912.0  # 1.5 * 2^23: a float of this size has no fraction left, so adding it rounds to a whole number
EXP = (1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1)
LOG = (
    7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1,
    2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1,
)  # fmt: skip
TANH = (-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1)
ROOT_HALF = 0x3F3504F3  # the bits of sqrt(1/2)
SMALLEST = 1.17549435e-38  # the smallest normal float


def _power_of_two(code: Function, n: Term) -> Term:
    """2^n for a whole number n in i32 within the range of normal exponents: n + 127 is the exponent field."""
    field = code.binary("shl", code.add(n, 127), whole(23, "i32"))
    return code.convert("bitcast", field, FLOAT)


def _reduced(code: Function, x: Term) -> tuple[Term, Term]:
    """n and e^r - 1 with x = n ln 2 + r and |r| <= ln 2 / 2."""
    shifted = code.fma(x, real(LOG2_E), real(ROUNDS))
    n = code.binary("fsub", shifted, real(ROUNDS))
    r = code.fma(n, real(-LN2_LOW), code.fma(n, real(-LN2_HIGH), x))
    y = code.fma(code.binary("fmul", r, r), polynomial(code, r, EXP), r)
    bits = [code.convert("bitcast", number, "i32") for number in (shifted, real(ROUNDS))]
    return code.binary("sub", *bits), y


def exp(code: Function, x: Term) -> Term:
    """e^x = 2^n e^r. 2^n is applied in two halves: it may lie beyond the normal numbers where the result does not."""
    n, y = _reduced(code, limited(code, x, -104.0, 89.0))
    half = code.binary("ashr", n, whole(1, "i32"))
    y = code.binary("fadd", y, real(1.0))
    for part in (half, code.binary("sub", n, half)):
        y = code.binary("fmul", y, _power_of_two(code, part))
    return y


def expm1(code: Function, x: Term) -> Term:
    """e^x - 1 = 2^n (e^r - 1) + (2^n - 1), which loses nothing where x is small."""
    n, y = _reduced(code, limited(code, x, -30.0, 88.0))
    power = _power_of_two(code, n)
    y = code.fma(power, y, code.binary("fsub", power, real(1.0)))
    beyond = code.binary("fsub", exp(code, x), real(1.0))
    return code.call("llvm.copysign", code.select(code.compare("ogt", x, real(88.0)), beyond, y), x)


def log(code: Function, x: Term) -> Term:
    """ln x = e ln 2 + ln m with x = 2^e m and m around 1."""
    tiny = code.compare("olt", x, real(SMALLEST))
    scaled = code.select(tiny, code.binary("fmul", x, real(2.0**23)), x)
    bits = code.binary("sub", code.convert("bitcast", scaled, "i32"), whole(ROOT_HALF, "i32"))
    e = code.convert("sitofp", code.binary("ashr", bits, whole(23, "i32")), FLOAT)
    e = code.select(tiny, code.binary("fsub", e, real(23.0)), e)
    m = code.add(code.binary("and", bits, whole(0x7FFFFF, "i32")), ROOT_HALF)
    f = code.binary("fsub", code.convert("bitcast", m, FLOAT), real(1.0))
    z = code.binary("fmul", f, f)
    y = code.binary("fmul", code.binary("fmul", f, z), polynomial(code, f, LOG))
    y = code.fma(z, real(-0.5), code.fma(e, real(LN2_LOW), y))
    y = code.fma(e, real(LN2_HIGH), code.binary("fadd", f, y))
    return _limits_of_log(code, x, y)


def _limits_of_log(code: Function, x: Term, y: Term) -> Term:
    y = code.select(code.compare("oeq", x, real(0.0)), real(-inf), y)
    y = code.select(code.compare("ult", x, real(0.0)), real(nan), y)  # unordered too: NaN
    return code.select(code.compare("oeq", x, real(inf)), x, y)


def log1p(code: Function, x: Term) -> Term:
    """ln(1 + x) = ln(u) x / (u - 1) with u = 1 + x rounded: the factor undoes the rounding."""
    u = code.binary("fadd", real(1.0), x)
    ratio = code.binary("fdiv", x, code.binary("fsub", u, real(1.0)))
    y = code.binary("fmul", log(code, u), ratio)
    y = code.select(code.compare("oeq", u, real(1.0)), x, y)
    return code.select(code.compare("oeq", x, real(inf)), x, y)


def tanh(code: Function, x: Term) -> Term:
    """An odd polynomial near 0, 1 - 2 / (e^2|x| + 1) with the sign of x elsewhere."""
    size = code.call("llvm.fabs", x)
    z = code.binary("fmul", x, x)
    near = code.fma(code.binary("fmul", z, polynomial(code, z, TANH)), x, x)
    grown = code.binary("fadd", exp(code, code.binary("fadd", size, size)), real(1.0))
    far = code.binary("fsub", real(1.0), code.binary("fdiv", real(2.0), grown))
    return code.call("llvm.copysign", code.select(code.compare("ult", size, real(0.625)), near, far), x)
