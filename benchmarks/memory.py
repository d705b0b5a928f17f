"""How much memory do the training steps take, beside PyTorch's and JAX's?"""

from __future__ import annotations

from benchmarks.tabled import Tabled
from benchmarks.training_steps.catalogue import EIGHT
from benchmarks.training_steps.costs import STEPS, costs
from descend.recipes.recipe import Expect

PEERS = ("ours", "torch", "jax")
EXPECT: tuple[Expect, ...] = ()
ABOUT = f"""\
Megabytes: the peak of the process in its first {1 + STEPS} steps, compiling included, less what it used when the
library was loaded and before the network was made (`VmHWM` less `VmRSS` of Linux)."""


def run() -> Tabled:
    """One process for each peer and workload."""
    numbers: dict[str, float] = {}
    absent: dict[str, str] = {}
    for name in EIGHT:
        for peer in PEERS:
            found = costs(peer, name)
            if isinstance(found, str):
                absent[f"{name}: {peer}"] = found
            else:
                numbers[f"{name}_{peer}_megabytes"] = found.megabytes
    rows = [[name, *[_shown(numbers.get(f"{name}_{peer}_megabytes")) for peer in PEERS]] for name in EIGHT]
    return Tabled(numbers, "Memory", ABOUT, [["workload", *PEERS], *rows], absent)


def _shown(megabytes: float | None) -> str:
    return "" if megabytes is None else f"{megabytes:.0f}"
