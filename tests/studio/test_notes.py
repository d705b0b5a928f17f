from __future__ import annotations

from pathlib import Path

import pytest

from descend.engine.errors import DescendError
from descend.studio.notes import Notes


def test_what_is_kept_comes_back(home: Path) -> None:
    assert Notes("a").read() == {}
    Notes("a").write({"guess": [0.5, 1e-9], "words": "≤"})
    assert Notes("a").read() == {"guess": [0.5, 1e-9], "words": "≤"}
    assert Notes("b").read() == {}
    assert [path.name for path in (home / "labs").iterdir()] == ["a.json"]


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\xfe", b"[1]", b"[" * 100_000])
def test_damaged_notes_are_told_of(damage: bytes) -> None:
    notes = Notes("a")
    notes.write({})
    notes.path.write_bytes(damage)
    with pytest.raises(DescendError, match="cannot be read") as told:
        notes.read()
    assert str(notes.path) in (told.value.given or "")
