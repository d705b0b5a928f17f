"""The error function and its complement in float32.

    erfc(x) = e^(-x²) y(x) / (1 + 2x)    for x >= 0, with y a polynomial of (x - 2) / (x + 2)
    erf(x)  = x p(x²)                    for |x| <= 0.9, 1 - erfc(x) beyond
    erfc(x) = 1 - x p(x²)                for |x| <= 0.47, where it is more than a half: nothing is lost

e^(-x²) is taken of the rounded square, and what rounding has lost is put back as a factor.

Source: Shepherd and Laframboise 1981, "Chebyshev approximation of (1 + 2x) exp(x²) erfc(x) in 0 <= x < ∞".
"""

from __future__ import annotations

from descend.kernels.code import Function, Term, real
from descend.kernels.exponential import exp
from descend.kernels.polynomial import polynomial

TAIL = (
    2.1667789042e-5, -3.7305906881e-4, -1.2513748370e-3, 1.2824424775e-3, 8.6394911632e-3, -8.0479662865e-3,
    -5.4205723107e-2, 1.6405364871e-1, -1.6603130102e-1, -9.2763915658e-2, 1.2769783735,
)  # fmt: skip
NEAR = (
    7.8758748714e-5, -8.0168643035e-4, 5.1890872419e-3, -2.6854211465e-2, 1.1283594370e-1, -3.7612625957e-1,
    1.1283791065,
)  # fmt: skip
NOTHING_LEFT = 10.1  # from here on erfc is less than half of the smallest float


def erf(code: Function, x: Term) -> Term:
    """2/√π times the integral of e^(-t²) from 0 to x."""
    size, near = code.call("llvm.fabs", x), _near(code, x)
    far = code.call("llvm.copysign", code.binary("fsub", real(1.0), _tail(code, x, size)), x)
    return code.select(code.compare("ogt", size, real(0.9)), far, near)


def erfc(code: Function, x: Term) -> Term:
    """1 - erf(x), which keeps its digits where erf is close to 1."""
    size = code.call("llvm.fabs", x)
    y, near = _tail(code, x, size), code.binary("fsub", real(1.0), _near(code, x))
    far = code.select(code.compare("olt", x, real(0.0)), code.binary("fsub", real(2.0), y), y)
    return code.select(code.compare("ogt", size, real(0.47)), far, near)


def _near(code: Function, x: Term) -> Term:
    """erf where it is not close to 1."""
    return code.binary("fmul", x, polynomial(code, code.binary("fmul", x, x), NEAR))


def _tail(code: Function, x: Term, size: Term) -> Term:
    """erfc(|x|)."""
    q = code.binary("fdiv", code.binary("fsub", size, real(2.0)), code.binary("fadd", size, real(2.0)))
    y = code.binary("fdiv", polynomial(code, q, TAIL), code.fma(size, real(2.0), real(1.0)))
    y = code.binary("fmul", y, _bell(code, x))
    return code.select(code.compare("ogt", size, real(NOTHING_LEFT)), real(0.0), y)


def _bell(code: Function, x: Term) -> Term:
    """e^(-x²)."""
    minus = code.define(x.kind, f"fneg {x}")
    square = code.binary("fmul", minus, x)
    lost = code.fma(minus, x, code.define(x.kind, f"fneg {square}"))
    y = exp(code, square)
    return code.fma(y, lost, y)
