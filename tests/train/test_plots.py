from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest

from descend.engine.errors import DescendError, ShapeError
from descend.train import plots
from descend.train.events import Epoch, Event, Resumed, Start, Step
from descend.train.metrics import confusion, mistakes
from tests.train.test_journal import FullDisk


def events() -> list[Event]:
    steps: list[Event] = [Step(at, 1, 2.0 / at, 0.1) for at in range(1, 31)]
    epochs = [Epoch(n, 10 * n, {"train_loss": 1.0 / n, "validation_accuracy": 1 - 0.1 / n}, 1.0) for n in (1, 2, 3)]
    return [Start(3, 10), *steps, *epochs, Resumed(20, 3)]


def test_the_curve_draws_the_recorded_numbers() -> None:
    figure = plots.learning_curve(events(), "a run")
    above, below = figure.axes
    batch, train = above.lines[:2]
    assert list(batch.get_xdata()) == list(range(1, 31))
    assert list(batch.get_ydata()) == [2.0 / at for at in range(1, 31)]
    assert (list(train.get_xdata()), list(train.get_ydata())) == ([10, 20, 30], [1.0, 0.5, 1 / 3])
    assert list(below.lines[0].get_ydata()) == [1 - 0.1, 1 - 0.05, 1 - 0.1 / 3]
    assert [text.get_text() for text in above.get_legend().get_texts()] == ["each batch", "train loss"]
    assert above.get_title(loc="left") == "a run"
    assert below.get_xlabel() == "step"


def test_a_loss_that_is_not_positive_is_drawn_on_a_plain_scale() -> None:
    assert plots.learning_curve(events()).axes[0].get_yscale() == "log"
    assert plots.learning_curve([*events(), Step(31, 3, -1.0, 0.1)]).axes[0].get_yscale() == "linear"


def test_a_scale_without_two_powers_of_ten_has_numbers_between_them() -> None:
    for top, shown in ((0.9, True), (9.0, False)):
        axes = plots.learning_curve([Step(1, 1, 0.3, 0.1), Step(2, 1, top, 0.1)]).axes[0]
        words = axes.yaxis.get_minor_formatter().format_ticks([0.4, 0.6])
        assert words == (["0.4", "0.6"] if shown else ["", ""])


def test_a_run_without_epochs_or_steps_can_be_drawn(tmp_path: Path) -> None:
    for happened in ([], [Start(1, 1)], [Step(1, 1, 0.5, 0.1)]):
        assert plots.save(plots.learning_curve(happened), tmp_path / "a.png").stat().st_size > 1000


@pytest.mark.parametrize("ending", ["png", "svg", "pdf"])
def test_it_is_saved_in_the_format_of_its_name(tmp_path: Path, ending: str) -> None:
    path = plots.save(plots.learning_curve(events()), tmp_path / f"curve.{ending}")
    assert path.read_bytes().startswith({"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[ending])


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    figure = plots.learning_curve(events())
    monkeypatch.setattr(os, "write", FullDisk(100))
    with pytest.raises(DescendError, match="the disk is full"):
        plots.save(figure, tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []


RNG = np.random.default_rng(0)
LABELS = RNG.integers(0, 4, 60)
LOGITS = RNG.normal(size=(60, 4)) + 2 * np.eye(4)[LABELS]


@pytest.mark.parametrize("shape", [(8, 8), (1, 8, 8), (3, 8, 8)])
def test_each_mistake_is_shown_with_what_was_read_and_what_is_true(shape: tuple[int, ...]) -> None:
    images = RNG.uniform(size=(60, *shape))
    worst = mistakes(LOGITS, LABELS, 6)
    figure = plots.mistakes_grid(images, worst, ["ant", "bee", "cat", "dog"])
    assert len(figure.axes) == 6
    for axes, i, read, true in zip(figure.axes, worst.index, worst.predicted, worst.labels):
        assert axes.get_title().startswith(["ant", "bee", "cat", "dog"][read])
        assert axes.texts[0].get_text() == f"is {['ant', 'bee', 'cat', 'dog'][true]}"
        drawn, given = np.asarray(axes.images[0].get_array()), images[i]
        np.testing.assert_array_equal(drawn, given if given.ndim == 2 else np.moveaxis(given, 0, -1).squeeze())
    title = figure.get_suptitle()
    assert title.startswith(f"{worst.total} mistakes, the 6 surest shown")


def test_confidence_is_never_shown_as_certainty() -> None:
    logits = np.array([[100.0, 0.0], [0.0, 1.0]])
    figure = plots.mistakes_grid(np.zeros((2, 4, 4)), mistakes(logits, np.array([1, 1])))
    assert figure.axes[0].get_title() == "0 (99 %)"
    assert figure.get_suptitle() == "1 mistake, all shown: what was read, and what it is"


def test_no_mistakes_make_a_picture_that_says_so(tmp_path: Path) -> None:
    figure = plots.mistakes_grid(np.zeros((2, 4, 4)), mistakes(np.eye(2), np.arange(2)))
    assert figure.get_suptitle() == "No mistakes"
    plots.save(figure, tmp_path / "none.png")


def test_what_is_no_image_is_refused() -> None:
    with pytest.raises(ShapeError, match="not an image"):
        plots.mistakes_grid(np.zeros((60, 5)), mistakes(LOGITS, LABELS))


def test_the_confusion_matrix_shows_every_count() -> None:
    counts = confusion(LOGITS, LABELS)
    axes = plots.confusion_matrix(counts).axes[0]
    found = np.zeros_like(counts)
    for text in axes.texts:
        column, row = text.get_position()
        found[int(row), int(column)] = int(text.get_text())
    np.testing.assert_array_equal(found, counts)
    assert axes.get_title(loc="left") == f"{100 * np.trace(counts) / 60:.2f} % of 60 read rightly"
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("read as", "is")


def test_an_empty_confusion_matrix_can_be_drawn(tmp_path: Path) -> None:
    plots.save(plots.confusion_matrix(np.zeros((3, 3), np.int64)), tmp_path / "a.png")


def test_matplotlib_is_imported_when_a_picture_is_made() -> None:
    import subprocess

    code = "import sys, descend.train.plots; print('matplotlib' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"
