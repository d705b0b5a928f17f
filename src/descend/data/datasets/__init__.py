"""Data sets by name: `names()`, `info(name)`, `load(name)`."""

from __future__ import annotations

from descend.data.datasets.progress import Listener, Progress
from descend.data.datasets.registry import DatasetInfo, info, load, names

__all__ = ["DatasetInfo", "Listener", "Progress", "info", "load", "names"]
