from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from descend.studio import labs
from descend.studio.lab import Lab
from descend.studio.notebook import written
from tests.recipes.finished import trained_run


def lab_of(name: str, steps: int = 0, **params: Any) -> Lab:
    lab = labs.get(name)(**params)
    for _ in range(steps):
        lab.advance()
    return lab


def cells_of(lab: Lab) -> list[str]:
    notebook = json.loads(written(lab.title, lab.question, lab.notebook()))
    return ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]


def run(lab: Lab) -> dict[str, Any]:
    """What the names of the notebook stand for after all its cells have run."""
    scope: dict[str, Any] = {}
    for cell in cells_of(lab):
        exec(cell, scope)
    return scope


@pytest.mark.parametrize(
    ("params", "steps"),
    [({}, 30), ({"units": "standardised"}, 6), ({"lr": 1e-8}, 12)],
)
def test_downhill_comes_to_the_same_error(params: dict[str, Any], steps: int) -> None:
    lab = lab_of("downhill", steps, **params)
    scope = run(lab)
    shown = lab.frame()
    assert scope["errors"][-1] == shown["mse"]
    assert (scope["slope"], scope["intercept"]) == (shown["slope"], shown["intercept"])
    assert scope["steepest"] / scope["flattest"] == pytest.approx(shown["condition_number"])
    np.testing.assert_array_equal(scope["errors"], shown["error"][:, 1])


def test_downhill_begins_where_the_learner_stood() -> None:
    lab = lab_of("downhill")
    lab.on_event("stand", {"x": 0.1, "y": 200})
    for _ in range(5):
        lab.advance()
    assert run(lab)["errors"][-1] == lab.frame()["mse"]


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"data": "spiral", "noise": 0.1, "layers": "8 4", "seed": 7, "sin_x1": True, "train": 0.8, "batch": 30},
        {"data": "hills", "activation": "relu", "lr": 0.01},
        {"data": "xor", "layers": "", "product": True, "activation": "linear", "regularisation": "L1"},
        {"data": "gauss", "regularisation": "L2", "penalty": 0.01},
    ],
)
def test_the_playground_comes_to_the_same_losses(params: dict[str, Any]) -> None:
    lab = lab_of("playground", 7, **params)
    scope, shown = run(lab), lab.frame()
    assert (scope["train_loss"], scope["test_loss"]) == (shown["train_loss"], shown["test_loss"])
    assert scope["field"].shape == (100, 100)
    assert len(scope["losses"]) == 8


@pytest.mark.parametrize("points", [[[1, 2, 1]], [[x, y, 1 if x > y else -1] for x in range(4) for y in range(4)]])
def test_points_of_ones_own_go_with_it(points: list[list[float]]) -> None:
    lab = lab_of("playground")
    lab.on_event("points", points)
    for _ in range(3):
        lab.advance()
    assert run(lab)["test_loss"] == lab.frame()["test_loss"]


def test_a_digit_is_read_the_same() -> None:
    trained_run(hidden=10, epochs=1, batch_size=50)
    lab = lab_of("digit")
    drawn = np.zeros((28, 28), int)
    drawn[6:22, 13:16] = 255
    lab.on_event("draw", drawn.ravel().tolist())
    scope, shown = run(lab), lab.frame()
    assert scope["read_as"] == shown["read_as"]
    np.testing.assert_allclose(scope["probabilities"], shown["probabilities"], rtol=1e-5)


def test_without_a_network_there_is_no_notebook_of_the_digit() -> None:
    assert lab_of("digit").notebook() == []


def test_it_runs_by_itself(tmp_path: Path) -> None:
    file = tmp_path / "lab.py"
    file.write_text("\n".join(cells_of(lab_of("downhill", 4))))
    done = subprocess.run(
        [sys.executable, str(file)],
        cwd=tmp_path,
        env=os.environ | {"MPLBACKEND": "Agg"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "after 4 steps: error" in done.stdout
