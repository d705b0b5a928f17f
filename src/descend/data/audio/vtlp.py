"""Voices of other people: spectra as from a longer or a shorter vocal tract."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from descend.data.checks import Array
from descend.data.draws import Draws
from descend.data.items import sequences
from descend.engine.errors import UsageError

F_HI = 4800.0  # Hz; covers the formants


def warped(f: Array, alpha: float, rate: int, f_hi: float = F_HI) -> NDArray[np.float64]:
    """Frequencies moved as by a vocal tract 1/alpha as long: alpha f up to a corner, then straight to rate / 2.

    The corner is at f_hi min(alpha, 1) / alpha, and rate / 2 stays where it is.
    f_hi above 85 % of rate / 2 is lowered to that: the straight piece needs room.
    Source: Jaitly, Hinton 2013, "Vocal tract length perturbation improves speech recognition", Eq. 1.
    """
    top = rate / 2
    f_hi = min(f_hi, 0.85 * top)
    corner, height = f_hi * min(alpha, 1) / alpha, f_hi * min(alpha, 1)
    upper = top - (top - height) / (top - corner) * (top - f)
    return np.where(f <= corner, alpha * f, upper)


def vtlp(spectrum: Array, alpha: float, rate: int, f_hi: float = F_HI) -> Array:
    """The spectrum whose energy at f comes to `warped`(f): read at the inverse, linear between bins.

    spectrum: shape (t, bins), bins evenly spaced from 0 to rate / 2; the result: the same.
    """
    bins = np.linspace(0, rate / 2, spectrum.shape[-1])
    origin = np.interp(bins, warped(bins, alpha, rate, f_hi), np.arange(len(bins)))
    below = np.minimum(origin.astype(np.int64), len(bins) - 2)
    share = (origin - below).astype(spectrum.dtype)
    return np.asarray(spectrum[..., below] * (1 - share) + spectrum[..., below + 1] * share)


@dataclass(frozen=True)
class RandomVTLP:
    """`vtlp` with alpha uniform in [low, high), one for each recording.

    x: spectra, sequences of shape (t, bins); labels stay. Mel bands are taken of the result.
    """

    rate: int
    low: float = 0.9
    high: float = 1.1
    f_hi: float = F_HI

    def __post_init__(self) -> None:
        if not 0 < self.low <= self.high < 2:
            raise UsageError("the factors are out of range", given=f"{self.low} to {self.high}", needed="0 to 2")

    def __call__(self, x: Array, y: Array, draws: Draws) -> tuple[Array, Array]:
        alphas = draws.uniform(low=self.low, high=self.high)
        return sequences(vtlp(one, float(a), self.rate, self.f_hi) for one, a in zip(x, alphas)), y
