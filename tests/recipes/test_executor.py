"""Which runs are compiled by themselves."""

from __future__ import annotations

import pytest

from descend.engine.errors import UsageError
from descend.kernels import jit
from descend.recipes import registry
from descend.recipes.executor import executor_for
from descend.train.trainer import Trainer

TRAINING, OTHER = registry.get("digits-mlp"), registry.get("cs231n-spiral")


@pytest.mark.parametrize("name", registry.names())
def test_a_recipe_says_whether_it_trains(name: str) -> None:
    recipe = registry.get(name)
    assert isinstance(recipe.build(recipe.with_settings(recipe.tiny)), Trainer) == recipe.trains


def test_trainings_are_compiled_by_themselves() -> None:
    assert executor_for(TRAINING) == "native"
    assert executor_for(OTHER) == "eager"


def test_a_learner_s_answers_run_as_they_were_written() -> None:
    assert executor_for(TRAINING, answered=True) == "eager"
    assert executor_for(TRAINING, answered=True, asked=True) == "native"


def test_what_is_asked_is_done() -> None:
    assert executor_for(TRAINING, asked=False) == "eager"
    assert executor_for(TRAINING, asked=True) == "native"
    assert executor_for(OTHER, asked=False) == "eager"


def test_what_is_no_training_is_not_compiled() -> None:
    with pytest.raises(UsageError, match="cs231n-spiral is no training"):
        executor_for(OTHER, asked=True)


def test_without_llvmlite_compiling_has_to_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jit, "available", lambda: False)
    assert executor_for(TRAINING) == "eager"
    assert executor_for(TRAINING, asked=True) == "interpret"
