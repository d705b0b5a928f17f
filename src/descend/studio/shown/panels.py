"""From a kept frame to what a page shows: the layer and the example that it looks at, in the instruments' arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.studio.shown import picture
from descend.studio.shown.exhibit import Exhibit
from descend.studio.shown.snapshot import STATISTICS, Snapshot

Array = NDArray[Any]
_COLOURS = 3  # inputs whose weights are looked at as red, green and blue


def panels(exhibit: Exhibit, frame: Snapshot, layer: int, example: int) -> dict[str, Any]:
    """Everything that a page shows of a frame: arrays, and values for its tables and titles."""
    statistics = frame.arrays["statistics"]
    shown: dict[str, Any] = {
        "layers": [[_number(v) for v in row] for row in statistics],
        "gradients": frame.values["gradients"],
        "trouble": frame.values["trouble"],
        **{f"name{i}": name for i, name in enumerate(list(exhibit.metrics))},
        **exhibit.wall.shown(frame, example),
        **exhibit.curves(layer, frame.step),
    }
    if exhibit.layers.names:
        shown |= _layer(exhibit, frame, layer, example)
    return shown


def _layer(exhibit: Exhibit, frame: Snapshot, i: int, example: int) -> dict[str, Any]:
    """Pictures of a layer's outputs for the example, of its weights and of their gradient, with their titles."""
    parts = exhibit.layers.rows[i]["parts"]
    weights = max(parts, key=lambda part: int(np.prod(part["shape"])))["name"] if parts else ""
    told = frame.note(f"w{i}_note"), _order(frame.arrays.get(f"w{i}"))
    return {
        "activation": _pictures(frame, f"y{i}", example),
        "weight": _pictures(frame, f"w{i}"),
        "gradient": _pictures(frame, f"g{i}"),
        "activation_title": _title("What it gives out", frame.note(f"y{i}_note")),
        "weight_title": _title(f"Its {weights}", *told),
        "gradient_title": _title(f"The gradient of its {weights}", *told),
        "nonfinite": _number(frame.arrays["statistics"][i][STATISTICS.index("nonfinite")]),
    }


def _pictures(frame: Snapshot, key: str, example: int | None = None) -> Array:
    """Shape (m, h, w); (0, 1, 1) where there is nothing to show."""
    numbers = frame.numbers(key)
    if numbers is None:
        return np.zeros((0, 1, 1), np.float32)
    if example is not None:
        return picture.pictures(numbers[min(example, len(numbers) - 1)])
    if numbers.ndim == 4:
        if numbers.shape[1] == _COLOURS:
            return picture.coloured(numbers)
        return numbers[:, 0] if numbers.shape[1] == 1 else picture.tiled(numbers)[None]
    if _is_tall(numbers):
        return numbers.T[None]
    return picture.pictures(numbers)


def _order(weights: Array | None) -> str:
    """What stands in which direction, where that is not what one expects."""
    tiled = weights is not None and weights.ndim == 4 and weights.shape[1] not in (1, _COLOURS)
    return "a column an output" if tiled or (weights is not None and _is_tall(weights)) else ""


def _is_tall(matrix: Array) -> bool:
    """Whether a matrix is shown lying on its side, as it does not fit a page otherwise."""
    return matrix.ndim == 2 and matrix.shape[0] > 2 * matrix.shape[1]


def _title(text: str, *notes: str) -> str:
    told = "; ".join(note for note in notes if note)
    return f"{text} ({told})" if told else text


def _number(value: Any) -> float | None:
    """Four digits of a number; None where there is none."""
    return float(f"{value:.4g}") if value is not None and np.isfinite(value) else None
