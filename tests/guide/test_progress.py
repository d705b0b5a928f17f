"""The learner's progress: plain text, written whole, never the reason why work is lost."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.engine.errors import DescendError
from descend.guide import progress
from descend.guide.progress import Progress, Standing, change, read, write

_texts = st.none() | st.text(min_size=1)
_standings = st.builds(
    Standing,
    checks=st.integers(0, 99),
    passed=_texts,
    passed_at=_texts,
    diagnosis=_texts,
    seed=st.none() | st.integers(0, 2**32),
    hints=st.dictionaries(st.text(), st.integers(0, 9)),
)


@given(standings=st.dictionaries(st.text(), _standings))
def test_it_comes_back_as_it_was(standings: dict[str, Standing], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("p")
    write(folder, Progress(standings))
    assert read(folder) == Progress(standings)


def test_no_file_is_no_progress(tmp_path: Path) -> None:
    assert read(tmp_path) == Progress()
    assert read(tmp_path / "nowhere") == Progress()
    assert Progress().of("update") == Standing()


def test_the_file_is_text_that_explains_itself(tmp_path: Path) -> None:
    write(tmp_path, Progress({"update": Standing(checks=2, diagnosis="uphill")}))
    text = (tmp_path / "progress.json").read_text()
    assert text.count("\n") > 8
    assert "edit" in json.loads(text)["about"]
    assert json.loads(text)["exercises"]["update"]["diagnosis"] == "uphill"


_DAMAGED = [
    b"",
    b"{",
    b'{"version": 1, "exercises": {"update": {"checks": 1, ',
    b"\xff\xfe\x00",
    b"[]",
    b"3",
    b"null",
    b"{}",
    b'{"version": "one", "exercises": {}}',
    b'{"version": 1, "exercises": []}',
    b'{"version": 1, "exercises": {"update": 3}}',
    b'{"version": 1, "exercises": {"update": {"unknown": 3}}}',
    b'{"version": 1, "exercises": {"update": {"checks": "many"}}}',
    b'{"version": 1, "exercises": {"update": {"hints": {"uphill": "two"}}}}',
    b'{"version": 1, "exercises": {"update": {"hints": []}}}',
    b'{"version": 1, "exercises": {"update": {"passed": 1}}}',
]


@pytest.mark.parametrize("data", _DAMAGED)
def test_a_damaged_file_is_kept_and_told_and_a_new_one_begun(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "progress.json").write_bytes(data)
    (tmp_path / "00_update.py").write_text("mine")
    found = read(tmp_path)
    assert found.standings == {}
    assert "progress.damaged-1.json" in found.notice
    assert (tmp_path / "progress.damaged-1.json").read_bytes() == data
    assert (tmp_path / "00_update.py").read_text() == "mine"
    assert read(tmp_path) == Progress()


def test_a_second_damaged_file_does_not_replace_the_first(tmp_path: Path) -> None:
    for data in (b"one", b"two"):
        (tmp_path / "progress.json").write_bytes(data)
        read(tmp_path)
    assert (tmp_path / "progress.damaged-1.json").read_bytes() == b"one"
    assert (tmp_path / "progress.damaged-2.json").read_bytes() == b"two"


def test_the_notice_survives_the_change_that_found_it(tmp_path: Path) -> None:
    (tmp_path / "progress.json").write_bytes(b"{")
    changed = change(tmp_path, lambda before: before.having("update", Standing(checks=1)))
    assert "damaged" in changed.notice
    assert read(tmp_path).of("update").checks == 1


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    data = b'{"version": 2, "exercises": {"update": {"moons": 3}}}'
    (tmp_path / "progress.json").write_bytes(data)
    with pytest.raises(DescendError, match="newer"):
        read(tmp_path)
    assert (tmp_path / "progress.json").read_bytes() == data


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, Progress({"update": Standing(checks=1)}))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(DescendError, match="your code is safe"):
        write(tmp_path, Progress({"update": Standing(checks=2)}))
    monkeypatch.undo()
    assert read(tmp_path).of("update").checks == 1
    assert [path.name for path in tmp_path.iterdir()] == ["progress.json"]


def test_a_change_that_raises_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, Progress({"update": Standing(checks=1)}))
    with pytest.raises(ZeroDivisionError):
        change(tmp_path, lambda before: 1 / 0)
    assert read(tmp_path).of("update").checks == 1


_COUNT = """
import sys
sys.path[:0] = {path!r}
from dataclasses import replace
from pathlib import Path
from descend.guide.progress import change
def more(before):
    one = before.of("update")
    return before.having("update", replace(one, checks=one.checks + 1))
for _ in range(20):
    change(Path({folder!r}), more)
"""


def test_two_processes_lose_nothing_of_each_other(tmp_path: Path) -> None:
    program = _COUNT.format(path=[entry for entry in sys.path if entry], folder=str(tmp_path))
    both = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(3)]
    assert [process.wait() for process in both] == [0, 0, 0]
    assert read(tmp_path).of("update").checks == 60
    assert [path.name for path in tmp_path.iterdir()] == ["progress.json"]


def test_a_folder_that_is_not_there_is_an_error_with_its_cure(tmp_path: Path) -> None:
    with pytest.raises(DescendError, match="descend init"):
        change(tmp_path / "nowhere", lambda before: before)


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / progress.FILE).mkdir()
    with pytest.raises(DescendError, match="cannot be read"):
        read(tmp_path)


def test_having_leaves_the_others_and_the_notice() -> None:
    before = Progress({"a": Standing(checks=1)}, "notice")
    after = before.having("b", Standing(checks=2))
    assert after == replace(before, standings={"a": Standing(checks=1), "b": Standing(checks=2)})
    assert before.standings == {"a": Standing(checks=1)}
