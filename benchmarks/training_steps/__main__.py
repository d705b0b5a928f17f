"""Run the workloads and say what was found. Exit status 0 only where every goal is met."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks import training_steps
from benchmarks.training_steps import results, spent
from benchmarks.training_steps.catalogue import WORKLOADS
from benchmarks.training_steps.peers import PEERS
from benchmarks.training_steps.race import ROUNDS, metrics, race, worker
from descend.cli.result import Report, Result, checked


def measure(name: str, peers: Sequence[str], rounds: int) -> Result:
    began = time.perf_counter()
    raced = race(name, peers, rounds)
    found, expect = metrics(raced), results.gates(name)
    expect = expect if "torch" in raced.peers else ()
    print(f"{name}: " + ", ".join(f"{key} {value:.3g}" for key, value in found.items()), raced.absent or "", flush=True)
    return Result(
        name=f"training_steps {name}", seed=0, executor="native", seconds=time.perf_counter() - began, metrics=found,
        expect=checked(expect, found), passed=all(goal.holds(found) for goal in expect),
        details={"absent": raced.absent},
    )  # fmt: skip


def measured(options: argparse.Namespace) -> list[Result]:
    """Every workload asked for, and their mean where all eight were."""
    peers, load = options.peers.split(","), results.load()
    found = [measure(name, peers, options.rounds) for name in options.only.split(",")]
    if "torch" in peers and len(found) == len(WORKLOADS):
        found.append(results.mean(found))
    if options.write:
        options.write.write_text(results.page(found, (load, results.load())), encoding="utf-8")
        print(f"wrote {options.write}")
    return found


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training_steps", description=training_steps.__doc__)
    parser.add_argument("--only", help="workloads, separated by commas", default=",".join(WORKLOADS))
    parser.add_argument("--peers", help="peers, separated by commas", default=",".join(PEERS))
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="turns of each peer that count")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    parser.add_argument("--write", type=Path, nargs="?", const=results.FILE, help="write benchmarks/results.md")
    parser.add_argument("--profile", action="store_true", help="show where ours spends its time instead")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
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
    raise SystemExit(main())
