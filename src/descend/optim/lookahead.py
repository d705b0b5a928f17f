"""Lookahead: slow weights that follow fast ones."""

from __future__ import annotations

from typing import Self

import numpy as np

from descend.engine import Cell, Tensor, no_grad, ops
from descend.optim import checks
from descend.optim.optimizer import Closure, Optimizer, checked
from descend.optim.state import restored_after_error
from descend.optim.vector import put


class Lookahead(Optimizer):
    """After every k steps of another optimiser: slow <- slow + alpha (p - slow), and p goes on from slow.

    Args:
        inner: the optimiser that takes the steps. Its learning rate is this one's, so a schedule may have either.
        k: its steps for one of the slow weights.
        alpha: how far the slow weights follow.

    Raises: UsageError where inner is no optimiser.
    Source: Zhang, Lucas, Hinton and Ba 2019, arXiv:1907.08610, Algorithm 1.
    """

    def __init__(self, inner: Optimizer, k: int = 5, alpha: float = 0.5) -> None:
        super().__init__(checked(inner).parameters, 0.0)
        self.inner, self.lr = inner, inner.lr
        self.k, self.alpha = checks.count("k", k, 1), checks.unit("alpha", alpha)
        self.slow = Cell(ops.ravel(self.parameters))
        self.since = Cell(np.array(0, np.int64))  # steps of the inner optimiser since the slow weights moved

    def step(self, closure: Closure | None = None) -> Tensor | None:
        """A step of the inner optimiser, and of the slow weights where it is their turn."""
        with restored_after_error([*self.parameters, *self.state().values()]):
            loss = self.inner.step(closure)
            with no_grad():
                self._follow()
        return loss

    def _follow(self) -> None:
        """The turn is chosen by `where`, not by `if`: a trace of one step serves every step."""
        p = ops.ravel(self.parameters)
        self.t.write(self.t + 1)
        due = ops.equal(self.since, self.k - 1)
        self.since.write(ops.where(due, 0, self.since + 1))
        self.slow.write(ops.where(due, self.slow + self.alpha * (p - self.slow), self.slow))
        put(ops.where(due, self.slow, p), self.parameters)

    def clip(self, *, norm: float | None = None, value: float | None = None) -> Self:
        """Limit the gradient of the inner optimiser's steps. Returns itself."""
        self.inner.clip(norm=norm, value=value)
        return self

    def state(self) -> dict[str, Cell]:
        """Its own cells, and those of the inner optimiser under "inner."."""
        return super().state() | {f"inner.{name}": cell for name, cell in self.inner.state().items()}
