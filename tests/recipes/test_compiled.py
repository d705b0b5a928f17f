"""Every recipe that trains a network, compiled: the steps that it takes are those of eager."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from descend.recipes import registry
from descend.train.events import Step
from descend.train.trainer import Trainer

STEPS = 2


def tiny(name: str) -> Trainer | None:
    """The recipe at its tiny size; None if it is no training."""
    recipe = registry.get(name)
    job = recipe.build(recipe.with_settings(recipe.tiny))
    return job if isinstance(job, Trainer) else None


TRAININGS = [name for name in registry.names() if tiny(name) is not None]


def moved(name: str, executor: str | None = None) -> np.ndarray:
    """How far the first steps move the parameters, as one vector."""
    job = tiny(name)
    before = parameters(job)
    if executor is not None:
        job.compile(executor)
    steps = (event for event in job.events() if isinstance(event, Step))
    assert len(list(islice(steps, STEPS))) == STEPS
    return parameters(job) - before


def parameters(job: Trainer) -> np.ndarray:
    return np.concatenate([p.numpy().reshape(-1).astype(np.float64) for p in job.model.parameters()])


@pytest.mark.parametrize("name", TRAININGS)
def test_interpreted_steps_are_eager_s_bit_for_bit(name: str) -> None:
    assert np.array_equal(moved(name), moved(name, "interpret"))


@pytest.mark.parametrize("name", TRAININGS)
def test_native_steps_are_eager_s_but_for_rounding(name: str) -> None:
    eager = moved(name)
    assert np.linalg.norm(moved(name, "native") - eager) <= 1e-3 * np.linalg.norm(eager)


def test_most_recipes_are_trainings() -> None:
    assert len(TRAININGS) > len(registry.names()) / 2
