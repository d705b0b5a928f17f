"""`results.md`: what was measured, where, and which goals were reached."""

from __future__ import annotations

import datetime as dt
import os
import platform
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.training_steps.catalogue import WORKLOADS
from benchmarks.training_steps.peers import PEERS
from descend.cli.result import Result, checked
from descend.kernels import threads
from descend.recipes.recipe import Expect

FILE = Path(__file__).parents[1] / "results.md"
MEAN, MEAN_GATE = "geometric mean", 1.5
TOLERANCE = 1e-3
SOURCE = "PyTorch eager, in turns"


def gates(name: str) -> tuple[Expect, ...]:
    """The lower end of the ratio's interval counts; and it must be the same computation."""
    return (
        Expect(metric="ratio_torch_low", at_least=WORKLOADS[name].gate, source=SOURCE),
        Expect(metric="deviation", at_most=TOLERANCE, source="PyTorch in float64, the first three losses"),
    )


def mean(results: Sequence[Result]) -> Result:
    """The geometric mean of the lower ends, as a result beside the workloads."""
    low = [result.metrics["ratio_torch_low"] for result in results]
    found = {"ratio_torch_low": float(np.exp(np.mean(np.log(low))))}
    goal = Expect(metric="ratio_torch_low", at_least=MEAN_GATE, source=SOURCE)
    return Result(
        name=MEAN, executor="native", metrics=found, expect=checked((goal,), found), passed=goal.holds(found),
    )  # fmt: skip


def page(results: Sequence[Result], load: tuple[float, float]) -> str:
    """The page, of the results of one run and the machine's load before and after it."""
    raced = [result for result in results if result.name != MEAN]
    parts = ["# Training steps beside PyTorch", machine(load), PROSE, table(raced), absent(raced), goals(results)]
    return "\n\n".join(part for part in parts if part) + "\n"


PROSE = """\
Written by `python -m benchmarks.training_steps --write`. Milliseconds are medians; a ratio is how many times faster
ours is, the median over the rounds with its 95 % interval (bootstrap). A round is a turn of each peer, one after the
other, each in a process of its own. PyTorch eager uses as many threads as it was fastest with when it began; ours tries
the same. Every peer begins with the same weights. Losses are off by the largest relative difference of the first three
from PyTorch's in float64, which is the judge: two float32 programs may round to either side of it, and Adam's first
steps follow the signs of the smallest gradients. JAX and Keras have no version of the workloads yet."""


def machine(load: tuple[float, float]) -> str:
    """Where and when."""
    today = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
    before, after = load
    return (
        f"{today}; {processor()}, {threads.count()} threads; Python {platform.python_version()}, NumPy {np.__version__}"
        f"{torch_version()}. Load average before the run {before:.1f}, after it {after:.1f}: above the number of"
        " threads, other programs compete with all peers, and times (not so much ratios) are larger than on a quiet"
        " machine."
    )


def processor() -> str:
    """The processor's name, where the system tells it."""
    known = Path("/proc/cpuinfo")
    lines = known.read_text(encoding="utf-8").splitlines() if known.is_file() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def torch_version() -> str:
    try:
        import torch
    except ImportError:
        return ""
    return f", PyTorch {torch.__version__}"


def table(raced: Sequence[Result]) -> str:
    """A row for each workload."""
    others = [peer for peer in PEERS if peer != "ours"]
    head = ["workload", "rounds", "ours, ms", *[f"{peer}: ms, ratio" for peer in others], "losses off by"]
    rows = [head, ["---"] * len(head)]
    for result in raced:
        m = result.metrics
        times = [_against(m, peer.replace("-", "_")) for peer in others]
        off = f"{m['deviation']:.0e}" + (f", PyTorch's {m['deviation_torch']:.0e}" if "deviation_torch" in m else "")
        rows.append([_short(result), f"{m['rounds']:.0f}", f"{m['ours_ms']:.2f}", *times, off])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _against(m: dict[str, float], label: str) -> str:
    if f"{label}_ms" not in m:
        return "not measured"
    ratio, low, high = (m[f"ratio_{label}{end}"] for end in ("", "_low", "_high"))
    return f"{m[f'{label}_ms']:.2f}, **{ratio:.2f}** ({low:.2f} to {high:.2f})"


def _short(result: Result) -> str:
    return result.name.split()[-1]


def absent(raced: Sequence[Result]) -> str:
    """Why peers are missing."""
    lines = [
        f"- {_short(result)}, {peer}: {why}." for result in raced for peer, why in result.details["absent"].items()
    ]
    return "Not measured:\n\n" + "\n".join(lines) if lines else ""


def goals(results: Sequence[Result]) -> str:
    """Which were reached."""
    rows = [["goal", "found", "reached"], ["---"] * 3]
    for result in results:
        for goal in result.expect or ():
            name = result.name if result.name == MEAN else _short(result)
            rows.append([f"{name}: {goal['must']}", f"{goal['value']:.3g}", "yes" if goal["passed"] else "**no**"])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def load() -> float:
    """How many programs wanted to run, on the average of the last minute."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
