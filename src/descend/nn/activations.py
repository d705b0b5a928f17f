"""Smooth activations, and softmax. Those with kinks are in `rectifiers`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from descend.engine import Tensor, UsageError, as_tensor, ops
from descend.nn import checks
from descend.nn.module import Module


def silu(x: Any) -> Tensor:
    """x / (1 + exp(-x)), also called swish. Source: Elfwing et al. 2017, arXiv:1702.03118."""
    z: Tensor = as_tensor(x)
    return z * ops.sigmoid(z)


class Elementwise(Module):
    """A function of each element, without parameters."""

    function: Callable[[Any], Tensor]

    def forward(self, x: Tensor) -> Tensor:
        """The function of each element."""
        return self.function(x)


class ReLU(Elementwise):
    """max(x, 0)."""

    function = staticmethod(ops.relu)


class Tanh(Elementwise):
    """tanh(x)."""

    function = staticmethod(ops.tanh)


class Sigmoid(Elementwise):
    """1 / (1 + exp(-x))."""

    function = staticmethod(ops.sigmoid)


class LogSigmoid(Elementwise):
    """log(1 / (1 + exp(-x)))."""

    function = staticmethod(ops.log_sigmoid)


class SiLU(Elementwise):
    """x / (1 + exp(-x)), also called swish. Source: Elfwing et al. 2017, arXiv:1702.03118."""

    function = staticmethod(silu)


class Mish(Elementwise):
    """x tanh(log(1 + exp(x))). Source: Misra 2019, arXiv:1908.08681, Eq. 1."""

    @staticmethod
    def function(x: Any) -> Tensor:
        """x tanh(softplus(x))."""
        z: Tensor = as_tensor(x)
        return z * ops.tanh(ops.softplus(z))


class Softsign(Elementwise):
    """x / (1 + |x|). Source: Bergstra et al. 2009, "Quadratic polynomials learn better image features"."""

    @staticmethod
    def function(x: Any) -> Tensor:
        """x / (1 + |x|)."""
        z: Tensor = as_tensor(x)
        return z / (1 + ops.abs(z))


class Tanhshrink(Elementwise):
    """x - tanh(x)."""

    @staticmethod
    def function(x: Any) -> Tensor:
        """x - tanh(x)."""
        z: Tensor = as_tensor(x)
        return z - ops.tanh(z)


class Softplus(Module):
    """log(1 + exp(beta x)) / beta.

    Raises: UsageError for a beta that is not positive.
    Differs: from PyTorch in being exact for large x too, where PyTorch goes over to x at `threshold`.
    """

    def __init__(self, beta: float = 1.0) -> None:
        self.beta = checks.positive("Softplus", "beta", beta)

    def forward(self, x: Tensor) -> Tensor:
        """The softplus of each element."""
        return ops.softplus(x, self.beta)

    def described(self) -> str:
        """The steepness, unless it is 1."""
        return "" if self.beta == 1 else f"beta={self.beta:g}"


class GELU(Module):
    """x Φ(x), where Φ is the distribution function of the standard normal.

    Φ(x) = (1 + erf(x / √2)) / 2; with `approximate="tanh"`: (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2.

    Raises: UsageError for an `approximate` other than "none" and "tanh".
    Source: Hendrycks and Gimpel 2016, arXiv:1606.08415.
    """

    def __init__(self, approximate: str = "none") -> None:
        self.approximate = checks.one_of("GELU", "approximate", approximate, ("none", "tanh"))

    def forward(self, x: Tensor) -> Tensor:
        """The function of each element."""
        return ops.gelu(x, self.approximate)

    def described(self) -> str:
        """The approximation, if there is one."""
        return "" if self.approximate == "none" else f"approximate={self.approximate!r}"


class Softmax(Module):
    """exp(x) / sum(exp(x)) along an axis.

    A network that is trained with `cross_entropy` ends without it: that loss takes the logits.
    Differs: from PyTorch in calling the axis `axis`, and in a default: the last one.
    """

    def __init__(self, axis: int = -1) -> None:
        self.axis = _whole_axis(type(self).__name__, axis)

    def forward(self, x: Tensor) -> Tensor:
        """Probabilities along the axis."""
        return ops.softmax(x, self.axis)

    def described(self) -> str:
        """The axis."""
        return f"axis={self.axis}"


class LogSoftmax(Softmax):
    """x - log(sum(exp(x))) along an axis: the logarithm of softmax, for `nll_loss`."""

    def forward(self, x: Tensor) -> Tensor:
        """Logarithms of probabilities along the axis."""
        return ops.log_softmax(x, self.axis)


class Softmin(Softmax):
    """exp(-x) / sum(exp(-x)) along an axis: softmax of -x."""

    def forward(self, x: Tensor) -> Tensor:
        """Probabilities along the axis, the smallest x the most probable."""
        return ops.softmax(-as_tensor(x), self.axis)


def _whole_axis(layer: str, axis: Any) -> int:
    if isinstance(axis, int) and not isinstance(axis, bool):
        return axis
    raise UsageError(
        f"{layer} works along one axis", given=f"axis={axis!r}", needed="a whole number", fix="-1 is the last axis"
    )
