"""The comparison of a recipe with itself, compiled."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import recipes
from benchmarks.recipes import Trained


def test_ratios_are_those_of_the_turns_after_the_first() -> None:
    found = Trained(np.array([[1.0, 9.0], [2.0, 1.0], [6.0, 2.0]]), np.array([[4.0, 2.0, 9.0], [4.0, 2.1, 9.0]]))
    assert found.ratios.tolist() == [2, 3]
    assert found.difference == pytest.approx(0.025)


def test_each_way_has_its_own_random_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipes, "TURNS", 2)
    monkeypatch.setattr(recipes, "STEPS", 3)
    assert recipes.trained("nielsen-ch6-dropout").difference < 1e-5
