"""`Module`: parameters, buffers and other modules held in ordinary attributes, found by walking them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from reprlib import recursive_repr
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from descend.engine import Cell, DescendError, ShapeError, Tensor, UsageError, near_miss
from descend.engine.errors import unknown_name
from descend.nn.elsewhere import HABITS
from descend.nn.precision import convert, floating

Hook = Callable[["Module", tuple[Any, ...], Any], Any]
COUNTER = "num_batches_tracked"  # PyTorch's BatchNorm counts its batches; nothing is computed from it
_SETTINGS = "build the network with the settings that it was saved with"


class Parameter(Cell):
    """A cell that is learned: it requires gradients."""

    __slots__ = ()

    def __init__(self, data: Any, dtype: Any = None, requires_grad: bool = True) -> None:
        super().__init__(data, dtype, requires_grad)


class Buffer(Cell):
    """A cell that is kept but not learned, such as BatchNorm's running mean."""

    __slots__ = ()


class Module:
    """A part of a network: something with `forward`, made of parameters, buffers and modules.

    A subclass keeps its parts in attributes (lists, tuples and dicts of them too) and defines `forward`. Calling
    the module calls `forward`, then its forward hooks. Names are paths of attributes, "layers.0.weight", as in
    PyTorch.
    """

    training: bool = True
    _forward_hooks: tuple[Hook, ...] = ()

    def forward(self, *inputs: Any, **named: Any) -> Any:  # noqa: ARG002  the names are the subclass's to choose
        """What the module computes."""
        raise UsageError(f"{type(self).__name__} defines no forward()", fix="write def forward(self, x): ...")

    def __call__(self, *inputs: Any, **named: Any) -> Any:
        try:
            y = self.forward(*inputs, **named)
            if y is None:
                raise UsageError(
                    "forward() gave nothing back", given="None", needed="an output", fix="end it with return"
                )
        except DescendError as error:
            _locate(error, self)
            raise
        return self._hooked(inputs, y) if self._forward_hooks else y

    if not TYPE_CHECKING:  # for a type checker, only what is in the class is there

        def __getattr__(self, name: str) -> object:
            if name in HABITS:
                raise unknown_name(type(self).__name__, name, (), HABITS)
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def register_forward_hook(self, hook: Hook) -> Callable[[], None]:
        """Call `hook(module, inputs, output)` after each forward; what it returns, unless None, is the output.

        Hooks run in the order in which they were added, and count as no part of the network: they are not saved.
        `inputs` are those given by position. Returns: a function that removes the hook.
        Differs: from PyTorch, which returns an object with `remove()`.
        """
        entry = partial(hook)  # a new object even for a hook that is there already, and no module even if it is one
        self._forward_hooks = (*self._forward_hooks, entry)

        def remove() -> None:
            self._forward_hooks = tuple(kept for kept in self._forward_hooks if kept is not entry)
            if not self._forward_hooks:
                vars(self).pop("_forward_hooks", None)  # as if there had never been one

        return remove

    def _hooked(self, inputs: tuple[Any, ...], y: Any) -> Any:
        for hook in self._forward_hooks:
            replaced = hook(self, inputs, y)
            y = y if replaced is None else replaced
        return y

    def named_modules(self, prefix: str = "") -> Iterator[tuple[str, Module]]:
        """This module and every module inside it, with its path; one that is shared comes once."""
        seen: set[int] = set()
        yield from _modules(self, prefix, seen)

    def modules(self) -> Iterator[Module]:
        """This module and every module inside it."""
        return (module for _, module in self.named_modules())

    def named_children(self) -> Iterator[tuple[str, Module]]:
        """The modules held by this one itself, with their names; one that is shared comes once."""
        seen: set[int] = set()
        for name, part in _parts(vars(self)):
            if isinstance(part, Module) and id(part) not in seen:
                seen.add(id(part))
                yield name, part

    def children(self) -> Iterator[Module]:
        """The modules held by this one itself."""
        return (module for _, module in self.named_children())

    def apply(self, function: Callable[[Module], Any]) -> Self:
        """Call `function` with every module inside, and then with this one. Returns itself."""
        for module in reversed(list(self.modules())):
            function(module)
        return self

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

    def register_buffer(self, name: str, tensor: Any) -> None:
        """Keep numbers that are not learned, but saved: PyTorch's way of saying `self.name = Buffer(tensor)`."""
        setattr(self, name, Buffer(tensor))

    def requires_grad_(self, on: bool = True) -> Self:
        """Let all parameters be learned, or freeze them. Returns itself."""
        for parameter in self.parameters():
            parameter.requires_grad_(on)
        return self

    def to(self, dtype: Any) -> Self:
        """Compute in another floating-point type: parameters and buffers are converted in place. Returns itself.

        Cells stay the same objects; make optimisers afterwards, for their state has the type of the parameters.
        Raises: DtypeError for a type that is not floating-point.
        """
        kind = floating(dtype)
        for _, cell in self.named_cells():
            convert(cell, kind)
        return self

    def double(self) -> Self:
        """Compute in float64: for checking gradients, and where digits count. Returns itself."""
        return self.to(np.float64)

    def float(self) -> Self:
        """Compute in float32. Returns itself."""
        return self.to(np.float32)

    def zero_grad(self) -> None:
        """Forget the gradients of all parameters."""
        for parameter in self.parameters():
            parameter.grad = None

    def train(self, mode: bool = True) -> Self:
        """Behave as in training (dropout drops, BatchNorm uses the batch). Returns itself."""
        for module in self.modules():
            vars(module).pop("training", None)  # as if it had never been set: a compiled step holds again
            if module.training is not mode:
                module.training = mode
        return self

    def eval(self) -> Self:
        """Behave as in use. Returns itself."""
        return self.train(False)

    def state_dict(self) -> dict[str, NDArray[Any]]:
        """Copies of every parameter and buffer, by path."""
        return {name: cell.numpy() for name, cell in self.named_cells()}

    def load_state_dict(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Put saved values back, converted to each cell's type. All are checked before any is written.

        Raises: UsageError for a missing or unknown name, ShapeError for another shape, DtypeError for no numbers.
        Differs: from PyTorch in leaving `num_batches_tracked` out.
        """
        if not isinstance(arrays, Mapping):
            raise UsageError("a network's state is known by names", given=type(arrays).__name__,
                             needed="a dict of arrays", fix="pass on what state_dict() returned")  # fmt: skip
        cells = dict(self.named_cells())
        _check_names(list(cells), [name for name in arrays if not name.endswith(COUNTER)])
        values = {name: _fitting(name, arrays[name], cell) for name, cell in cells.items()}
        for name, cell in cells.items():
            cell.write(values[name])

    @recursive_repr("...")
    def __repr__(self) -> str:
        settings = self.described()
        inside = [f"({name}): {part!r}" for name, part in _parts(vars(self)) if isinstance(part, Module)]
        if not inside:
            return f"{type(self).__name__}({settings})"
        body = "\n".join([settings, *inside] if settings else inside).replace("\n", "\n  ")
        return f"{type(self).__name__}(\n  {body}\n)"

    def _repr_svg_(self) -> str:
        from descend.nn.diagram import diagram  # the picture is made of modules too

        return diagram(self).svg

    def described(self) -> str:
        """The settings shown by `repr`, on one line."""
        return ""

    def multiply_adds(self, inputs: tuple[Any, ...], y: Any) -> int:  # noqa: ARG002  for subclasses
        """How many products of the module's own, by its weights or among its inputs, are summed up in one call.

        For `summary`: matrix products and convolutions count, what costs as much as reading its input does not.
        """
        return 0


def _locate(error: DescendError, module: Module) -> None:
    """Begin the message with the innermost module that the error came through: networks have many layers."""
    noted = vars(error)
    if "module" not in noted:
        noted["module"] = repr(module) if is_leaf(module) else type(module).__name__
        error.problem = f"{noted['module']}: {error.problem}"


def is_leaf(module: Module) -> bool:
    """Whether there are no modules inside this one."""
    return not any(isinstance(part, Module) for _, part in _parts(vars(module)))


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


def _check_names(needed: list[str], given: list[str]) -> None:
    missing = [name for name in needed if name not in set(given)]
    unknown = [name for name in given if name not in set(needed)]
    if missing or unknown:
        raise UsageError(
            "these weights belong to another network",
            given=f"unknown: {_some(unknown)}" if unknown else f"{len(given)} arrays",
            needed=f"missing: {_some(missing)}" if missing else f"{len(needed)} arrays",
            fix=_other_prefix(missing, unknown) or (near_miss(unknown[0], missing) if unknown else "") or _SETTINGS,
        )


def _other_prefix(missing: list[str], unknown: list[str]) -> str:
    """How to mend names that are all right but for what they begin with, as those of a wrapped model are."""
    prefix = next((name.removesuffix(missing[0]) for name in unknown if missing and name.endswith(missing[0])), "")
    if prefix and {prefix + name for name in missing} == set(unknown):
        return f"load them without {prefix!r}: {{name.removeprefix({prefix!r}): w for name, w in weights.items()}}"
    return ""


def _fitting(name: str, array: Any, cell: Cell) -> Tensor:
    """The array as a value for the cell."""
    try:
        value = Tensor(array).to(cell.dtype)
    except DescendError as error:
        error.problem = f"{name}: {error.problem}"
        raise
    if value.shape != cell.shape:
        raise ShapeError(f"{name} has another shape", given=str(value.shape), needed=str(cell.shape), fix=_SETTINGS)
    return value


def _some(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
