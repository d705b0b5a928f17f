"""The table of results in the documentation is what was recorded."""

from __future__ import annotations

import runpy
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_it_shows_what_was_recorded() -> None:
    record = runpy.run_path(str(ROOT / "scripts" / "record.py"))
    text = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    assert record["renewed"](text) == text, "run: python scripts/record.py"
    assert record["table"]().count("\n") > 20
