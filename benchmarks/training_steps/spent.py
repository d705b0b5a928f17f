"""Which equations of a compiled step have no kernel and are evaluated by NumPy, and what they cost."""

from __future__ import annotations

from collections import defaultdict

from benchmarks.training_steps.catalogue import WORKLOADS
from benchmarks.training_steps.peers import our_step, weights


def shares(name: str) -> list[tuple[str, str, int, float]]:
    """(operation, by what, how many, milliseconds), the costly first. One thread, every equation by itself."""
    from descend.compiler.explain import explained
    from descend.compiler.text import label

    work = WORKLOADS[name]
    step, data = our_step(work, weights(work), "native")
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for row in explained(step, *data).rows:
        found[label(row.equation), row.by].append(row.seconds * 1e3)
    rows = [(operation, by, len(times), sum(times)) for (operation, by), times in found.items()]
    return sorted(rows, key=lambda row: -row[3])


def show(name: str, most: int = 16) -> None:
    """The table on the screen."""
    rows = shares(name)
    total = sum(row[3] for row in rows)
    evaluated = sum(row[3] for row in rows if row[1] == "NumPy")
    print(f"{name}: {total:.1f} ms with one thread, of which NumPy {evaluated:.1f}")
    for operation, by, count, milliseconds in rows[:most]:
        print(f"  {milliseconds:9.2f} ms  {count:4} x  {by:6}  {operation}")
