"""Messages between a lab and the process of a learner's function: a row of JSON and arrays, over pipes."""

from __future__ import annotations

import json
import math
import os
import select
import struct
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

_LARGEST = 64 << 20
_CHUNK = 1 << 16
_KINDS = "biuf"


def pack(row: Mapping[str, Any], arrays: Sequence[Array] = ()) -> bytes:
    """The bytes of a message: length of all, length of the head, head, arrays."""
    listed = [{"dtype": a.dtype.str, "shape": a.shape} for a in arrays]
    head = json.dumps({"row": row, "arrays": listed}).encode()
    body = b"".join([struct.pack("<I", len(head)), head, *(a.tobytes() for a in arrays)])
    return struct.pack("<I", len(body)) + body


def unpack(body: bytes) -> tuple[dict[str, Any], list[Array]]:
    """Row and arrays of a message without its length. Raises ValueError where it is none."""
    try:
        start = 4 + struct.unpack_from("<I", body)[0]
        head = json.loads(body[4:start])
        arrays = []
        for listed in head["arrays"]:
            dtype, shape = np.dtype(listed["dtype"]), tuple(listed["shape"])
            if dtype.kind not in _KINDS:
                raise ValueError(dtype)
            array = np.frombuffer(body, dtype, math.prod(shape), start).reshape(shape)
            start += array.nbytes
            arrays.append(array)
    except (struct.error, KeyError, TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error
    return dict(head["row"]), arrays


def write_message(descriptor: int, data: bytes, deadline: float) -> None:
    """Write all of it. Raises TimeoutError after `deadline`, OSError where nobody reads."""
    os.set_blocking(descriptor, False)
    while data:
        if not select.select([], [descriptor], [], max(0.0, deadline - time.monotonic()))[1]:
            raise TimeoutError
        data = data[os.write(descriptor, data[:_CHUNK]) :]


def read_message(descriptor: int, deadline: float | None) -> tuple[dict[str, Any], list[Array]]:
    """The next message.

    Raises:
        TimeoutError: it did not come whole before `deadline`.
        EOFError: the other side has ended.
        ValueError: what came is no message.
    """
    (length,) = struct.unpack("<I", _read(descriptor, 4, deadline))
    if not 4 <= length <= _LARGEST:
        raise ValueError(length)
    return unpack(_read(descriptor, length, deadline))


def _read(descriptor: int, count: int, deadline: float | None) -> bytes:
    data = bytearray()
    while len(data) < count:
        wait = None if deadline is None else max(0.0, deadline - time.monotonic())
        if not select.select([descriptor], [], [], wait)[0]:
            raise TimeoutError
        chunk = os.read(descriptor, min(_CHUNK, count - len(data)))
        if not chunk:
            raise EOFError
        data += chunk
    return bytes(data)
