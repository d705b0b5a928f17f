"""Polynomials of a number, and numbers held within limits."""

from __future__ import annotations

from collections.abc import Sequence

from descend.kernels.code import Function, Term, real


def polynomial(code: Function, x: Term, coefficients: Sequence[float]) -> Term:
    """c0 x^n + c1 x^(n-1) + ... + cn, by Horner's rule."""
    y = real(coefficients[0], x.kind)
    for c in coefficients[1:]:
        y = code.fma(y, x, real(c, x.kind))
    return y


def limited(code: Function, x: Term, low: float, high: float) -> Term:
    """x between low and high; NaN stays NaN."""
    x = code.select(code.compare("olt", x, real(low, x.kind)), real(low, x.kind), x)
    return code.select(code.compare("ogt", x, real(high, x.kind)), real(high, x.kind), x)
