"""The examples that a network is watched on: a few of the user's own data, as the network gets them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.data import Dataset, Loader, Split
from descend.engine import Tensor
from descend.engine.errors import ShapeError, UsageError
from descend.studio.shown.streams import streams_kept
from descend.studio.shown.torch_module import is_torch_tensor, torch

Array = NDArray[Any]
WATCHED = 32  # examples that statistics are of
NEEDED = "(x, y), or x alone: arrays or tensors with an axis of examples first; or a Split, a Loader, a DataLoader"
_PICTURE = 4  # pixels a side from which an array is looked at as a picture


@dataclass(frozen=True)
class Examples:
    """A few examples.

    Attributes:
        inputs: what the model is called with, one part an argument; torch tensors stay what they are.
        x: the first of them, as an array. y: the targets, None where there are none.
        of: how many they were taken from. numbers: which of those they are.
    """

    inputs: tuple[Any, ...]
    x: Array
    y: Array | None
    of: int
    numbers: Array

    def __len__(self) -> int:
        return len(self.x)


def examples(data: Any, most: int = WATCHED) -> Examples:
    """Evenly spaced examples of the data, `most` of them at most; of a loader, those of its first batch.

    Raises:
        UsageError: for what is no data.
        ShapeError: where x and y have different lengths, or there is no example.
    """
    x, y = _pair(data)
    parts = tuple(x) if isinstance(x, list | tuple) and x and all(map(_is_array, x)) else (x,)
    lengths = {len(_checked(part, "x")) for part in parts}
    if y is not None:
        lengths.add(len(_checked(y, "y")))
    if len(lengths) != 1 or 0 in lengths:
        told = ", ".join([*(f"x {tuple(part.shape)}" for part in map(_checked, parts)), *_shape_of_y(y)])
        raise ShapeError("x and y hold one row an example each, of as many examples", given=told, needed=NEEDED)
    n = lengths.pop()
    chosen = np.unique(np.linspace(0, n - 1, min(most, n)).round().astype(int))
    inputs = tuple(_taken(part, chosen) for part in parts)
    return Examples(inputs, array(inputs[0]), None if y is None else array(_taken(y, chosen)), n, chosen)


def array(values: Any) -> Array:
    """The values as an array of NumPy's."""
    if isinstance(values, Tensor):
        return np.asarray(values.numpy())
    if is_torch_tensor(values):
        plain = values.detach().cpu()
        return np.asarray((plain.float() if plain.is_floating_point() else plain).numpy())
    return np.asarray(values)


def as_picture(x: Array) -> Array | None:
    """Examples as pictures, uint8: (n, h, w) in grey or (n, h, w, 3) in colour; None where they are none.

    Shapes: (n, c, h, w), (n, h, w, c) with c = 1 or 3, or (n, h, w). The range of the values is stretched to 0 .. 255,
    as networks get them scaled in many ways.
    """
    if x.ndim == 4 and x.shape[1] in (1, 3):
        x = np.moveaxis(x, 1, -1)
    if x.ndim == 4 and x.shape[-1] == 1:
        x = x[..., 0]
    coloured = x.ndim == 4 and x.shape[-1] == 3
    if not (coloured or x.ndim == 3) or min(x.shape[1:3]) < _PICTURE or x.dtype.kind not in "fui":
        return None
    finite = np.nan_to_num(x.astype(np.float32), posinf=0.0, neginf=0.0)
    low, high = float(finite.min()), float(finite.max())
    return np.round(255 * (finite - low) / ((high - low) or 1.0)).astype(np.uint8)


def _pair(data: Any) -> tuple[Any, Any]:
    if isinstance(data, Dataset):
        return data.train.x, data.train.y
    if isinstance(data, Split):
        return data.x, data.y
    if isinstance(data, Loader):
        return next(data.epoch(0))
    if isinstance(data, tuple) and len(data) == 2:
        return data
    if _is_array(data):
        return data, None
    return _pair_of_torch(data)


def _pair_of_torch(data: Any) -> tuple[Any, Any]:
    """The first batch of a DataLoader, or the examples of a Dataset of PyTorch's."""
    if torch() is None or isinstance(data, Mapping | str):
        raise _refused(data)
    kinds = torch().utils.data
    if isinstance(data, kinds.DataLoader):
        # Its order is drawn from the program's own random stream, and its workers are not wanted here.
        with streams_kept(), torch().random.fork_rng([]):
            alone = kinds.DataLoader(data.dataset, WATCHED, collate_fn=data.collate_fn) if data.num_workers else data
            batch = next(iter(alone), None)
    elif isinstance(data, kinds.Dataset) and hasattr(data, "__len__") and len(data):
        chosen = np.unique(np.linspace(0, len(data) - 1, min(WATCHED, len(data))).round().astype(int))
        with streams_kept(), torch().random.fork_rng([]):
            batch = kinds.default_collate([data[int(i)] for i in chosen])
    else:
        raise _refused(data)
    if isinstance(batch, list | tuple) and len(batch) == 2:
        return batch[0], batch[1]
    if is_torch_tensor(batch):
        return batch, None
    raise _refused(batch)


def _is_array(value: Any) -> bool:
    return isinstance(value, np.ndarray | Tensor) or is_torch_tensor(value)


def _checked(values: Any, name: str = "x") -> Any:
    """The values, if they have an axis of examples."""
    if not _is_array(values):
        try:
            values = np.asarray(values)
        except ValueError as error:
            raise UsageError(f"{name} is no array", given=str(error)[:100], needed=NEEDED) from None
    if not values.shape or (isinstance(values, np.ndarray) and values.dtype.kind not in "biufc"):
        given = f"{type(values).__name__} of shape {tuple(values.shape)} and type {values.dtype}"
        raise UsageError(f"{name} holds no examples", given=given, needed=NEEDED)
    return values


def _taken(values: Any, chosen: Array) -> Any:
    values = _checked(values)
    if is_torch_tensor(values):
        return values[torch().as_tensor(chosen, device=values.device)]
    return np.array(array(values)[chosen])


def _shape_of_y(y: Any) -> list[str]:
    return [] if y is None else [f"y {tuple(_checked(y, 'y').shape)}"]


def _refused(data: Any) -> UsageError:
    return UsageError("this is no data to watch a network on", given=f"a {type(data).__name__}", needed=NEEDED)
