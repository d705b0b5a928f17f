"""The values that a setting may have, by its name: a name means the same in every recipe."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Bound:
    """Numbers from `low` to `high`; an end that is `open` does not belong to them."""

    low: float
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False

    def allows(self, value: float) -> bool:
        """Whether `value` is one of them."""
        above = value > self.low if self.low_open else value >= self.low
        return above and (value < self.high if self.high_open else value <= self.high)

    def __str__(self) -> str:
        low = f"{'above' if self.low_open else 'at least'} {self.low:g}"
        if math.isinf(self.high):
            return low
        return f"{low} and {'below' if self.high_open else 'at most'} {self.high:g}"


_COUNT, _SEED = Bound(1), Bound(0, 1e18)
_POSITIVE, _NOT_NEGATIVE, _PART = Bound(0, low_open=True), Bound(0), Bound(0, 1, high_open=True)

BOUNDS = {
    **dict.fromkeys(("epochs", "batch_size", "hidden", "layers", "kernels", "kernels2", "points", "members"), _COUNT),
    **dict.fromkeys(("steps", "softmax_steps", "network_steps", "draws"), _COUNT),
    **dict.fromkeys(("seed", "points_seed"), _SEED),
    **dict.fromkeys(("reg", "lmbda", "l2"), _NOT_NEGATIVE),
    "lr": _POSITIVE,
    "dropout": _PART,
}


def bound(name: str, value: Any) -> Bound | None:
    """The bound that `value` breaks as the setting `name`, None where it breaks none.

    A name that is not known here has none, but that whole numbers are not negative.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    known = BOUNDS.get(name, _NOT_NEGATIVE if isinstance(value, int) else None)
    return None if known is None or known.allows(value) else known
