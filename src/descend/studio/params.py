"""The parameters of a lab: typed, bounded, told to the client, which makes its controls of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeGuard, TypeVar, overload

from descend.engine.errors import UsageError, near_miss

if TYPE_CHECKING:
    from typing import Self


LARGEST = 1e300


def is_number(value: Any) -> TypeGuard[float]:
    """Whether it is a number, finite and no larger than a float can be; JSON's true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool) and -LARGEST <= value <= LARGEST


T = TypeVar("T", bound=bool | int | float | str)


@dataclass(frozen=True, kw_only=True)
class Param(ABC, Generic[T]):
    """A parameter; read on a lab, it is that lab's value.

    Args:
        default: the value that the lab opens with.
        label: what the control says.
        resets: whether a change begins the lab anew.
        more: whether it stands behind "more".
        unit, help: said beside the control.
    """

    kind: ClassVar[str] = ""

    default: T
    label: str = ""
    resets: bool = False
    more: bool = False
    unit: str = ""
    help: str = ""

    def __set_name__(self, owner: type, name: str) -> None:
        object.__setattr__(self, "name", name)

    name: str = ""

    @overload
    def __get__(self, lab: None, owner: type) -> Self: ...
    @overload
    def __get__(self, lab: object, owner: type) -> T: ...
    def __get__(self, lab: object | None, owner: type) -> Self | T:
        return self if lab is None else vars(lab).get(self.name, self.default)

    def __set__(self, lab: object, value: T) -> None:
        vars(lab)[self.name] = self.parse(value)

    @abstractmethod
    def parse(self, value: Any) -> T:
        """The value, brought to the parameter's type. Raises UsageError where it cannot be."""

    def declaration(self) -> dict[str, Any]:
        """What the client is told."""
        row = {key: getattr(self, key) for key in ("name", "default", "resets", "more", "unit", "help")}
        return {"kind": self.kind, "label": self.label or self.name, **row}

    def _refused(self, value: Any, needed: str, fix: str | None = None) -> UsageError:
        given = repr(value)[:80]
        return UsageError(f"{self.label or self.name} cannot be {given}", given=given, needed=needed, fix=fix)


@dataclass(frozen=True, kw_only=True)
class Real(Param[float]):
    """A number from `low` to `high`, on a slider with steps of `step`."""

    kind: ClassVar[str] = "real"

    low: float
    high: float
    step: float | None = None

    def parse(self, value: Any) -> float:
        if not is_number(value) or not self.low <= value <= self.high:
            raise self._refused(value, f"a number from {self.low:g} to {self.high:g}")
        return float(value)

    def declaration(self) -> dict[str, Any]:
        return {**super().declaration(), "low": self.low, "high": self.high, "step": self.step}


@dataclass(frozen=True, kw_only=True)
class Log(Real):
    """A positive number on a logarithmic slider."""

    kind: ClassVar[str] = "log"


@dataclass(frozen=True, kw_only=True)
class Int(Param[int]):
    """A whole number from `low` to `high`."""

    kind: ClassVar[str] = "int"

    low: int
    high: int

    def parse(self, value: Any) -> int:
        if not is_number(value) or value != value // 1 or not self.low <= value <= self.high:
            raise self._refused(value, f"a whole number from {self.low} to {self.high}")
        return int(value)

    def declaration(self) -> dict[str, Any]:
        return {**super().declaration(), "low": self.low, "high": self.high, "step": 1}


@dataclass(frozen=True, kw_only=True)
class Choice(Param[str]):
    """One of a few words."""

    kind: ClassVar[str] = "choice"

    options: Sequence[str]

    def parse(self, value: Any) -> str:
        if value not in self.options:
            raise self._refused(value, " or ".join(self.options), near_miss(str(value), self.options) or None)
        return str(value)

    def declaration(self) -> dict[str, Any]:
        return {**super().declaration(), "options": list(self.options)}


@dataclass(frozen=True, kw_only=True)
class Flag(Param[bool]):
    """On or off."""

    kind: ClassVar[str] = "flag"

    def parse(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise self._refused(value, "true or false")
        return value


@dataclass(frozen=True, kw_only=True)
class Text(Param[str]):
    """A short text."""

    kind: ClassVar[str] = "text"

    longest: int = 60

    def parse(self, value: Any) -> str:
        if not isinstance(value, str) or len(value) > self.longest:
            raise self._refused(value, f"a text of at most {self.longest} characters")
        return value
