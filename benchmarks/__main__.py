"""Run the benchmarks and say what they found. Exit status 0 only where every goal is met."""

from __future__ import annotations

import argparse
import time
from importlib import import_module

from benchmarks import page, store
from benchmarks.piped import piped
from benchmarks.tabled import Tabled
from descend.cli.result import Report, Result, checked

NAMES = ("augmentation", "compile_time", "memory", "recipes", "studio")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", help="names, separated by commas", default=",".join(NAMES))
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    parser.add_argument("--write", action="store_true", help="keep it in benchmarks/results.json and results.md")
    options = parser.parse_args()
    began, results = time.perf_counter(), []
    for name in options.only.split(","):
        results.append(measure(name))
        if options.write:
            store.keep(results[-1:])
            page.write()
    report = Report(command="bench", results=results, seconds=time.perf_counter() - began)
    if options.json:
        print(report.to_json())
    return 0 if report.passed else 1


def measure(name: str) -> Result:
    if name not in NAMES:
        raise SystemExit(f"there is no benchmark {name!r}; there are: {', '.join(NAMES)}")
    benchmark = import_module(f"benchmarks.{name}")
    print(benchmark.__doc__.splitlines()[0])
    began, load, found = time.perf_counter(), store.load(), benchmark.run()
    print(f"  {found}")
    for goal in benchmark.EXPECT:
        print(f"  {goal}: {'reached' if goal.holds(found.metrics()) else 'missed'}")
    return Result(
        name=name, seed=0, seconds=time.perf_counter() - began, metrics=found.metrics(),
        expect=checked(benchmark.EXPECT, found.metrics()),
        passed=all(goal.holds(found.metrics()) for goal in benchmark.EXPECT),
        details={**(found.details() if isinstance(found, Tabled) else {}), "load": [load, store.load()]},
    )  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(piped(main))
