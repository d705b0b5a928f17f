from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from descend.engine.errors import DescendError, UsageError
from descend.train import removal
from descend.train.catalogue import Catalogue
from descend.train.runs import Run, RunInfo, run_folders


def new_run() -> Run:
    return Run.create(RunInfo("digits", 0, created="2026-01-31T10:00:00.000+00:00"))


def test_the_folder_goes_and_the_catalogue_knows() -> None:
    keep, gone = new_run(), new_run()
    assert len(Catalogue().rows()) == 2
    removal.remove(removal.folder_of(gone.name))
    assert not gone.path.exists()
    assert [row.name for row in Catalogue().rows()] == [keep.name]


def test_a_deletion_that_is_cut_short_lists_nothing_and_is_ended_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    run, other = new_run(), new_run()

    def killed(path: Path) -> None:
        next(path.rglob("run.json")).unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(removal.shutil, "rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            removal.remove(run.path)
    assert run_folders() == [other.path]
    assert [row.name for row in Catalogue().rows()] == [other.name]
    removal.remove(other.path)
    assert list(other.path.parent.iterdir()) == []


def test_before_it_is_renamed_the_run_is_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    run = new_run()
    monkeypatch.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(PermissionError(13, "no")))
    with pytest.raises(DescendError):
        removal.remove(run.path)
    assert Run.open(run.name).info == run.info


def test_a_run_that_is_being_written_stays() -> None:
    run = new_run()
    with run.writing(), pytest.raises(DescendError, match="is being trained"):
        removal.remove(run.path)
    assert Run.open(run.name).info == run.info


@pytest.mark.parametrize("name", ["nosuch", "..", ".", "", "/"])
def test_only_runs_have_a_folder_to_delete(name: str) -> None:
    new_run()
    with pytest.raises(UsageError):
        removal.folder_of(name)


def test_a_path_is_no_name(tmp_path: Path) -> None:
    copy = shutil.copytree(new_run().path, tmp_path / "copy")
    with pytest.raises(UsageError):
        removal.folder_of(str(copy))


def test_size_is_that_of_all_files(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "one").write_bytes(b"x" * 10)
    (tmp_path / "a" / "b" / "two").write_bytes(b"x" * 5)
    assert removal.size(tmp_path) == 15
