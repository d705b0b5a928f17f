"""What can be written with a tensor and an operator, and the functions of each element: methods of `Tensor`.

Each is the operation of its name in `ops`, which says what it computes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from descend.engine.errors import DtypeError

if TYPE_CHECKING:
    from descend.engine.tensor import Tensor


class Operators:
    """Arithmetic, comparison, logic, and functions of each element."""

    __slots__ = ()

    # Arithmetic.

    def __add__(self, other: Any) -> Tensor:
        return ops.add(self, other)

    def __radd__(self, other: Any) -> Tensor:
        return ops.add(other, self)

    def __sub__(self, other: Any) -> Tensor:
        return ops.sub(self, other)

    def __rsub__(self, other: Any) -> Tensor:
        return ops.sub(other, self)

    def __mul__(self, other: Any) -> Tensor:
        return ops.mul(self, other)

    def __rmul__(self, other: Any) -> Tensor:
        return ops.mul(other, self)

    def __truediv__(self, other: Any) -> Tensor:
        return ops.div(self, other)

    def __rtruediv__(self, other: Any) -> Tensor:
        return ops.div(other, self)

    def __mod__(self, other: Any) -> Tensor:
        return ops.remainder(self, other)

    def __rmod__(self, other: Any) -> Tensor:
        return ops.remainder(other, self)

    def __pow__(self, other: Any) -> Tensor:
        return ops.pow(self, other)

    def __rpow__(self, other: Any) -> Tensor:
        return ops.pow(other, self)

    def __neg__(self) -> Tensor:
        return ops.neg(self)

    def __abs__(self) -> Tensor:
        return ops.abs(self)

    def __matmul__(self, other: Any) -> Tensor:
        return ops.matmul(self, other)

    def __rmatmul__(self, other: Any) -> Tensor:
        return ops.matmul(other, self)

    def __floordiv__(self, other: Any) -> Tensor:
        return ops.floor_divide(self, other)

    def __rfloordiv__(self, other: Any) -> Tensor:
        return ops.floor_divide(other, self)

    # Comparison, and the logic of truth values.

    def __eq__(self, other: object) -> Tensor:  # type: ignore[override]
        return ops.equal(self, other)

    def __ne__(self, other: object) -> Tensor:  # type: ignore[override]
        return ops.not_equal(self, other)

    def __lt__(self, other: Any) -> Tensor:
        return ops.less(self, other)

    def __le__(self, other: Any) -> Tensor:
        return ops.less_equal(self, other)

    def __gt__(self, other: Any) -> Tensor:
        return ops.less(other, self)

    def __ge__(self, other: Any) -> Tensor:
        return ops.less_equal(other, self)

    __hash__ = object.__hash__

    def __and__(self, other: Any) -> Tensor:
        return ops.logical_and(*_truths(self, other))

    def __rand__(self, other: Any) -> Tensor:
        return ops.logical_and(*_truths(other, self))

    def __or__(self, other: Any) -> Tensor:
        return ops.logical_or(*_truths(self, other))

    def __ror__(self, other: Any) -> Tensor:
        return ops.logical_or(*_truths(other, self))

    def __xor__(self, other: Any) -> Tensor:
        return ops.logical_xor(*_truths(self, other))

    def __rxor__(self, other: Any) -> Tensor:
        return ops.logical_xor(*_truths(other, self))

    def __invert__(self) -> Tensor:
        return ops.logical_not(*_truths(self))

    # Functions of each element.

    def abs(self) -> Tensor:
        """The size of each element."""
        return ops.abs(self)

    def sign(self) -> Tensor:
        """-1, 0 or 1."""
        return ops.sign(self)

    def square(self) -> Tensor:
        """Each element times itself."""
        return ops.square(self)

    def pow(self, exponent: Any) -> Tensor:
        """Each element to the power of `exponent`."""
        return ops.pow(self, exponent)

    def exp(self) -> Tensor:
        """e to the power of each element."""
        return ops.exp(self)

    def expm1(self) -> Tensor:
        """exp(x) - 1, with all digits near 0."""
        return ops.expm1(self)

    def log(self) -> Tensor:
        """The natural logarithm of each element."""
        return ops.log(self)

    def log1p(self) -> Tensor:
        """log(1 + x), with all digits near 0."""
        return ops.log1p(self)

    def log2(self) -> Tensor:
        """The logarithm to base 2."""
        return ops.log2(self)

    def log10(self) -> Tensor:
        """The logarithm to base 10."""
        return ops.log10(self)

    def sqrt(self) -> Tensor:
        """The square root of each element."""
        return ops.sqrt(self)

    def rsqrt(self) -> Tensor:
        """1 / sqrt(x)."""
        return ops.rsqrt(self)

    def reciprocal(self) -> Tensor:
        """1 / x."""
        return ops.reciprocal(self)

    def sin(self) -> Tensor:
        """The sine of each element, in radians."""
        return ops.sin(self)

    def cos(self) -> Tensor:
        """The cosine of each element, in radians."""
        return ops.cos(self)

    def tan(self) -> Tensor:
        """The tangent of each element, in radians."""
        return ops.tan(self)

    def arctan(self) -> Tensor:
        """The angle whose tangent it is."""
        return ops.arctan(self)

    def sinh(self) -> Tensor:
        """The hyperbolic sine of each element."""
        return ops.sinh(self)

    def cosh(self) -> Tensor:
        """The hyperbolic cosine of each element."""
        return ops.cosh(self)

    def tanh(self) -> Tensor:
        """The hyperbolic tangent of each element."""
        return ops.tanh(self)

    def sigmoid(self) -> Tensor:
        """1 / (1 + exp(-x)) of each element."""
        return ops.sigmoid(self)

    def relu(self) -> Tensor:
        """max(x, 0) of each element."""
        return ops.relu(self)

    def erf(self) -> Tensor:
        """The error function of each element."""
        return ops.erf(self)

    def floor(self) -> Tensor:
        """The largest whole number that is not above each element."""
        return ops.floor(self)

    def ceil(self) -> Tensor:
        """The smallest whole number that is not below each element."""
        return ops.ceil(self)

    def round(self) -> Tensor:
        """The nearest whole number, the even one of two."""
        return ops.round(self)

    def trunc(self) -> Tensor:
        """Without what comes after the point."""
        return ops.trunc(self)

    def clip(self, low: Any = None, high: Any = None) -> Tensor:
        """Limited to [low, high]; None is no limit."""
        return ops.clip(self, low, high)

    def clamp(self, min: Any = None, max: Any = None) -> Tensor:
        """Limited to [min, max]: PyTorch's name for `clip`."""
        return ops.clip(self, min, max)

    def maximum(self, other: Any) -> Tensor:
        """The larger of each two elements."""
        return ops.maximum(self, other)

    def minimum(self, other: Any) -> Tensor:
        """The smaller of each two elements."""
        return ops.minimum(self, other)

    def lerp(self, end: Any, weight: Any) -> Tensor:
        """self + weight * (end - self)."""
        return ops.lerp(self, end, weight)

    def isnan(self) -> Tensor:
        """Whether each element is NaN."""
        return ops.isnan(self)

    def isfinite(self) -> Tensor:
        """Whether each element is neither infinite nor NaN."""
        return ops.isfinite(self)

    def masked_fill(self, mask: Any, number: Any) -> Tensor:
        """With `number` where `mask` is true."""
        return ops.masked_fill(self, mask, number)


def _truths(*operands: Any) -> tuple[Tensor, ...]:
    """The operands as tensors. Raises: DtypeError unless they are truth values."""
    tensors = tuple(tensor.as_tensor(x) for x in operands)
    wrong = [x for x in tensors if x.dtype.kind != "b"]
    if wrong:
        raise DtypeError(
            "&, |, ^ and ~ combine truth values", given=str(wrong[0].dtype), needed="bool",
            fix="compare first, as in (x > 0) & (x < 1); ops.logical_and takes any numbers",
        )  # fmt: skip
    return tensors


# Operations are made of tensors, and a tensor's methods of operations: one of the two has to come second.
from descend.engine import ops, tensor  # noqa: E402
