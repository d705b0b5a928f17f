"""An ONNX graph while it is built, and as the bytes of a file.

Source: the Open Neural Network Exchange's onnx.proto, whose field numbers stand below.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.engine.errors import DtypeError
from descend.train import protobuf

OPERATORS = 19  # the version of the operator set
_FORMAT = 9  # the version of the file format that goes with it

_TYPES = {
    "float32": 1, "uint8": 2, "int8": 3, "int16": 5, "int32": 6, "int64": 7, "bool": 9, "float16": 10, "float64": 11,
    "uint32": 12,
}  # fmt: skip


@dataclass(frozen=True)
class Open:
    """A length that is so many times that of the batch."""

    times: int


Length = int | Open


class Graph:
    """Nodes and constants with names, in the order in which they are computed."""

    def __init__(self) -> None:
        self.nodes: list[bytes] = []
        self.constants: list[bytes] = []
        self._count = 0

    def name(self) -> str:
        """A name that nothing has yet."""
        self._count += 1
        return f"v{self._count}"

    def constant(self, array: Any, name: str = "") -> str:
        """Add an array. Returns its name."""
        name = name or self.name()
        self.constants.append(_tensor(np.asarray(array), name))
        return name

    def shape(self, lengths: Sequence[Length]) -> str:
        """A shape as a list of numbers, worked out from the input's where lengths are open. Returns its name."""
        if not any(isinstance(n, Open) for n in lengths):
            return self.constant(np.array(lengths, np.int64))
        batch = self.node("Shape", ["input"], start=0, end=1)
        parts = [self.constant(np.array([n.times if isinstance(n, Open) else n], np.int64)) for n in lengths]
        pairs = zip(lengths, parts, strict=True)
        parts = [self.node("Mul", [batch, part]) if isinstance(n, Open) else part for n, part in pairs]
        return self.node("Concat", parts, axis=0)

    def node(self, operator: str, inputs: Sequence[str], output: str = "", **attributes: Any) -> str:
        """Add an operator: attributes are whole numbers, lists of them, or numbers. Returns the name of its output."""
        output = output or self.name()
        parts = [protobuf.text(1, name) for name in inputs] + [protobuf.text(2, output), protobuf.text(4, operator)]
        parts += [protobuf.message(5, _attribute(name, value)) for name, value in attributes.items()]
        self.nodes.append(b"".join(parts))
        return output

    def file(self, x: bytes, y: bytes, name: str) -> bytes:
        """The whole model, with the descriptions of input and output that `described` gives."""
        inside = [protobuf.message(1, node) for node in self.nodes] + [protobuf.text(2, name)]
        inside += [protobuf.message(5, constant) for constant in self.constants]
        inside += [protobuf.message(11, x), protobuf.message(12, y)]
        operators = protobuf.text(1, "") + protobuf.integer(2, OPERATORS)
        head = protobuf.integer(1, _FORMAT) + protobuf.text(2, "descend")
        return head + protobuf.message(7, b"".join(inside)) + protobuf.message(8, operators)


def described(name: str, dtype: np.dtype[Any], shape: Sequence[int | str]) -> bytes:
    """Name, type and shape of an input or output; an axis with a name may have any length."""
    lengths = [protobuf.text(2, n) if isinstance(n, str) else protobuf.integer(1, n) for n in shape]
    axes = b"".join(protobuf.message(1, length) for length in lengths)
    tensor = protobuf.integer(1, type_number(dtype)) + protobuf.message(2, axes)
    return protobuf.text(1, name) + protobuf.message(2, protobuf.message(1, tensor))


def type_number(dtype: np.dtype[Any]) -> int:
    """ONNX's number of a type. Raises DtypeError where it has none."""
    if str(dtype) in _TYPES:
        return _TYPES[str(dtype)]
    raise DtypeError("ONNX has no such type", given=str(dtype), needed=", ".join(_TYPES))


def _tensor(array: NDArray[Any], name: str) -> bytes:
    head = protobuf.integers(1, array.shape) + protobuf.integer(2, type_number(array.dtype))
    data = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<")).tobytes()
    return head + protobuf.text(8, name) + protobuf.message(9, data)


def _attribute(name: str, value: Any) -> bytes:
    if isinstance(value, int):
        return protobuf.text(1, name) + protobuf.integer(3, value) + protobuf.integer(20, 2)
    return protobuf.text(1, name) + protobuf.integers(8, value) + protobuf.integer(20, 7)
