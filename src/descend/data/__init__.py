"""Data: sets by name, one's own arrays, and batches in a seeded order.

>>> from descend import data
>>> digits = data.load("digits")
>>> rest, validation = digits.train.split(1000)
>>> batches = data.Loader(rest, 64, seed=1, transform=data.on_examples(data.scale))
>>> x, y = next(batches.epoch(0))
>>> x.shape, str(x.dtype), y.shape
((64, 1, 28, 28), 'float32', (64,))
"""

from __future__ import annotations

from descend.data.dataset import Dataset, Split, from_arrays
from descend.data.datasets import DatasetInfo, Listener, Progress, info, load, names
from descend.data.errors import DataError, DataWarning, DownloadError
from descend.data.loader import Loader
from descend.data.transforms import Transform, on_examples, scale

__all__ = [
    "DataError",
    "DataWarning",
    "Dataset",
    "DatasetInfo",
    "DownloadError",
    "Listener",
    "Loader",
    "Progress",
    "Split",
    "Transform",
    "from_arrays",
    "info",
    "load",
    "names",
    "on_examples",
    "scale",
]
