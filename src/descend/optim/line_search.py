"""A line search: how far to go in a direction, so that the loss falls enough and its slope flattens enough."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from descend.engine import Cell, Tensor, no_grad, ops
from descend.optim.vector import gradient, put

_POINTS = 25  # looked at in one search, in each of its two phases
_EDGE = 0.02  # a new point keeps this share of the interval from its ends, so that the interval shrinks


@dataclass(frozen=True)
class Point:
    """A place p + a d on a line: its loss, the slope g . d along the line, and the gradient g there."""

    a: float
    loss: float
    slope: float
    g: Tensor


Look = Callable[[float], Point]


class Line:
    """The loss of the cells along p + a d.

    Args:
        closure: forgets the gradients, computes the loss, calls backward, and returns the loss.
        start, direction: p and d. Shape (size,).
    """

    def __init__(self, closure: Callable[[], Tensor], cells: Sequence[Cell], start: Tensor, direction: Tensor) -> None:
        self.closure, self.cells, self.start, self.direction = closure, cells, start, direction

    def go(self, a: float) -> None:
        """Move the cells to p + a d."""
        with no_grad():
            put(self.start + a * self.direction, self.cells)

    def look(self, a: float) -> Point:
        """Move there, and compute the loss and its gradient."""
        self.go(a)
        loss, g = float(self.closure().item()), gradient(self.cells)
        return Point(a, loss, dot(g, self.direction), g)


def strong_wolfe(look: Look, start: Point, a: float, c1: float = 1e-4, c2: float = 0.9) -> Point:
    """A point that fulfils Wolfe's strong conditions, or the best one met:

    loss(a) <= loss(0) + c1 a slope(0)  and  |slope(a)| <= c2 |slope(0)|.

    Args:
        start: at a = 0, with a negative slope.
        a: where to look first.

    Source: Nocedal and Wright 2006, "Numerical optimization", Algorithms 3.5 and 3.6.
    """
    low = start
    for _ in range(_POINTS):
        point = look(a)
        if not _falls(point, start, c1) or (low is not start and point.loss >= low.loss):
            return _zoom(look, start, low, point, (c1, c2))
        if abs(point.slope) <= -c2 * start.slope:
            return point
        if point.slope >= 0:
            return _zoom(look, start, point, low, (c1, c2))
        low, a = point, 2 * a
    return low


def _zoom(look: Look, start: Point, low: Point, high: Point, c: tuple[float, float]) -> Point:
    """Shrink the interval between two points, of which `low` has the lower loss and a slope towards `high`."""
    for _ in range(_POINTS):
        point = look(_between(low, high))
        if not _falls(point, start, c[0]) or point.loss >= low.loss:
            high = point
            continue
        if abs(point.slope) <= -c[1] * start.slope:
            return point
        if point.slope * (high.a - low.a) >= 0:
            high = low
        low = point
    return low


def _falls(point: Point, start: Point, c1: float) -> bool:
    """Whether the loss fell enough; where it is NaN or infinite it did not."""
    return math.isfinite(point.loss) and point.loss <= start.loss + c1 * point.a * start.slope


def _between(p: Point, q: Point) -> float:
    """Where the cubic through both points, with their slopes, is lowest; kept away from the interval's ends.

    Source: Nocedal and Wright 2006, Eq. 3.59.
    """
    left, right = min(p.a, q.a), max(p.a, q.a)
    edge = _EDGE * (right - left)
    return min(max(_lowest(p, q), left + edge), right - edge)


def _lowest(p: Point, q: Point) -> float:
    middle = (p.a + q.a) / 2
    if not math.isfinite(q.loss) or not math.isfinite(q.slope) or p.a == q.a:
        return middle
    d1 = p.slope + q.slope - 3 * (p.loss - q.loss) / (p.a - q.a)
    square = d1 * d1 - p.slope * q.slope
    if square < 0:
        return middle
    d2 = math.copysign(math.sqrt(square), q.a - p.a)
    below = q.slope - p.slope + 2 * d2
    return q.a - (q.a - p.a) * (q.slope + d2 - d1) / below if below else middle


def dot(x: Tensor, y: Tensor) -> float:
    """The product x . y as a number."""
    with no_grad():
        return float(ops.sum(x * y).item())
