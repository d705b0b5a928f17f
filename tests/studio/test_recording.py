from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from descend.engine.errors import DescendError, UsageError
from descend.studio import recording
from descend.studio.protocol import Frame


def frames(count: int, size: int = 10) -> list[Frame]:
    still = np.arange(4, dtype=np.int32)
    return [
        Frame(3 * i, {"x": np.full(size, i, np.float32), "still": still}, {"loss": i / 2, "no": None})
        for i in range(count)
    ]


def kept(count: int = 5, size: int = 10) -> str:
    return recording.write("playground", "Playground", {"lr": 0.1}, 30.0, frames(count, size))


def test_what_was_recorded_comes_back() -> None:
    about, found = recording.read(kept())
    assert (about.lab, about.title, about.params, about.rate) == ("playground", "Playground", {"lr": 0.1}, 30.0)
    assert (about.first, about.last, about.frames) == (0, 12, 5)
    assert [frame.step for frame in found] == [0, 3, 6, 9, 12]
    for one, same in zip(found, frames(5), strict=True):
        assert one.values == same.values
        assert list(one.arrays) == list(same.arrays)
        for name, array in same.arrays.items():
            np.testing.assert_array_equal(one.arrays[name], array)
            assert one.arrays[name].dtype == array.dtype


def test_a_file_says_what_it_is(home: Path) -> None:
    (file,) = (home / "recordings").glob("*") if kept() else []
    data = file.read_bytes()
    assert data.startswith(b"descend recording 1\n")
    (length,) = struct.unpack_from("<I", data, 20)
    assert json.loads(data[24 : 24 + length])["lab"] == "playground"


def test_each_recording_has_a_name_of_its_own() -> None:
    made = {kept() for _ in range(3)}
    assert len(made) == 3
    assert set(recording.names()) == made
    recording.delete(made.pop())
    assert set(recording.names()) == made


def test_a_long_course_is_thinned_to_its_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "ROOM", 20_000)
    about, found = recording.read(kept(count=101, size=200))
    assert sum(frame.nbytes for frame in found) <= 20_000
    steps = [frame.step for frame in found]
    assert (steps[0], steps[-1]) == (0, 300)
    assert len(steps) == about.frames > 12
    gaps = np.diff(steps)
    assert gaps.max() <= 2 * np.median(gaps)


def test_nothing_is_no_recording() -> None:
    with pytest.raises(UsageError, match="nothing to record"):
        recording.write("home", "Home", {}, 1.0, [])


def test_recordings_do_not_fill_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "MOST", 2)
    first = kept()
    kept()
    with pytest.raises(UsageError, match="too many"):
        kept()
    recording.delete(first)
    assert kept() in recording.names()


@pytest.mark.parametrize("name", ["", "x", "../x", "..", "/etc/passwd"])
def test_a_name_is_never_a_path(name: str, home: Path) -> None:
    kept()
    (home / "x.frames").write_bytes(b"")
    for act in (recording.read, recording.about, recording.delete):
        with pytest.raises(UsageError, match="no recording"):
            act(name)
    assert (home / "x.frames").exists()


@pytest.mark.parametrize("cut", [0, 5, 20, 22, 30, 150, -200, -1])
def test_a_file_cut_short_is_told_of(cut: int) -> None:
    name = kept(50)
    path = recording.folder() / f"{name}.frames"
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(DescendError, match="damaged") as told:
        recording.read(name)
    assert str(path) in (told.value.given or "")
    assert told.value.fix


def test_any_changed_byte_is_told_of() -> None:
    name = kept(8)
    path = recording.folder() / f"{name}.frames"
    whole = path.read_bytes()
    _, good = recording.read(name)
    rng = np.random.default_rng(0)
    for place in rng.choice(len(whole), 200, replace=False):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x5A]) + whole[place + 1 :])
        try:
            _, found = recording.read(name)
        except DescendError:
            continue
        # A letter of a word in the header may change; a number of a frame never.
        assert [f.step for f in found] == [f.step for f in good]
        assert all((f.arrays["x"] == g.arrays["x"]).all() for f, g in zip(found, good, strict=True))


@pytest.mark.parametrize(
    "odd", [{"size": 1 << 40}, {"size": -1}, {"params": [1]}, {"rate": None}, {"more": 1}, {"frames": 4}]
)
def test_a_header_that_makes_no_sense_is_refused(odd: dict[str, object]) -> None:
    name = kept()
    path = recording.folder() / f"{name}.frames"
    data = path.read_bytes()
    (length,) = struct.unpack_from("<I", data, 20)
    header = json.dumps(json.loads(data[24 : 24 + length]) | odd).encode()
    path.write_bytes(recording.MAGIC + struct.pack("<I", len(header)) + header + data[24 + length :])
    with pytest.raises(DescendError, match="damaged"):
        recording.read(name)


def test_a_small_file_does_not_unpack_to_a_large_one() -> None:
    name = kept()
    path = recording.folder() / f"{name}.frames"
    data = path.read_bytes()
    (length,) = struct.unpack_from("<I", data, 20)
    path.write_bytes(data[: 24 + length] + zlib.compress(bytes(200 << 20)))
    with pytest.raises(DescendError, match="damaged"):
        recording.read(name)
