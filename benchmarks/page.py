"""`results.md` and its picture, made from `results.json`: `python -m benchmarks.page`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from pathlib import Path

from benchmarks import picture, store
from benchmarks.store import Row
from benchmarks.training_steps import aims
from benchmarks.training_steps.catalogue import EIGHT, WORKLOADS
from benchmarks.training_steps.peers import PEERS

FILE = Path(__file__).parent / "results.md"
STEPS = "training_steps "
OTHERS = tuple(peer for peer in PEERS if not peer.startswith("ours"))


def write() -> None:
    """The page and the picture."""
    rows = store.read()
    picture.draw(steps(rows))
    FILE.write_text(page(rows), encoding="utf-8")
    print(f"wrote {FILE} and {picture.FILE}")


def page(rows: dict[str, Row]) -> str:
    """The page, of what is stored."""
    raced = steps(rows)
    parts = [
        "# What the benchmarks found", INTRODUCTION, "## Training steps", PICTURE, ratios(raced), mean(raced), PROSE,
        "### Milliseconds a step", times(raced), "### Without compiling", eager(raced),
        *[part for name in ("compile_time", "memory", "recipes") if name in rows for part in section(rows[name])],
        "## Goals", goals(rows), "## Aims", AIMS, reached(raced), absent(rows), "## Machines", machines(rows),
    ]  # fmt: skip
    return "\n\n".join(part for part in parts if part) + "\n"


INTRODUCTION = """\
Made by `python -m benchmarks.page` from `results.json`, which has the last run of each benchmark. `make bench` measures
all of it again; with `--only NAME --write` one row is measured and the others stay, each with its own date. Every
number is a comparison with peers that took turns with ours, on the same machine, in the same minutes. A load average
above the number of threads says that other programs competed with all of them: times, not so much ratios, are larger
then than on a quiet machine."""

PICTURE = "![How many times faster than each peer, by workload](../docs/pictures/benchmarks.svg)"

PROSE = """\
A number says how many times faster our compiled step is than the peer's: the median over the rounds, with its 95 %
interval (bootstrap). In a round each peer takes a turn, one after the other, each in a process of its own. All begin
with the same weights and must give the same first three losses; PyTorch in float64 is the judge. PyTorch eager uses as
many threads as it was fastest with when it began, ours tries the same, XLA and torch.compile see to theirs.
`torch-best` has channels-last images and the fused Adam; `jax` is one compiled function with its state donated;
`keras` is `train_on_batch` on JAX. `small` is 2-16-16-1 and not part of the mean."""

AIMS = """\
What the goals are a step towards: so many times PyTorch's speed, and at least 0.95 of the fastest peer's on every
workload. The median counts."""


def steps(rows: dict[str, Row]) -> list[Row]:
    """The rows of training steps, in the workloads' order."""
    return [rows[STEPS + name] for name in WORKLOADS if STEPS + name in rows]


def short(row: Row) -> str:
    """The workload's name."""
    return str(row["name"]).removeprefix(STEPS)


def table(rows: Iterable[Sequence[str]]) -> str:
    """The rows as a table; the first is its head."""
    head, *body = rows
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *body))


def label(peer: str) -> str:
    """The peer in the name of a metric."""
    return peer.replace("-", "_")


def ratio(row: Row, name: str) -> str:
    """A ratio with its interval."""
    m = row["metrics"]
    return f"**{m[name]:.2f}** ({m[f'{name}_low']:.2f} to {m[f'{name}_high']:.2f})" if name in m else ""


def ratios(raced: Sequence[Row]) -> str:
    rows = [[short(row), *[ratio(row, f"ratio_{label(peer)}") for peer in OTHERS]] for row in raced]
    return table([["times faster than", *OTHERS], *rows])


def mean(raced: Sequence[Row]) -> str:
    """The geometric means over the eight, of the medians."""
    eight = [row["metrics"] for row in raced if short(row) in EIGHT]
    found = []
    for peer in OTHERS:
        known = [m[f"ratio_{label(peer)}"] for m in eight if f"ratio_{label(peer)}" in m]
        if known:
            found.append(f"{peer} {math.exp(sum(map(math.log, known)) / len(known)):.2f} ({len(known)} of them)")
    return f"Geometric mean over the eight workloads: {', '.join(found)}." if found else ""


def times(raced: Sequence[Row]) -> str:
    peers = [*PEERS]
    head = ["workload", *peers, "rounds", "losses off by", "load", "measured"]
    return table([head, *[_times(row, peers) for row in raced]])


def _times(row: Row, peers: Sequence[str]) -> list[str]:
    m = row["metrics"]
    found = [f"{m[f'{label(peer)}_ms']:.3g}" if f"{label(peer)}_ms" in m else "" for peer in peers]
    off = f"{m['deviation']:.0e}, PyTorch's {m['deviation_torch']:.0e}" if "deviation_torch" in m else ""
    load = " to ".join(f"{x:.1f}" for x in row["details"].get("load", ()))
    return [short(row), *found, f"{m['rounds']:.0f}", off, load, row["date"]]


def eager(raced: Sequence[Row]) -> str:
    """Steps a second of the workloads that are raced without compiling too."""
    peers = ("ours", "ours-eager", "torch", "jax")
    rows = [
        [short(row), *[_rate(row, peer) for peer in peers], ratio(row, "eager_ratio_torch")]
        for row in raced if "ours_eager_ms" in row["metrics"]
    ]  # fmt: skip
    head = ["steps a second", *peers, "ours-eager, times faster than torch"]
    return table([head, *rows]) if rows else "Not measured yet."


def _rate(row: Row, peer: str) -> str:
    milliseconds = row["metrics"].get(f"{label(peer)}_ms")
    return f"{1e3 / milliseconds:,.0f}" if milliseconds else ""


def section(row: Row) -> list[str]:
    """A benchmark that brings its own table along."""
    details = row["details"]
    load = " to ".join(f"{x:.1f}" for x in details["load"])
    return [f"## {details['title']}", details["about"], table(details["table"]), f"{row['date']}, load {load}."]


def goals(rows: dict[str, Row]) -> str:
    found = [
        [f"{short(row)}: {goal['must']}", _number(goal["value"]), "yes" if goal["passed"] else "**no**", row["date"]]
        for row in rows.values() for goal in row["expect"] or ()
    ]  # fmt: skip
    return table([["goal", "found", "reached", "measured"], *found])


def reached(raced: Sequence[Row]) -> str:
    rows = [
        [f"{short(row)}: {what} >= {aim:g}", _number(found), "yes" if found >= aim else "**no**"]
        for row in raced for what, aim, found in aims.of(short(row), row["metrics"])
    ]  # fmt: skip
    return table([["aim", "found", "reached"], *rows])


def _number(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.3g}"


def absent(rows: dict[str, Row]) -> str:
    """Why peers are missing."""
    lines = [
        f"- {short(row)}, {peer}: {why}."
        for row in rows.values() for peer, why in row["details"].get("absent", {}).items()
    ]  # fmt: skip
    return "## Not measured\n\n" + "\n".join(lines) if lines else ""


def machines(rows: dict[str, Row]) -> str:
    return "\n".join(f"- {machine}" for machine in dict.fromkeys(row["machine"] for row in rows.values()))


if __name__ == "__main__":
    write()
