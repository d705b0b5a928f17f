from __future__ import annotations

import io
import struct
import wave

import numpy as np
import pytest
import scipy.io.wavfile
from hypothesis import given
from hypothesis import strategies as st

from descend.data import DataError
from descend.data.audio import wav
from descend.engine.errors import UsageError

rng = np.random.default_rng(0)


def stored(values: np.ndarray, rate: int = 8000) -> bytes:
    """As SciPy writes it: the dtype decides how the samples are coded."""
    file = io.BytesIO()
    scipy.io.wavfile.write(file, rate, values)
    return file.getvalue()


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    ("dtype", "zero", "full"),
    [("uint8", 128, 128), ("int16", 0, 2**15), ("int32", 0, 2**31), ("float32", 0, 1), ("float64", 0, 1)],
)
def test_every_coding_is_read_as_scipy_reads_it(dtype, zero, full, channels):
    shape = (50,) if channels == 1 else (50, channels)
    if dtype.startswith("float"):
        values = rng.uniform(-1, 1, shape).astype(dtype)
    else:
        values = rng.integers(np.iinfo(dtype).min, np.iinfo(dtype).max, shape, dtype, endpoint=True)
    samples, rate = wav.decode(stored(values, 44_100), "x.wav")
    assert rate == 44_100
    assert samples.dtype == np.float32
    assert samples.shape == shape
    assert np.allclose(samples, (values.astype(np.float64) - zero) / full, atol=1e-7)
    assert samples.min() >= -1


@given(st.lists(st.integers(-(2**23), 2**23 - 1), min_size=1, max_size=30))
def test_three_bytes_are_one_number_with_its_sign(values):
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(3)
        out.setframerate(16_000)
        out.writeframes(b"".join(value.to_bytes(3, "little", signed=True) for value in values))
    samples, _ = wav.decode(file.getvalue(), "x.wav")
    assert np.array_equal(samples, (np.array(values) / 2**23).astype(np.float32))


@pytest.mark.parametrize("shape", [(7,), (7, 2), (1,)])
def test_what_is_written_is_read_again_to_16_bits(tmp_path, shape):
    x = rng.uniform(-1, 1, shape)
    wav.write(tmp_path / "x.wav", x, 22_050)
    samples, rate = wav.read(tmp_path / "x.wav")
    assert rate == 22_050
    assert np.abs(samples - x).max() <= 0.5 / 32768 + 1e-7
    assert np.allclose(scipy.io.wavfile.read(tmp_path / "x.wav")[1] / 32768, samples)


def test_full_scale_is_kept_and_not_turned_round(tmp_path):
    wav.write(tmp_path / "x.wav", [1.0, -1.0, 0.0], 8000)
    assert wav.read(tmp_path / "x.wav")[0].tolist() == [32767 / 32768, -1, 0]


def test_chunks_of_other_programs_are_passed_over():
    data = stored(np.arange(5, dtype=np.int16))
    extra = b"LIST" + struct.pack("<I", 3) + b"abc\0"
    with_extra = data[:12] + extra + data[12:]
    assert np.array_equal(wav.decode(with_extra, "x")[0], wav.decode(data, "x")[0])


def test_the_extensible_format_says_further_in_what_it_is():
    data = stored(np.arange(5, dtype=np.int16))
    fmt = data[20:36]
    extended = b"\xfe\xff" + fmt[2:] + struct.pack("<HHI", 22, 16, 4) + b"\1\0" + bytes(14)
    made = data[:12] + b"fmt " + struct.pack("<I", len(extended)) + extended + data[36:]
    assert np.array_equal(wav.decode(made, "x")[0], wav.decode(data, "x")[0])


GOOD = stored(np.arange(100, dtype=np.int16))


@given(st.integers(0, len(GOOD) - 1))
def test_a_file_that_is_cut_short_is_refused_wherever_it_is_cut(n):
    with pytest.raises(DataError, match=r"^voice\.wav cannot be read"):
        wav.decode(GOOD[:n], "voice.wav")


def test_the_part_that_is_cut_short_is_named():
    with pytest.raises(DataError) as error:
        wav.decode(GOOD[:-10], "x.wav")
    assert "190 of 200 bytes of 'data'" in str(error.value)


@pytest.mark.parametrize(
    ("at", "changed", "reason"),
    [
        (0, b"OggS", "it is no wav file: it begins with 4f 67 67 53"),
        (20, b"\x55\0", "coded otherwise"),
        (22, b"\0\0", "0 channels"),
        (34, b"\x0c\0", "12 bits"),
        (24, bytes(4), "0 samples a second"),
        (12, b"junk", "lacks its"),
        (36, b"junk", "lacks its samples"),
    ],
)
def test_a_damaged_head_is_told(at, changed, reason):
    with pytest.raises(DataError, match=reason):
        wav.decode(GOOD[:at] + changed + GOOD[at + len(changed) :], "x.wav")


def test_what_is_no_number_is_refused():
    with pytest.raises(DataError, match="not numbers"):
        wav.decode(stored(np.array([0, np.nan], np.float32)), "x.wav")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"gone\.wav"):
        wav.read(tmp_path / "gone.wav")


@pytest.mark.parametrize("x", [[], [[[0.0]]], [1.5], [np.nan]])
def test_what_is_no_sound_is_not_written(tmp_path, x):
    with pytest.raises(UsageError):
        wav.write(tmp_path / "x.wav", x, 8000)
    assert not (tmp_path / "x.wav").exists()
