"""What a workload is measured against: goals, which a run must reach, and aims, which it is told of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from benchmarks.training_steps.catalogue import WORKLOADS
from descend.cli.result import Result, checked
from descend.recipes.recipe import Expect

MEAN, MEAN_GATE = "geometric mean", 1.5
TOLERANCE = 1e-3
LEVEL = 0.95
SOURCE = "PyTorch eager, in turns"


def gates(name: str, peers: Sequence[str]) -> tuple[Expect, ...]:
    """The lower end of the ratio's interval counts; and it must be the same computation."""
    if "torch" not in peers:
        return ()
    work = WORKLOADS[name]
    found = (
        Expect(metric="ratio_torch_low", at_least=work.gate, source=SOURCE),
        Expect(metric="deviation", at_most=TOLERANCE, source="PyTorch in float64, the first three losses"),
    )
    level = Expect(metric="eager_ratio_torch_low", at_least=1.0, source=SOURCE)
    return (*found, level) if "ours-eager" in peers else found


def mean(results: Sequence[Result]) -> Result:
    """The geometric mean of the lower ends, as a result beside the workloads."""
    low = [result.metrics["ratio_torch_low"] for result in results]
    found = {"ratio_torch_low": float(np.exp(np.mean(np.log(low))))}
    goal = Expect(metric="ratio_torch_low", at_least=MEAN_GATE, source=SOURCE)
    return Result(
        name=MEAN, executor="native", metrics=found, expect=checked((goal,), found), passed=goal.holds(found),
    )  # fmt: skip


def of(name: str, metrics: Mapping[str, float]) -> Iterator[tuple[str, float, float]]:
    """The aims of a workload: what, how much, and what was found."""
    if WORKLOADS[name].aim and "ratio_torch" in metrics:
        yield "ratio to torch", WORKLOADS[name].aim, metrics["ratio_torch"]
    peers = {
        key.removeprefix("ratio_"): value for key, value in metrics.items()
        if key.startswith("ratio_") and not key.endswith(("_low", "_high")) and key != "ratio_ours_eager"
    }  # fmt: skip
    if peers:
        best = min(peers, key=peers.__getitem__)
        yield f"ratio to the fastest peer ({best})", LEVEL, peers[best]
