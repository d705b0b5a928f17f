"""Pictures of a run: learning curve, worst mistakes, confusion matrix. Matplotlib without a window."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from descend.disk.durable import write_file
from descend.engine.errors import ShapeError
from descend.train.events import Epoch, Event, Resumed, Step
from descend.train.metrics import Mistakes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_TRAIN, _VALIDATION, _TEST = "#3a6ea5", "#c8553d", "#5b8c5a"
_INK, _FAINT = "#222222", "#b8b8b8"
_DPI = 130


def save(figure: Figure, path: Path) -> Path:
    """Write the picture in the format that the name's ending says, whole or not at all.

    Raises DescendError where the disk is full or may not be written.
    """
    drawing = io.BytesIO()
    figure.savefig(drawing, format=path.suffix.lstrip(".") or "png", dpi=_DPI)
    write_file(path, drawing.getvalue())
    return path


# ---------------------------------------------------------------------------------- learning curve


def learning_curve(happened: Sequence[Event], title: str = "") -> Figure:
    """Loss of each recorded batch and after each epoch, and below it every other metric, over steps.

    Args:
        happened: the events of a run, from `Run.events`.
    """
    steps = [e for e in happened if isinstance(e, Step)]
    epochs = [e for e in happened if isinstance(e, Epoch)]
    names = list(dict.fromkeys(name for e in epochs for name in e.metrics))
    losses = [name for name in names if name.endswith("loss")]
    others = [name for name in names if not name.endswith("loss")]
    figure, axes = _stack(2 if others else 1)
    _draw_losses(axes[0], steps, epochs, losses)
    if others:
        _draw_metrics(axes[1], epochs, others)
    for resumed in (e for e in happened if isinstance(e, Resumed) and e.step):
        _mark_resumed(axes, resumed.step)
    axes[0].set_title(title, loc="left", color=_INK)
    axes[-1].set_xlabel("step")
    return figure


def _draw_losses(axes: Axes, steps: list[Step], epochs: list[Epoch], names: list[str]) -> None:
    batch = np.array([(e.step, e.loss) for e in steps]).reshape(-1, 2)
    axes.plot(batch[:, 0], batch[:, 1], color=_TRAIN, alpha=0.25, linewidth=0.8, label="each batch")
    for name in names:
        _draw_curve(axes, epochs, name)
    shown = [*batch[:, 1], *(value for name in names for _, value in _points(epochs, name))]
    if shown and min(shown) > 0:
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter(lambda value, _: _between_decades(value, *axes.get_ylim()))
    axes.set_ylabel("loss")
    _legend(axes)


def _between_decades(value: float, low: float, high: float) -> str:
    """A number beside the axis where it has no power of ten, or one alone, to be read by."""
    return f"{value:.1g}" if high < 10 * low else ""


def _draw_metrics(axes: Axes, epochs: list[Epoch], names: list[str]) -> None:
    for name in names:
        _draw_curve(axes, epochs, name)
    if all(name.endswith("accuracy") for name in names):
        axes.yaxis.set_major_formatter(lambda value, _: f"{100 * value:.4g} %")
        axes.set_ylabel("accuracy")
    _legend(axes)


def _draw_curve(axes: Axes, epochs: list[Epoch], name: str) -> None:
    points = _points(epochs, name)
    label, colour = name.replace("_", " "), _colour(name)
    axes.plot(*zip(*points), color=colour, linewidth=1.8, marker="o", markersize=3.5, label=label)


def _points(epochs: list[Epoch], name: str) -> list[tuple[int, float]]:
    return [(e.step, e.metrics[name]) for e in epochs if name in e.metrics]


def _colour(name: str) -> str:
    known = {"train": _TRAIN, "validation": _VALIDATION, "test": _TEST}
    return known.get(name.partition("_")[0], _INK)


def _mark_resumed(axes: Sequence[Axes], step: int) -> None:
    for axis in axes:
        axis.axvline(step, color=_FAINT, linewidth=1, linestyle=":")
    axes[0].annotate(" resumed", (step, 1), xycoords=("data", "axes fraction"), va="top", size=8, color=_FAINT)


# ---------------------------------------------------------------------------------------- mistakes


def mistakes_grid(images: NDArray[Any], worst: Mistakes, classes: Sequence[str] = ()) -> Figure:
    """The examples that were read wrongly, each with what was read, how surely, and what is true.

    Args:
        images: those of the whole split. Shape (n, h, w), (n, 1, h, w) or (n, 3, h, w).
        classes: the names of the labels; by default their numbers.

    Raises ShapeError for arrays that are no images.
    """
    shown = len(worst.index)
    columns = min(max(math.ceil(math.sqrt(shown)), 4), 8)
    figure = _figure(1.45 * columns, 0.75 + 1.75 * max(math.ceil(shown / columns), 1))
    figure.suptitle(_counted(worst), x=0.02, ha="left", size=11, color=_INK)
    for place, i in enumerate(range(shown), start=1):
        axes = figure.add_subplot(math.ceil(shown / columns), columns, place)
        axes.imshow(_drawable(images[worst.index[i]]), cmap="gray_r")
        axes.set_axis_off()
        read, true = _name(classes, worst.predicted[i]), _name(classes, worst.labels[i])
        axes.set_title(f"{read} ({_percent(worst.confidence[i])})", size=9, pad=14, color=_VALIDATION)
        axes.annotate(f"is {true}", (0.5, 1.03), xycoords="axes fraction", ha="center", size=9, color=_INK)
    return figure


def _counted(worst: Mistakes) -> str:
    if worst.total == 0:
        return "No mistakes"
    shown = len(worst.index)
    which = "all" if shown == worst.total else f"the {shown} surest"
    return f"{worst.total:,} mistake{'s' * (worst.total > 1)}, {which} shown: what was read, and what it is"


def _percent(confidence: float) -> str:
    # Rounding up to 100 would claim a certainty that softmax cannot give.
    return f"{min(math.floor(100 * confidence), 99)} %"


def _drawable(image: NDArray[Any]) -> NDArray[Any]:
    if image.ndim == 3 and image.shape[0] in (1, 3):
        return image[0] if image.shape[0] == 1 else np.moveaxis(image, 0, -1)
    if image.ndim == 2:
        return image
    raise ShapeError("this is not an image", given=f"shape {image.shape}", needed="(h, w), (1, h, w) or (3, h, w)")


# --------------------------------------------------------------------------------------- confusion


def confusion_matrix(counts: NDArray[np.int64], classes: Sequence[str] = ()) -> Figure:
    """How often each class (rows) was read as each (columns); mistakes in colour, right answers in grey.

    Args:
        counts: see `metrics.confusion`. Shape (k, k).
    """
    k = len(counts)
    names = [_name(classes, i) for i in range(k)]
    figure = _figure(1.6 + 0.52 * k, 1.6 + 0.5 * k)
    axes = figure.add_subplot()
    wrong = np.where(np.eye(k, dtype=bool), 0, counts)
    # At least 8 for full colour: a single mistake is no pattern.
    strength = np.ma.masked_equal(wrong, 0)
    axes.imshow(strength, cmap="OrRd", vmin=-1, vmax=1.5 * max(int(wrong.max()), 8))
    axes.set_xticks(np.arange(k + 1) - 0.5, minor=True)
    axes.set_yticks(np.arange(k + 1) - 0.5, minor=True)
    axes.grid(which="minor", color="#eeeeee")
    for (row, column), count in np.ndenumerate(counts):
        if count:
            colour = "#8a8a8a" if row == column else _INK
            axes.text(column, row, f"{count:,}", ha="center", va="center", size=8, color=colour)
    short = max(map(len, names)) < 4
    axes.set_xticks(
        range(k),
        names,
        rotation=0 if short else 45,
        ha="center" if short else "right",
        rotation_mode="anchor",
    )
    axes.set_yticks(range(k), names)
    axes.set(xlabel="read as", ylabel="is")
    right = float(np.trace(counts)) / max(int(counts.sum()), 1)
    axes.set_title(f"{100 * right:.2f} % of {int(counts.sum()):,} read rightly", loc="left", size=11, color=_INK)
    axes.tick_params(which="both", length=0)
    axes.spines[:].set_visible(False)
    return figure


# -------------------------------------------------------------------------------------------- parts


def _figure(width: float, height: float) -> Figure:
    # A Figure of its own, never pyplot: nothing global, no window, safe in threads.
    from matplotlib.figure import Figure

    return Figure(figsize=(width, height), layout="constrained")


def _stack(n: int) -> tuple[Figure, list[Axes]]:
    figure = _figure(7.5, 1.5 + 2.6 * n)
    axes = list(np.atleast_1d(figure.subplots(n, 1, sharex=True)))
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
        axis.grid(axis="y", color="#eeeeee")
    return figure, axes


def _legend(axes: Axes) -> None:
    if axes.get_legend_handles_labels()[0]:
        axes.legend(frameon=False, fontsize=9)


def _name(classes: Sequence[str], label: int) -> str:
    return classes[label] if classes else str(label)
