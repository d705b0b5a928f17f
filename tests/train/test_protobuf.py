from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.train import protobuf
from tests.train.wire import fields, varint

NUMBERS = st.integers(-(2**63), 2**63 - 1)


@pytest.mark.parametrize(
    ("number", "data"), [(0, b"\0"), (1, b"\1"), (127, b"\x7f"), (128, b"\x80\1"), (150, b"\x96\1"), (300, b"\xac\2")]
)
def test_the_published_examples(number: int, data: bytes) -> None:
    assert protobuf.varint(number) == data


def test_a_negative_number_has_ten_bytes() -> None:
    assert protobuf.varint(-1) == b"\xff" * 9 + b"\x01"


@given(NUMBERS, st.floats(allow_nan=False), st.text(), st.binary(), st.lists(NUMBERS))
def test_a_message_is_read_back(number: int, real: float, words: str, data: bytes, several: list[int]) -> None:
    whole = b"".join(
        [
            protobuf.integer(1, number), protobuf.double(2, real), protobuf.text(16, words),
            protobuf.message(5000, data), protobuf.integers(7, several), protobuf.single(8, real),
        ]
    )  # fmt: skip
    found = fields(whole)
    assert found[1] == [number % 2**64]
    assert struct.unpack("<d", found[2][0])[0] == real
    assert found[16] == [words.encode()]
    assert found[5000] == [data]
    packed, at, rest = found[7][0], 0, []
    while at < len(packed):
        one, at = varint(packed, at)
        rest.append(one)
    assert rest == [n % 2**64 for n in several]
    single = struct.unpack("<f", found[8][0])[0]
    assert single == real or abs(single - real) <= 1e-6 * abs(real) or abs(single) == float("inf") or abs(real) < 1e-37
