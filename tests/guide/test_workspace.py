"""The learner's folder."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest

from descend.engine.errors import DescendError
from descend.guide import progress, workspace
from descend.guide.checker import check_in
from descend.guide.exercise import load
from descend.guide.registry import exercises, find
from descend.guide.workspace import init, overrides, passed_overrides

_UPDATE = find("update")
_UPHILL = "def update(p, g, lr):\n    return p + lr * g\n"
_DOWNHILL = "def update(p, g, lr):\n    return p - lr * g\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return init(tmp_path / "answers").directory


def _checked(folder: Path, source: str) -> None:
    (folder / "00_update.py").write_text(source)
    check_in(folder, _UPDATE)


def test_it_is_made_with_all_that_is_needed(tmp_path: Path) -> None:
    made = init(tmp_path / "a" / "b")
    names = {"README.md", *(exercise.filename for exercise in exercises())}
    assert {path.name for path in made.written} == names
    assert made.kept == ()
    assert {path.name for path in made.directory.iterdir()} == {*names, "progress.json"}
    assert (made.directory / "00_update.py").read_text(encoding="utf-8") == _UPDATE.skeleton


def test_nothing_of_the_learners_is_overwritten(folder: Path) -> None:
    (folder / "00_update.py").write_text("mine")
    (folder / "README.md").write_text("mine too")
    (folder / "notes.txt").write_text("and this")
    made = init(folder)
    assert made.written == ()
    assert {path.name for path in made.kept} == {"README.md", "00_update.py"}
    assert (folder / "00_update.py").read_text() == "mine"
    assert (folder / "README.md").read_text() == "mine too"
    assert (folder / "notes.txt").read_text() == "and this"


def test_what_is_missing_is_added_and_progress_stays(folder: Path) -> None:
    _checked(folder, _DOWNHILL)
    (folder / "README.md").unlink()
    made = init(folder)
    assert [path.name for path in made.written] == ["README.md"]
    assert overrides(folder)[0].passed


def test_a_link_to_a_file_elsewhere_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "answers").mkdir()
    (tmp_path / "answers" / "00_update.py").symlink_to(tmp_path / "elsewhere.py")
    made = init(tmp_path / "answers")
    assert "00_update.py" in {path.name for path in made.kept}
    assert not (tmp_path / "elsewhere.py").exists()


def test_a_full_disk_is_told_and_leaves_no_half_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(28, "No space left on device")

    really = Path.open

    def opened(path: Path, mode: str = "r", **options):
        if mode != "x":
            return really(path, mode, **options)
        path.touch(exist_ok=False)
        return Full()

    monkeypatch.setattr(Path, "open", opened)
    with pytest.raises(DescendError, match="No space left"):
        init(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "answers").write_text("")
    with pytest.raises(DescendError, match="is a file"):
        init(tmp_path / "answers")
    with pytest.raises(DescendError, match="cannot be written"):
        init(tmp_path / "answers" / "deeper")


def test_a_damaged_progress_is_told_by_init(folder: Path) -> None:
    (folder / "progress.json").write_text("{")
    assert "damaged" in init(folder).notice


def test_an_answer_that_passed_stands_for_its_symbol(folder: Path) -> None:
    _checked(folder, _DOWNHILL)
    (one,) = [found for found in passed_overrides(folder) if found.exercise == "update"]
    assert (one.symbol, one.file, one.function) == ("optim.sgd.update", folder / "00_update.py", "update")
    assert (one.passed, one.reason) == (True, "")


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (lambda folder: None, "it has not been checked yet"),
        (lambda folder: _checked(folder, _UPHILL), "it did not pass its last check"),
        (
            lambda folder: (_checked(folder, _DOWNHILL), (folder / "00_update.py").write_text(_DOWNHILL + "#")),
            "it has been changed since it passed",
        ),
        (
            lambda folder: (_checked(folder, _DOWNHILL), _checked(folder, _UPHILL)),
            "it has been changed since it passed",
        ),
    ],
)
def test_what_has_not_passed_is_listed_and_not_trained_with(folder: Path, prepare, reason: str) -> None:
    prepare(folder)
    one = next(found for found in overrides(folder) if found.exercise == "update")
    assert not one.passed
    assert one.reason.startswith(reason)
    assert "uphill" not in one.reason  # the names of diagnoses are for programs
    with pytest.raises(DescendError) as error:
        passed_overrides(folder)
    assert reason in str(error.value)
    assert str(error.value.fix) == f"descend check update --dir {folder.resolve()}"
    assert "descend check update" in str(error.value)


def test_the_code_that_passed_is_known_again(folder: Path) -> None:
    _checked(folder, _DOWNHILL)
    _checked(folder, _UPHILL)
    (folder / "00_update.py").write_text(_DOWNHILL)
    assert passed_overrides(folder)[0].passed


@pytest.fixture
def two(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder where there is a second exercise, a copy of the first."""
    copied = tmp_path / "e01_step"
    shutil.copytree(_UPDATE.folder, copied)
    monkeypatch.setattr(workspace, "exercises", lambda: (_UPDATE, load(copied)))
    init(folder)
    return folder


def test_what_was_not_begun_does_not_hold_up_what_has_passed(two: Path) -> None:
    _checked(two, _DOWNHILL)
    assert [one.exercise for one in passed_overrides(two)] == ["update"]
    assert [(one.exercise, one.passed) for one in overrides(two)] == [("update", True), ("step", False)]


@pytest.mark.parametrize("lose", [Path.unlink, lambda file: file.write_text(_UPHILL)])
def test_what_had_passed_and_is_lost_is_told_though_another_is_ready(two: Path, lose) -> None:
    _checked(two, _DOWNHILL)
    before = progress.read(two)
    progress.write(two, before.having("step", before.of("update")))
    (two / "01_step.py").write_text(_DOWNHILL)
    assert len(passed_overrides(two)) == 2
    lose(two / "01_step.py")
    with pytest.raises(DescendError) as error:
        passed_overrides(two)
    assert "01_step.py" in str(error.value)
    assert "00_update.py" not in str(error.value)


def test_a_file_that_is_missing_is_told(folder: Path) -> None:
    _checked(folder, _DOWNHILL)
    (folder / "00_update.py").unlink()
    with pytest.raises(DescendError, match=r"holds no exercise|the file is missing"):
        passed_overrides(folder)


def test_a_folder_that_is_none_of_ours_is_told(tmp_path: Path) -> None:
    for directory in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(DescendError, match="descend init"):
            overrides(directory)
