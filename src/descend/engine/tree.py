"""Nested lists, tuples (named ones too) and dicts of tensors as one flat list, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def flatten(tree: Any) -> tuple[list[Any], Callable[[list[Any]], Any]]:
    """The leaves of `tree` in order, and the function that puts a list of new leaves into its structure."""
    leaves: list[Any] = []
    _collect(tree, leaves)

    def rebuild(new: list[Any]) -> Any:
        return _rebuilt(tree, iter(new))

    return leaves, rebuild


def _collect(tree: Any, leaves: list[Any]) -> None:
    if isinstance(tree, dict):
        for key in tree:
            _collect(tree[key], leaves)
    elif isinstance(tree, (list, tuple)):
        for part in tree:
            _collect(part, leaves)
    else:
        leaves.append(tree)


def _rebuilt(tree: Any, leaves: Any) -> Any:
    if isinstance(tree, dict):
        return {key: _rebuilt(tree[key], leaves) for key in tree}
    if hasattr(tree, "_fields"):
        return type(tree)(*[_rebuilt(part, leaves) for part in tree])
    if isinstance(tree, (list, tuple)):
        return type(tree)([_rebuilt(part, leaves) for part in tree])
    return next(leaves)
