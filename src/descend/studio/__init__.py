"""The studio: a web server on this machine that shows what networks do while they learn.

`descend studio` opens it. `descend.studio.show(model, data)` shows a network of one's own in it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from descend.studio.shown.show import Show, Stopped, show

__all__ = ["Show", "Stopped", "show"]


def __getattr__(name: str) -> object:
    # Resolved on first use: the studio's first page must not wait for NumPy.
    if name in __all__:
        return getattr(import_module("descend.studio.shown.show"), name)
    raise AttributeError(f"module 'descend.studio' has no attribute {name!r}")
