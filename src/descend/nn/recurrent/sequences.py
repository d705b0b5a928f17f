"""Sequences of several lengths in one batch: padded to one length, and packed with the lengths beside them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from descend.engine import DtypeError, ShapeError, Tensor, UsageError, as_tensor, ops

Lengths = NDArray[np.int64]


class PackedSequence(NamedTuple):
    """Sequences with the lengths that they really have. A recurrent layer takes it and gives one back.

    Attributes:
        data: (t, n, ...), or (n, t, ...) if batch_first: padded to the longest.
        lengths: (n,).

    Differs: from PyTorch in keeping the sequences padded, in the order in which they came.
    """

    data: Tensor
    lengths: Lengths
    batch_first: bool = False


def pack_padded_sequence(
    x: Any, lengths: Any, batch_first: bool = False, enforce_sorted: bool = False
) -> PackedSequence:
    """Padded sequences with their lengths.

    Raises: ShapeError, DtypeError for wrong lengths; with `enforce_sorted`, UsageError unless the longest come first.
    Differs: from PyTorch in that any order will do unless told otherwise.
    """
    x = as_tensor(x)
    if x.ndim < 2:
        raise ShapeError("sequences of a batch have two axes or more", given=str(x.shape), needed="(t, n, ...)",
                         fix="one sequence needs no packing")  # fmt: skip
    t, n = (x.shape[1], x.shape[0]) if batch_first else x.shape[:2]
    found = checked_lengths(lengths, n, t)
    if enforce_sorted and (np.diff(found) > 0).any():
        raise UsageError(
            "the sequences are not in order, the longest first", given=f"lengths {found.tolist()}",
            needed=f"{sorted(found.tolist(), reverse=True)}", fix="leave enforce_sorted out: any order will do",
        )  # fmt: skip
    return PackedSequence(x, found, batch_first)


def pad_packed_sequence(
    packed: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: int | None = None
) -> tuple[Tensor, Lengths]:
    """The sequences with `padding_value` behind their ends, as long as the longest or `total_length`; their lengths.

    Raises: ShapeError where the longest is longer than that.
    """
    longest = int(packed.lengths.max())
    t = longest if total_length is None else total_length
    if t < longest:
        raise ShapeError("the longest sequence does not fit into total_length", given=str(total_length),
                         needed=f"{longest} or more", fix="leave total_length out")  # fmt: skip
    data = packed.data.transpose(0, 1) if packed.batch_first else packed.data
    behind = max(t - data.shape[0], 0)
    data = ops.pad(data, ((0, behind), *((0, 0),) * (data.ndim - 1)))[:t]
    inside = np.arange(t)[:, None] < packed.lengths
    data = ops.where(inside.reshape(*inside.shape, *(1,) * (data.ndim - 2)), data, padding_value)
    return data.transpose(0, 1) if batch_first else data, packed.lengths


def unpad_sequence(x: Any, lengths: Any, batch_first: bool = False) -> list[Tensor]:
    """Each sequence of a padded batch by itself, (t_i, ...): undoes `pad_sequence`. Raises: ShapeError, DtypeError."""
    packed = pack_padded_sequence(x, lengths, batch_first)
    rows = packed.data if batch_first else packed.data.transpose(0, 1)
    return [rows[i, : int(n)] for i, n in enumerate(packed.lengths)]


def unpack_sequence(packed: PackedSequence) -> list[Tensor]:
    """Each sequence by itself, (t_i, ...): undoes `pack_sequence`."""
    return unpad_sequence(packed.data, packed.lengths, packed.batch_first)


def pad_sequence(sequences: Sequence[Any], batch_first: bool = False, padding_value: float = 0.0) -> Tensor:
    """Sequences (t_i, ...) made equally long with `padding_value` behind, in one tensor (t, n, ...)."""
    parts = [as_tensor(x) for x in sequences]
    if not parts or {x.shape[1:] for x in parts} != {parts[0].shape[1:]} or not parts[0].ndim:
        raise ShapeError(
            "sequences that are padded differ in their first axis only",
            given=" and ".join(str(x.shape) for x in parts) or "nothing",
            needed="one or more tensors (t_i, ...)", fix="give a list of tensors, time first",
        )  # fmt: skip
    longest = max(x.shape[0] for x in parts)
    padded = [ops.pad(x, ((0, longest - x.shape[0]), *((0, 0),) * (x.ndim - 1)), padding_value) for x in parts]
    return ops.stack(padded, 0 if batch_first else 1)


def pack_sequence(sequences: Sequence[Any], enforce_sorted: bool = False) -> PackedSequence:
    """Sequences (t_i, ...) of any lengths, padded and packed. Raises: as `pad_sequence`, `pack_padded_sequence`."""
    lengths = [as_tensor(x).shape[0] for x in sequences]
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def checked_lengths(lengths: Any, n: int, t: int) -> Lengths:
    """One length from 1 to t for each of n sequences. Raises: ShapeError, DtypeError."""
    found = np.asarray(lengths.numpy() if isinstance(lengths, Tensor) else lengths)
    if found.dtype.kind not in "iu":
        raise DtypeError(
            "lengths are whole numbers", given=str(found.dtype), needed="integers", fix=".astype(np.int64)"
        )
    if found.shape != (n,) or (n and not 1 <= found.min() <= found.max() <= t):
        raise ShapeError(
            "there is one length for each sequence of the batch", given=f"lengths {found.tolist()}",
            needed=f"{n} numbers from 1 to {t}", fix="leave empty sequences out, and count before padding",
        )  # fmt: skip
    return found.astype(np.int64)
