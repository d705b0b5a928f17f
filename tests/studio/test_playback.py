from __future__ import annotations

import numpy as np
import pytest

from descend.engine.errors import DescendError, UsageError
from descend.studio import labs, playback, recording
from descend.studio.lab import Lab
from descend.studio.playback import Playback
from descend.studio.protocol import frame_of


def recorded(steps: int = 12, every: int = 3) -> tuple[str, list[np.ndarray]]:
    lab = labs.get("playground")(data="xor", seed=3)
    frames = [frame_of(0, lab.frame())]
    for _ in range(steps):
        lab.advance()
        if lab.steps % every == 0:
            frames.append(frame_of(lab.steps, lab.frame()))
    name = recording.write("playground", lab.title, lab.values(), lab.rate, frames)
    return name, [frame.arrays["p"] for frame in frames]


def test_it_shows_what_the_lab_showed_without_computing(monkeypatch: pytest.MonkeyPatch) -> None:
    name, shown = recorded()
    monkeypatch.setattr(labs, "get", None)
    lab = Playback(name)
    assert isinstance(lab, Lab)
    for step in range(13):
        assert lab.steps == step
        np.testing.assert_array_equal(lab.frame()["p"], shown[step // 3])
        assert lab.wants_pause == (step == 12)
        lab.advance()
    assert lab.steps == 12  # at the end it stays
    assert lab.rate == 30


def test_every_place_can_be_gone_to() -> None:
    name, shown = recorded()
    lab = Playback(name)
    assert lab.span == (0, 12)
    for step, place in ((7, 2), (12, 4), (0, 0), (1e9, 4), (-5, 0), (5.9, 1)):
        assert lab.seek(step)
        np.testing.assert_array_equal(lab.frame()["p"], shown[place])
    lab.reset()
    assert lab.steps == 0


def test_the_page_is_told_what_the_lab_declares_and_what_was_recorded() -> None:
    name, _ = recorded()
    told = playback.described(name)
    assert [view["name"] for view in told["views"]] == ["network", "plane", "loss"]
    assert not any("event" in view for view in told["views"])  # there is nothing to do on them
    assert told["params"] == []
    assert told["recording"]["params"]["data"] == "xor"
    assert told["recording"]["labels"]["lr"] == "learning rate"
    assert told["recording"]["changed"] == {"data": "xor", "seed": 3}
    assert told["recording"]["frames"] == 5


def test_a_damaged_recording_stands_in_the_list_with_its_problem() -> None:
    sound, _ = recorded()
    (recording.folder() / "cut.frames").write_bytes(b"descend rec")
    rows = {row["name"]: row for row in playback.listing()}
    assert rows[sound]["problem"] is None
    assert "damaged" in rows["cut"]["problem"]
    with pytest.raises(DescendError, match="damaged"):
        Playback("cut")
    with pytest.raises(UsageError, match="no recording"):
        Playback("other")
