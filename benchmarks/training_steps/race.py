"""The peers of one workload, each in a process of its own, taking turns."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Timer

import numpy as np

from benchmarks.training_steps.catalogue import WORKLOADS
from benchmarks.training_steps.peers import missing, settle_threads, step_of, weights
from benchmarks.turns import interval
from descend.kernels import threads

ROUNDS, WARM = 21, 2
SECONDS = 0.15  # that a turn takes at least
LIMIT = 150.0  # seconds until the first losses, compilation included
LOSSES = 3
ROUNDING = 2e-2  # what the float32 rounding of three steps may do to a loss
EXACT = "torch-float64"  # PyTorch in float64: not timed

Row = dict[str, float]
"""Seconds a step, by peer."""


@dataclass(frozen=True)
class Raced:
    """The rounds of a workload, the peers that took part, and why the others did not."""

    rounds: list[Row]
    peers: tuple[str, ...]
    absent: dict[str, str]
    off: dict[str, float]  # by how much the first losses differ from those in float64


def worker(peer: str, name: str, begin: Path) -> None:
    """Print the first losses; then answer each line "N" with the seconds that N steps took."""
    step = step_of(peer, name, WORKLOADS[name], dict(np.load(begin)))
    print(*(step() for _ in range(LOSSES)), flush=True)
    settled = not (peer.startswith("torch") and peer != "torch-compile")  # the others see to their threads themselves
    for line in sys.stdin:
        if not settled:
            settle_threads(step, threads.count())
            settled = True
        began = time.perf_counter()
        for _ in range(int(line)):
            step()
        print(time.perf_counter() - began, flush=True)


@contextmanager
def started(peer: str, name: str, begin: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.training_steps", "--worker", peer]
    with subprocess.Popen(
        [*command, "--only", name, str(begin)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        env=environment(peer),
    ) as process:  # fmt: skip
        yield process
        process.kill()


def environment(peer: str) -> dict[str, str]:
    """PyTorch may use every core, as our kernels do; NumPy's products inside ours keep to one thread."""
    if peer in ("ours", "ours-eager"):
        return dict(os.environ)
    chosen = {"JAX_PLATFORMS": "cpu", "KERAS_BACKEND": "jax"}
    return {**os.environ, **chosen, "OMP_NUM_THREADS": str(threads.count()), "MKL_NUM_THREADS": str(threads.count())}


def first_losses(process: subprocess.Popen[str], limit: float = LIMIT) -> list[float] | str:
    """The first losses, or why there are none."""
    timer = Timer(limit, process.kill)
    timer.start()
    line = process.stdout.readline()
    late = not timer.is_alive()
    timer.cancel()
    if line:
        return [float(x) for x in line.split()]
    return f"no step within {limit:g} s" if late else f"its process ended, status {process.wait()}"


def turn(process: subprocess.Popen[str], calls: int) -> float:
    """Seconds a step, over `calls` steps."""
    process.stdin.write(f"{calls}\n")
    process.stdin.flush()
    return float(process.stdout.readline()) / calls


def race(name: str, peers: Sequence[str], rounds: int = ROUNDS) -> Raced:
    """Time the peers in turns. Raises: ValueError where one computes something else, or ours does not run."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        begin = Path(folder) / "weights.npz"
        np.savez(begin, **weights(WORKLOADS[name]))
        running, losses, absent = {}, {}, {}
        peers = [peer for peer in peers if peer != "ours-eager" or WORKLOADS[name].eager]
        for peer in peers:
            if why := missing(peer, name):
                absent[peer] = why
                continue
            process = stack.enter_context(started(peer, name, begin))
            found = first_losses(process)
            if isinstance(found, str):
                absent[peer] = found
            else:
                running[peer], losses[peer] = process, found
        if "ours" in absent:
            raise ValueError(f"{name}: ours does not run: {absent['ours']}")
        off = {} if missing("torch", name) else deviations(name, losses, exact_losses(name, begin))
        calls = {peer: max(1, round(SECONDS / turn(process, 3))) for peer, process in running.items()}
        times = [{p: turn(running[p], calls[p]) for p in running} for _ in range(WARM + rounds)][WARM:]
    return Raced(times, tuple(running), absent, off)


def exact_losses(name: str, begin: Path) -> list[float]:
    """PyTorch's in float64, which judge. Raises: ValueError where it has none."""
    with started(EXACT, name, begin) as process:
        exact = first_losses(process)
    if isinstance(exact, str):
        raise ValueError(f"{name}: nothing to compare with: {exact}")
    return exact


def deviations(name: str, losses: dict[str, list[float]], exact: list[float]) -> dict[str, float]:
    """The largest relative difference of each peer's first losses from those in float64.

    Raises: ValueError where it is too large for rounding: that peer computes something else.
    """
    found = {peer: float(np.max(np.abs(np.array(x) / np.array(exact) - 1))) for peer, x in losses.items()}
    wrong = [peer for peer, size in found.items() if not size <= ROUNDING]
    if wrong:
        raise ValueError(f"{name}: {', '.join(wrong)} computes something else: {losses}, in float64 {exact}")
    return found


def metrics(raced: Raced) -> dict[str, float]:
    """Median milliseconds of each peer, and how many times faster ours is, with the interval of that ratio."""
    found: dict[str, float] = {}
    for peer in raced.peers:
        label = peer.replace("-", "_")
        found[f"{label}_ms"] = float(np.median([row[peer] for row in raced.rounds]) * 1e3)
        if peer != "ours":
            found |= _ratios(f"ratio_{label}", [row[peer] / row["ours"] for row in raced.rounds])
    if {"ours-eager", "torch"} <= set(raced.peers):
        found |= _ratios("eager_ratio_torch", [row["torch"] / row["ours-eager"] for row in raced.rounds])
    off = {"deviation" if p == "ours" else f"deviation_{p.replace('-', '_')}": x for p, x in raced.off.items()}
    return {**found, **off, "rounds": len(raced.rounds)}


def _ratios(name: str, ratios: Sequence[float]) -> dict[str, float]:
    """Their median with its interval."""
    low, high = interval(np.array(ratios))
    return {name: float(np.median(ratios)), f"{name}_low": low, f"{name}_high": high}
