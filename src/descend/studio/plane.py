"""Points on a plane to be told apart, and what a network makes of every place on it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.engine import Tensor, no_grad
from descend.nn import Linear, Module, Sequential

Array = NDArray[Any]
Rng = np.random.Generator
Points = tuple[Array, Array]

REACH = 6.0  # the plane goes from -6 to 6 in both directions


def circle(n: int, noise: float, rng: Rng) -> Points:
    """A disc of radius 2.5 in a ring from 3.5 to 5. The label is that of the place before the noise."""
    half = n // 2
    radius = np.concatenate([rng.uniform(0, 2.5, half), rng.uniform(3.5, 5, n - half)])
    x = _polar(radius, rng.uniform(0, 2 * np.pi, n))
    return x + noise * rng.uniform(-2.5, 2.5, (n, 2)), np.where(np.arange(n) < half, 1.0, -1.0)


def xor(n: int, noise: float, rng: Rng) -> Points:
    """Four squares, opposite ones of one class, with a gap of 0.6 between them."""
    x = rng.uniform(-5, 5, (n, 2))
    x += 0.3 * np.sign(x)
    return x + noise * rng.uniform(-5, 5, (n, 2)), np.where(x[:, 0] * x[:, 1] >= 0, 1.0, -1.0)


def gauss(n: int, noise: float, rng: Rng) -> Points:
    """Two clouds around (2, 2) and (-2, -2)."""
    y = np.where(np.arange(n) < n // 2, 1.0, -1.0)
    return rng.normal(2 * y[:, None], np.sqrt(0.5 + 3.5 * noise), (n, 2)), y


def spiral(n: int, noise: float, rng: Rng, turns: float = 1.75) -> Points:
    """Two arms around each other, which start on opposite sides."""
    along = np.tile(np.arange(n // 2) / (n // 2), 2)
    y = np.repeat([1.0, -1.0], n // 2)
    x = _polar(5 * along, 2 * np.pi * turns * along + np.where(y > 0, 0, np.pi))
    return x + noise * rng.uniform(-1, 1, x.shape), y


def slope(n: int, noise: float, rng: Rng) -> Points:
    """A plane that rises from -1 to 1: a number to predict, not a class."""
    x = rng.uniform(-REACH, REACH, (n, 2))
    return x, np.clip((x + noise * rng.uniform(-REACH, REACH, x.shape)).sum(axis=1) / 12, -1, 1)


def hills(n: int, noise: float, rng: Rng) -> Points:
    """Three hills and three hollows of radius 2 on flat ground: a number to predict."""
    x = rng.uniform(-REACH, REACH, (n, 2))
    seen = x + noise * rng.uniform(-REACH, REACH, x.shape)
    tops = np.array([[-4, 2.5, 1], [0, 2.5, -1], [4, 2.5, 1], [-4, -2.5, -1], [0, -2.5, 1], [4, -2.5, -1]])
    height = np.clip(1 - np.hypot(*(seen[:, None] - tops[:, :2]).transpose(2, 0, 1)) / 2, 0, 1)
    strongest = height.argmax(axis=1)
    return x, tops[strongest, 2] * height[np.arange(n), strongest]


CLASSES: dict[str, Callable[[int, float, Rng], Points]] = {
    "circle": circle,
    "xor": xor,
    "gauss": gauss,
    "spiral": spiral,
}
SURFACES: dict[str, Callable[[int, float, Rng], Points]] = {"plane": slope, "hills": hills}
DATA = CLASSES | SURFACES

# What the first layer can be given of a place.
FEATURES: dict[str, Callable[[Array], Array]] = {
    "x1": lambda x: x[:, 0],
    "x2": lambda x: x[:, 1],
    "x1²": lambda x: x[:, 0] ** 2,
    "x2²": lambda x: x[:, 1] ** 2,
    "x1x2": lambda x: x[:, 0] * x[:, 1],
    "sin x1": lambda x: np.sin(x[:, 0]),
    "sin x2": lambda x: np.sin(x[:, 1]),
}


def features(x: Array, names: Sequence[str]) -> Array:
    """What a network is given of each place. Shapes: x (n, 2); result (n, len(names)), float32."""
    return np.stack([FEATURES[name](x) for name in names], axis=1).astype(np.float32)


@cache
def grid(side: int, reach: float = REACH) -> Array:
    """The places of a square grid over the plane, row by row from the bottom. Shape (side², 2)."""
    axis = np.linspace(-reach, reach, side)
    return np.stack([part.ravel() for part in np.meshgrid(axis, axis)], axis=1)


def outputs(model: Sequential, x: Array) -> list[Array]:
    """What each layer gives out: of linear layers, those after their activation. Shapes: (n, units) each."""
    found: list[Array] = []
    layers = list(model)
    with no_grad():
        y = Tensor(x)
        for layer, following in zip(layers, [*layers[1:], None]):
            y = layer(y)
            if _ends(layer, following):
                found.append(y.numpy())
    return found


def weights(model: Module) -> list[Array]:
    """The weight of each linear layer. Shapes: (out, in) each."""
    return [part.weight.numpy() for part in model.modules() if isinstance(part, Linear)]


def graph(model: Module, inputs: Array, seen: Sequence[Array], side: int) -> dict[str, Array]:
    """The arrays of a net graph: weights w0, w1, ..., and `maps`, a picture of every input and hidden unit in order.

    Args:
        inputs: over the grid, scaled to -1 .. 1. Shape (side², d).
        seen: the `outputs` over the grid.
    """
    links = {f"w{i}": weight for i, weight in enumerate(weights(model))}
    # Half the places in each direction: a unit's picture is small on the page.
    return {**links, "maps": np.concatenate([maps(layer, side)[:, ::2, ::2] for layer in (inputs, *seen[:-1])])}


def maps(activations: Array, side: int) -> Array:
    """Each unit's activation over the grid as a picture: -1 is 0, 1 is 255. Shapes: (side², units), (units, s, s)."""
    # Weights that have grown without end give no numbers.
    picture = np.nan_to_num(np.clip(activations.T * 127.5 + 127.5, 0, 255), nan=127.5)
    return picture.astype(np.uint8).reshape(-1, side, side)


def _ends(layer: Module, following: Module | None) -> bool:
    """Whether a layer ends one stage of the network: an activation, or a linear layer without one."""
    linear, alone = isinstance(layer, Linear), following is None or isinstance(following, Linear)
    return alone if linear else hasattr(layer, "function")


def _polar(radius: Array, angle: Array) -> Array:
    return np.stack([radius * np.sin(angle), radius * np.cos(angle)], axis=1)
