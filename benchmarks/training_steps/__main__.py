"""Run the workloads and say what was found. Exit status 0 only where every goal is met."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import page, store, training_steps
from benchmarks.piped import piped
from benchmarks.training_steps import aims, costs, spent
from benchmarks.training_steps.catalogue import EIGHT, WORKLOADS
from benchmarks.training_steps.peers import PEERS
from benchmarks.training_steps.race import ROUNDS, metrics, race, worker
from descend.cli.result import Report, Result, checked


def measure(name: str, peers: Sequence[str], rounds: int) -> Result:
    began, load = time.perf_counter(), store.load()
    raced = race(name, peers, rounds)
    found, expect = metrics(raced), aims.gates(name, raced.peers)
    print(f"{name}: " + ", ".join(f"{key} {value:.3g}" for key, value in found.items()), raced.absent or "", flush=True)
    return Result(
        name=f"training_steps {name}", seed=0, executor="native", seconds=time.perf_counter() - began, metrics=found,
        expect=checked(expect, found), passed=all(goal.holds(found) for goal in expect),
        details={"absent": raced.absent, "load": [load, store.load()]},
    )  # fmt: skip


def measured(options: argparse.Namespace) -> list[Result]:
    """Every workload asked for, each kept as soon as it is measured, and the mean of the eight where all were."""
    found = []
    for name in options.only.split(","):
        found.append(measure(name, options.peers.split(","), options.rounds))
        if options.write:
            store.keep(found[-1:])
            page.write()
    eight = [result for result in found if result.name.split()[-1] in EIGHT]
    if len(eight) == len(EIGHT) and all("ratio_torch_low" in result.metrics for result in eight):
        found.append(aims.mean(eight))
        if options.write:
            store.keep(found[-1:])
            page.write()
    return found


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training_steps", description=training_steps.__doc__)
    parser.add_argument("--only", help="workloads, separated by commas", default=",".join(WORKLOADS))
    parser.add_argument("--peers", help="peers, separated by commas", default=",".join(PEERS))
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="turns of each peer that count")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    parser.add_argument("--write", action="store_true", help="keep it in benchmarks/results.json and results.md")
    parser.add_argument("--profile", action="store_true", help="show where ours spends its time instead")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    parser.add_argument("--costs", help=argparse.SUPPRESS)
    parser.add_argument("weights", nargs="?", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    unknown = [n for n in given.only.split(",") if n not in WORKLOADS] + [
        p for p in given.peers.split(",") if p not in PEERS
    ]
    if unknown or "ours" not in given.peers.split(","):
        parser.error(f"workloads are {', '.join(WORKLOADS)}; peers are {', '.join(PEERS)}, always with ours")
    return given


def main() -> int:
    given = options()
    if given.worker:
        worker(given.worker, given.only, given.weights)
        return 0
    if given.costs:
        costs.worker(given.costs, given.only, given.weights)
        return 0
    if given.profile:
        for name in given.only.split(","):
            spent.show(name)
        return 0
    began, found = time.perf_counter(), measured(given)
    report = Report(command="bench", results=found, seconds=time.perf_counter() - began)
    if given.json:
        print(report.to_json())
    return 0 if report.passed else 1


if __name__ == "__main__":
    raise SystemExit(piped(main))
