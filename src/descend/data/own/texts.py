"""Texts: one file is one text; in folders, each file is a text and each folder a class."""

from __future__ import annotations

import codecs
from pathlib import Path

import numpy as np

from descend.data.own.collected import Collected, Problem, nothing
from descend.data.own.folders import listing
from descend.data.own.parting import TEST, TRAIN
from descend.engine.errors import UsageError

SUFFIXES = frozenset({".txt", ".md", ".text"})
_MARKS = {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}
TRAINING = 0.9  # of the characters of a single text; the rest is for testing


def file(place: Path, encoding: str = "utf-8") -> Collected:
    """One text, its first nine tenths for training."""
    text, problem = _read(place, encoding)
    if text is None:
        return Collected("a text", place, np.empty(0, object), nothing([]), [], [], problems=[problem])
    cut = int(len(text) * TRAINING)
    parts = [(name, piece) for name, piece in ((TRAIN, text[:cut]), (TEST, text[cut:])) if piece]
    x = np.array([piece for _, piece in parts], object)
    return Collected("a text", place, x, nothing(x), [str(place)] * len(x), [name for name, _ in parts])


def folder(place: Path, encoding: str = "utf-8") -> Collected:
    """The texts under a folder."""
    found = listing(place, SUFFIXES)
    read = [(one, *_read(one.path, encoding)) for one in found.files]
    problems = [*found.problems, *(problem for _, text, problem in read if text is None)]
    kept = [(one, text) for one, text, _ in read if text is not None]
    x = np.array([text for _, text in kept], object)
    y = np.array([found.classes.index(one.label) for one, _ in kept], np.int64) if found.classes else nothing(kept)
    names, parts = [str(one.path) for one, _ in kept], [one.part for one, _ in kept]
    return Collected("texts in folders", place, x, y, names, parts, found.classes, problems, found.ignored)


def _read(path: Path, encoding: str) -> tuple[str | None, Problem]:
    problem = Problem(str(path), "it is empty", "remove it")
    try:
        text = path.read_text(encoding="utf-8-sig" if encoding == "utf-8" else encoding)  # a mark of the order of bytes
    except UnicodeDecodeError as error:
        reason = f"it is not {encoding}: byte {error.object[error.start]:#04x} at {error.start}"
        guess = "utf-16" if error.object[:2] in _MARKS else "latin-1"
        return None, Problem(str(path), reason, f'data.text_files(path, encoding="{guess}"), or what it is written in')
    except LookupError as error:
        raise UsageError("there is no such encoding", given=repr(encoding), needed="utf-8, latin-1, ...") from error
    except OSError as error:
        return None, Problem(str(path), error.strerror or str(error))
    return (text or None), problem
