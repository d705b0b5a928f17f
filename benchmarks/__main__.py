"""Run the benchmarks and say what they found. Exit status 0 only where every goal is met."""

from __future__ import annotations

import argparse
import json
import time
from importlib import import_module

NAMES = ("eager_step",)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", help="names, separated by commas", default=",".join(NAMES))
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    options = parser.parse_args()
    began, results = time.perf_counter(), [measure(name) for name in options.only.split(",")]
    passed = all(row["passed"] for row in results)
    if options.json:
        seconds = time.perf_counter() - began
        print(json.dumps({"command": "bench", "passed": passed, "seconds": seconds, "results": results}))
    return 0 if passed else 1


def measure(name: str) -> dict[str, object]:
    if name not in NAMES:
        raise SystemExit(f"there is no benchmark {name!r}; there are: {', '.join(NAMES)}")
    benchmark = import_module(f"benchmarks.{name}")
    print(benchmark.__doc__.splitlines()[0])
    began, found = time.perf_counter(), benchmark.run()
    print(f"  {found}; the goal is {benchmark.GOAL}")
    return {
        "name": name, "seed": 0, "executor": "eager", "epochs": 0, "seconds": time.perf_counter() - began,
        "metrics": found.metrics(), "expect": f"ratio_torch >= {benchmark.GOAL:g}", "passed": found.ratio >= benchmark.GOAL,
    }  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
