"""Protocol buffers, as far as they are written here: fields of a message, one after the other.

Source: "Protocol Buffers Encoding", the wire format: a key (field number and type), then the value.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable

_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5


def varint(number: int) -> bytes:
    """A whole number in groups of seven bits, the lowest first; a negative one as its 64-bit complement."""
    rest, found = number & 0xFFFFFFFFFFFFFFFF, bytearray()
    while rest > 0x7F:
        found.append(rest & 0x7F | 0x80)
        rest >>= 7
    found.append(rest)
    return bytes(found)


def integer(field: int, number: int) -> bytes:
    """A field of type int32, int64, bool or enum."""
    return _key(field, _VARINT) + varint(number)


def integers(field: int, numbers: Iterable[int]) -> bytes:
    """A repeated field of whole numbers, packed."""
    return message(field, b"".join(varint(number) for number in numbers))


def double(field: int, number: float) -> bytes:
    """A field of type double."""
    return _key(field, _FIXED64) + struct.pack("<d", number)


def single(field: int, number: float) -> bytes:
    """A field of type float; what is too large for it is infinite."""
    try:
        packed = struct.pack("<f", number)
    except OverflowError:
        packed = struct.pack("<f", float("inf") if number > 0 else float("-inf"))
    return _key(field, _FIXED32) + packed


def text(field: int, words: str) -> bytes:
    """A field of type string."""
    return message(field, words.encode())


def message(field: int, data: bytes) -> bytes:
    """A field of type bytes, or a message inside the message."""
    return _key(field, _LENGTH) + varint(len(data)) + data


def _key(field: int, kind: int) -> bytes:
    return varint(field << 3 | kind)
