"""Event files, read back by the published format alone."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.engine.errors import DescendError
from descend.train import events
from descend.train.callbacks.tensorboard import TensorBoard, crc32c, masked, record
from descend.train.events import Done, Epoch, Resumed, Start, Step
from tests.train.small import trainer
from tests.train.wire import fields


@pytest.mark.parametrize(
    ("data", "crc"),
    [  # RFC 3720, appendix B.4, and the check value of the catalogue of CRC algorithms
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(range(31, -1, -1)), 0x113FDB5C),
        (b"123456789", 0xE3069283),
        (b"", 0),
    ],
)
def test_the_checksum_is_castagnolis(data: bytes, crc: int) -> None:
    assert crc32c(data) == crc


@given(st.binary(max_size=40))
def test_the_mask_can_be_taken_off(data: bytes) -> None:
    turned = (masked(data) - 0xA282EAD8) & 0xFFFFFFFF
    assert (turned << 15 | turned >> 17) & 0xFFFFFFFF == crc32c(data)


def records(data: bytes) -> Iterator[bytes]:
    while data:
        (length,) = struct.unpack("<Q", data[:8])
        assert struct.unpack("<I", data[8:12])[0] == masked(data[:8])
        content, check = data[12 : 12 + length], data[12 + length : 16 + length]
        assert struct.unpack("<I", check)[0] == masked(content)
        yield content
        data = data[16 + length :]


def test_a_record_is_read_back() -> None:
    assert list(records(record(b"one") + record(b"") + record(b"three"))) == [b"one", b"", b"three"]


def scalars(path: Path) -> tuple[list[Any], list[tuple[int, str, Any]]]:
    """The first event, and (step, tag, number) of all others."""
    first, *others = (fields(content) for content in records(path.read_bytes()))
    found = []
    for event in others:
        for value in fields(event[5][0]).get(1, []):
            part = fields(value)
            number = struct.unpack("<f", part[2][0])[0] if 2 in part else part[8][0]
            found.append((event[2][0], part[1][0].decode(), number))
    return [struct.unpack("<d", first[1][0])[0], first[3][0]], found


def test_a_training_is_read_back(tmp_path: Path) -> None:
    ticks = iter(range(1_700_000_000, 1_800_000_000))
    board = TensorBoard(tmp_path / "board", clock=lambda: next(ticks))
    history = trainer(2).fit([board])
    assert board.path is not None
    head, found = scalars(board.path)
    assert head[0] >= 1_700_000_000
    assert head[1] == b"brain.Event:2"
    f32 = lambda x: struct.unpack("<f", struct.pack("<f", x))[0]
    for event in history.events:
        match event:
            case Step():
                assert (event.step, "loss", f32(event.loss)) in found
                assert (event.step, "lr", f32(event.lr)) in found
            case Epoch():
                assert all((event.step, name, f32(value)) in found for name, value in event.metrics.items())
            case Done():
                assert all((10, f"final_{name}", f32(value)) in found for name, value in event.metrics.items())
    steps = [e for e in history.events if isinstance(e, Step)]
    metrics = sum(len(e.metrics) for e in history.events if isinstance(e, Epoch | Done))
    assert len(found) == 2 * len(steps) + metrics


def test_a_resumed_session_takes_back_what_comes_after_its_step(tmp_path: Path) -> None:
    board = TensorBoard(tmp_path, clock=lambda: 1.7e9)
    for event in (Start(1, 9), Step(1, 1, 0.5, 0.1), Resumed(4, 1)):
        board(event)
    assert board.path is not None
    began = fields(list(records(board.path.read_bytes()))[-1])
    assert began[2] == [5]
    assert fields(began[7][0]) == {1: [1]}  # SessionLog.status is START


def test_every_training_has_a_file_of_its_own(tmp_path: Path) -> None:
    board = TensorBoard(tmp_path, clock=lambda: 1.7e9)
    for _ in range(3):
        board(Start(1, 1))
        board(Step(1, 1, 0.5, 0.1))
    assert [len(scalars(path)[1]) for path in tmp_path.iterdir()] == [2, 2, 2]


def test_warnings_and_numbers_that_are_none_are_kept(tmp_path: Path) -> None:
    board = TensorBoard(tmp_path)
    board(Step(1, 1, float("inf"), 1e60))
    board(events.Warning("note", "listen", 1))
    assert board.path is not None
    found = scalars(board.path)[1]
    assert found[:2] == [(1, "loss", float("inf")), (1, "lr", float("inf"))]
    tensor = fields(found[2][2])
    assert tensor == {1: [7], 8: [b"listen"]}  # DT_STRING, string_val


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DescendError, match="could not be written"):
        TensorBoard(tmp_path / "file")(Start(1, 1))
