"""Parameter groups: some parameters with a learning rate or a weight decay of their own.

A group becomes coefficients of the one vector, made once; the update rules know nothing of groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from descend.engine import Cell, Tensor, UsageError, near_miss
from descend.optim import checks

Parameters = Iterable[Cell] | Iterable[Mapping[str, Any]]
_KEYS = ("params", "lr", "weight_decay")


@dataclass(frozen=True)
class Group:
    """Parameters, and what holds for them alone; None where the optimiser's own setting does."""

    parameters: list[Cell]
    lr: float | None = None
    weight_decay: float | None = None


def groups(given: Parameters) -> list[Group]:
    """The groups that an optimiser was given: cells, or dicts like {"params": cells, "lr": 0.01}.

    Raises: UsageError for another key, a wrong number, or cells beside dicts; GradientError as `checks.parameters`.
    """
    entries = _entries(given)
    if not any(isinstance(entry, Mapping) for entry in entries):
        return [Group(checks.parameters(entries))]
    found = [_group(entry) for entry in entries]
    checks.parameters(cell for group in found for cell in group.parameters)  # no cell in two groups
    return found


def _entries(given: Any) -> Any:
    """What was given as a list; a tensor or what cannot be walked through is refused here."""
    return list(given) if checks.walkable(given) else checks.parameters(given)


def _group(entry: object) -> Group:
    if not isinstance(entry, Mapping):
        raise UsageError(
            "a list of groups holds groups only", given=type(entry).__name__, needed='{"params": [...], ...}',
            fix="give the other parameters a group too",
        )  # fmt: skip
    for key in entry:
        if key not in _KEYS:
            raise UsageError(
                f"a group of parameters has no setting {key!r}", given=f"{key}={entry[key]!r}", needed=", ".join(_KEYS),
                fix=near_miss(str(key), _KEYS) or "use two optimisers",
            )  # fmt: skip
    if "params" not in entry:
        given = f"a group with {', '.join(entry) or 'nothing in it'}"
        raise UsageError("a group needs its parameters", given=given, needed='{"params": [...], ...}')
    numbers = {name: checks.not_negative(name, entry[name]) for name in ("lr", "weight_decay") if name in entry}
    return Group(checks.parameters(entry["params"]), **numbers)


def shares(found: list[Group], lr: float, dtype: np.dtype[Any]) -> Tensor | None:
    """Each element's learning rate as a share of `lr`; None where all are `lr` itself.

    Raises: UsageError for a group's rate beside a rate of 0, of which nothing is a share.
    """
    rates = [group.lr for group in found]
    if all(rate is None for rate in rates):
        return None
    if lr == 0:
        raise UsageError("a group's learning rate is a share of the optimiser's", given="lr=0", needed="lr > 0")
    return _spread(found, [1.0 if rate is None else rate / lr for rate in rates], dtype)


def decays(found: list[Group], weight_decay: float, dtype: np.dtype[Any]) -> float | Tensor:
    """The weight decay of each element, or the one number that holds for all."""
    numbers = [weight_decay if group.weight_decay is None else group.weight_decay for group in found]
    return numbers[0] if len(set(numbers)) == 1 else _spread(found, numbers, dtype)


def _spread(found: list[Group], numbers: list[float], dtype: np.dtype[Any]) -> Tensor:
    sizes = [sum(cell.size for cell in group.parameters) for group in found]
    return Tensor(np.repeat(numbers, sizes).astype(dtype))
