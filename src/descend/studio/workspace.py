"""Where the learner's own files are: the folder that `descend init` makes."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path("answers")


def found(directory: Path | None = None) -> Path:
    """The folder that was named; else this one or `answers` in it, whichever holds exercises; else `answers`."""
    from descend.guide.registry import exercises

    if directory is not None:
        return directory
    places = (Path(), FOLDER)
    return next((place for place in places if any((place / e.filename).is_file() for e in exercises())), FOLDER)
