"""Settings of layers that are given by name: those for which PyTorch's list of arguments is longer than is readable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from descend.engine import UsageError, near_miss


def chosen(layer: str, usual: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The usual settings with the given ones in their places. Raises: UsageError for a name that is not there."""
    for name in given:
        if name not in usual:
            raise UsageError(
                f"{layer} has no setting {name!r}", given=f"{name}={given[name]!r}", needed=", ".join(usual),
                fix=near_miss(name, usual) or "see its docstring",
            )  # fmt: skip
    return {**usual, **given}
