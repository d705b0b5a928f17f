"""Weights in safetensors files, under PyTorch's names and in its layouts: from it, and for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.disk.durable import write_file
from descend.engine.errors import DescendError, near_miss
from descend.nn import Module
from descend.nn.module import COUNTER

Arrays = dict[str, NDArray[Any]]

_TYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1", "U8": "u1",
    "U32": "<u4", "BOOL": "?",
}  # fmt: skip


@dataclass(frozen=True)
class Loaded:
    """What a partial load left out.

    Attributes:
        missing: parameters and buffers of the model that the file does not have; they are as they were.
        unexpected: names in the file that the model does not have.
    """

    missing: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        guesses = [f"{name} ({near_miss(name, self.missing)})" for name in self.unexpected]
        return f"missing: {_listed(self.missing)}; unexpected: {_listed(g.removesuffix(' ()') for g in guesses)}"


def save_weights(model: Module, path: str | Path, facts: Mapping[str, Any] | None = None) -> None:
    """Write every parameter and buffer, with some facts as text. `safetensors.torch.load_file` reads the file.

    The file is whole or absent. Raises DescendError where the disk is full or may not be written.
    """
    from safetensors.numpy import save

    arrays = {name: np.ascontiguousarray(array) for name, array in model.state_dict().items()}
    write_file(Path(path), save(arrays, {"format": "pt"} | {key: str(value) for key, value in (facts or {}).items()}))


def load_weights(model: Module, path: str | Path, strict: bool = True) -> Loaded:
    """Put the weights of a file into the model, converted to the type of each cell. All are checked before any is set.

    Args:
        path: written by `save_weights`, or by `safetensors.torch.save_file(module.state_dict(), path)`.
        strict: refuse a file with other names; else set those that both have, and tell what is left.

    Raises: DescendError for a file that cannot be read, UsageError for other names, ShapeError for another shape.
    """
    arrays = read_weights(path)
    own = model.state_dict()
    left = Loaded([name for name in own if name not in arrays], [name for name in arrays if name not in own])
    known = {name: array for name, array in arrays.items() if name in own}
    try:
        model.load_state_dict(arrays if strict else own | known)
    except DescendError as error:
        error.problem = f"{path}: {error.problem}"
        raise
    return left


def read_weights(path: str | Path) -> Arrays:
    """The arrays of a safetensors file by name; bfloat16 becomes float32.

    Raises DescendError for a file that is missing or no safetensors file, or holds a type that NumPy lacks.
    """
    from safetensors import SafetensorError, deserialize

    try:
        found = deserialize(Path(path).read_bytes())  # type: ignore[no-untyped-call]
    except (OSError, SafetensorError) as error:
        raise DescendError(
            f"the weights in {path} cannot be read", given=str(error), needed="a safetensors file",
            fix="in PyTorch: safetensors.torch.save_file(module.state_dict(), path)",
        ) from error  # fmt: skip
    return {name: _array(name, part) for name, part in found if not name.endswith(COUNTER)}


def _array(name: str, part: Mapping[str, Any]) -> NDArray[Any]:
    kind, shape = part["dtype"], part["shape"]
    if kind == "BF16":  # the upper half of a float32
        return (np.frombuffer(part["data"], "<u2").astype("<u4") << 16).view("<f4").reshape(shape)
    if kind not in _TYPES:
        raise DescendError(f"the weights {name} have a type that NumPy lacks", given=kind, needed=", ".join(_TYPES))
    return np.frombuffer(part["data"], _TYPES[kind]).reshape(shape)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "nothing"
