"""The doctor's findings read back from a stream of events: for the terminal, a notebook, or a page."""

from __future__ import annotations

from collections.abc import Iterable

from descend.train import events
from descend.train.doctor.doctor import CHECKS
from descend.train.events import Event


def findings(happened: Iterable[Event]) -> list[events.Warning]:
    """The warnings of the doctor among the events, in order; a topic once, though a resumed run repeats it."""
    topics, found = {check.topic for check in CHECKS}, dict[str, events.Warning]()
    for event in happened:
        if isinstance(event, events.Warning) and event.topic in topics:
            found.setdefault(event.topic, event)
    return list(found.values())


def report(happened: Iterable[Event]) -> str:
    """What the doctor found, a paragraph each: what, the evidence, the remedy."""
    found = findings(happened)
    if not found:
        return "The doctor found nothing wrong."
    count = "one thing" if len(found) == 1 else f"{len(found)} things"
    return "\n".join([f"The doctor found {count}.", *map(_paragraph, found)])


def _paragraph(warning: events.Warning) -> str:
    what, _, remedy = warning.message.partition(". Remedy: ")
    name, _, evidence = what.partition(": ")
    when = f" (after step {warning.step:,})" if warning.step else " (before training)"
    return f"\n{name}{when}\n  evidence  {evidence}\n  remedy    {remedy}"
