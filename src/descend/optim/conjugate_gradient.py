"""Nonlinear conjugate gradients. For full batches."""

from __future__ import annotations

import numpy as np

from descend.engine import Cell, Tensor, ops
from descend.optim.groups import Parameters
from descend.optim.line_search import Line, Point, dot, strong_wolfe
from descend.optim.searching import SearchingOptimizer


class ConjugateGradient(SearchingOptimizer):
    """d <- -g + b d with b = max(0, g . (g - last g) / last g . last g); then a strong Wolfe line search along d.

    On a quadratic loss in n dimensions with exact line searches n moves reach the minimum. b = 0 begins again with
    steepest descent.

    Args:
        lr: the length of the very first look, in units of 1 / |g|, the sum of the sizes of g's elements.
        max_iter: moves in one `step`.

    Source: Polak and Ribière 1969; b >= 0: Powell 1984; Nocedal and Wright 2006, Algorithm 5.4 and Eq. 5.45.
    """

    def __init__(
        self, parameters: Parameters, lr: float = 1.0, max_iter: int = 20, tolerance_grad: float = 1e-9
    ) -> None:
        super().__init__(parameters, lr, max_iter, tolerance_grad)
        self.d, self.last = self.vector(), self.vector()
        self.fall = Cell(np.array(0.0))  # a g . d of the last move: the first look expects as much again

    def direction(self, g: Tensor) -> Tensor:
        """-g + b d, or -g where that does not lead down."""
        before = dot(self.last, self.last)
        b = max(0.0, dot(g, g - self.last) / before) if before else 0.0
        d = -g + b * self.d
        return d if dot(g, d) < 0 else -g

    def first_length(self, start: Point) -> float:
        """The length at which the loss would fall as much as in the last move."""
        fall = float(self.fall.item())
        return fall / start.slope if fall else float(self.lr.item()) / float(ops.sum(ops.abs(start.g)).item())

    def search(self, line: Line, start: Point, first: float) -> Point:
        """A point where the slope is a tenth: conjugate directions need lines searched well."""
        return strong_wolfe(line.look, start, first, c2=0.1)

    def remember(self, start: Point, found: Point, d: Tensor) -> None:
        """Keep the direction, the gradient that it was made from, and how far it led."""
        self.d.write(d)
        self.last.write(start.g)
        self.fall.write(found.a * start.slope)
