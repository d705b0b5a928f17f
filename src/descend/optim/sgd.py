"""Stochastic gradient descent."""

from __future__ import annotations

from descend.engine import Tensor, UsageError, overridable
from descend.optim import checks
from descend.optim.groups import Parameters
from descend.optim.optimizer import Optimizer


@overridable("optim.sgd.update")
def update(p: Tensor, g: Tensor, lr: Tensor) -> Tensor:
    """One step downhill, p - lr g. The line of the first exercise."""
    return p - lr * g


class SGD(Optimizer):
    """p <- p - lr v with v <- momentum v + g (plainly g without momentum); weight decay adds weight_decay p to g.

    With `nesterov` the step looks ahead along the new velocity: p <- p - lr (g + momentum v).

    Raises: UsageError for `nesterov` without momentum.
    Source: Robbins and Monro 1951; momentum: Polyak 1964; Nesterov 1983, as in Sutskever et al. 2013, Eqs. 3 and 4.
    Differs: from Sutskever et al. 2013 in keeping lr outside the velocity, as PyTorch does; from PyTorch in having no
    dampening.
    """

    def __init__(
        self, parameters: Parameters, lr: float, momentum: float = 0.0, weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(parameters, lr, weight_decay)
        self.momentum = checks.fraction("momentum", momentum)
        if nesterov and not momentum:
            raise UsageError(
                "Nesterov's step looks ahead along a velocity", given="momentum=0", needed="momentum > 0",
                fix="set momentum=0.9, or leave nesterov out",
            )  # fmt: skip
        self.nesterov = nesterov
        self.velocity = self.vector() if momentum else None

    def update(self, p: Tensor, g: Tensor) -> Tensor:
        """The step p - lr v."""
        if self.velocity is not None:
            self.velocity.write(self.momentum * self.velocity + g)
            g = g + self.momentum * self.velocity if self.nesterov else self.velocity
        return update(p, g, self.lr)
