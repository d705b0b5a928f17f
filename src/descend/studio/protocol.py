"""What goes over a lab's socket: commands up in JSON, pictures of the state down in binary frames.

A frame is a header and the arrays it lists, so that a browser can look at them without copying:

    4 bytes   length of the header, little-endian
    header    JSON {seq, t, step, arrays: [{name, dtype, shape}], values}, spaces up to a multiple of 8 bytes
    data      each array, little-endian, C order, with zeros up to a multiple of 8 bytes
"""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.engine.errors import UsageError
from descend.studio.params import is_number
from descend.studio.values import Value, plain

Array = NDArray[Any]

DTYPES: dict[str, np.dtype[Any]] = {"f4": np.dtype("<f4"), "u1": np.dtype("u1"), "i4": np.dtype("<i4")}
ACTIONS = ("play", "pause", "step", "reset", "seek", "record", "notebook")


@dataclass(frozen=True)
class Frame:
    """What a lab shows after `step` steps: arrays for its views, and numbers and words by name."""

    step: int
    arrays: Mapping[str, Array]
    values: Mapping[str, Value]

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays."""
        return sum(array.nbytes for array in self.arrays.values())


@dataclass(frozen=True)
class Command:
    """What a client asks for: `kind` is one of do, set, speed, event, ack; `value` and `data` belong to it."""

    kind: str
    value: Any
    data: Any = None


def frame_of(step: int, shown: Mapping[str, Any]) -> Frame:
    """A frame of what a lab shows: arrays in the wire's types, everything else as a value."""
    arrays = {name: _wire(x) for name, x in shown.items() if isinstance(x, np.ndarray) and x.ndim}
    return Frame(step, arrays, {name: plain(x) for name, x in shown.items() if name not in arrays})


def encode(frame: Frame, seq: int, t: float) -> bytes:
    """The bytes of a frame: `seq` counts those that were sent, `t` is the server's clock in ms."""
    listed = [{"name": n, "dtype": _name(a), "shape": list(a.shape)} for n, a in frame.arrays.items()]
    row = {"seq": seq, "t": round(t, 1), "step": frame.step, "arrays": listed, "values": dict(frame.values)}
    header = json.dumps(row, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    header += b" " * (-(4 + len(header)) % 8)
    return b"".join([struct.pack("<I", len(header)), header, *map(_padded, frame.arrays.values())])


def decode(data: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    """The header and the arrays of a frame. Raises ValueError where it is none."""
    start = 4 + struct.unpack_from("<I", data)[0]
    header = json.loads(data[4:start])
    arrays = {}
    for row in header["arrays"]:
        dtype, shape = DTYPES[row["dtype"]], tuple(row["shape"])
        count = math.prod(shape)
        arrays[row["name"]] = np.frombuffer(data, dtype, count, start).reshape(shape)
        start += count * dtype.itemsize + -(count * dtype.itemsize) % 8
    return header, arrays


def parse(text: str) -> Command:
    """The command in a message. Raises UsageError where there is none."""
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        raise _refused("it is no JSON", text) from None
    if not isinstance(row, dict):
        raise _refused("it is no object", text)
    if "do" in row:
        return Command("do", _action(row["do"], text), row.get("value"))
    if isinstance(row.get("set"), dict):
        return Command("set", row["set"])
    if "speed" in row:
        return Command("speed", _number(row["speed"], text))
    if "event" in row:
        return Command("event", _word(row["event"], text), row.get("data"))
    if "ack" in row:
        return Command("ack", _number(row["ack"], text), _number(row["lay"], text) if "lay" in row else None)
    raise _refused("it asks for nothing known", text)


def _wire(array: Array) -> Array:
    if array.dtype in (np.uint8, np.bool_):
        return np.array(array, np.uint8, order="C")
    # A copy: the lab goes on working with its own. What is too large for four bytes is an infinity there.
    with np.errstate(over="ignore"):
        return np.array(array, DTYPES["i4" if array.dtype.kind in "iu" else "f4"], order="C")


def _name(array: Array) -> str:
    return next(name for name, dtype in DTYPES.items() if dtype == array.dtype)


def _padded(array: Array) -> bytes:
    return array.tobytes() + b"\0" * (-array.nbytes % 8)


def _action(given: Any, text: str) -> str:
    if given not in ACTIONS:
        raise _refused(f"there is no {str(given)[:40]!r} to do", text)
    return str(given)


def _number(given: Any, text: str) -> float:
    if not is_number(given):
        raise _refused("a number is needed", text)
    return float(given)


def _word(given: Any, text: str) -> str:
    if not isinstance(given, str) or len(given) > 60:
        raise _refused("an event is a word", text)
    return given


def _refused(why: str, text: str) -> UsageError:
    return UsageError(
        f"the message cannot be understood: {why}",
        given=text[:80],
        needed='{"do": ...}, {"set": {...}}, {"speed": ...}, {"event": ..., "data": ...} or {"ack": ...}',
    )
