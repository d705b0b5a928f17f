"""The kernels of a step below the roofline of the machine, as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from descend.compiler.profile import Row
from descend.compiler.roofline import Roofline
from descend.compiler.text import label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

INK, FAINT = "#222222", "#b8b8b8"
COLORS = {"kernel": "#3a6ea5", "NumPy": "#c8553d"}
NAMED = 9  # of the costliest
LARGEST = 900.0  # area of the dot that would take the whole time, in points


def drawn(rows: Sequence[Row], machine: Roofline) -> Figure:
    """Operations a second over operations a byte, both on logarithmic scales: a dot for each equation that calculates,
    its area the share of the time. What lies above the roof finds its numbers in a cache, or calculates less than is
    counted, as Winograd's convolution does.
    """
    # A Figure of its own, never pyplot: nothing global, no window. Imported here: nothing else of the compiler draws.
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 5), layout="constrained")
    axes = figure.subplots()
    shown = sorted((row for row in rows if row.cost.flops and row.cost.bytes), key=lambda row: -row.seconds)
    total = sum(row.seconds for row in rows)
    _roof(axes, machine, [row.cost.intensity for row in shown])
    for row in shown:
        axes.scatter(*_place(row), LARGEST * row.seconds / total + 4, color=COLORS[row.by], alpha=0.6, linewidths=0)
    for number, row in enumerate(shown[:NAMED], 1):
        axes.annotate(str(number), _place(row), fontsize=8, color=INK, ha="center", va="center")
    named = [f"{number}  {label(row.equation)}, {row.seconds / total:.0%}" for number, row in enumerate(shown, 1)]
    axes.text(1.02, 1, "\n".join(named[:NAMED]), transform=axes.transAxes, va="top", fontsize=8, color=INK)
    axes.set(xscale="log", yscale="log", xlabel="operations a byte", ylabel="GFLOP/s")
    axes.set_title("Kernels (blue), NumPy (red); the area is the share of the time", loc="left", fontsize=9, color=INK)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def _roof(axes: Axes, machine: Roofline, intensities: Sequence[float]) -> None:
    """What memory allows on the left, and the peak on the right of the ridge."""
    ridge = machine.flops / machine.bytes
    x = np.geomspace(min([ridge / 10, *intensities]), max([ridge * 10, *intensities]), 200)
    axes.plot(x, np.minimum(machine.flops, machine.bytes * x) / 1e9, color=INK, linewidth=1)
    axes.axvline(ridge, color=FAINT, linewidth=0.7, linestyle=":")


def _place(row: Row) -> tuple[float, float]:
    return row.cost.intensity, row.cost.flops / row.seconds / 1e9
