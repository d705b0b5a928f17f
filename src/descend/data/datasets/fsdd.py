"""Free Spoken Digit Dataset: 3,000 recordings of six people who say a digit, 8 kHz."""

from __future__ import annotations

import re
from importlib.resources.abc import Traversable

import numpy as np

from descend.data.audio import wav
from descend.data.dataset import Split
from descend.data.datasets.entry import DataFile, Entry, Form
from descend.data.errors import DataError
from descend.data.formats import archive
from descend.data.items import sequences

RATE = 8000
N_TEST = 5  # recordings 0 to 4 of each digit and speaker, as the set's authors split it
_NAME = re.compile(r"(\d)_(\w+)_(\d+)\.wav")
_ARCHIVE = "v1.0.10.zip"


def read(folder: Traversable) -> tuple[Split, Split]:
    """Both splits, the training examples in mixed order. x: sequences of float32 samples. y: the digit. DataError."""
    return _recordings(folder / _ARCHIVE)


def read_archive(folder: Traversable) -> tuple[Split, Split]:
    """The same from an archive of the recordings alone."""
    return _recordings(folder / "recordings.tar.gz")


def read_unpacked(folder: Traversable) -> tuple[Split, Split]:
    """The same from a folder of the recordings."""
    return _recordings(folder / "recordings")


def _recordings(path: Traversable) -> tuple[Split, Split]:
    waves, digits, test = [], [], []
    for name, data in archive.members(path, ".wav").items():
        match = _NAME.fullmatch(name)
        if match is None:
            raise DataError(f"{path} holds another file", given=name, needed="names like 7_jackson_32.wav")
        waves.append(_wave(data, f"{name} in {path}"))
        digits.append(int(match[1]))
        test.append(int(match[3]) < N_TEST)
    if all(test) or not any(test):
        raise DataError(f"{path} lacks recordings", given=f"{sum(test)} with the numbers 0 to 4, of {len(test)}")
    whole, of_test = Split(sequences(waves), np.array(digits)), np.array(test)
    return whole.pick(np.flatnonzero(~of_test)).shuffled(), whole.pick(np.flatnonzero(of_test))


def _wave(data: bytes, name: str) -> wav.Samples:
    samples, rate = wav.decode(data, name)
    if rate != RATE or samples.ndim != 1:
        raise DataError(
            f"{name} is another sort of recording",
            given=f"{rate} samples a second, {samples.shape[1:] or 1} channels",
            needed=f"{RATE} samples a second, one channel",
        )
    return samples


FSDD = Entry(
    name="fsdd",
    about="2,700 + 300 recordings of spoken digits by six people, 8 kHz",
    source="Zohar Jackson and others 2016-2020: Free Spoken Digit Dataset, version 1.0.10",
    licence="CC BY-SA 4.0",
    classes=tuple("0123456789"),
    files=(DataFile(_ARCHIVE, 16_419_872, "sha256:c680098f5d2355ba7cc4bd8b0ca9e0a24c00ebe3b4c552208889a4d28d4fbc2b"),),
    mirrors=("https://github.com/Jakobovski/free-spoken-digit-dataset/archive/refs/tags/",),
    read=read,
    others=(Form(("recordings.tar.gz",), read_archive), Form(("recordings/",), read_unpacked)),
    rate=RATE,
    split="as published: recordings 0 to 4 of each digit and speaker are for testing",
)
