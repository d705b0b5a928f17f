"""From a learner's file to a report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from descend.engine.errors import DescendError
from descend.guide import progress
from descend.guide.checker import check, check_in, fingerprint, read_source
from descend.guide.exercise import Cell
from descend.guide.registry import find
from descend.guide.workspace import init

_UPDATE = find("update")
_UPHILL = "def update(p, g, lr):\n    return p + lr * g\n"
_DOWNHILL = "def update(p, g, lr):\n    return p - lr * g\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    init(tmp_path)
    return tmp_path


def _written(folder: Path, source: str) -> Path:
    file = folder / "00_update.py"
    file.write_text(source, encoding="utf-8")
    return file


# The whole way with some of them; all of them are tried without a process in `exercises`.
@pytest.mark.parametrize("mutant", _UPDATE.mutants[::6], ids=lambda cell: cell.name)
def test_a_wrong_answer_is_refused_with_its_diagnosis(mutant: Cell, tmp_path: Path) -> None:
    report = check(_UPDATE, _written(tmp_path, mutant.source))
    assert not report.passed
    assert report.diagnosis is not None
    assert report.diagnosis.name == mutant.name
    assert report.evidence
    assert report.hints_available >= 2


@pytest.mark.parametrize("solution", _UPDATE.solutions[::3], ids=lambda cell: cell.name)
def test_a_right_answer_passes(solution: Cell, tmp_path: Path) -> None:
    report = check(_UPDATE, _written(tmp_path, solution.source))
    assert report.passed
    assert report.diagnosis is None
    assert report.evidence == ""
    assert report.hints_available == 0
    assert len(report.held) == 7


def test_the_skeleton_is_told_that_nothing_is_written_yet(folder: Path) -> None:
    report = check_in(folder, _UPDATE)
    assert report.diagnosis is not None
    assert report.diagnosis.name == "not_started"
    assert "Put your formula there" in report.diagnosis.message


def test_a_seed_repeats_a_check_and_none_draws_a_new_one(tmp_path: Path) -> None:
    file = _written(tmp_path, _UPHILL)
    first, second = check(_UPDATE, file), check(_UPDATE, file)
    assert first.seed != second.seed
    again = check(_UPDATE, file, seed=first.seed)
    assert (again.diagnosis, again.held, again.calls) == (first.diagnosis, first.held, first.calls)


def test_the_report_is_plain_json(tmp_path: Path) -> None:
    report = check(_UPDATE, _written(tmp_path, _UPHILL), seed=1)
    row = json.loads(json.dumps(report.to_json()))
    assert row["diagnosis"]["name"] == "uphill"
    assert row["passed"] is False
    assert row["seed"] == 1


def test_a_check_is_quick(tmp_path: Path) -> None:
    assert check(_UPDATE, _written(tmp_path, _DOWNHILL)).seconds < 30


def test_the_result_is_kept(folder: Path) -> None:
    _written(folder, _UPHILL)
    check_in(folder, _UPDATE, seed=5)
    standing = progress.read(folder).of("update")
    assert (standing.checks, standing.diagnosis, standing.seed, standing.passed) == (1, "uphill", 5, None)
    _written(folder, _DOWNHILL)
    check_in(folder, _UPDATE, seed=6)
    standing = progress.read(folder).of("update")
    assert (standing.checks, standing.diagnosis, standing.seed) == (2, None, 6)
    assert standing.passed == fingerprint(_DOWNHILL)
    assert standing.passed_at is not None


def test_a_failure_after_a_pass_leaves_the_pass_of_the_old_code(folder: Path) -> None:
    _written(folder, _DOWNHILL)
    check_in(folder, _UPDATE)
    _written(folder, _UPHILL)
    check_in(folder, _UPDATE)
    standing = progress.read(folder).of("update")
    assert standing.passed == fingerprint(_DOWNHILL)
    assert standing.diagnosis == "uphill"


def test_hints_that_were_shown_are_not_available_any_more(folder: Path) -> None:
    from descend.guide.hints import hint

    _written(folder, _UPHILL)
    before = check_in(folder, _UPDATE).hints_available
    hint(_UPDATE, folder)
    assert check_in(folder, _UPDATE).hints_available == before - 1


def test_a_damaged_progress_is_told_with_the_report(folder: Path) -> None:
    _written(folder, _DOWNHILL)
    (folder / "progress.json").write_text("{")
    report = check_in(folder, _UPDATE)
    assert report.passed
    assert "damaged" in report.notice
    assert (folder / "00_update.py").read_text() == _DOWNHILL


def test_a_mark_at_the_beginning_of_the_file_is_no_error(tmp_path: Path) -> None:
    file = tmp_path / "00_update.py"
    file.write_bytes(b"\xef\xbb\xbf" + _DOWNHILL.replace("\n", "\r\n").encode())
    assert check(_UPDATE, file).passed


@pytest.mark.parametrize(
    ("data", "told"),
    [(b"x = '\xe9'\n", "strange byte in line 1"), (b"a = 1\n\xff", "line 2"), (b"#" * 2_000_000, "too long")],
)
def test_a_file_that_is_no_text_is_told(tmp_path: Path, data: bytes, told: str) -> None:
    file = tmp_path / "00_update.py"
    file.write_bytes(data)
    with pytest.raises(DescendError, match=told):
        read_source(file)


def test_a_file_that_is_missing_or_a_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(DescendError, match="descend init"):
        read_source(tmp_path / "00_update.py")
    with pytest.raises(DescendError, match="cannot be read"):
        read_source(tmp_path)
