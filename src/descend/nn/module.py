"""`Module`: parameters, buffers and other modules held in ordinary attributes, found by walking them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.engine import Cell, ShapeError, Tensor, UsageError, near_miss


class Parameter(Cell):
    """A cell that is learned: it requires gradients."""

    __slots__ = ()

    def __init__(self, data: Any, dtype: Any = None) -> None:
        super().__init__(data, dtype, requires_grad=True)


class Buffer(Cell):
    """A cell that is kept but not learned, such as BatchNorm's running mean."""

    __slots__ = ()


class Module:
    """A part of a network: something with `forward`, made of parameters, buffers and modules.

    A subclass keeps its parts in attributes (lists, tuples and dicts of them too) and defines `forward`. Calling the
    module calls `forward`. Names are paths of attributes, "layers.0.weight", as in PyTorch.
    """

    training: bool = True

    def forward(self, *inputs: Any) -> Any:
        """What the module computes."""
        raise UsageError(f"{type(self).__name__} defines no forward()", fix="write def forward(self, x): ...")

    def __call__(self, *inputs: Any) -> Any:
        return self.forward(*inputs)

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """This module and every module inside it, with its path; one that is shared comes once."""
        seen: set[int] = set()
        yield from _modules(self, prefix, seen)

    def modules(self) -> Iterator[Module]:
        """This module and every module inside it."""
        return (module for _, module in self.named_modules())

    def named_cells(self) -> Iterator[tuple[str, Cell]]:
        """Every parameter and buffer with its path; one that is shared comes once."""
        seen: set[int] = set()
        for path, module in self.named_modules():
            for name, part in _parts(vars(module)):
                if isinstance(part, Cell) and id(part) not in seen:
                    seen.add(id(part))
                    yield f"{path}.{name}" if path else name, part

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        """Every parameter with its path."""
        return ((name, cell) for name, cell in self.named_cells() if isinstance(cell, Parameter))

    def parameters(self) -> Iterator[Parameter]:
        """Every parameter."""
        return (cell for _, cell in self.named_parameters())

    def named_buffers(self) -> Iterator[tuple[str, Buffer]]:
        """Every buffer with its path."""
        return ((name, cell) for name, cell in self.named_cells() if isinstance(cell, Buffer))

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for parameter in self.parameters():
            parameter.grad = None

    def train(self, mode: bool = True) -> Module:
        """Behave as in training (dropout drops, BatchNorm uses the batch). Returns itself."""
        for module in self.modules():
            module.training = mode
        return self

    def eval(self) -> Module:
        """Behave as in use. Returns itself."""
        return self.train(False)

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Copies of every parameter and buffer, by path."""
        return {name: cell.numpy() for name, cell in self.named_cells()}

    def load_state_dict(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Put saved values back. All names and shapes are checked before anything is written.

        Raises: UsageError for a missing or unknown name, ShapeError for another shape.
        """
        cells = dict(self.named_cells())
        _check_names(set(cells), set(arrays))
        for name, cell in cells.items():
            if np.shape(arrays[name]) != cell.shape:
                raise ShapeError(f"{name} has another shape", given=str(np.shape(arrays[name])), needed=str(cell.shape))
        for name, cell in cells.items():
            cell.write(Tensor(arrays[name]).to(cell.dtype))

    def __repr__(self) -> str:
        inside = [f"({name}): {part!r}" for name, part in _parts(vars(self)) if isinstance(part, Module)]
        if not inside:
            return f"{type(self).__name__}({self.described()})"
        body = "\n".join(inside).replace("\n", "\n  ")
        return f"{type(self).__name__}(\n  {body}\n)"

    def described(self) -> str:
        """The settings shown by `repr`."""
        return ""


def _parts(held: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The entries of a dict of attributes, those of lists, tuples and dicts under dotted names."""
    for name, part in held.items():
        if isinstance(part, (list, tuple)):
            yield from _parts({f"{name}.{i}": inner for i, inner in enumerate(part)})
        elif isinstance(part, dict):
            yield from _parts({f"{name}.{key}": inner for key, inner in part.items()})
        else:
            yield name, part


def _modules(module: Module, path: str, seen: set[int]) -> Iterator[tuple[str, Module]]:
    if id(module) in seen:
        return
    seen.add(id(module))
    yield path, module
    for name, part in _parts(vars(module)):
        if isinstance(part, Module):
            yield from _modules(part, f"{path}.{name}" if path else name, seen)


def _check_names(needed: set[str], given: set[str]) -> None:
    missing, unknown = sorted(needed - given), sorted(given - needed)
    if missing or unknown:
        raise UsageError(
            "these weights belong to another network",
            given=f"unknown: {', '.join(unknown)}" if unknown else f"{len(given)} arrays",
            needed=f"missing: {', '.join(missing)}" if missing else f"{len(needed)} arrays",
            fix=near_miss(missing[0], unknown) if missing and unknown else "build the network with the settings it was saved with",
        )
