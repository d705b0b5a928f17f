"""`SearchingOptimizer`: what rules share that look at the loss along a line before they move."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Self

from descend.engine import Tensor, UsageError, no_grad, ops
from descend.optim import checks
from descend.optim.groups import Parameters
from descend.optim.line_search import Line, Point, dot, strong_wolfe
from descend.optim.optimizer import Closure, Optimizer
from descend.optim.state import restored_after_error


class SearchingOptimizer(Optimizer, ABC):
    """An optimiser whose step is given the loss as a function to call: `optimizer.step(closure)`.

    The closure forgets the gradients, computes the loss of always the same examples, calls backward and returns the
    loss. Python chooses here by numbers, so the closure can be compiled and the step cannot.

    Raises: UsageError for groups with learning rates of their own: all parameters move along one line.
    """

    def __init__(self, parameters: Parameters, lr: float, max_iter: int, tolerance_grad: float) -> None:
        super().__init__(parameters, lr)
        if self.share is not None or not isinstance(self.weight_decay, float) or self.weight_decay:
            raise UsageError(
                f"{type(self).__name__} moves all parameters along one line", given="groups with settings",
                needed="parameters alike", fix="put a penalty into the loss",
            )  # fmt: skip
        self.max_iter = checks.count("max_iter", max_iter, 1)
        self.tolerance_grad = checks.not_negative("tolerance_grad", tolerance_grad)

    def step(self, closure: Closure | None = None) -> Tensor | None:
        """At most `max_iter` moves, each along a line. Returns: the loss before the first.

        Where an error ends the step, parameters and state are as they were before it.
        Raises: UsageError without a closure, GradientError if no parameter has a gradient.
        """
        if closure is None:
            raise UsageError(
                f"{type(self).__name__} has to look at the loss in several places", given="step()",
                needed="step(closure)", fix="def closure(): zero_grad, loss, backward, return loss",
            )  # fmt: skip
        with restored_after_error([*self.parameters, *self.state().values()]):
            return self._descend(closure)

    def clip(self, *, norm: float | None = None, value: float | None = None) -> Self:
        """Refused: a line search needs slopes, and a clipped gradient is none. Raises: UsageError."""
        raise UsageError(
            f"{type(self).__name__} finds the lengths of its steps itself", given=f"clip(norm={norm}, value={value})",
            needed="whole gradients", fix="leave clipping out",
        )  # fmt: skip

    def _descend(self, closure: Closure) -> Tensor:
        with no_grad():
            p = ops.ravel([cell.read() for cell in self.parameters])
        first = Line(closure, self.parameters, p, p * 0).look(0.0)
        point = first
        for _ in range(self.max_iter):
            if float(ops.max(ops.abs(point.g)).item()) <= self.tolerance_grad:
                break
            moved = self._move(closure, point)
            if moved is None:
                break
            point = moved
        return Tensor(first.loss, self.dtype)

    def _move(self, closure: Closure, at: Point) -> Point | None:
        """One move along a line; None where the loss does not fall any further along it."""
        with no_grad():
            p, d = ops.ravel([cell.read() for cell in self.parameters]), self.direction(at.g)
            start = Point(0.0, at.loss, dot(at.g, d), at.g)
            if not start.slope < 0:
                return None
            first = self.first_length(start)
        line = Line(closure, self.parameters, p, d)
        found = self.search(line, start, first)
        line.go(found.a)
        if found.a == 0:
            return None
        with no_grad():
            self.t.write(self.t + 1)
            self.remember(start, found, d)
        return found

    @abstractmethod
    def direction(self, g: Tensor) -> Tensor:
        """Where to go from a place with gradient g. Shape (size,)."""

    @abstractmethod
    def first_length(self, start: Point) -> float:
        """How far along the direction to look first."""

    def search(self, line: Line, start: Point, first: float) -> Point:
        """The point to move to."""
        return strong_wolfe(line.look, start, first)

    @abstractmethod
    def remember(self, start: Point, found: Point, d: Tensor) -> None:
        """Take what the move has shown into the state."""
