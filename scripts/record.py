"""Keep the results of finished runs as the recorded ones, and renew docs/results.md.

python scripts/record.py RUN_FOLDER...
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from descend.recipes import recorded, registry
from descend.recipes.recorded import Recorded
from descend.train.runs import Run

DOCUMENT = Path(__file__).parents[1] / "docs" / "results.md"
BEGIN, END = "<!-- made by scripts/record.py -->", "<!-- end -->"


def table() -> str:
    """Every recipe with what was published, what it must reach, and what the recorded run reached."""
    rows = recorded.load()
    lines = [_line(name, rows.get(name)) for name in registry.names()]
    heads = "| recipe | published | must be | ours | | epochs | time |", "|---|---|---|---|---|--:|--:|"
    return "\n".join([*heads, *lines])


def _line(name: str, row: Recorded | None) -> str:
    recipe = registry.get(name)
    if row is None or not row.stands(recipe):
        return f"| `{name}` | {recipe.source} | {'<br>'.join(map(str, recipe.expect))} | not run yet | | | |"
    must, ours, reached = _few(list(_cells(row)))
    return f"| `{name}` | {recipe.source} | {must} | {ours} | {reached} | {row.epochs or ''} | {row.seconds:.0f} s |"


def _few(cells: list[tuple[str, str, str]]) -> tuple[str, str, str]:
    """The cells of one row; of many values only how many there are and how many were reached."""
    if len(cells) > 5:
        reached = sum(mark == "yes" for *_, mark in cells)
        return f"{len(cells)} values", f"{reached} of them", "yes" if reached == len(cells) else "no"
    must, ours, marks = ("<br>".join(column) for column in zip(*cells, strict=True))
    return must, ours, marks


def _cells(row: Recorded) -> Iterator[tuple[str, str, str]]:
    for one in registry.get(row.recipe).expect:
        yield str(one), f"{row.metrics[one.metric]:.4g}", "yes" if one.holds(row.metrics) else "no"


def renewed(text: str) -> str:
    """The document with today's table in it."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


def main(folders: list[str]) -> None:
    """Read the runs, write `recorded.json` and the document, and say what was kept."""
    found = [recorded.of_run(Run.open(Path(folder))) for folder in folders]
    recorded.keep(found)
    DOCUMENT.write_text(renewed(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
    for one in found:
        print(one.recipe, one.seconds, "s", dict(one.metrics))


if __name__ == "__main__":
    main(sys.argv[1:])
