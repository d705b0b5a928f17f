"""The random streams of Python and NumPy, which a model may draw from when it is looked into."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np


@contextmanager
def streams_kept() -> Iterator[None]:
    """Afterwards both streams are where they were."""
    python, numpy = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
