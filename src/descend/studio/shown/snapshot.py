"""A look into a network as a frame that is kept, and the part of it that a page has asked for."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.studio.protocol import Frame
from descend.studio.shown import picture
from descend.studio.shown.answers import Answers
from descend.studio.shown.look import Layer, Look
from descend.train.probe import describe

Array = NDArray[Any]
SEEN = 12  # examples whose activations are kept
MOST_LAYERS = 64
_ROOM = 1 << 20  # numbers of activations in a frame, about
_EACH = 1 << 14  # of one layer and example

STATISTICS = ("mean", "std", "zeros", "dead", "nonfinite", "norm", "gradient", "moved")
"""What is told of a layer: of its outputs for all examples watched the mean, the standard deviation, the share that is
0, the share of units that are 0 for every example, and how many are NaN or infinite; the norm of its parameters and
of their gradient, and how far one step moves them, as a share of their norm."""


@dataclass(frozen=True)
class Named:
    """The layers that are told of, with what does not change."""

    names: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]


def named(look: Look) -> Named:
    """The layers of a first look. `MOST_LAYERS` of them at most, those with parameters before the others."""
    kept = list(look.layers)
    if len(kept) > MOST_LAYERS:
        weighty = sorted(kept, key=lambda layer: not layer.parts)[:MOST_LAYERS]
        kept = [layer for layer in kept if any(layer is one for one in weighty)]
    return Named(tuple(layer.name for layer in kept), tuple(map(_row, kept)))


def _row(layer: Layer) -> dict[str, Any]:
    return {
        "name": layer.name,
        "kind": layer.kind,
        "shape": list(layer.shape[1:]),
        "called": layer.y is not None,
        "parameters": sum(math.prod(part.shape) for part in layer.parts),
        "parts": [{"name": part.name, "shape": list(part.shape)} for part in layer.parts],
    }


@dataclass(frozen=True)
class Snapshot(Frame):
    """A look as it is kept.

    Arrays: statistics (layers, STATISTICS); of layer i codes (see `picture.kept`) of its outputs y_i, a row an
    example, of its weights w_i and of their gradient g_i; the ground, where there is one.
    Values: the size that belongs to each code, notes on what is left out, what gradients are of, or why there are none.
    """

    answers: Answers

    def numbers(self, key: str) -> Array | None:
        """The numbers behind a code; None where there are none."""
        code = self.arrays.get(key)
        return None if code is None else picture.Kept(code, float(self.values[key] or 0.0)).numbers()

    def note(self, key: str) -> str:
        """A value that is words."""
        return str(self.values.get(key) or "")


def snapshot(step: int, look: Look, names: Sequence[str], answers: Answers) -> Snapshot:
    """What is kept of a look; layers that are not named are left out."""
    arrays: dict[str, Array] = {}
    values: dict[str, Any] = {"gradients": look.gradients, "trouble": look.trouble}
    by_name = {layer.name: layer for layer in look.layers}
    each = min(_EACH, max(64, _ROOM // (SEEN * max(1, len(names)))))
    statistics = np.full((len(names), len(STATISTICS)), np.nan, np.float32)
    for i, name in enumerate(names):
        layer = by_name.get(name)
        if layer is not None:
            statistics[i] = _statistics(layer)
            _keep_outputs(i, layer, len(look.output), each, arrays, values)
            _keep_parts(i, layer, arrays, values)
    arrays["statistics"] = statistics
    return Snapshot(step, arrays, values, answers)


def _statistics(layer: Layer) -> list[float]:
    told = [math.nan] * 5
    if layer.y is not None and layer.y.size:
        y = np.asarray(layer.y, np.float32) if layer.y.dtype.kind != "f" else layer.y
        found = describe(layer.name, layer.kind, y)
        told = [found.mean, found.std, found.zeros, _dead(y), float(found.nonfinite)]
    return [*told, layer.norm, layer.gradient_norm, layer.moved]


def _dead(y: Array) -> float:
    """The share of units, or of channels where there are pictures, that are 0 for every example."""
    if y.ndim < 2:
        return math.nan
    axes = (0, *range(2, y.ndim)) if y.ndim >= 4 else (0,)
    return float((y == 0).all(axis=axes).mean())


def _keep_outputs(
    i: int, layer: Layer, watched: int, each: int, arrays: dict[str, Array], values: dict[str, Any]
) -> None:
    if layer.y is None or not layer.y.size:
        return
    y = _examples_first(layer.y, layer.shape, watched)[:SEEN]
    thin_out = picture.thinned_maps if y.ndim == 4 else picture.thinned
    cuts = thin_out(y.shape[1:], each)
    thin = picture.kept(y[(slice(None), *cuts)])
    arrays[f"y{i}"], values[f"y{i}"] = thin.code, thin.size
    values[f"y{i}_note"] = picture.note(y.shape[1:], cuts)


def _keep_parts(i: int, layer: Layer, arrays: dict[str, Array], values: dict[str, Any]) -> None:
    """The largest parameter, which is what one calls the weights, and its gradient."""
    part = max(layer.parts, key=lambda one: math.prod(one.shape), default=None)
    if part is None or not part.value.size:
        return
    values[f"w{i}_note"] = part.note
    for key, sample in (("w", part.value), ("g", part.gradient)):
        if sample is not None:
            thin = picture.kept(sample)
            arrays[f"{key}{i}"], values[f"{key}{i}"] = thin.code, thin.size


def _examples_first(y: Array, shape: tuple[int, ...], watched: int) -> Array:
    """The outputs with the axis of examples in front; where there is none, they stand for all examples."""
    if shape and shape[0] == watched:
        return y
    if watched in shape:
        return np.moveaxis(y, shape.index(watched), 0) if y.shape == shape else y[None]
    return y[None]
