"""Deep learning, explained by a framework small enough to read.

>>> import descend
>>> w = descend.Tensor([1.0, 2.0], requires_grad=True)
>>> (w * w).sum().backward()
>>> w.grad
tensor([2., 4.])

The engine's names live here (`descend.Tensor`, `descend.grad`, ...); the other parts are reached by theirs
(`descend.nn`, `descend.optim`, `descend.data`, `descend.train`).
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from descend.compiler import compile as compile  # noqa: A004
    from descend.engine import *  # noqa: F403

__version__ = "0.1.0"

# What does not belong to the engine is a module of its own.
_PARTS = frozenset(
    {"engine", "compiler", "data", "nn", "optim", "train", "models", "recipes", "guide", "studio", "cli"}
)


def __getattr__(name: str) -> object:
    # Resolved on first use: `descend --help` must not wait for NumPy.
    if name in _PARTS:
        return import_module(f"descend.{name}")
    if name == "compile":
        return import_module("descend.compiler").compile
    if not name.startswith("_"):
        engine = import_module("descend.engine")
        if name in engine.__all__:
            return getattr(engine, name)
        ours = {name: f"it is descend.ops.{name}"} if hasattr(engine.ops, name) else engine.ops.elsewhere.ELSEWHERE
        raise import_module("descend.engine.errors").unknown_name("descend", name, __dir__(), ours)
    raise AttributeError(f"module 'descend' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_PARTS, "compile", *import_module("descend.engine").__all__})
