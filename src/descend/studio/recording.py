"""Recorded labs: the frames of a lab in one small file that says what it is, to be looked at without computing.

One after the other stand in it:

    magic     the line "descend recording 1"
    4 bytes   length of the header, little-endian
    header    JSON {lab, title, created, params, first, last, frames, rate, size}
    body      zlib of all frames: each 4 bytes of length and the frame as it goes over the socket
"""

from __future__ import annotations

import json
import math
import struct
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from descend.disk.durable import write_file
from descend.engine.errors import DescendError, UsageError
from descend.studio.protocol import Frame, decode, encode
from descend.train.runs import home_folder

MAGIC = b"descend recording 1\n"
SUFFIX = ".frames"
ROOM = 8 << 20  # bytes of arrays that are kept; of a longer course every second frame goes, and so on
MOST = 50  # recordings; a client that records for ever must not fill the disk
_LARGEST = 4 * ROOM  # bytes that a body may unpack to: names and headers come on top of the arrays
_LONGEST_HEADER = 1 << 16


@dataclass(frozen=True)
class About:
    """What a recording says of itself: the lab, its parameters, the first and the last step, how many frames."""

    lab: str
    title: str
    created: float
    params: Mapping[str, Any]
    first: int
    last: int
    frames: int
    rate: float


def folder() -> Path:
    """Where recordings stand: DESCEND_HOME/recordings."""
    return home_folder() / "recordings"


def names() -> list[str]:
    """Every recording, the newest first."""
    places = sorted(folder().glob(f"*{SUFFIX}"), key=lambda path: path.stat().st_mtime, reverse=True)
    return [path.stem for path in places if not path.name.startswith(".")]


def write(lab: str, title: str, params: Mapping[str, Any], rate: float, frames: Sequence[Frame]) -> str:
    """Keep these frames; the recording's name. The file is there whole, or not at all.

    Raises:
        UsageError: there is nothing to keep, or there are too many recordings already.
        DescendError: the disk is full or may not be written.
    """
    if not frames:
        raise UsageError("there is nothing to record yet", fix="let the lab take a step first")
    if len(names()) >= MOST:
        raise UsageError("there are too many recordings", given=str(MOST), fix="delete some; each lab lists its own")
    kept = _thinned(frames)
    about = About(lab, title, time.time(), params, kept[0].step, kept[-1].step, len(kept), rate)
    body = b"".join(map(_framed, [encode(frame, place, 0.0) for place, frame in enumerate(kept)]))
    header = json.dumps({**asdict(about), "size": len(body)}, ensure_ascii=False, allow_nan=False).encode()
    path = _free(lab, about.created)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, b"".join([MAGIC, struct.pack("<I", len(header)), header, zlib.compress(body, 3)]))
    return path.stem


def about(name: str) -> About:
    """What a recording says of itself. Raises UsageError where there is none, DescendError where it is damaged."""
    path = _path(name)
    with path.open("rb") as file:
        return _head(path, file.read(len(MAGIC) + 4 + _LONGEST_HEADER))[0]


def read(name: str) -> tuple[About, list[Frame]]:
    """A recording with its frames. Raises UsageError where there is none, DescendError where it is damaged."""
    path = _path(name)
    data = path.read_bytes()
    found, size, start = _head(path, data)
    try:
        frames = list(_frames(_unpacked(data[start:], size)))
    except (ValueError, KeyError, TypeError, struct.error, zlib.error) as error:
        raise _damaged(path, f"its frames cannot be read ({error})") from None
    if len(frames) != found.frames or not frames:
        raise _damaged(path, f"it has {len(frames)} frames and should have {found.frames}")
    return found, frames


def delete(name: str) -> None:
    """Remove a recording. Raises UsageError where there is none."""
    _path(name).unlink()


def _path(name: str) -> Path:
    """The file of a recording. A name is one of those that are there, never a path."""
    if name not in names():
        raise UsageError(f"there is no recording {name[:60]!r}", fix="the page of its lab lists what is there")
    return folder() / f"{name}{SUFFIX}"


def _free(lab: str, created: float) -> Path:
    stem = f"{lab}-{time.strftime('%Y%m%d-%H%M%S', time.localtime(created))}"
    taken = set(names())
    number = next(n for n in range(1, 10_000) if _numbered(stem, n) not in taken)
    return folder() / f"{_numbered(stem, number)}{SUFFIX}"


def _numbered(stem: str, number: int) -> str:
    return stem if number == 1 else f"{stem}-{number}"


def _thinned(frames: Sequence[Frame]) -> list[Frame]:
    """As many as there is room for, evenly spread, the first and the last among them."""
    kept = list(frames)
    while sum(frame.nbytes for frame in kept) > ROOM and len(kept) > 2:
        kept = [*kept[:-1:2], kept[-1]]
    return kept


def _framed(data: bytes) -> bytes:
    return struct.pack("<I", len(data)) + data


def _head(path: Path, data: bytes) -> tuple[About, int, int]:
    """What the file says of itself, the size of its body, and where that begins."""
    if not data.startswith(MAGIC):
        raise _damaged(path, "it does not begin as a recording does")
    start = len(MAGIC) + 4
    try:
        start += struct.unpack_from("<I", data, len(MAGIC))[0]
        row = json.loads(data[len(MAGIC) + 4 : start])
        size = int(row.pop("size"))
        found = About(**row)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, struct.error) as error:
        raise _damaged(path, f"its header cannot be read ({error})") from None
    numbers = (found.first, found.last, found.rate, found.created)
    if not isinstance(found.params, dict) or not all(map(_is_finite, numbers)) or not 0 <= size <= _LARGEST:
        raise _damaged(path, "its header makes no sense")
    return found, size, start


def _is_finite(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _unpacked(packed: bytes, size: int) -> bytes:
    """The body, never more of it than its header says: a small file could unpack to any size."""
    reader = zlib.decompressobj()
    body = reader.decompress(packed, size + 1)
    if len(body) != size or not reader.eof:
        raise ValueError(f"{len(body)} bytes where {size} should be")
    return body


def _frames(body: bytes) -> Iterator[Frame]:
    place = 0
    while place < len(body):
        (length,) = struct.unpack_from("<I", body, place)
        header, arrays = decode(body[place + 4 : place + 4 + length])
        yield Frame(int(header["step"]), arrays, header["values"])
        place += 4 + length


def _damaged(path: Path, why: str) -> DescendError:
    return DescendError(
        f"the recording {path.stem} is damaged: {why}", given=str(path), fix="delete it, and record the lab again"
    )
