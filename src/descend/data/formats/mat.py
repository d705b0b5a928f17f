"""Matrices of numbers in MATLAB's files, level 5, packed or not.

A file is a header of 128 bytes and then elements: a type, a length in bytes, the bytes, padded to eight. A matrix is an
element that holds four others: its flags, its shape, its name and its values in Fortran's order.
Source: MathWorks, "MAT-File Format", level 5.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from importlib.resources.abc import Traversable

import numpy as np

from descend.data.checks import Array
from descend.data.errors import DataError

_TYPES = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_MATRIX, _COMPRESSED = 14, 15
_HEADER = 128
_ORDERS = {b"IM": "<", b"MI": ">"}


def read(path: Traversable, name: str) -> Array:
    """The matrix `name` of the file, in the machine's byte order. DataError where it is not there or damaged."""
    try:
        data = path.read_bytes()
        order = _ORDERS[data[126:128]]
        for kind, element in _elements(data[_HEADER:], order):
            found = _named(kind, element, order, name)
            if found is not None:
                return found
    except (OSError, zlib.error, KeyError, ValueError, IndexError) as error:
        raise DataError(
            f"{path} cannot be read: it is no whole MATLAB file of level 5",
            given=str(error),
            fix="delete it and fetch it again, or copy it again from where it came",
        ) from error
    raise DataError(f"{path} holds no matrix {name!r}")


def _elements(data: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 8 <= len(data):
        kind, length = np.frombuffer(data, order + "u4", 2, at).tolist()
        start = at + 8
        if kind >> 16:
            # The small form: type and length in one word, and at most four bytes of values in the next.
            kind, length, start = kind & 0xFFFF, kind >> 16, at + 4
        if start + length > len(data):
            raise ValueError(f"an element of {length} bytes is cut short")
        yield kind, data[start : start + length]
        padding = 0 if kind == _COMPRESSED else -length % 8
        at = at + 8 if start == at + 4 else start + length + padding


def _named(kind: int, element: bytes, order: str, name: str) -> Array | None:
    if kind == _COMPRESSED:
        kind, element = next(_elements(zlib.decompress(element), order))
    if kind != _MATRIX:
        return None
    _, shape, title, *values = _elements(element, order)
    if title[1].rstrip(b"\0") != name.encode() or not values:
        return None
    numbers = np.frombuffer(values[0][1], order + _TYPES[values[0][0]])
    sizes = np.frombuffer(shape[1], order + "i4").tolist()
    return numbers.reshape(sizes, order="F").astype(numbers.dtype.newbyteorder("="))
