"""How long does compiling a whole training step take, tracing included, cold and warm, beside torch.compile and JAX?"""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.tabled import Tabled
from benchmarks.training_steps.costs import Costs, costs
from descend.recipes.recipe import Expect

RUNS = 3
RACED = {"vgg": ("ours", "torch-compile", "jax"), "resnet": ("ours", "jax"), "transformer": ("ours", "jax")}
SOURCE = "the compiler's goals"
EXPECT = (
    Expect(metric="vgg_compile_cold_seconds", at_most=2.0, source=SOURCE),
    Expect(metric="vgg_compile_warm_seconds", at_most=0.3, source=SOURCE),
)
ABOUT = f"""\
Seconds that the first step of a fresh process takes beyond a later one: the quickest of {RUNS} processes each. Cold,
with an empty cache of compiled code; warm, with the one that the process before has left. Loading the library is not
counted, what it loads at the first step is. In brackets what ours spends on tracing, passes and machine code; the
rest is memory that is touched for the first time."""


def run() -> Tabled:
    """Each peer in turn, several times."""
    numbers: dict[str, float] = {}
    absent: dict[str, str] = {}
    for name, peers in RACED.items():
        for _ in range(RUNS):
            for peer in peers:
                for kind, found in measured(peer, name).items():
                    if isinstance(found, str):
                        absent[f"{name}: {peer}"] = found
                        continue
                    _least(numbers, _key(name, peer, kind), found.first_seconds)
                    if peer == "ours":
                        _least(numbers, _key(name, "compile", kind), found.compile_seconds)
    return Tabled(numbers, "Compile time", ABOUT, table(numbers), absent)


def measured(peer: str, name: str) -> dict[str, Costs | str]:
    """A process with an empty cache, and one with what that has left there."""
    with tempfile.TemporaryDirectory() as cache:
        return {kind: costs(peer, name, Path(cache)) for kind in ("cold", "warm")}


def _key(name: str, what: str, kind: str) -> str:
    return f"{name}_{what.replace('-', '_')}_{kind}_seconds"


def _least(numbers: dict[str, float], key: str, seconds: float) -> None:
    numbers[key] = min(seconds, numbers.get(key, seconds))


def table(numbers: dict[str, float]) -> list[list[str]]:
    columns = [(peer, kind) for peer in RACED["vgg"] for kind in ("cold", "warm")]
    rows = [[name, *[_cell(numbers, name, *column) for column in columns]] for name in RACED]
    return [["workload", *map(", ".join, columns)], *rows]


def _cell(numbers: dict[str, float], name: str, peer: str, kind: str) -> str:
    seconds = numbers.get(_key(name, peer, kind))
    compiling = f" ({numbers[_key(name, 'compile', kind)]:.2f})" if peer == "ours" and seconds is not None else ""
    return "" if seconds is None else f"{seconds:.2f}{compiling}"
