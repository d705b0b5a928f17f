from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from descend.data import load, scale
from descend.engine.errors import DescendError, UsageError
from descend.recipes.trained import logits, model_of, predict
from descend.train.diff import last_metrics
from descend.train.runs import Run
from tests.recipes.finished import new_run

TEST = load("digits").test


def test_the_model_of_a_run_has_the_accuracy_that_the_run_reports(finished: Run) -> None:
    answers = logits(model_of(finished), scale(TEST.x)).argmax(axis=1)
    assert np.mean(answers == TEST.y) == last_metrics(finished.events())["test_accuracy"]


@pytest.mark.parametrize("dark", [False, True])
def test_files_are_read_as_the_pixels_were(finished: Run, dark: bool, tmp_path: Path) -> None:
    paths = [tmp_path / f"{i}.png" for i in range(40)]
    for path, image in zip(paths, TEST.x[:, 0]):
        Image.fromarray(255 - image if dark else image).save(path)
    expected = logits(model_of(finished), scale(TEST.x[:40])).argmax(axis=1)
    found = predict(finished, paths)
    assert [int(one.label) for one in found] == expected.tolist()
    assert [one.file for one in found] == paths


def test_probabilities_are_a_distribution_and_the_label_is_its_mode(finished: Run, tmp_path: Path) -> None:
    Image.fromarray(TEST.x[0, 0]).save(tmp_path / "digit.png")
    (one,) = predict(finished, [tmp_path / "digit.png"])
    assert list(one.probabilities) == list("0123456789")
    assert sum(one.probabilities.values()) == pytest.approx(1)
    assert one.confidence == max(one.probabilities.values())


def test_large_photographs_are_read_nearly_as_well(finished: Run, tmp_path: Path) -> None:
    paths = [tmp_path / f"{i}.png" for i in range(100)]
    for path, image in zip(paths, TEST.x[:, 0]):
        large = np.asarray(Image.fromarray(image).resize((140, 140), Image.Resampling.BICUBIC))
        Image.fromarray(np.pad(255 - large, ((50, 10), (80, 5)), constant_values=255)).save(path)
    right = np.mean([one.label == str(y) for one, y in zip(predict(finished, paths), TEST.y)])
    own = np.mean(logits(model_of(finished), scale(TEST.x[:100])).argmax(axis=1) == TEST.y[:100])
    assert right >= own - 0.1


def test_a_run_without_a_checkpoint_says_so(tmp_path: Path) -> None:
    Image.fromarray(TEST.x[0, 0]).save(tmp_path / "digit.png")
    with pytest.raises(DescendError, match="no checkpoint yet"):
        predict(new_run(), [tmp_path / "digit.png"])


@pytest.mark.parametrize("name", ["hackers-guide", "cs231n-spiral"])
def test_only_networks_that_read_digits_read_digits(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        predict(new_run(name), [tmp_path / "digit.png"])
