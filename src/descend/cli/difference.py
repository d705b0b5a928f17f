"""Two runs compared, in words: what differs, what that did, and how far apart the networks are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from descend.cli.screen import table

if TYPE_CHECKING:
    from rich.console import Console

    from descend.train.diff import Diff, Difference, Distance

_HASHES = ("data", "code")  # of these only whether they differ says anything


def told(found: Diff, console: Console) -> None:
    """Print the comparison."""
    console.print(f"A is {found.a}\nB is {found.b}\n", markup=False)
    if found.settings:
        _section(console, "They were asked for different things:", "setting", found.settings)
    else:
        console.print("They were asked for the same: recipe, settings and seed.\n")
    if found.environment:
        _section(console, "They ran under different conditions:", "condition", found.environment)
    if found.metrics:
        console.print("What came of them:")
        rows = [(d.name.replace("_", " "), *_numbers(d), _better(d)) for d in found.metrics]
        table(console, ("result", "A", "B", ""), rows)
        console.print()
    for line in _networks(found):
        console.print(line, markup=False)
    if found.unmatched and (found.weights or _both(found.unmatched)):
        table(console, ("weights", "A", "B"), [(d.name, _shape(d.a), _shape(d.b)) for d in found.unmatched])
    elif found.weights and not found.same_weights:
        table(console, ("weights", "size", "apart"), [(w.name, _shape(w.shape), _apart(w)) for w in found.weights])


def _section(console: Console, title: str, head: str, differences: Sequence[Difference]) -> None:
    console.print(title)
    table(console, (head, "A", "B"), [(d.name.replace("_", " "), *_values(d)) for d in differences])
    console.print()


def _networks(found: Diff) -> Iterator[str]:
    """What there is to say of the weights, before their table."""
    if found.same_weights:
        yield "Their networks are the same, bit for bit."
    elif found.unmatched and not (found.weights or _both(found.unmatched)):
        yield "Only one of them has a network that was saved, so there are no weights to compare."
    elif found.unmatched:
        yield "Their networks are built differently, so they cannot be compared weight by weight. What differs:"
    elif found.weights:
        yield "Their networks have the same layers. How far apart the weights are (0 % is the same, near 141 % is"
        yield "nothing in common):"
    else:
        yield "Neither has a network that was saved."


def _both(unmatched: Sequence[Difference]) -> bool:
    return any(d.a is not None for d in unmatched) and any(d.b is not None for d in unmatched)


def _values(one: Difference) -> tuple[str, str]:
    if one.name in _HASHES and one.a and one.b:
        return "one version", "another version"
    return _text(one.a), _text(one.b)


def _text(value: Any) -> str:
    return "none" if value in (None, "") else str(value)


def _numbers(one: Difference) -> tuple[str, str]:
    from descend.train.render import number

    a, b = ("not measured" if value is None else number(one.name, value) for value in (one.a, one.b))
    return a, b


def _better(one: Difference) -> str:
    """Which run did better; nothing where the metric does not say what is better."""
    rises, falls = one.name.endswith("accuracy"), one.name.endswith("loss")
    if None in (one.a, one.b) or not (rises or falls):
        return ""
    return f"{'B' if (one.b > one.a) == rises else 'A'} is better"


def _shape(shape: tuple[int, ...] | None) -> str:
    if shape is None:
        return "has none"
    return " x ".join(map(str, shape)) or "one number"


def _apart(one: Distance) -> str:
    if one.equal:
        return "the same"
    return f"{100 * one.relative:.3g} %"
