"""Lists and dicts of modules and parameters, for models that call their parts themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, KeysView, Mapping
from typing import Any

from descend.engine import UsageError, near_miss
from descend.nn.module import Module, Parameter
from descend.nn.sequential import Numbered


class ModuleList(Numbered):
    """A list of modules that the model finds: names "0", "1", ... It has no forward of its own.

    A plain list in an attribute does the same here, under the same names.
    """

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        super().__init__(*modules)


class ModuleDict(Module):
    """A dict of modules that the model finds, under their keys. It has no forward of its own.

    Raises: UsageError for a part that is no module, a key that is no name, or one that is not there.
    """

    def __init__(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]] = ()) -> None:
        self.update(modules)

    def update(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]]) -> None:
        """Put modules under their keys."""
        for key, module in dict(modules).items():
            self[key] = module

    def __setitem__(self, key: Any, module: Any) -> None:
        taken = isinstance(key, str) and hasattr(type(self), key)
        if not isinstance(key, str) or not key or "." in key or taken or not isinstance(module, Module):
            raise UsageError(
                "a ModuleDict holds modules under names", given=f"{key!r}: {type(module).__name__}",
                needed="a name without dots that is none of the dict's own, and a module",
                fix=f"choose another name, such as {key}_" if taken else None,
            )  # fmt: skip
        setattr(self, key, module)

    def __getitem__(self, key: str) -> Module:
        held = self._held()
        if key in held:
            return held[key]
        raise UsageError(
            f"there is no module {key!r}", given=repr(key), needed=", ".join(held) or "an entry",
            fix=near_miss(str(key), held) or None,
        )  # fmt: skip

    def __delitem__(self, key: str) -> None:
        self[key]
        delattr(self, key)

    def pop(self, key: str) -> Module:
        """Take a module out."""
        module = self[key]
        del self[key]
        return module

    def _held(self) -> dict[str, Module]:
        return {name: part for name, part in vars(self).items() if isinstance(part, Module)}

    def keys(self) -> KeysView[str]:
        """The names, in the order in which they were put in."""
        return self._held().keys()

    def values(self) -> list[Module]:
        """The modules."""
        return list(self._held().values())

    def items(self) -> list[tuple[str, Module]]:
        """Names and modules."""
        return list(self._held().items())

    def __iter__(self) -> Iterator[str]:
        return iter(self._held())

    def __len__(self) -> int:
        return len(self._held())

    def __contains__(self, key: object) -> bool:
        return key in self._held()


class ParameterList(Module):
    """A list of parameters that the model finds: names "0", "1", ... Arrays and tensors become parameters.

    A plain list of parameters in an attribute does the same here, under the same names.
    """

    def __init__(self, parameters: Iterable[Any] = ()) -> None:
        for parameter in parameters:
            self.append(parameter)

    def append(self, parameter: Any) -> None:
        """Put a parameter at the end."""
        setattr(self, str(len(self)), parameter if isinstance(parameter, Parameter) else Parameter(parameter))

    def __iter__(self) -> Iterator[Parameter]:
        return (part for name, part in vars(self).items() if name.isdigit())

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __getitem__(self, number: int) -> Parameter:
        return list(self)[number]
