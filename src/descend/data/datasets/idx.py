"""The IDX format: arrays as MNIST's files hold them, unpacked or in gzip.

Two zero bytes, a byte for the type, a byte for the number of axes, the length of each axis as a big-endian
32-bit number, the values.
Source: LeCun, Cortes, Burges 1998, "The MNIST database of handwritten digits", section on file formats.
"""

from __future__ import annotations

import gzip
import math
import zlib
from importlib.resources.abc import Traversable
from typing import IO

import numpy as np

from descend.data.checks import Array
from descend.data.errors import DataError

TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
GZIP = b"\x1f\x8b"

Stream = IO[bytes] | gzip.GzipFile


def read(path: Traversable) -> Array:
    """The array in an IDX file, in the machine's byte order. DataError names the file and what is wrong."""
    try:
        with path.open("rb") as file:
            return _parse(_unpacked(file), path)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise _wrong(path, f"its gzip stream is damaged or cut short ({error})") from error
    except OSError as error:
        raise _wrong(path, error.strerror or str(error)) from error


def encode(array: Array) -> bytes:
    """The bytes of an (unpacked) IDX file that holds the array."""
    dtype = array.dtype.newbyteorder(">")
    code = next((code for code, name in TYPES.items() if np.dtype(name) == dtype), None)
    if code is None:
        raise DataError("IDX has no such type", given=f"dtype {array.dtype}", needed="(u)int8, int16, int32, float")
    header = bytes([0, 0, code, array.ndim]) + np.asarray(array.shape, ">u4").tobytes()
    return header + array.astype(dtype).tobytes()


def _unpacked(file: IO[bytes]) -> Stream:
    # By what the file holds and not by its name: browsers unpack downloads and keep the ending.
    packed = file.read(2) == GZIP
    file.seek(0)
    return gzip.GzipFile(fileobj=file) if packed else file


def _parse(file: Stream, path: Traversable) -> Array:
    dtype, shape = _header(file, path)
    expected = math.prod(shape) * dtype.itemsize
    # One byte more than the header promises: it shows surplus, and makes gzip check its sum at the end.
    values = _at_most(expected + 1, file)
    if len(values) != expected:
        held = "more" if len(values) > expected else f"{len(values)}"
        raise _wrong(path, f"its header says {expected} bytes of values, shape {shape}, and it holds {held}")
    return np.frombuffer(values, dtype).reshape(shape).astype(dtype.newbyteorder("="), copy=False)


def _at_most(n: int, file: Stream) -> bytearray:
    # In pieces: a damaged header can promise more than memory holds, and read(n) would set that aside.
    values = bytearray()
    while chunk := file.read(min(n - len(values), 1 << 20)):
        values += chunk
    return values


def _header(file: Stream, path: Traversable) -> tuple[np.dtype[np.generic], tuple[int, ...]]:
    magic = file.read(4)
    if not magic:
        raise _wrong(path, "it is empty")
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in TYPES:
        raise _wrong(path, f"it does not begin as an IDX file does, but with the bytes {magic.hex(' ')}")
    axes = file.read(4 * magic[3])
    if magic[3] == 0 or len(axes) < 4 * magic[3]:
        raise _wrong(path, f"its header is cut short: {len(axes)} bytes for {magic[3]} axes")
    return np.dtype(TYPES[magic[2]]), tuple(np.frombuffer(axes, ">u4").tolist())


def _wrong(path: Traversable, reason: str) -> DataError:
    return DataError(
        f"{path} cannot be read: {reason}",
        needed="a whole IDX file, in gzip or not",
        fix="delete it and fetch it again, or copy it again from where it came",
    )
