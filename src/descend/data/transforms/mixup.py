"""Examples between examples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from descend.data.checks import Array, whole
from descend.data.draws import Draws, Floats
from descend.data.transforms.one_hot import one_hot
from descend.data.transforms.scale import scaled
from descend.engine.errors import UsageError

_TRIES = 64


@dataclass(frozen=True)
class MixUp:
    """Each example mixed with another of its batch: λ x + (1 - λ) x', and the labels likewise. λ ~ Beta(α, α).

    x: floats, shape (b, ...). y: class numbers (b,) or probabilities (b, k); the result is (b, n_classes) float32.
    alpha: in (0, 1]. Who is mixed with whom depends on which examples are in the batch.
    Source: Zhang and others 2018, arXiv:1710.09412, section 2. Differs: each example has a λ of its own.
    """

    alpha: float
    n_classes: int

    def __post_init__(self) -> None:
        whole(self.n_classes, "n_classes", 1)
        if not 0 < self.alpha <= 1:
            raise UsageError("alpha is out of range", given=f"alpha = {self.alpha}", needed="above 0, at most 1")

    def __call__(self, x: Array, y: Array, draws: Draws) -> tuple[Array, Array]:
        x = scaled(x, "MixUp")
        soft = one_hot(y, self.n_classes) if y.ndim == 1 else y
        u = draws.uniform(1 + 2 * _TRIES)
        partner, share = np.argsort(u[:, 0], kind="stable"), beta(u[:, 1:], self.alpha)
        lam, part = (share.reshape(-1, *[1] * (array.ndim - 1)) for array in (x, soft))
        return lam * x + (1 - lam) * x[partner], part * soft + (1 - part) * soft[partner]


def beta(u: Floats, alpha: float) -> Floats:
    """Numbers from Beta(α, α), 0 < α <= 1, made of uniform ones. u: shape (b, 2 tries); the result: (b,).

    The first pair with a + b <= 1, a = u^(1/α), b = v^(1/α), gives a / (a + b). With 64 pairs, one in 2^64 finds none
    and gives 1/2. Source: Jöhnk 1964.
    """
    # In logarithms: u^(1/α) is 0 in floating point for small α.
    log_a, log_b = np.log(np.maximum(u, 2**-25).astype(np.float64)).reshape(len(u), 2, -1).transpose(1, 0, 2) / alpha
    accepted = np.logaddexp(log_a, log_b) <= 0
    first = accepted.argmax(axis=1)[:, None]
    ratio = np.take_along_axis(log_b - log_a, first, axis=1)[:, 0]
    found = 1 / (1 + np.exp(np.clip(ratio, -700, 700)))
    return np.where(accepted.any(axis=1), found, 0.5).astype(np.float32)
