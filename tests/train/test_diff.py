from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from descend.train import Run, RunInfo
from descend.train.checkpoint import Checkpoints
from descend.train.diff import Difference, diff, distance
from descend.train.events import Done, Epoch

INFO = RunInfo("lenet", 1, {"lr": 0.1, "batch": 32}, data="d", code="c", environment={"numpy": "2", "cpu": "x"})


def made(info: RunInfo, weights: dict[str, np.ndarray], accuracy: float) -> Run:
    run = Run.create(info)
    with run.writing() as journal:
        journal.record(Epoch(1, 5, {"validation_accuracy": 0.1}, 1.0))
        journal.record(Done({"test_accuracy": accuracy}, 1.0))
    arrays = {f"model/{name}": array for name, array in weights.items()}
    Checkpoints(run.path / "checkpoints").save(5, arrays | {"optimizer/t": np.array(accuracy)}, {})
    return run


def test_equal_runs_do_not_differ() -> None:
    w = {"w": np.ones((2, 3), np.float32)}
    found = diff(made(INFO, w, 0.5), made(INFO, w, 0.5))
    assert found.same_weights
    assert (found.settings, found.environment, found.metrics, found.unmatched) == ([], [], [], [])


def test_everything_that_differs_is_named() -> None:
    a = made(INFO, {"w": np.zeros((2, 2)), "v": np.ones(3), "old": np.ones(1)}, 0.5)
    settings = {"lr": 0.2, "batch": 32, "dropout": 0.5}
    other = replace(INFO, seed=2, settings=settings, data="e", environment={"numpy": "3", "cpu": "x"})
    other = replace(other, overrides={"optim.sgd.update": "mine.py"})
    b = made(other, {"w": np.array([[3.0, 0.0], [0.0, 4.0]]), "v": np.ones(4)}, 0.75)
    found = diff(a, b)
    assert found.settings == [
        Difference("seed", 1, 2),
        Difference("lr", 0.1, 0.2),
        Difference("dropout", None, 0.5),
        Difference("with optim.sgd.update", None, "mine.py"),
    ]
    assert found.environment == [Difference("data", "d", "e"), Difference("numpy", "2", "3")]
    assert found.metrics == [Difference("test_accuracy", 0.5, 0.75)]
    assert found.unmatched == [Difference("v", (3,), (4,)), Difference("old", (1,), None)]
    assert [(d.name, d.euclidean, d.relative, d.largest, d.equal) for d in found.weights] == [
        ("w", 5.0, float("inf"), 4.0, False)
    ]
    assert not found.same_weights
    assert json.loads(json.dumps(found.to_json()))["metrics"] == [{"name": "test_accuracy", "a": 0.5, "b": 0.75}]


def test_runs_without_checkpoints_are_not_called_equal() -> None:
    found = diff(Run.create(INFO), Run.create(INFO))
    assert found.weights == []
    assert not found.same_weights


@pytest.mark.parametrize("shape", [(), (3,), (0, 4), (2, 3)])
def test_distance_of_a_tensor_to_itself_is_zero(shape: tuple[int, ...]) -> None:
    a = np.random.default_rng(0).normal(size=shape)
    found = distance("w", a, a.copy())
    assert (found.euclidean, found.relative, found.largest, found.equal) == (0.0, 0.0, 0.0, True)


def test_distance_is_relative_to_the_first() -> None:
    a, b = np.array([3.0, 4.0], np.float32), np.array([3.0, 4.5], np.float32)
    found = distance("w", a, b)
    assert (found.euclidean, found.relative, found.largest) == (0.5, 0.1, 0.5)


def test_the_sign_of_zero_and_the_type_are_differences_of_bits() -> None:
    assert not distance("w", np.array([0.0]), np.array([-0.0])).equal
    assert not distance("w", np.array([1.0]), np.array([1.0], np.float32)).equal
    assert distance("w", np.array([np.nan]), np.array([np.nan])).equal
