"""What a trainer is given by mistake, and what was meant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from descend.engine.errors import UsageError
from descend.optim import Optimizer

if TYPE_CHECKING:
    from descend.train.callbacks.callback import Callback


def batches(given: Any) -> None:
    """Raises UsageError for what has no epochs of batches: a split, an array, a list."""
    if not callable(getattr(given, "epoch", None)):
        raise UsageError(
            "there are no batches to be had from this",
            given=f"a {type(given).__name__}",
            needed="a data.Loader, or what else has epoch(number) and a length",
            fix="data.Loader(split, 64); arrays become a split by data.Split(x, y)",
        )


def kind(given: Any, wanted: type, words: str) -> None:
    """Raises UsageError for what is not of the wanted type; `words` say what that is."""
    if not isinstance(given, wanted):
        raise UsageError(f"{words} is needed here", given=_named(given), needed=words)


def schedule(given: Any) -> None:
    """Raises UsageError for what has no step() of its own; an optimiser's would be another."""
    if isinstance(given, Optimizer | type) or not callable(getattr(given, "step", None)):
        raise UsageError("a schedule is needed here", given=_named(given), needed="optim.StepLR(optimizer, 30) say")


def loss(given: Any) -> None:
    """Raises UsageError for a class or a name in the place of a loss."""
    _function(given, "a loss is a function of (logits, labels)", "a function or a module, nn.cross_entropy say")


def callbacks(given: Any) -> list[Callback]:
    """The callbacks in a list. Raises UsageError where these are not several functions of events."""
    if not isinstance(given, Iterable):
        raise UsageError("callbacks come in a list", given=f"a {type(given).__name__}", fix="put it in brackets: [...]")
    several = list(given)
    for one in several:
        _function(one, "a callback is a function of an event", "train.TerminateOnNaN() say, or a function of your own")
    return several


def _function(given: Any, problem: str, needed: str) -> None:
    if isinstance(given, type) or not callable(given):
        fix = f"make one: {given.__name__}(...)" if isinstance(given, type) else None
        raise UsageError(problem, given=_named(given), needed=needed, fix=fix)


def _named(given: Any) -> str:
    return f"the class {given.__name__}" if isinstance(given, type) else f"{given!r:.60}"
