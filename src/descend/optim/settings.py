"""Settings that a rule or a schedule does not have: refused when it is made, with what PyTorch's are called here."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any, Self

from descend.engine import UsageError, near_miss

_ONE_VECTOR = "leave it out: all parameters are one vector here, and descend.compile makes the step fast"
_PYTORCHS = {
    "amsgrad": "optim.AMSGrad is a rule of its own",
    "anneal_strategy": "leave it out: both ways are half a cosine",
    "capturable": _ONE_VECTOR,
    "cycle_momentum": "leave it out: the momentum stays as it is",
    "dampening": "leave it out: what 0 means there holds",
    "decoupled_weight_decay": "optim.AdamW has it",
    "differentiable": _ONE_VECTOR,
    "epochs": "total_steps=epochs * steps_per_epoch",
    "foreach": _ONE_VECTOR,
    "fused": _ONE_VECTOR,
    "last_epoch": "leave it out, and go on by load_state_dict",
    "maximize": "minimise the negative of the loss",
    "steps_per_epoch": "total_steps=epochs * steps_per_epoch",
}


class Known:
    """What answers an unknown setting with what was meant. Raises: UsageError."""

    def __new__(cls, *_: Any, **settings: Any) -> Self:
        """Compare the names with those of `__init__`."""
        parameters = inspect.signature(cls.__init__).parameters.values()
        if not any(one.kind is one.VAR_KEYWORD for one in parameters):
            _compare(cls.__name__, settings, [one.name for one in parameters if one.name != "self"])
        return super().__new__(cls)


def _compare(owner: str, settings: dict[str, Any], names: Iterable[str]) -> None:
    known = list(names)
    for name, value in settings.items():
        if name not in known:
            raise UsageError(
                f"{owner} has no setting {name!r}", given=f"{name}={value!r:.40}", needed=", ".join(known),
                fix=_PYTORCHS.get(name) or near_miss(name, known) or "leave it out",
            )  # fmt: skip
