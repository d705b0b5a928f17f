"""Where a command talks to people: standard output, or standard error where that is kept for JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def screen(json: bool) -> Console:
    """The console to print on."""
    from rich.console import Console

    return Console(stderr=json, highlight=False, soft_wrap=True)


def table(console: Console, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Columns without lines; where they are too wide the last one is broken into lines, then the first."""
    from rich.table import Table
    from rich.text import Text

    grid = Table(box=None, pad_edge=False, header_style="dim", padding=(0, 2, 0, 0))
    for head in heads:
        grid.add_column(head, no_wrap=head not in (heads[0], heads[-1]), overflow="fold")
    for row in rows:
        grid.add_row(*(Text(cell) for cell in row))
    console.print(grid, soft_wrap=False)
