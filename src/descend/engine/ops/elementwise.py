"""Elementwise primitives: one row each. g is the cotangent of the result y; x, a, b are the inputs.

A rule may return a cotangent of the broadcast shape: the driver sums it back to the input's (`autodiff._sum_to`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from descend.engine import erf as error_function
from descend.engine.dtypes import result_type
from descend.engine.errors import UsageError, near_miss
from descend.engine.primitive import Elementwise, Primitive, Pullback, Samples, bind, broadcast_shapes, promote
from descend.engine.samples import (
    away_from_whole,
    away_from_zero,
    distinct,
    fractions,
    not_all_finite,
    of_one,
    of_two,
    positive,
    real,
    whole,
)  # fmt: skip
from descend.engine.tensor import Tensor, as_tensor


def elementwise(
    name: str, meaning: Callable[..., Any], gradient: Sequence[Pullback | None] | Pullback | None, fast: str, samples: Samples,
) -> Elementwise:  # fmt: skip
    """A row of the table: name, meaning on arrays, gradient (one rule an input), form for the compiler, samples."""
    rules = gradient if isinstance(gradient, Sequence) else (gradient,)
    return Elementwise(name, meaning, rules, fast, samples=samples)


def floating(
    name: str, meaning: Callable[..., Any], gradient: Sequence[Pullback | None] | Pullback | None, fast: str, samples: Samples,
) -> Elementwise:  # fmt: skip
    """A row whose result is floating-point even for integers."""
    row = elementwise(name, meaning, gradient, fast, samples)
    row.floating = True
    return row


def _sigmoid(x: Any) -> Any:
    # Accurate in both tails, where (1 + tanh(x/2)) / 2 is not. e^-x overflows some time before e^x is 0.
    y = 1 / (1 + np.exp(-x))
    return y if y.all() else np.where(y, y, np.exp(x))


def _rsqrt(x: Any) -> Any:
    return 1 / np.sqrt(x)


def _relu(x: Any) -> Any:
    return np.maximum(x, 0)


_reals, _nonzero, _positives = of_one(real), of_one(away_from_zero), of_one(positive)
_pairs, _ratios, _powers = of_two(real, real), of_two(real, away_from_zero), of_two(positive, real)
_apart = of_two(distinct, lambda rng, shape: distinct(rng, shape) + 0.05)
_tied = of_two(whole, whole)
_fractions, _stairs, _oddities = of_one(fractions), of_one(away_from_whole), of_one(not_all_finite)
_remainders = of_two(away_from_whole, lambda rng, shape: np.full(shape, 2.0))
_planes = of_two(away_from_zero, away_from_zero)
_LN2, _LN10, _ROOT_PI = math.log(2), math.log(10), math.sqrt(math.pi)

# Rules name what comes further down.
log: Elementwise
cos: Elementwise
sign: Elementwise
cosh: Elementwise
floor: Elementwise
trunc: Elementwise

# At a tie maximum and minimum pass the whole gradient to a (so that clip passes it at its limits); relu, abs have 0 at 0.
# fmt: off
#                  y = f(x)      meaning        x̄ from ȳ = g                                                        fast form
add   = elementwise("add",       np.add,        (lambda g, y, a, b: g,     lambda g, y, a, b: g),                   "{0} + {1}", _pairs)
sub   = elementwise("sub",       np.subtract,   (lambda g, y, a, b: g,     lambda g, y, a, b: -g),                  "{0} - {1}", _pairs)
mul   = elementwise("mul",       np.multiply,   (lambda g, y, a, b: g * b, lambda g, y, a, b: g * a),               "{0} * {1}", _pairs)
div   = floating("div",          np.divide,     (lambda g, y, a, b: g / b, lambda g, y, a, b: -(g * y) / b),        "{0} / {1}", _ratios)
pow   = floating("pow",          np.power,      (lambda g, y, a, b: g * b * a ** where(b == 0, 1, b - 1),
                                                 lambda g, y, a, b: g * y * log(where(a > 0, a, 1))),               "pow({0}, {1})", _powers)
neg   = elementwise("neg",       np.negative,   lambda g, y, x: -g,                                                 "-{0}", _reals)
square = elementwise("square",   np.square,     lambda g, y, x: g * (2 * x),                                        "{0} * {0}", _reals)
exp   = floating("exp",          np.exp,        lambda g, y, x: g * y,                                              "exp({0})", _reals)
log   = floating("log",          np.log,        lambda g, y, x: g / x,                                              "log({0})", _positives)
log1p = floating("log1p",        np.log1p,      lambda g, y, x: g / (1 + x),                                        "log1p({0})", _positives)
expm1 = floating("expm1",        np.expm1,      lambda g, y, x: g * (y + 1),                                        "expm1({0})", _reals)
sqrt  = floating("sqrt",         np.sqrt,       lambda g, y, x: g / (2 * y),                                        "sqrt({0})", _positives)
sin   = floating("sin",          np.sin,        lambda g, y, x: g * cos(x),                                         "sin({0})", _reals)
cos   = floating("cos",          np.cos,        lambda g, y, x: -(g * sin(x)),                                      "cos({0})", _reals)
tanh  = floating("tanh",         np.tanh,       lambda g, y, x: g * (1 - y * y),                                    "tanh({0})", _reals)
sigmoid = floating("sigmoid",    _sigmoid,      lambda g, y, x: g * (y * (1 - y)),                                  "sigmoid({0})", _reals)
relu  = elementwise("relu",      _relu,         lambda g, y, x: where(x > 0, g, 0),                                 "maximum({0}, 0)", _nonzero)
abs   = elementwise("abs",       np.abs,        lambda g, y, x: g * sign(x),                                        "abs({0})", _nonzero)
sign  = elementwise("sign",      np.sign,       None,                                                               "sign({0})", _nonzero)
maximum = elementwise("maximum", np.maximum,    (lambda g, y, a, b: where(a >= b, g, 0), lambda g, y, a, b: where(a < b, g, 0)), "maximum({0}, {1})", _apart)
minimum = elementwise("minimum", np.minimum,    (lambda g, y, a, b: where(a <= b, g, 0), lambda g, y, a, b: where(a > b, g, 0)), "minimum({0}, {1})", _apart)
tan   = floating("tan",          np.tan,        lambda g, y, x: g * (1 + y * y),                                    "tan({0})", _fractions)
arcsin = floating("arcsin",      np.arcsin,     lambda g, y, x: g / sqrt(1 - x * x),                                "arcsin({0})", _fractions)
arccos = floating("arccos",      np.arccos,     lambda g, y, x: -g / sqrt(1 - x * x),                               "arccos({0})", _fractions)
arctan = floating("arctan",      np.arctan,     lambda g, y, x: g / (1 + x * x),                                    "arctan({0})", _reals)
arctan2 = floating("arctan2",    np.arctan2,    (lambda g, y, a, b: g * b / (a * a + b * b),
                                                 lambda g, y, a, b: -(g * a) / (a * a + b * b)),                    "arctan2({0}, {1})", _planes)
sinh  = floating("sinh",         np.sinh,       lambda g, y, x: g * cosh(x),                                        "sinh({0})", _reals)
cosh  = floating("cosh",         np.cosh,       lambda g, y, x: g * sinh(x),                                        "cosh({0})", _reals)
exp2  = floating("exp2",         np.exp2,       lambda g, y, x: g * (y * _LN2),                                     "exp2({0})", _reals)
log2  = floating("log2",         np.log2,       lambda g, y, x: g / (x * _LN2),                                     "log2({0})", _positives)
log10 = floating("log10",        np.log10,      lambda g, y, x: g / (x * _LN10),                                    "log10({0})", _positives)
rsqrt = floating("rsqrt",        _rsqrt,        lambda g, y, x: g * (-0.5 * y) / x,                                 "1 / sqrt({0})", _positives)
erf   = floating("erf",          error_function.erf,  lambda g, y, x: g * (2 / _ROOT_PI * exp(-x * x)),             "erf({0})", _reals)
erfc  = floating("erfc",         error_function.erfc, lambda g, y, x: g * (-2 / _ROOT_PI * exp(-x * x)),            "erfc({0})", _reals)
logaddexp = floating("logaddexp", np.logaddexp, (lambda g, y, a, b: g * sigmoid(a - b), lambda g, y, a, b: g * sigmoid(b - a)), "maximum({0}, {1}) + log1p(exp(-abs({0} - {1})))", _pairs)
floor = elementwise("floor",     np.floor,      None,                                                               "floor({0})", _stairs)
ceil  = elementwise("ceil",      np.ceil,       None,                                                               "ceil({0})", _stairs)
trunc = elementwise("trunc",     np.trunc,      None,                                                               "trunc({0})", _stairs)
round = elementwise("round",     np.round,      None,                                                               "round({0})", _stairs)
remainder = elementwise("remainder", np.remainder, (lambda g, y, a, b: g, lambda g, y, a, b: -g * floor(a / b)),    "remainder({0}, {1})", _remainders)
fmod  = elementwise("fmod",      np.fmod,       (lambda g, y, a, b: g, lambda g, y, a, b: -g * trunc(a / b)),       "fmod({0}, {1})", _remainders)
copy  = elementwise("copy",      np.copy,       lambda g, y, x: g,                                                  "{0}", _reals)
equal      = elementwise("equal",      np.equal,      (None, None), "{0} == {1}", _tied)
not_equal  = elementwise("not_equal",  np.not_equal,  (None, None), "{0} != {1}", _tied)
less       = elementwise("less",       np.less,       (None, None), "{0} < {1}",  _tied)
less_equal = elementwise("less_equal", np.less_equal, (None, None), "{0} <= {1}", _tied)
isnan      = elementwise("isnan",      np.isnan,      None, "{0} != {0}", _oddities)
isfinite   = elementwise("isfinite",   np.isfinite,   None, "abs({0}) <= 1.7976931348623157e308", _oddities)
logical_not = elementwise("logical_not", np.logical_not, None, "{0} == 0", of_one(whole))
logical_and = elementwise("logical_and", np.logical_and, (None, None), "({0} != 0) & ({1} != 0)", _tied)
logical_or  = elementwise("logical_or",  np.logical_or,  (None, None), "({0} != 0) | ({1} != 0)", _tied)
logical_xor = elementwise("logical_xor", np.logical_xor, (None, None), "({0} != 0) != ({1} != 0)", _tied)
# fmt: on


def _selections(rng: np.random.Generator) -> list[Any]:
    shapes = (
        ((7,), (7,), (7,)), ((3, 5), (5,), (1, 1)), ((2, 1), (1, 3), ()), ((0, 2), (2,), (2,)), ((3, 400), (400,), (3, 1)),
    )  # fmt: skip
    return [((rng.random(c) < 0.5, real(rng, a), real(rng, b)), {}) for c, a, b in shapes]


def _cast(x: Any, dtype: Any) -> Any:
    return x.astype(dtype)


def _selected(c: Any, a: Any, b: Any) -> Any:
    """`np.where`, by bits: on a mask without a pattern, as a ReLU's gradient has it, that is ten times as fast."""
    # Multiplied by 0 or 1, the bits in which a and b differ are none or all of them.
    if c.size < _FEW or a.dtype != b.dtype or a.dtype.itemsize > _WIDEST:
        return np.where(c, a, b)
    bits = np.dtype(f"i{a.dtype.itemsize}")
    first, second = a.view(bits), b.view(bits)
    return (second ^ (first ^ second) * c).view(a.dtype)


_FEW, _WIDEST = 1024, 8  # elements; bytes of an integer

_where = Primitive(
    "where", _selected, broadcast_shapes,
    (None, lambda g, y, c, a, b: where(c, g, 0), lambda g, y, c, a, b: where(c, 0, g)),
    samples=_selections, fast="{1} if {0} else {2}",
)  # fmt: skip

cast = Primitive(
    "cast", _cast, lambda shape, **_: shape, (lambda g, y, x, dtype: g.to(x.dtype),),
    samples=of_one(real, dtype=np.dtype(np.float64)),
)  # fmt: skip


def where(condition: Any, a: Any, b: Any) -> Tensor:
    """a where `condition` holds, b elsewhere, broadcast together and brought to one type."""
    chosen = as_tensor(condition)
    return bind(_where, chosen if chosen.dtype.kind == "b" else not_equal(chosen, 0), *promote((a, b)))


def clip(x: Any, low: Any = None, high: Any = None) -> Tensor:
    """x limited to [low, high]; the gradient is 0 outside. None is no limit. Raises: UsageError without any."""
    if low is None and high is None:
        raise UsageError("clip needs a limit", given="low=None, high=None", needed="one of them", fix="clip(x, low=0)")
    x = as_tensor(x) if low is None else maximum(x, low)
    return x if high is None else minimum(x, high)


def masked_fill(x: Any, mask: Any, number: Any) -> Tensor:
    """x with `number` where `mask` (broadcast) is true."""
    return where(mask, number, x)


def greater(a: Any, b: Any) -> Tensor:
    """a > b."""
    return less(b, a)


def greater_equal(a: Any, b: Any) -> Tensor:
    """a >= b."""
    return less_equal(b, a)


def reciprocal(x: Any) -> Tensor:
    """1 / x."""
    return div(1, x)


def floor_divide(a: Any, b: Any) -> Tensor:
    """a / b rounded down, what `remainder` leaves; of whole numbers a whole number. Its gradient is 0."""
    x, y = promote((a, b))
    multiple = sub(x, remainder(x, y)).detach()
    return round(multiple / y) if x.dtype.kind == "f" else round(multiple.to(np.float64) / y.to(np.float64)).to(x.dtype)


def lerp(a: Any, b: Any, weight: Any) -> Tensor:
    """a + weight * (b - a): a at weight 0, b at weight 1."""
    start, end = promote((a, b), floating=True)
    return add(start, (end - start) * weight)


def softplus(x: Any, beta: float = 1.0) -> Tensor:
    """log(1 + exp(beta x)) / beta, without overflow.

    Differs: from PyTorch in being exact everywhere, where PyTorch returns x itself beyond a threshold.
    """
    return logaddexp(x, 0) if beta == 1 else logaddexp(mul(x, beta), 0) * (1 / beta)


def log_sigmoid(x: Any) -> Tensor:
    """log(1 / (1 + exp(-x))), without overflow."""
    return -logaddexp(neg(x), 0)


def gelu(x: Any, approximate: str = "none") -> Tensor:
    """x times the probability that a standard normal is below x; approximate="tanh": the formula with tanh.

    Source: Hendrycks and Gimpel 2016, arXiv:1606.08415. Raises: UsageError for another approximation.
    """
    (z,) = promote((x,), floating=True)
    if approximate == "tanh":
        return 0.5 * z * (1 + tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z * z * z)))
    if approximate != "none":
        raise UsageError(
            f"there is no approximation {approximate!r}", given=repr(approximate), needed="none or tanh",
            fix=near_miss(approximate, ("none", "tanh")) or "leave it out",
        )  # fmt: skip
    return 0.5 * z * erfc(z * -math.sqrt(0.5))  # the complement keeps the tail's digits


def common_type(*tensors: Tensor) -> np.dtype[Any]:
    """The type that the tensors have together."""
    return result_type([(x.dtype, 2 if x.shape else 1) for x in tensors])
