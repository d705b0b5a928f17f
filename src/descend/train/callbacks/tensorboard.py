"""TensorBoard's event files, written without TensorFlow.

A file is a sequence of records: the length of the data (8 bytes, little-endian), a checksum of the length, the data, a
checksum of the data. The data are protocol buffers of the message Event.
"""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

from descend.disk.durable import storing
from descend.train import events, protobuf
from descend.train.events import Done, Epoch, Event, Resumed, Start, Step

_MASK = 0xA282EAD8
_POLYNOMIAL = 0x82F63B78  # Castagnoli's, its bits reversed


class TensorBoard:
    """Writes loss and learning rate of each step and every metric of each epoch: `tensorboard --logdir FOLDER`.

    Args:
        folder: made if absent; one for each training. Every training gets a file of its own in it.
        clock: seconds since 1970.

    Raises DescendError where the file cannot be written.
    """

    def __init__(self, folder: str | Path, clock: Callable[[], float] = time.time) -> None:
        self.folder, self.clock = Path(folder), clock
        self.path: Path | None = None
        self.step = 0

    def __call__(self, event: Event) -> None:
        """Listen."""
        match event:
            case Start():
                self._open()
            case Step():
                self.step = event.step
                self._scalars({"loss": event.loss, "lr": event.lr}, event.step)
            case Epoch():
                self._scalars(event.metrics, event.step)
            case Resumed():
                self._append(self._began_again(event.step + 1))
            case Done():
                self._scalars({f"final_{name}": value for name, value in event.metrics.items()}, self.step)
            case events.Warning():
                self._add(_text("warning", event.message), event.step)

    def _open(self) -> None:
        with storing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            number = len(list(self.folder.glob("events.out.tfevents.*")))
            self.path = self.folder / f"events.out.tfevents.{int(self.clock()):010d}.{os.getpid()}.{number}"
        self._append(protobuf.double(1, self.clock()) + protobuf.text(3, "brain.Event:2"))

    def _began_again(self, step: int) -> bytes:
        """A session that starts: what is in earlier files from this step on counts no more."""
        start = protobuf.integer(1, 1)  # SessionLog.status = START
        return protobuf.double(1, self.clock()) + protobuf.integer(2, step) + protobuf.message(7, start)

    def _scalars(self, values: dict[str, float], step: int) -> None:
        self._add(b"".join(_scalar(name, value) for name, value in values.items()), step)

    def _add(self, summary: bytes, step: int) -> None:
        self._append(protobuf.double(1, self.clock()) + protobuf.integer(2, step) + protobuf.message(5, summary))

    def _append(self, data: bytes) -> None:
        if self.path is None:
            self._open()
        path = self.path or self.folder
        with storing(path), path.open("ab") as file:
            file.write(record(data))


def record(data: bytes) -> bytes:
    """The data with length and checksums around them: one record of a TFRecord file."""
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked(length)) + data + struct.pack("<I", masked(data))


def masked(data: bytes) -> int:
    """The checksum of TFRecord files: CRC-32C turned by 15 bits, plus a constant."""
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + _MASK) & 0xFFFFFFFF


def crc32c(data: bytes) -> int:
    """Castagnoli's cyclic redundancy check. Source: RFC 3720, appendix B.4."""
    table, crc = _table(), 0xFFFFFFFF
    for byte in data:
        crc = table[(crc ^ byte) & 0xFF] ^ crc >> 8
    return crc ^ 0xFFFFFFFF


@cache
def _table() -> list[int]:
    return [_shifted(byte) for byte in range(256)]


def _shifted(crc: int) -> int:
    for _ in range(8):
        crc = crc >> 1 ^ (_POLYNOMIAL if crc & 1 else 0)
    return crc


def _scalar(name: str, value: float) -> bytes:
    """Summary.value of one number."""
    return protobuf.message(1, protobuf.text(1, name) + protobuf.single(2, value))


def _text(name: str, text: str) -> bytes:
    """Summary.value of a text: a tensor of one string, for the plugin "text"."""
    plugin = protobuf.message(9, protobuf.message(1, protobuf.text(1, "text")))
    tensor = protobuf.integer(1, 7) + protobuf.text(8, text)  # 7: DT_STRING
    return protobuf.message(1, protobuf.text(1, name) + plugin + protobuf.message(8, tensor))
