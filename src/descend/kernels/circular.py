"""sin, cos, tan and their inverses of float32 numbers, computed in float64 and rounded once.

The angle is measured in quarter turns: its product with 2/π, of which only the fraction and the last two bits of the
whole part matter. 2/π is cut into pieces of 29 bits, so that the product of a piece and a float32 number is exact, and
of each product the multiples of 8 are dropped. So the largest angles are reduced as exactly as the small ones.

Source: Payne and Hanek 1983, "Radian reduction for trigonometric functions", in the form that floats have.
"""

from __future__ import annotations

import math

from descend.kernels.code import DOUBLE, Function, Term, real, whole
from descend.kernels.polynomial import polynomial
from descend.kernels.widened import narrow, rounded, wide

QUARTERS = (
    0.636619770899415, 1.4681663246252086e-09, 2.2760100671971816e-18, 5.8812147387730434e-27,
    1.0346868700836215e-35, 3.783256351091319e-45, 3.720474878517739e-53,
)  # fmt: skip
"""2/π in pieces of 29 bits."""
STARTS = (2.0**54, 2.0**83, 2.0**112)  # from each of these on, one more piece contributes whole turns only
PIECES = 4  # that matter for one angle
EIGHTS = 1.5 * 2.0**55  # adding it to a float64 number below 2^54 rounds to a multiple of 8
SIN = tuple((-1) ** i / math.factorial(2 * i + 1) for i in range(5, -1, -1))  # the Taylor series of sin(r) / r, in r²
COS = tuple((-1) ** i / math.factorial(2 * i) for i in range(6, -1, -1))
ARCTAN = (
    -0.03765426205334, 0.06974150497274, -0.0899254259697, 0.1110345579926, -0.142853864929, 0.1999999305198,
    -0.3333333327691, 0.9999999999992,
)  # fmt: skip
TAN_EIGHTH = math.tan(math.pi / 8)


def sin(code: Function, x: Term) -> Term:
    """sin(x)."""
    quarter, r = _reduced(code, x)
    return narrow(code, _turned(code, quarter, r))


def cos(code: Function, x: Term) -> Term:
    """cos(x): the sine a quarter turn later."""
    quarter, r = _reduced(code, x)
    return narrow(code, _turned(code, code.add(quarter, 1), r))


def tan(code: Function, x: Term) -> Term:
    """sin(x) / cos(x)."""
    quarter, r = _reduced(code, x)
    sine, cosine = (_turned(code, turns, r) for turns in (quarter, code.add(quarter, 1)))
    return narrow(code, code.binary("fdiv", sine, cosine))


def _reduced(code: Function, x: Term) -> tuple[Term, Term]:
    """Whole quarter turns, in the low bits of an integer, and the angle that is left, at most π/4."""
    number = wide(code, x)
    turns = real(-0.0, DOUBLE)
    for piece in _pieces(code, code.call("llvm.fabs", number)):
        product = code.binary("fmul", number, piece)
        eights = code.binary("fsub", code.binary("fadd", product, real(EIGHTS, DOUBLE)), real(EIGHTS, DOUBLE))
        turns = code.binary("fadd", turns, code.binary("fsub", product, eights))
    near, bits = rounded(code, turns)
    return bits, code.binary("fmul", code.binary("fsub", turns, near), real(math.pi / 2, DOUBLE))


def _pieces(code: Function, size: Term) -> list[Term]:
    """The pieces of 2/π that matter for an angle of this size."""
    pieces = [real(number, DOUBLE) for number in QUARTERS[:PIECES]]
    for dropped, start in enumerate(STARTS, 1):
        large = code.compare("oge", size, real(start, DOUBLE))
        later = QUARTERS[dropped : dropped + PIECES]
        pieces = [code.select(large, real(c, DOUBLE), old) for c, old in zip(later, pieces, strict=True)]
    return pieces


def _turned(code: Function, quarter: Term, r: Term) -> Term:
    """The sine of r and as many quarter turns."""
    square = code.binary("fmul", r, r)
    sine, cosine = code.binary("fmul", r, polynomial(code, square, SIN)), polynomial(code, square, COS)
    odd = code.compare("ne", code.binary("and", quarter, whole(1)), whole(0))
    y = code.select(odd, cosine, sine)
    half = code.compare("ne", code.binary("and", quarter, whole(2)), whole(0))
    return code.select(half, code.define(DOUBLE, f"fneg {y}"), y)


def arctan2(code: Function, y: Term, x: Term) -> Term:
    """The angle of the point (x, y)."""
    return narrow(code, _angle(code, wide(code, y), wide(code, x)))


def arctan(code: Function, x: Term) -> Term:
    """The angle of the point (1, x)."""
    return narrow(code, _angle(code, wide(code, x), real(1.0, DOUBLE)))


def arcsin(code: Function, x: Term) -> Term:
    """The angle of the point on the unit circle at this height."""
    number = wide(code, x)
    return narrow(code, _angle(code, number, _other_side(code, number)))


def arccos(code: Function, x: Term) -> Term:
    """The angle of the point on the unit circle this far to the right."""
    number = wide(code, x)
    return narrow(code, _angle(code, _other_side(code, number), number))


def _other_side(code: Function, x: Term) -> Term:
    """√((1 - x) (1 + x))."""
    one = real(1.0, DOUBLE)
    return code.call("llvm.sqrt", code.binary("fmul", code.binary("fsub", one, x), code.binary("fadd", x, one)))


def _angle(code: Function, y: Term, x: Term) -> Term:
    """The angle within the first half quadrant, mirrored to where the point lies."""
    one, zero = real(1.0, DOUBLE), real(0.0, DOUBLE)
    right, up = code.call("llvm.fabs", x), code.call("llvm.fabs", y)
    steep = code.compare("ogt", up, right)
    low, high = code.select(steep, right, up), code.select(steep, up, right)
    ratio = code.binary("fdiv", low, high)
    ratio = code.select(code.compare("oeq", low, zero), zero, ratio)  # 0 of 0
    ratio = code.select(code.compare("oeq", low, real(math.inf, DOUBLE)), one, ratio)
    angle = _arctan(code, ratio)
    angle = code.select(steep, code.binary("fsub", real(math.pi / 2, DOUBLE), angle), angle)
    sign = code.call("llvm.copysign", one, x)
    left = code.compare("olt", sign, zero)
    angle = code.select(left, code.binary("fsub", real(math.pi, DOUBLE), angle), angle)
    angle = code.select(code.compare("uno", y, x), real(math.nan, DOUBLE), angle)
    return code.call("llvm.copysign", angle, y)


def _arctan(code: Function, x: Term) -> Term:
    """arctan(x) for 0 <= x <= 1: from π/8 on turned back by π/4."""
    one = real(1.0, DOUBLE)
    far = code.compare("ogt", x, real(TAN_EIGHTH, DOUBLE))
    turned = code.binary("fdiv", code.binary("fsub", x, one), code.binary("fadd", x, one))
    z = code.select(far, turned, x)
    angle = code.binary("fmul", z, polynomial(code, code.binary("fmul", z, z), ARCTAN))
    return code.select(far, code.binary("fadd", angle, real(math.pi / 4, DOUBLE)), angle)
