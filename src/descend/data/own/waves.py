"""Folders of recordings, a folder for each class, or CLASS_anything.wav."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from descend.data.audio import wav
from descend.data.audio.resample import resample
from descend.data.errors import DataError
from descend.data.items import sequences
from descend.data.own.collected import Collected, Problem, nothing
from descend.data.own.folders import Found, listing

SUFFIXES = frozenset({".wav"})


def folder(place: Path, rate: int | None = None) -> Collected:
    """The recordings under a folder as sequences of samples; several channels become their mean.

    rate: samples a second that all are brought to; without it, all must have the same.
    """
    found = listing(place, SUFFIXES)
    files = list(found.files)
    if not found.classes and files and all("_" in one.path.stem for one in files):
        files = [replace(one, label=one.path.stem.split("_")[0]) for one in files]
    sounds, problems = _read(files, rate)
    rates = Counter(held for _, _, held in sounds)
    usual = rates.most_common(1)[0][0] if rates else None
    problems += [_other(one, held, usual) for one, _, held in sounds if held != usual]
    kept = [(one, samples) for one, samples, held in sounds if held == usual]
    classes = tuple(sorted({one.label for one, _ in kept if one.label}))
    y = np.array([classes.index(one.label) for one, _ in kept], np.int64) if classes else nothing(kept)
    x = sequences(samples for _, samples in kept) if kept else np.empty(0, object)
    names, parts = [str(one.path) for one, _ in kept], [one.part for one, _ in kept]
    wrong = [*found.problems, *problems]
    return Collected("recordings in folders", place, x, y, names, parts, classes, wrong, found.ignored, usual)


def _read(files: list[Found], rate: int | None) -> tuple[list[tuple[Found, wav.Samples, int]], list[Problem]]:
    sounds, problems = list[tuple[Found, wav.Samples, int]](), list[Problem]()
    for one in files:
        try:
            samples, held = wav.read(one.path)
        except DataError as error:
            problems.append(Problem(str(one.path), error.problem.split(": ", 1)[-1], error.fix or ""))
            continue
        mono = samples if samples.ndim == 1 else samples.mean(axis=1)
        sounds.append((one, mono, held) if rate is None else (one, resample(mono, held, rate), rate))
    return sounds, problems


def _other(one: Found, held: int, usual: int | None) -> Problem:
    reason = f"it has {held} samples a second, most have {usual}"
    return Problem(str(one.path), reason, f"have all brought to one rate: data.wav_folder(path, rate={usual})")
