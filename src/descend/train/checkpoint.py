"""Arrays and a few facts in one safetensors file, whole or absent, with a checksum."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.disk.durable import storing, write_file
from descend.engine.errors import DescendError

Arrays = dict[str, NDArray[Any]]
KEPT = 2  # checkpoints of a run that stay on the disk


@dataclass(frozen=True)
class Checkpoint:
    """What a file held: the arrays by name, and facts that JSON can carry."""

    path: Path
    arrays: Arrays
    meta: dict[str, Any]

    def part(self, name: str) -> Arrays:
        """The arrays saved under "name/", without that prefix."""
        prefix = name + "/"
        return {key.removeprefix(prefix): a for key, a in self.arrays.items() if key.startswith(prefix)}


def save(path: Path, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> None:
    """Write arrays and facts so that the file is whole or absent, whenever the process dies.

    The file can be read by every safetensors reader; facts and checksum are in its metadata.
    Raises DescendError for a type that safetensors lacks, or where the disk is full or may not be written.
    """
    from safetensors.numpy import save as serialise

    plain = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    facts = json.dumps(dict(meta), sort_keys=True)
    try:
        header = {"descend": facts, "names": json.dumps(list(plain)), "sha256": checksum(plain, facts)}
        data = serialise(plain, header)
    except Exception as error:
        # safetensors raises its own exception type, KeyError and others for a type that it does not know.
        raise DescendError(
            f"these arrays cannot be saved in {path}",
            given=", ".join(sorted({str(a.dtype) for a in plain.values()})),
            needed="floats, integers and booleans",
        ) from error
    write_file(path, data)


def load(path: Path) -> Checkpoint:
    """Read what `save` wrote.

    Raises DescendError naming the file and the reason where it is missing, cut short or changed in any byte.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load as deserialise

    data = _content(path)
    try:
        header = _metadata(data)
        found = deserialise(data)
        # safetensors has an order of its own; the layers of a network come in theirs.
        arrays: Arrays = {name: found[name] for name in json.loads(header["names"])}
        facts, expected = header["descend"], header["sha256"]
    except (SafetensorError, KeyError, TypeError, ValueError) as error:
        raise _damaged(path, f"not a whole safetensors file: {error}") from error
    if checksum(arrays, facts) != expected:
        raise _damaged(path, "its checksum does not match its contents")
    return Checkpoint(path, arrays, json.loads(facts))


def checksum(arrays: Mapping[str, NDArray[Any]], facts: str) -> str:
    """SHA-256 over the facts and over name, type, shape and bytes of every array, by name."""
    total = hashlib.sha256(facts.encode())
    for name, array in sorted(arrays.items()):
        total.update(f"\n{name} {array.dtype.str} {array.shape}\n".encode())
        total.update(np.ascontiguousarray(array).data)
    return total.hexdigest()


class Checkpoints:
    """The checkpoints of one run: the newest two stay, damaged ones are set aside.

    Args:
        folder: made at the first `save`.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def paths(self) -> list[Path]:
        """The files, oldest first."""
        return sorted(self.folder.glob("step-*.safetensors"))

    def save(self, step: int, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> Path:
        """Save under the number of steps done; older files go once this one is safe."""
        path = self.folder / f"step-{step:09d}.safetensors"
        with storing(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        save(path, arrays, meta)
        self._prune()
        return path

    def newest(self) -> tuple[Checkpoint | None, list[str]]:
        """The newest whole checkpoint, and a message for each damaged one that was passed over.

        None where there is none at all. Raises DescendError where there are some and all are damaged.
        """
        messages: list[str] = []
        for path in reversed(self.paths()):
            try:
                return load(path), messages
            except DescendError as error:
                messages.append(str(error))
        if messages:
            raise DescendError(
                f"no checkpoint in {self.folder} can be read",
                given="\n".join(messages),
                fix="start a new run",
            )
        return None, []

    def set_aside(self) -> None:
        """Rename damaged files, so that they neither count among the newest nor are lost."""
        for path in self.paths():
            try:
                load(path)
            except DescendError:
                with storing(path):
                    path.rename(path.with_suffix(".damaged"))

    def _prune(self) -> None:
        # Temporary files here are left over from killed writers: this process holds the lock of the run.
        for path in [*self.paths()[:-KEPT], *self.folder.glob(".*.tmp")]:
            with storing(path):
                path.unlink(missing_ok=True)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise DescendError(f"there is no checkpoint {path}") from error
    except OSError as error:
        raise DescendError(f"the checkpoint {path} cannot be read", given=str(error)) from error


def _metadata(data: bytes) -> dict[str, str]:
    # safetensors: 8 bytes with the length of the header, the header in JSON, then the arrays.
    length = int.from_bytes(data[:8], "little")
    found: dict[str, str] = json.loads(data[8 : 8 + length])["__metadata__"]
    return found


def _damaged(path: Path, reason: str) -> DescendError:
    return DescendError(
        f"the checkpoint {path} is damaged", given=reason, fix="use an older checkpoint of the same run"
    )
