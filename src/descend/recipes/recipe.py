"""What an experiment is: settings, the job they build, and the result it must reach."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeGuard

from descend.engine.errors import UsageError, near_miss
from descend.recipes.bounds import bound

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from descend.nn import Module
    from descend.train.events import Event
    from descend.train.runs import Run

Setting = bool | int | float | str
Settings = Mapping[str, Any]
"""A recipe's settings by name; every value is a `Setting`."""


class Job(Protocol):
    """Something that runs and reports: a `train.Trainer`, or a `Demonstration`."""

    def events(self, run: Run | None = None) -> Iterator[Event]:
        """The events of the run in their order, from the last checkpoint of `run` where it has one."""
        ...


@dataclass(frozen=True, kw_only=True)
class Expect:
    """The value that a metric must have at the end: near `target`, `at_least` or `at_most`.

    Units are those of the metric: an accuracy of 98.04 % is a target of 0.9804. `published`: what the source reports,
    where that is not the target.
    """

    metric: str
    source: str
    target: float | None = None
    tolerance: float = 0.0
    at_least: float | None = None
    at_most: float | None = None
    published: float | None = None

    def __post_init__(self) -> None:
        if self.target is None and self.at_least is None and self.at_most is None:
            raise UsageError(
                f"the expectation of {self.metric!r} expects nothing",
                needed="a target with its tolerance, at_least or at_most",
            )

    def holds(self, metrics: Mapping[str, float]) -> bool:
        """Whether `metrics` has this metric with a value inside the bounds."""
        value = metrics.get(self.metric, math.nan)
        low, high = self.bounds
        return low <= value <= high

    @property
    def bounds(self) -> tuple[float, float]:
        """The lowest and the highest value allowed; infinite where that side is open."""
        low = -math.inf if self.at_least is None else self.at_least
        high = math.inf if self.at_most is None else self.at_most
        if self.target is not None:
            # A target of -5.87 computed in floating point is -5.869999...: rounding is no miss.
            slack = self.tolerance + 1e-9 * abs(self.target)
            low, high = max(low, self.target - slack), min(high, self.target + slack)
        return low, high

    def __str__(self) -> str:
        parts = []
        if self.target is not None:
            parts.append(f"= {self.target:g}" + (f" ± {self.tolerance:g}" if self.tolerance else ""))
        if self.at_least is not None:
            parts.append(f">= {self.at_least:g}")
        if self.at_most is not None:
            parts.append(f"<= {self.at_most:g}")
        return f"{self.metric} {' and '.join(parts)}"


@dataclass(frozen=True, kw_only=True)
class Network:
    """The model of a recipe apart from its training: what `summary` and `predict` need, without the data."""

    build: Callable[[Settings], Module]
    input_shape: tuple[int, ...]
    """Shape of one example, without the batch: (c, h, w) or (d,)."""
    classes: tuple[str, ...]
    prepare: Callable[[NDArray[np.uint8]], NDArray[np.float32]]
    """From stored images (n, c, h, w) to what the model was trained on."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One experiment.

    Args:
        name: as in `descend train NAME`; the file's name with hyphens.
        about: one line, the first of the file's docstring.
        source: where the experiment and its numbers come from.
        settings: what can be changed with `--set`, with the values that the source used. The names `data`,
            `epochs` and `seed` also have options of their own.
        expect: the results that these settings must reach.
        build: the job for given settings.
        tiny: settings that run it in about a second, for tests.
        network: the model, where there is one to summarise or to predict with.
        trains: whether the job is a `train.Trainer`, whose updates can be compiled.
    """

    name: str
    about: str
    source: str
    settings: Mapping[str, Setting]
    expect: tuple[Expect, ...]
    build: Callable[[Settings], Job]
    tiny: Mapping[str, Setting] = field(default_factory=dict)
    network: Network | None = None
    trains: bool = True

    def with_settings(self, changes: Mapping[str, object]) -> dict[str, Setting]:
        """The recipe's settings with `changes`, each brought to the type of the value it replaces.

        Raises:
            UsageError: a setting that the recipe does not have, or a value of another type or out of its bounds.
        """
        for name in changes:
            if name not in self.settings:
                raise UsageError(
                    f"{self.name} has no setting {name!r}",
                    given=name,
                    needed=f"one of {', '.join(self.settings)}",
                    fix=near_miss(name, self.settings) or f"see them with: descend recipes {self.name}",
                )
        return {**self.settings, **{name: self._typed(name, value) for name, value in changes.items()}}

    def changes(self, settings: Mapping[str, object]) -> dict[str, object]:
        """The settings that differ from those that `expect` speaks of. Another seed must do as well."""
        own = {**self.settings, "seed": settings.get("seed")}
        return {name: value for name, value in settings.items() if value != own.get(name)}

    def _typed(self, name: str, value: object) -> Setting:
        default = self.settings[name]
        try:
            typed = _parse(value, default) if isinstance(value, str) else _convert(value, default)
        except ValueError:
            raise self._refused(name, value, "") from None
        broken = bound(name, typed)
        if broken:
            raise self._refused(name, value, f", {broken}")
        return typed

    def _refused(self, name: str, value: object, bounds: str) -> UsageError:
        default = self.settings[name]
        return UsageError(
            f"{self.name}: {name} cannot be {value if isinstance(value, int | float) else repr(value)}",
            given=f"{name}={value}",
            needed=f"{_KINDS[type(default)]}{bounds}",
            fix=f"for example {name}={default}",
        )


_KINDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def _parse(text: str, default: Setting) -> Setting:
    """`text` as a value of the type of `default`."""
    if isinstance(default, bool):
        if text.lower() not in _TRUTH:
            raise ValueError(text)
        return _TRUTH[text.lower()]
    if isinstance(default, int):
        return _whole(float(text))
    if isinstance(default, float):
        return _finite(float(text))
    return text


def _convert(value: object, default: Setting) -> Setting:
    if isinstance(default, bool) and isinstance(value, bool):
        return value
    if _is_number(default) and _is_number(value):
        return _whole(value) if isinstance(default, int) else _finite(float(value))
    raise ValueError(value)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _whole(number: float) -> int:
    if number != int(_finite(number)):
        raise ValueError(number)
    return int(number)


def _finite(number: float) -> float:
    if not math.isfinite(number):
        raise ValueError(number)
    return number
