from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from descend.studio.labs.home import LAB
from tests.studio.conftest import RIGHT, WRONG


@pytest.fixture
def lab(answers: Path) -> Iterator[LAB]:
    lab = LAB(answers)
    yield lab
    lab.close()


def with_learner(lab: LAB) -> LAB:
    lab.set({"line": "yours"})
    assert lab.learner
    lab.learner.ready(30)
    return lab


def walk(lab: LAB, steps: int) -> None:
    for _ in range(steps):
        lab.advance()


def test_the_librarys_line_learns_the_spiral(lab: LAB) -> None:
    assert lab.plays
    before = lab.frame()
    assert before["loss"] == pytest.approx(math.log(2), abs=0.1)
    walk(lab, 600)
    assert lab.frame()["loss"] < 0.5
    walk(lab, 900)
    assert lab.frame()["accuracy"] > 0.98
    assert lab.frame()["loss"] < 0.1


def test_the_right_line_walks_with_the_librarys(lab: LAB, write: Callable[[str], Path]) -> None:
    write(RIGHT)
    walk(with_learner(lab), 40)
    shown = lab.frame()
    assert shown["your_loss"] == pytest.approx(shown["loss"], rel=1e-4)
    assert not shown["climbs"]
    assert shown["yours"].shape == shown["library"].shape == (50, 50)
    assert len(shown["yours_curve"]) == 41


def test_while_the_learners_process_starts_the_lab_waits_and_does_not_block(
    lab: LAB, write: Callable[[str], Path]
) -> None:
    write(RIGHT)
    lab.set({"line": "yours"})
    lab.advance()
    assert lab.learner
    assert not lab.learner.ready()
    assert lab.steps == 0
    assert len(lab.frame()["yours_curve"]) == 1


def test_the_wrong_sign_climbs_and_is_told(lab: LAB, write: Callable[[str], Path]) -> None:
    write(WRONG)
    walk(with_learner(lab), 80)
    shown = lab.frame()
    assert shown["your_loss"] > 1.15 * math.log(2)
    assert shown["your_loss"] > shown["yours_curve"][0, 1]
    assert shown["loss"] < math.log(2)
    assert shown["climbs"]
    assert [m["kind"] for m in lab.messages] == ["warning"]
    assert "uphill" in lab.messages[0]["text"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("return ...", "still returns `...`"),
        ("return", "None"),
        ("raise ValueError('x')", "ValueError"),
        ("import os; os._exit(3)", "exit status 3"),
        ("return p.sum()", "another shape"),
        ("return 'x'", "not an array"),
        ("return (", "grammar"),
    ],
)
def test_a_line_that_fails_is_told_and_the_lab_goes_on(
    lab: LAB, write: Callable[[str], Path], body: str, told: str
) -> None:
    write(f"def update(p, g, lr):\n    {body}\n")
    lab.set({"line": "yours"})
    learner = lab.learner
    deadline = time.monotonic() + 30
    while not lab.messages and time.monotonic() < deadline:
        lab.advance()
    assert told in lab.messages[0]["text"]
    assert lab.messages[0]["kind"] == "error"
    assert lab.line == "library"
    assert learner
    assert learner.process.poll() is not None
    before = lab.library.loss
    walk(lab, 20)
    assert lab.library.loss < before
    assert lab.frame()["your_loss"] is None


def test_a_file_that_was_never_begun_is_told(lab: LAB) -> None:
    lab.set({"line": "yours"})
    assert "There is no file" in lab.messages[0]["text"]
    assert lab.line == "library"


def test_the_file_is_read_again_when_it_is_asked_for_again(lab: LAB, write: Callable[[str], Path]) -> None:
    write(WRONG)
    for _ in range(2):
        walk(with_learner(lab), 60)
        assert lab.frame()["climbs"]
        assert "uphill" in lab.messages.pop()["text"]
    first = lab.learner
    write(RIGHT)
    walk(with_learner(lab), 60)
    assert not lab.frame()["climbs"]
    assert first
    assert first.process.poll() is not None


def test_closing_ends_the_process(lab: LAB, write: Callable[[str], Path]) -> None:
    write(RIGHT)
    process = with_learner(lab).learner.process  # type: ignore[union-attr]
    lab.close()
    assert process.poll() is not None
