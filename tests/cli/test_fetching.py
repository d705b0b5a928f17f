from __future__ import annotations

import io
import re

from rich.console import Console

from descend.cli.fetching import shown
from descend.data import Progress


def _console() -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=100)


def _said(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_nothing_is_drawn_where_nothing_is_fetched() -> None:
    console = _console()
    with shown(console):
        pass
    assert _said(console) == ""


def test_each_file_has_a_bar_and_what_else_happens_is_told() -> None:
    console = _console()
    with shown(console) as progress:
        progress(Progress("images.gz", 500_000, 1_000_000))
        progress(Progress("images.gz", 1_000_000, 1_000_000, "trying again in 1 s"))
        progress(Progress("labels.gz", 10, 20))
    said = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", _said(console))
    assert "images.gz: trying again in 1 s" in said
    assert "labels.gz" in said
    assert "1.0/1.0 MB" in said
