"""How much faster do the recipes after Nielsen's book train compiled, and with the same losses?"""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import islice

import numpy as np

from benchmarks.tabled import Tabled
from benchmarks.turns import interval
from descend.engine import default_generator
from descend.recipes import registry
from descend.recipes.recipe import Expect
from descend.train import Trainer
from descend.train.events import Step

TURNS, STEPS = 10, 20
FIRST = 5  # losses that must agree
EXPECT = (
    Expect(metric="least_ratio", at_least=1.0, source="the same recipe eagerly, in turns"),
    Expect(metric="largest_difference", at_most=1e-5, source="the same recipe eagerly, loss by loss"),
)
ABOUT = f"""\
`descend train NAME` beside `descend train NAME --no-compile`: the same weights and batches of the embedded digits,
{TURNS} turns of {STEPS} steps each. Milliseconds are medians of the turns after the first, in which the compiler works.
Losses are off by the largest difference among the first {FIRST}, relative to the first of all. Later a rounding error
that puts a rectified unit on the other side of zero grows, as two trainings from other seeds drift apart; so the mean
loss of the second half is given for both."""


@dataclass(frozen=True)
class Trained:
    """Both ways of training: seconds a step by turn, and all losses."""

    seconds: np.ndarray
    losses: np.ndarray

    @property
    def ratios(self) -> np.ndarray:
        """How many times faster the compiled steps are, by turn."""
        return self.seconds[1:, 0] / self.seconds[1:, 1]

    @property
    def difference(self) -> float:
        """How far the first losses are apart."""
        eager, compiled = self.losses[:, :FIRST]
        return float(np.abs(compiled - eager).max() / eager[0])


def run() -> Tabled:
    """Every recipe of the book that trains a network."""
    found = {name: trained(name) for name in registry.names() if name.startswith("nielsen") and _job(name)}
    rows = [_row(name, one) for name, one in found.items()]
    numbers = {f"{name}_ratio": float(np.median(one.ratios)) for name, one in found.items()}
    numbers["geometric_mean_ratio"] = float(np.exp(np.mean(np.log([*numbers.values()]))))
    numbers["least_ratio"] = min(float(np.median(one.ratios)) for one in found.values())
    numbers["largest_difference"] = max(one.difference for one in found.values())
    head = ["recipe", "eager, ms", "compiled, ms", "times faster", "losses off by", "later loss, eager and compiled"]
    return Tabled(numbers, "Nielsen's recipes, compiled", ABOUT, [head, *rows])


def _job(name: str) -> Trainer | None:
    """The recipe on the embedded digits; None where it is no training."""
    recipe = registry.get(name)
    job = recipe.build(recipe.with_settings({"data": "digits"} if "data" in recipe.settings else {}))
    return job if isinstance(job, Trainer) else None


class Way:
    """One way of training a recipe, with the random numbers that it would have alone."""

    def __init__(self, name: str, compiled: bool) -> None:
        job = _job(name)
        self.events = (job.compile() if compiled else job).events()
        self.random = default_generator().state_dict()

    def turn(self) -> tuple[float, np.ndarray]:
        """Seconds a step, and the losses."""
        default_generator().load_state_dict(self.random)
        began = time.perf_counter()
        found = np.array([*islice((event.loss for event in self.events if isinstance(event, Step)), STEPS)])
        seconds = time.perf_counter() - began
        self.random = default_generator().state_dict()
        return seconds / STEPS, found


def trained(name: str) -> Trained:
    """Eagerly and compiled, in turns."""
    ways = [Way(name, compiled) for compiled in (False, True)]
    turns = [[way.turn() for way in ways] for _ in range(TURNS)]
    return Trained(
        np.array([[seconds for seconds, _ in turn] for turn in turns]),
        np.array([np.concatenate([turn[i][1] for turn in turns]) for i in range(2)]),
    )


def _row(name: str, one: Trained) -> list[str]:
    eager, compiled = np.median(one.seconds[1:], axis=0) * 1e3
    low, high = interval(one.ratios)
    ratio = f"**{np.median(one.ratios):.2f}** ({low:.2f} to {high:.2f})"
    later = " and ".join(f"{loss:.4f}" for loss in one.losses[:, TURNS * STEPS // 2 :].mean(1))
    return [f"`{name}`", f"{eager:.2f}", f"{compiled:.2f}", ratio, f"{one.difference:.0e}", later]
