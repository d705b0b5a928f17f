from __future__ import annotations

from pathlib import Path

import pytest

from descend.engine.errors import UsageError
from descend.train.control import POLL, Poll, request, requested


def test_requests_are_read_back(tmp_path: Path) -> None:
    path = tmp_path / "control"
    assert requested(path) == "run"
    for wish in ("pause", "stop", "run"):
        request(path, wish)
        assert requested(path) == wish


@pytest.mark.parametrize("text", ["", "stopp", "\0", "STOP"])
def test_an_unknown_word_asks_for_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "control").write_text(text)
    assert requested(tmp_path / "control") == "run"


def test_a_near_miss_is_suggested(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean 'pause'"):
        request(tmp_path / "control", "paus")  # type: ignore[arg-type]
    assert not (tmp_path / "control").exists()


def test_the_file_is_looked_at_every_fifth_of_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now, looks = [0.0], [0]
    read_text = Path.read_text

    def counted(path: Path, **how: str) -> str:
        looks[0] += 1
        return read_text(path, **how)

    monkeypatch.setattr(Path, "read_text", counted)
    poll = Poll(tmp_path / "control", clock=lambda: now[0])
    looks[0] = 0
    answers = []
    for tick in range(1000):
        now[0] = tick / 1000
        if tick == 450:
            request(tmp_path / "control", "stop")
        answers.append(poll())
    assert looks[0] <= 5
    assert answers.index("stop") <= 450 + 1000 * POLL
    assert answers[449] == "run"
