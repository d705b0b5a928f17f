from __future__ import annotations

import gzip
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from descend.data import DataError
from descend.data.datasets import idx

arrays = hnp.arrays(
    st.sampled_from(["uint8", "int8", "int16", "int32", "float32", "float64"]),
    hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5),
)
here = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@here
@given(arrays, st.booleans())
def test_what_is_written_is_read(tmp_path, array, packed):
    data = idx.encode(array)
    (tmp_path / "a").write_bytes(gzip.compress(data) if packed else data)
    again = idx.read(tmp_path / "a")
    assert again.dtype == array.dtype
    assert again.shape == array.shape
    assert again.tobytes() == array.tobytes()


def test_the_bytes_are_those_of_the_format(tmp_path):
    data = bytes([0, 0, 0x0B, 2, 0, 0, 0, 2, 0, 0, 0, 1, 0x01, 0x02, 0xFF, 0xFE])
    (tmp_path / "a").write_bytes(data)
    array = idx.read(tmp_path / "a")
    assert array.tolist() == [[258], [-2]]
    assert array.dtype.isnative
    assert idx.encode(array) == data


def test_a_file_inside_an_archive_is_read(tmp_path):
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr("a.gz", gzip.compress(idx.encode(np.arange(5, dtype=np.uint8))))
    assert idx.read(zipfile.Path(tmp_path / "z.zip", "a.gz")).tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("dtype", ["int64", "bool", "uint16", "complex64"])
def test_types_that_the_format_lacks_are_refused(dtype):
    with pytest.raises(DataError, match=dtype):
        idx.encode(np.zeros(3, dtype))


GOOD = idx.encode(np.arange(60, dtype=np.uint8).reshape(3, 4, 5))
BAD = {
    "it is empty": b"",
    "does not begin as an IDX file does, but with the bytes 3c 68 74 6d": b"<html><body>404</body></html>",
    "does not begin as an IDX file does, but with the bytes 00 00 07 01": b"\0\0\7\1\0\0\0\1a",
    "with the bytes 00 00\n": b"\0\0",
    "header is cut short: 0 bytes for 0 axes": b"\0\0\x08\0",
    "header is cut short: 11 bytes for 3 axes": GOOD[:15],
    r"says 60 bytes of values, shape \(3, 4, 5\), and it holds 59": GOOD[:-1],
    r"says 60 bytes of values, shape \(3, 4, 5\), and it holds 0": GOOD[:16],
    r"says 60 bytes of values, shape \(3, 4, 5\), and it holds more": GOOD + b"!",
    r"says \d{29} bytes of values": b"\0\0\x08\3" + b"\xff" * 12 + b"abc",
    r"says 4294967295 bytes of values, shape \(4294967295,\), and it holds 3": b"\0\0\x08\1" + b"\xff" * 4 + b"abc",
}


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("reason", BAD)
def test_a_damaged_file_is_named_with_what_is_wrong(tmp_path, reason, packed):
    path = tmp_path / "train-images.gz"
    path.write_bytes(gzip.compress(BAD[reason]) if packed else BAD[reason])
    with pytest.raises(DataError, match=reason) as error:
        idx.read(path)
    assert str(path) in error.value.problem


@here
@given(st.integers(2, len(gzip.compress(GOOD)) - 1))
def test_a_gzip_file_cut_anywhere_is_refused(tmp_path, length):
    (tmp_path / "a").write_bytes(gzip.compress(GOOD)[:length])
    with pytest.raises(DataError, match="damaged or cut short"):
        idx.read(tmp_path / "a")


@pytest.mark.parametrize("position", ["first of the stream", "checksum at the end", "length at the end"])
def test_a_damaged_gzip_stream_is_refused(tmp_path, position):
    data = bytearray(gzip.compress(GOOD))
    data[{"first of the stream": 10, "checksum at the end": -8, "length at the end": -4}[position]] ^= 0xFF
    (tmp_path / "a").write_bytes(data)
    with pytest.raises(DataError, match="damaged or cut short"):
        idx.read(tmp_path / "a")


@pytest.mark.parametrize("name", ["missing", "folder"])
def test_what_cannot_be_opened_is_named(tmp_path, name):
    (tmp_path / "folder").mkdir()
    with pytest.raises(DataError, match=name):
        idx.read(tmp_path / name)


def test_a_header_that_promises_too_much_takes_no_memory(tmp_path):
    (tmp_path / "a").write_bytes(struct.pack(">BBBBII", 0, 0, 8, 2, 2**20, 2**20) + bytes(10))
    with pytest.raises(DataError, match="it holds 10"):
        idx.read(tmp_path / "a")
