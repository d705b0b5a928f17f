from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from descend.data import load
from descend.engine.errors import UsageError
from descend.recipes import registry
from descend.recipes.trained import network_of
from descend.studio.labs.digit import LAB, STAGES, _pictures, _through
from tests.recipes.finished import at_home, trained_run


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    with at_home(folder):
        trained_run(hidden=30, epochs=4, batch_size=25)
    return folder


@pytest.fixture
def lab(trained: Path, monkeypatch: pytest.MonkeyPatch) -> LAB:
    monkeypatch.setenv("DESCEND_HOME", str(trained))
    return LAB()


def test_without_a_network_it_says_how_to_train_one() -> None:
    lab = LAB()
    assert "descend train digits-mlp" in lab.messages[0]["text"]
    lab.on_event("draw", [255] * 784)
    assert lab.frame()["network"] is None


def test_digits_are_read(lab: LAB) -> None:
    test = load("digits").test
    read = []
    for x in test.x[:60]:
        lab.on_event("draw", x.ravel().tolist())
        read.append(lab.frame()["read_as"])
    right = np.mean([word == str(label) for word, label in zip(read, test.y)])
    assert right > 0.75
    assert lab.frame()["probabilities"].sum() == pytest.approx(1)


def test_where_it_is_drawn_does_not_matter(lab: LAB) -> None:
    x = load("digits").test.x[0, 0]
    rows, columns = (np.flatnonzero(x.any(axis=axis)) for axis in (1, 0))
    moved = np.roll(x, (-rows[0], -columns[0]), axis=(0, 1))
    assert moved[0].any()
    seen = []
    for picture in (x, moved):
        lab.on_event("draw", picture.ravel().tolist())
        seen.append(lab.frame()["seen"].astype(float))
    assert np.abs(seen[0] - seen[1]).mean() < 12
    lab.set({"centre": False})
    assert (lab.frame()["seen"][0] == moved).all()


def test_layer_by_layer(lab: LAB) -> None:
    lab.on_event("draw", load("digits").test.x[0].ravel().tolist())
    shown = lab.frame()
    assert shown["layer_1"] == "Linear(784 -> 30)"
    assert shown["stage0"].size >= 30
    assert shown["stage2"].shape[0] == 0
    inside = shown["stage0"].ravel()[:30]
    np.testing.assert_allclose(np.maximum(inside, 0), shown["stage1"].ravel()[:30])


def test_units_are_shown_in_their_order() -> None:
    (picture,) = _pictures(np.arange(1, 31))
    np.testing.assert_array_equal(picture.ravel()[:30], np.arange(1, 31))
    assert not picture.ravel()[30:].any()


def test_a_convolutional_network_shows_its_maps() -> None:
    recipe = registry.get("mnist-lenet")
    model = network_of(recipe).build(recipe.settings).eval()
    stages, logits = _through(model, np.zeros((1, 1, 28, 28), np.float32))
    assert len(stages) == STAGES
    assert all(picture.ndim == 3 for _, picture in stages)
    assert logits.shape == (1, 10)


def test_nothing_drawn_is_nothing_read(lab: LAB) -> None:
    assert lab.frame()["read_as"] is None
    lab.on_event("draw", [255] * 784)
    assert lab.frame()["read_as"]
    lab.on_event("clear", None)
    assert lab.frame()["read_as"] is None


@pytest.mark.parametrize(
    "data", [None, [], [0] * 783, ["0"] * 784, [0] * 783 + [256], [float("nan")] * 784, [True] * 784, {}]
)
def test_odd_drawings_are_refused(lab: LAB, data: Any) -> None:
    with pytest.raises(UsageError):
        lab.on_event("draw", data)
