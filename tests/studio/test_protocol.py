from __future__ import annotations

import contextlib
import json
import struct
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from descend.engine.errors import UsageError
from descend.studio.protocol import Frame, decode, encode, frame_of, parse

NAMES = st.text("abc_λ1", min_size=1, max_size=5)
SHAPES = npst.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=5)
WIRE = st.sampled_from(["<f4", "u1", "<i4"])
ARRAYS = st.dictionaries(NAMES, WIRE.flatmap(lambda dtype: npst.arrays(dtype, SHAPES)), max_size=4)
VALUES = st.dictionaries(NAMES, st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5) | st.none())


@given(ARRAYS, VALUES, st.integers(0, 2**40), st.integers(0, 2**31))
def test_a_frame_comes_back(arrays: dict[str, Any], values: dict[str, Any], step: int, seq: int) -> None:
    header, found = decode(encode(Frame(step, arrays, values), seq, 1234.5678))
    assert (header["seq"], header["step"], header["t"], header["values"]) == (seq, step, 1234.6, values)
    assert list(found) == list(arrays)
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)


@given(ARRAYS, VALUES)
def test_arrays_lie_on_multiples_of_eight(arrays: dict[str, Any], values: dict[str, Any]) -> None:
    data = encode(Frame(0, arrays, values), 1, 0.0)
    (length,) = struct.unpack_from("<I", data)
    assert (4 + length) % 8 == 0
    assert len(data) == 4 + length + sum(-(-array.nbytes // 8) * 8 for array in arrays.values())


@pytest.mark.parametrize(
    ("given_type", "wire"),
    [("f8", "f4"), ("f4", "f4"), ("f2", "f4"), ("i8", "i4"), ("u2", "i4"), ("?", "u1"), ("u1", "u1"), (">f4", "f4")],
)
def test_every_type_gets_one_of_the_wire(given_type: str, wire: str) -> None:
    array = np.array([[0, 1], [1, 0]], given_type).T
    header, found = decode(encode(frame_of(3, {"x": array}), 1, 0.0))
    assert header["arrays"] == [{"name": "x", "dtype": wire, "shape": [2, 2]}]
    np.testing.assert_array_equal(found["x"], array)


def test_numbers_and_words_are_values() -> None:
    frame = frame_of(
        1, {"a": np.float32(0.5), "b": 2, "c": "x", "d": np.array(3.0), "e": float("nan"), "f": True, "g": np.zeros(1)}
    )
    assert dict(frame.values) == {"a": 0.5, "b": 2, "c": "x", "d": 3.0, "e": None, "f": True}
    assert list(frame.arrays) == ["g"]


def test_a_frame_keeps_what_was_shown() -> None:
    live = np.zeros(3, np.float32)
    frame = frame_of(0, {"x": live})
    live += 1
    assert not frame.arrays["x"].any()


@pytest.mark.parametrize(
    ("text", "kind", "value", "data"),
    [
        ('{"do": "play"}', "do", "play", None),
        ('{"do": "seek", "value": 3}', "do", "seek", 3),
        ('{"set": {"lr": 0.1}}', "set", {"lr": 0.1}, None),
        ('{"speed": 2}', "speed", 2.0, None),
        ('{"event": "draw", "data": [1]}', "event", "draw", [1]),
        ('{"ack": 7}', "ack", 7.0, None),
        ('{"ack": 7, "lay": 12}', "ack", 7.0, 12.0),
    ],
)
def test_commands_are_understood(text: str, kind: str, value: Any, data: Any) -> None:
    command = parse(text)
    assert (command.kind, command.value, command.data) == (kind, value, data)


@pytest.mark.parametrize(
    "text",
    ["", "x", "[]", "1", "null", "{}", '{"do": "explode"}', '{"do": null}', '{"do": ["play"]}', '{"set": 1}',
     '{"speed": "x"}', '{"speed": NaN}', '{"speed": true}', '{"speed": 1' + "0" * 400 + "}", '{"event": 1}',
     '{"event": "' + "x" * 61 + '"}',
     '{"ack": null}', '{"ack": 1, "lay": "2"}', "[" * 100_000, '{"a"', '{"speed": 1e999}', "9" * 5000],
)  # fmt: skip
def test_other_messages_are_refused(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse(text)
    assert len(refused.value.given or "") <= 80


@given(
    st.text()
    | st.recursive(
        st.none() | st.floats() | st.text(),
        lambda x: st.lists(x) | st.dictionaries(st.sampled_from(["do", "set", "speed", "event", "ack"]), x),
    ).map(json.dumps)
)
def test_whatever_comes_is_understood_or_refused(text: str) -> None:
    with contextlib.suppress(UsageError):
        assert parse(text).kind in ("do", "set", "speed", "event", "ack")
