"""Pictures before and after what is done to them, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from descend.data.checks import Array, whole
from descend.data.dataset import Split
from descend.data.draws import Draws
from descend.data.transforms.compose import DrawingTransform, Transform, drawing
from descend.engine.errors import ShapeError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_INCH = 0.8  # of a picture's side


def contact_sheet(
    split: Split,
    transform: Transform | DrawingTransform,
    *,
    examples: int = 6,
    variants: int = 8,
    seed: int = 0,
    classes: Sequence[str] = (),
) -> Figure:
    """A row for each of the first examples: the original, then what the transform makes of it in epochs 0, 1, ...

    These are the pictures that `Loader(split, ..., seed=seed, transform=transform)` gives. Values are shown from the
    smallest to the largest of the row's variants where they leave what they were scaled to.
    split: pictures, x of shape (n, c, h, w), c = 1 or 3. Raises ShapeError for other examples.
    """
    # Imported here: nothing else about data draws.
    from matplotlib.figure import Figure

    if split.x.ndim != 4 or split.x.shape[1] not in (1, 3):
        raise ShapeError(
            "these are no pictures", given=f"x of shape {split.x.shape}", needed="(n, c, h, w), c = 1 or 3"
        )
    n = min(whole(examples, "examples", 1), len(split))
    made = _variants(split.take(n), drawing(transform), whole(variants, "variants", 1), seed)
    figure = Figure(figsize=(_INCH * (variants + 1.6), _INCH * (n + 0.5)), layout="constrained")
    grid = figure.subplots(n, variants + 1, squeeze=False)
    for i, row in enumerate(grid):
        _show(row[0], split.x[i], _reach(split.x))
        for axes, pictures in zip(row[1:], made):
            _show(axes, pictures[i], _reach(np.stack(made)))
        if classes and split.y.ndim == 1:
            row[0].set_ylabel(classes[split.y[i]], fontsize=7, rotation=0, ha="right", va="center")
    grid[0][0].set_title("original", fontsize=7)
    for epoch, axes in enumerate(grid[0][1:]):
        axes.set_title(f"epoch {epoch}", fontsize=7)
    return figure


def _variants(split: Split, transform: DrawingTransform, variants: int, seed: int) -> list[Array]:
    """What becomes of all examples, one array for each epoch."""
    indices = np.arange(len(split))
    made = [transform(split.x.copy(), split.y.copy(), Draws(seed, epoch, indices))[0] for epoch in range(variants)]
    wrong = next((x.shape for x in made if x.ndim != 4 or x.shape[1] not in (1, 3)), None)
    if wrong is not None:
        raise ShapeError("the transform makes no pictures", given=f"shape {wrong}", needed="(b, c, h, w), c = 1 or 3")
    return made


def _reach(x: Array) -> tuple[float, float]:
    """The values that are shown black and white."""
    if x.dtype == np.uint8:
        return 0, 255
    low, high = float(x.min()), float(x.max())
    return (0, 1) if low >= 0 and high <= 1 else (low, high)


def _show(axes: Axes, picture: Array, reach: tuple[float, float]) -> None:
    low, high = reach
    shown = np.clip((picture.astype(np.float32) - low) / max(high - low, 1e-9), 0, 1)
    axes.imshow(shown[0] if len(shown) == 1 else shown.transpose(1, 2, 0), cmap="gray", vmin=0, vmax=1)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(False)
