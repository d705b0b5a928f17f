from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from descend.data import DataError, inspect, load, wav_folder
from descend.data.audio import wav

rng = np.random.default_rng(0)


def sound(path: Path, n: int = 300, rate: int = 8000, channels: int = 1) -> np.ndarray:
    x = rng.uniform(-1, 1, (n, channels) if channels > 1 else n)
    path.parent.mkdir(parents=True, exist_ok=True)
    wav.write(path, x, rate)
    return x


@pytest.fixture
def voices(tmp_path) -> Path:
    for name in ("no", "yes"):
        for i in range(5):
            sound(tmp_path / "voices" / name / f"{i}.wav", 300 + i)
    return tmp_path / "voices"


def test_folders_of_recordings_are_classes(voices):
    data = load(voices)
    assert data.classes == ("no", "yes")
    assert data.rate == 8000
    assert (len(data.train), len(data.test)) == (8, 2)
    assert {len(wave) for split in (data.train, data.test) for wave in split.x} == {300, 301, 302, 303, 304}


def test_names_begin_with_the_class_where_there_are_no_folders(tmp_path):
    for name in ("3_ann_0.wav", "3_bob_1.wav", "7_ann_0.wav"):
        sound(tmp_path / name)
    assert wav_folder(tmp_path).classes == ("3", "7")
    sound(tmp_path / "other.wav")
    assert wav_folder(tmp_path).classes == ()


def test_several_channels_become_their_mean(tmp_path):
    x = sound(tmp_path / "one" / "a.wav", 50, channels=2)
    sound(tmp_path / "one" / "b.wav", 60)
    data = wav_folder(tmp_path)
    waves = {len(wave): wave for split in (data.train, data.test) for wave in split.x}
    assert np.allclose(waves[50], x.mean(axis=1), atol=1e-4)


def test_one_rate_or_none(voices):
    sound(voices / "yes" / "fast.wav", 800, 16_000)
    with pytest.raises(DataError, match="16000 samples a second, most have 8000") as error:
        wav_folder(voices)
    assert "rate=8000" in error.value.fix
    data = wav_folder(voices, rate=8000)
    assert max(len(wave) for split in (data.train, data.test) for wave in split.x) == 400


def test_every_damaged_file_is_named(voices):
    (voices / "no" / "1.wav").write_bytes(b"RIFF")
    (voices / "yes" / "2.wav").write_bytes(b"")
    found = {Path(one.file).name: one.reason for one in inspect(voices).problems}
    assert set(found) == {"1.wav", "2.wav"}
    assert found["2.wav"] == "it is empty"


def test_the_report_has_the_rate(voices):
    facts = inspect(voices).facts
    assert facts["samples a second"] == "8,000"
    assert "sequences of 300 to 304" in facts["examples"]
