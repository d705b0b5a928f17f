"""Properties one after the other."""

from __future__ import annotations

from typing import Any

import numpy as np

from descend.guide.diagnosis import Diagnosis
from descend.guide.interface import Interface
from descend.guide.learner import Attempt
from descend.guide.trial import trial, tried

_FACE = Interface("double", ("x",), "double", "descend", ("numpy",))


def holds(double: Any, rng: np.random.Generator) -> Diagnosis | None:
    """It can be called."""
    double(rng.integers(9))
    return None


def fails(double: Any, rng: np.random.Generator) -> Diagnosis | None:
    """It does what it cannot do."""
    return Diagnosis("wrong", "always")


def confused(double: Any, rng: np.random.Generator) -> Diagnosis | None:
    """It is compared."""
    return None if double(1) + 1 == 3 else Diagnosis("wrong", "not 2")


def _tried(function: Any, *properties: Any, seed: int = 0) -> Any:
    return tried(Attempt(function, "double.py", _FACE), properties, seed)


def test_all_that_held_is_told_in_order() -> None:
    verdict = _tried(lambda x: 2 * x, holds, confused)
    assert verdict.passed
    assert verdict.held == ("It can be called.", "It is compared.")
    assert verdict.calls == 2


def test_the_first_failure_ends_it() -> None:
    verdict = _tried(lambda x: 2 * x, holds, fails, confused)
    assert verdict.diagnosis == Diagnosis("wrong", "always")
    assert verdict.held == ("It can be called.",)
    assert verdict.calls == 1


def test_an_answer_that_the_check_chokes_on_is_refused() -> None:
    verdict = _tried(lambda x: "two", confused)
    assert verdict.diagnosis.name == "unjudged"
    assert "TypeError" in verdict.diagnosis.evidence


def test_an_exception_in_the_learners_code_is_theirs() -> None:
    verdict = _tried(lambda x: 1 / 0, holds)
    assert verdict.diagnosis.name == "raised"


def test_the_seed_decides_every_number_and_each_property_has_its_own() -> None:
    def drawn(seed: int, *before: Any) -> list[int]:
        seen: list[int] = []
        _tried(lambda x: seen.append(int(x)) or 2, *before, holds, holds, seed=seed)
        return seen

    draws = [drawn(seed) for seed in range(20)]
    assert draws == [drawn(seed) for seed in range(20)]
    assert len({tuple(row) for row in draws}) > 10
    assert any(a != b for a, b in draws)


def test_a_file_that_cannot_be_tried_has_a_verdict() -> None:
    assert trial("def double(", "double.py", _FACE, [holds], 0).diagnosis.name == "syntax"
    assert trial("def double(x): return 2 * x", "double.py", _FACE, [holds], 0).passed
