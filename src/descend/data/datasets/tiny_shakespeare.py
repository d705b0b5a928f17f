"""Tiny Shakespeare: 1,115,394 characters of plays, one text."""

from __future__ import annotations

from importlib.resources.abc import Traversable

import numpy as np

from descend.data.dataset import Split, unlabelled
from descend.data.datasets.entry import DataFile, Entry
from descend.data.errors import DataError

TRAINING = 0.95  # of the characters; the rest is for measuring, as char-rnn has it
_FILE = "input.txt"


def read(folder: Traversable) -> tuple[Split, Split]:
    """Each split is one text, without labels: the first 95 % and the last 5 % of the characters. Raises DataError."""
    path = folder / _FILE
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path} cannot be read", given=str(error), needed="a text in UTF-8") from error
    cut = int(len(text) * TRAINING)
    if cut == 0:
        raise DataError(f"{path} is cut short", given=f"{len(text)} characters", needed="1,115,394")
    return unlabelled(np.array([text[:cut]], object)), unlabelled(np.array([text[cut:]], object))


TINY_SHAKESPEARE = Entry(
    name="tiny-shakespeare",
    about="1,115,394 characters of Shakespeare's plays, one text",
    source="Andrej Karpathy 2015: char-rnn, data/tinyshakespeare",
    licence="public domain",
    classes=(),
    files=(DataFile(_FILE, 1_115_394, "sha256:86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"),),
    mirrors=("https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/",),
    read=read,
    split="as char-rnn divides it: the last 5 % of the characters are for testing",
)
