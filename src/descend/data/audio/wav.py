"""Sound in RIFF WAVE files: PCM of 8, 16, 24 and 32 bits and floating point of 32 and 64, any number of channels.

A file is a row of chunks: four letters, a length, the bytes, padded to two. "fmt " says how the samples of "data" are
stored: 8 bits without a sign, more bits with one, least byte first.
Source: IBM and Microsoft 1991, "Multimedia programming interface and data specifications 1.0".
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from descend.data.checks import Array, whole
from descend.data.errors import DataError
from descend.engine.errors import UsageError

Samples = NDArray[np.float32]

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_HEAD = struct.Struct("<HHIIHH")  # sort, channels, rate, bytes a second, bytes a frame, bits


def read(path: str | Path) -> tuple[Samples, int]:
    """The samples of a file and how many there are a second.

    samples: float32 in [-1, 1), shape (t,) for one channel, (t, channels) for more: value / 2^(bits - 1), 8 bits less
    their middle 128. Floating point comes as it is.
    Raises DataError, naming the file, where it is damaged, cut short or coded otherwise.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read", given=error.strerror or str(error)) from error
    return decode(data, str(path))


def decode(data: bytes, name: str) -> tuple[Samples, int]:
    """The same from the bytes of a file; `name` is for the errors."""
    chunks = _chunks(data, name)
    if len(chunks.get(b"fmt ", b"")) < _HEAD.size or b"data" not in chunks:
        raise _wrong(name, f"it lacks its {'samples' if b'fmt ' in chunks else 'format'}")
    sort, channels, rate, _, frame, bits = _HEAD.unpack_from(chunks[b"fmt "])
    if sort == _EXTENSIBLE and len(chunks[b"fmt "]) >= 26:
        sort = struct.unpack_from("<H", chunks[b"fmt "], 24)[0]
    if channels == 0 or rate == 0 or frame != channels * bits // 8:
        raise _wrong(name, f"its header says {channels} channels, {rate} samples a second, {bits} bits")
    held = chunks[b"data"]
    if not held or len(held) % frame:
        raise _wrong(name, f"it holds {len(held)} bytes of samples, in frames of {frame}")
    samples = _numbers(held, sort, bits, name)
    return (samples if channels == 1 else samples.reshape(-1, channels)), rate


def write(path: str | Path, samples: ArrayLike, rate: int) -> None:
    """Keep samples in [-1, 1] as 16 bits: round(32768 x), at most 32767. samples: shape (t,) or (t, channels)."""
    x = np.asarray(samples, np.float64)
    if x.ndim not in (1, 2) or x.size == 0 or not np.isfinite(x).all() or np.abs(x).max() > 1:
        raise UsageError(
            "these are not samples of sound", given=f"shape {x.shape}", needed="(t,) or (t, channels), in [-1, 1]"
        )
    values = np.clip(np.rint(x * 32768), -32768, 32767).astype("<i2").tobytes()
    channels, rate = (1 if x.ndim == 1 else x.shape[1]), whole(rate, "rate", 1)
    head = _HEAD.pack(_PCM, channels, rate, rate * channels * 2, channels * 2, 16)
    body = b"WAVE" + _chunk(b"fmt ", head) + _chunk(b"data", values)
    Path(path).write_bytes(_chunk(b"RIFF", body))


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def _chunks(data: bytes, name: str) -> dict[bytes, bytes]:
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise _wrong(name, "it is empty" if not data else f"it is no wav file: it begins with {data[:12].hex(' ')}")
    chunks, at = dict[bytes, bytes](), 12
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        content = data[at + 8 : at + 8 + length]
        if len(content) < length:
            raise _wrong(name, f"it is cut short: {len(content)} of {length} bytes of {_tag(data[at : at + 4])}")
        chunks.setdefault(data[at : at + 4], content)
        at += 8 + length + length % 2
    return chunks


def _tag(name: bytes) -> str:
    return repr(name.decode("latin-1"))


def _numbers(held: bytes, sort: int, bits: int, name: str) -> Samples:
    if sort == _FLOAT and bits in (32, 64):
        return _finite(np.frombuffer(held, f"<f{bits // 8}").astype(np.float32), name)
    if sort == _PCM and bits == 8:
        return (np.frombuffer(held, np.uint8).astype(np.float32) - np.float32(128)) / np.float32(128)
    if sort == _PCM and bits in (16, 32):
        return _scaled(np.frombuffer(held, f"<i{bits // 8}"), bits)
    if sort == _PCM and bits == 24:
        # Three bytes become the upper three of four: the sign comes right, and the values 256 times too large.
        wide = np.zeros((len(held) // 3, 4), np.uint8)
        wide[:, 1:] = np.frombuffer(held, np.uint8).reshape(-1, 3)
        return _scaled(wide.view("<i4")[:, 0], 32)
    raise _wrong(name, f"its samples are coded otherwise (format {sort}, {bits} bits)")


def _scaled(values: Array, bits: int) -> Samples:
    return (values / 2.0 ** (bits - 1)).astype(np.float32)


def _finite(samples: Samples, name: str) -> Samples:
    if not np.isfinite(samples).all():
        raise _wrong(name, "it holds samples that are not numbers")
    return samples


def _wrong(name: str, reason: str) -> DataError:
    return DataError(
        f"{name} cannot be read: {reason}",
        needed="a whole WAVE file: PCM of 8, 16, 24 or 32 bits, or floating point",
        fix="copy it again from where it came, or convert it: ffmpeg -i FILE -c:a pcm_s16le OUT.wav",
    )
