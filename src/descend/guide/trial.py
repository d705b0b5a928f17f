"""One trial of a learner's answer: its function against the properties, one after the other."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence

import numpy as np

from descend.guide.diagnosis import Diagnosis, Verdict
from descend.guide.interface import Interface
from descend.guide.learner import Attempt, Refused, define

Property = Callable[[Attempt, np.random.Generator], Diagnosis | None]


def trial(source: str, filename: str, interface: Interface, properties: Sequence[Property], seed: int) -> Verdict:
    """Run a learner's file and try its function on every property until one fails."""
    try:
        function = define(source, filename, interface)
    except Refused as refused:
        return Verdict(refused.diagnosis)
    return tried(Attempt(function, filename, interface), properties, seed)


def tried(attempt: Attempt, properties: Sequence[Property], seed: int) -> Verdict:
    """The first diagnosis, with the properties that held before it.

    Each property draws from a generator of its own, so a change of one leaves the others' numbers alone.
    """
    held: list[str] = []
    for index, property_ in enumerate(properties):
        diagnosis = _looked_at(attempt, property_, np.random.default_rng([seed, index]))
        if diagnosis:
            return Verdict(diagnosis, tuple(held), attempt.calls)
        held.append((property_.__doc__ or property_.__name__).strip().splitlines()[0])
    return Verdict(None, tuple(held), attempt.calls)


def _looked_at(attempt: Attempt, property_: Property, rng: np.random.Generator) -> Diagnosis | None:
    try:
        return property_(attempt, rng)
    except Refused as refused:
        return refused.diagnosis
    except Exception as error:  # noqa: BLE001 - an answer of a kind that nobody thought of
        told = "".join(traceback.format_exception_only(error)).strip()
        return Diagnosis("unjudged", "The check cannot make sense of what your function returned.", told)
