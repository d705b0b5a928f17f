from __future__ import annotations

import pytest
from matplotlib.figure import Figure
from PIL import Image

from descend.data import load
from descend.recipes import registry
from descend.recipes.pictures import draw
from descend.train import plots
from descend.train.diff import last_metrics
from descend.train.metrics import Mistakes
from descend.train.runs import Run
from tests.recipes.finished import trained_run


def test_a_trained_network_has_a_curve_mistakes_and_confusion(finished: Run) -> None:
    found = draw(finished, registry.get("digits-mlp"))
    assert set(found) == {"curve", "mistakes", "confusion"}
    for path in found.values():
        assert path.parent == finished.path / "pictures"
        with Image.open(path) as picture:
            assert min(picture.size) > 200
            assert len(picture.convert("RGB").getcolors(2**24)) > 10


def test_the_mistakes_are_those_of_the_network(finished: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Mistakes] = []

    def seen(images: object, worst: Mistakes, classes: tuple[str, ...]) -> Figure:
        drawn.append(worst)
        return original(images, worst, classes)

    original = plots.mistakes_grid
    monkeypatch.setattr(plots, "mistakes_grid", seen)
    draw(finished, registry.get("digits-mlp"))
    accuracy = last_metrics(finished.events())["test_accuracy"]
    assert drawn[0].total == round(1000 * (1 - accuracy))
    assert (drawn[0].labels == load("digits").test.y[drawn[0].index]).all()


def test_what_was_not_trained_has_no_pictures() -> None:
    assert draw(trained_run("hackers-guide"), registry.get("hackers-guide")) == {}
