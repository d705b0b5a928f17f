"""What a network gives out, whatever it is wrapped in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from typing import Any

from descend.engine.errors import DescendError, UsageError

MOST_VALUES = 2_000_000  # numbers of a layer's output that go into its statistics
PART = 16384  # numbers of a parameter that are shown
LAST_STEP = "the loss of your last step"
_NAMES = ("logits", "output", "out", "prediction")


def first(given: Any, kind: type) -> Any:
    """The first tensor in nested tuples, lists, dicts or data classes; one that is called logits goes before others.

    Raises:
        UsageError: there is none.
    """
    found = next(_tensors(given, kind), None)
    if found is None:
        raise UsageError(
            "the network gives out no tensor",
            given=f"a {type(given).__name__}",
            needed="a tensor, or a tuple, list, dict or data class with one in it",
        )
    return found


def folded(output: Any, y: Any) -> tuple[Any, Any]:
    """Scores and targets in the shapes that a loss takes: positions of a sequence become examples of a batch.

    Shapes: (n, k) and (n,) stay; (n, t, k) with (n, t) become (n t, k) and (n t,); (n, 1) with (n,) or the other way
    round become (n,) twice.
    """
    given, wanted = tuple(output.shape), tuple(y.shape)
    if len(given) > 2 and given[:-1] == wanted:
        return output.reshape(-1, given[-1]), y.reshape(-1)
    if given in ((*wanted, 1), wanted[:-1]) and 1 in (given[-1:] + wanted[-1:]):
        return output.reshape(-1), y.reshape(-1)
    return output, y


def in_words(error: Exception) -> str:
    """The first line of what an error says, and its kind where it is none of ours."""
    line = (str(error).strip().splitlines() or [""])[0][:300]
    return line if isinstance(error, DescendError) else f"{type(error).__name__}: {line}"


def _tensors(given: Any, kind: type) -> Iterator[Any]:
    if isinstance(given, kind):
        yield given
    elif isinstance(given, Mapping):
        for part in [*(given[name] for name in _NAMES if name in given), *given.values()]:
            yield from _tensors(part, kind)
    elif isinstance(given, list | tuple):
        for part in given:
            yield from _tensors(part, kind)
    elif is_dataclass(given) and not isinstance(given, type):
        yield from _tensors(dict(vars(given)), kind)
