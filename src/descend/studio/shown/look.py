"""What one look into a network finds, whichever library it is written in."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]
Inputs = tuple[Any, ...]
Loss = Callable[[Any, Any], Any]


@dataclass(frozen=True)
class Part:
    """A parameter of a layer.

    Attributes:
        name, shape: which it is.
        value, gradient: a sample of it (see `picture.thinned`), and of its gradient, None where it has none.
        norm, gradient_norm: of the whole; the second is NaN where there is no gradient.
        step_norm: of how far it has moved in one step, NaN where that is not known.
        note: how much of it the samples hold, "" for all of it.
    """

    name: str
    shape: tuple[int, ...]
    value: Array
    gradient: Array | None
    note: str
    norm: float
    gradient_norm: float
    step_norm: float


@dataclass(frozen=True)
class Layer:
    """One call of a layer, or a layer with parameters that was not called.

    Attributes:
        name: its path in the model, with the number of the call where it is called several times.
        kind: its type and settings.
        shape: of what it gave out, batch axis included; () where it was not called.
        y: what it gave out for the first of the examples, None where it was not called.
        parts: its parameters; those that are shared stand where they are used first.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    y: Array | None
    parts: tuple[Part, ...]

    @property
    def norm(self) -> float:
        """|w| of all its parameters; NaN where it has none."""
        return _together(part.norm for part in self.parts)

    @property
    def gradient_norm(self) -> float:
        """|g| of all its parameters; NaN where it has none."""
        return _together(part.gradient_norm for part in self.parts if not math.isnan(part.gradient_norm))

    @property
    def moved(self) -> float:
        """|w' - w| / |w'| of one step; NaN where that is not known."""
        return _together(part.step_norm for part in self.parts) / (self.norm or math.nan)


@dataclass(frozen=True)
class Look:
    """One look into a network: its layers in the order in which they are called, and what it gives out.

    Attributes:
        gradients: what they are gradients of, in words; "" where there are none.
        trouble: why there are none, where something went wrong.
    """

    layers: tuple[Layer, ...]
    output: Array
    gradients: str
    trouble: str = ""


@dataclass(frozen=True)
class Called:
    """A call of a module: its path, the module, its type and settings, the shape of its output, its first examples."""

    name: str
    module: Any
    kind: str
    shape: tuple[int, ...]
    y: Array | None


def layers(calls: Sequence[Called], own: Callable[[Any], Iterable[tuple[str, Any]]], part: Any) -> tuple[Layer, ...]:
    """The layers of the calls, each parameter at the first of them that holds it.

    Args:
        own: the parameters that a module holds itself, by name.
        part: part(name, parameter) describes one.
    """
    told: set[int] = set()
    found = []
    for name, call in zip(_numbered([call.name for call in calls]), calls):
        new = [(key, cell) for key, cell in own(call.module) if id(cell) not in told]
        told.update(id(cell) for _, cell in new)
        if call.y is not None or new:
            found.append(Layer(name, call.kind, call.shape, call.y, tuple(part(*one) for one in new)))
    return tuple(found)


def as_seen(w: Any, sight: tuple[int, ...]) -> Any:
    """A matrix whose columns are the pixels of pictures of shape `sight` as pictures. Shapes: (o, d) to (o, *sight)."""
    return w.reshape(-1, *sight) if sight and w.ndim == 2 and w.shape[1] == math.prod(sight) else w


def _numbered(names: Sequence[str]) -> list[str]:
    """The names of calls, from the second call of the same layer on with the number of the call."""
    count: dict[str, int] = {}
    found = []
    for name in names:
        count[name] = count.get(name, 0) + 1
        found.append(name if count[name] == 1 else f"{name} (call {count[name]})")
    return found


def _together(norms: Iterable[float]) -> float:
    """The norm of arrays together from the norms of each; NaN for none."""
    found = list(norms)
    return math.hypot(*found) if found else math.nan
