"""L-BFGS: Newton's direction from the last few steps. For full batches."""

from __future__ import annotations

import numpy as np

from descend.engine import Cell, Tensor, UsageError, ops
from descend.optim import checks
from descend.optim.groups import Parameters
from descend.optim.line_search import Line, Point, dot
from descend.optim.searching import SearchingOptimizer

_CURVED = 1e-10  # a step s with the change y of the gradient is kept if s . y is more: the loss curves upwards


class LBFGS(SearchingOptimizer):
    """d = -H g, H built from the last steps s and changes y of the gradient; then a strong Wolfe line search along d.

    H begins as s . y / y . y times the identity and is updated by each pair to map y to s.

    Args:
        lr: the first length looked at on each line. With "strong_wolfe" 1 is right.
        max_iter: moves in one `step`.
        history_size: pairs (s, y) that are kept.
        line_search_fn: "strong_wolfe", or None to go the length lr unseen.

    Source: Nocedal 1980; Liu and Nocedal 1989, Algorithm 2.1; Nocedal and Wright 2006, Algorithm 7.4.
    Differs: from PyTorch in searching the line by default, in keeping 10 pairs, and in stopping by the gradient alone.
    """

    def __init__(
        self, parameters: Parameters, lr: float = 1.0, max_iter: int = 20, tolerance_grad: float = 1e-9,
        history_size: int = 10, line_search_fn: str | None = "strong_wolfe",
    ) -> None:  # fmt: skip
        super().__init__(parameters, lr, max_iter, tolerance_grad)
        if line_search_fn not in ("strong_wolfe", None):
            raise UsageError(
                "there is one line search", given=f"line_search_fn={line_search_fn!r}", needed="'strong_wolfe' or None"
            )
        self.line_search_fn = line_search_fn
        rows = checks.count("history_size", history_size, 1)
        self.s, self.y = (Cell(np.zeros((rows, self.size), self.dtype)) for _ in range(2))  # the newest pair is last
        self.pairs = Cell(np.array(0, np.int64))

    def direction(self, g: Tensor) -> Tensor:
        """-H g, by two passes over the pairs: from the newest to the oldest, and back."""
        n, rows = int(self.pairs.item()), self.s.shape[0]
        kept = [(self.s[i], self.y[i]) for i in range(rows - n, rows)]
        q, shares = -g, []
        for s, y in reversed(kept):
            shares.append(dot(s, q) / dot(s, y))
            q = q - shares[-1] * y
        if kept:
            s, y = kept[-1]
            q = q * (dot(s, y) / dot(y, y))
        for (s, y), share in zip(kept, reversed(shares), strict=True):
            q = q + (share - dot(y, q) / dot(s, y)) * s
        return q

    def first_length(self, start: Point) -> float:
        """lr; before anything is known about the curvature at most lr / |g|1."""
        lr = float(self.lr.item())
        return lr if self.pairs.item() else lr * min(1.0, 1.0 / float(ops.sum(ops.abs(start.g)).item()))

    def search(self, line: Line, start: Point, first: float) -> Point:
        """A strong Wolfe point, or the place at the first length."""
        return line.look(first) if self.line_search_fn is None else super().search(line, start, first)

    def remember(self, start: Point, found: Point, d: Tensor) -> None:
        """Keep the pair of the move, if the loss curves upwards along it."""
        s, y = found.a * d, found.g - start.g
        if dot(s, y) > _CURVED:
            self.s.write(ops.concat([self.s[1:], s.reshape(1, -1)]))
            self.y.write(ops.concat([self.y[1:], y.reshape(1, -1)]))
            self.pairs.write(ops.minimum(self.pairs + 1, self.s.shape[0]))
