"""Data sets by name: `names()`, `info(name)`, `load(name)`, `holds(directory, name)`."""

from __future__ import annotations

from descend.data.datasets.progress import Listener, Progress
from descend.data.datasets.registry import DatasetInfo, holds, info, load, named, names

__all__ = ["DatasetInfo", "Listener", "Progress", "holds", "info", "load", "named", "names"]
