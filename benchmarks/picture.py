"""The picture of the ratios: a group of bars for each workload, a bar for each peer, from 1 up where ours is faster."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.store import Row

FILE = Path(__file__).parents[1] / "docs" / "pictures" / "benchmarks.svg"
COLOURS = {
    "torch": "#4c78a8", "torch-best": "#72b7b2", "torch-compile": "#9d755d", "jax": "#b279a2", "keras": "#bab0ac",
}  # fmt: skip


def draw(raced: Sequence[Row], path: Path = FILE) -> None:
    """Draw how many times faster ours is; the line is where both take the same time."""
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    with mpl.rc_context({"svg.hashsalt": "benchmarks", "svg.fonttype": "none", "font.size": 10}):
        figure, axes = plt.subplots(figsize=(10, 4.2), layout="constrained")
        for i, (peer, colour) in enumerate(COLOURS.items()):
            _bars(axes, raced, peer, colour, (i - (len(COLOURS) - 1) / 2) / (len(COLOURS) + 1))
        axes.axhline(1, color="black", linewidth=1)
        axes.set_yscale("log")
        axes.set_ylim(0.6, 1.3 * axes.get_ylim()[1])
        ticks = [tick for tick in (0.7, 1, 2, 3, 5, 10, 20, 50) if tick < axes.get_ylim()[1]]
        axes.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        axes.set_yticks([], minor=True)
        axes.set_xticks(range(len(raced)), [row["name"].split()[-1] for row in raced])
        axes.set_ylabel("times faster than the peer")
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(ncols=len(COLOURS), frameon=False, loc="upper right")
        figure.savefig(path, metadata={"Date": None})
        plt.close(figure)


def _bars(axes, raced: Sequence[Row], peer: str, colour: str, shift: float) -> None:
    name = f"ratio_{peer.replace('-', '_')}"
    known = [(i, row["metrics"]) for i, row in enumerate(raced) if name in row["metrics"]]
    if not known:
        return
    places = np.array([i for i, _ in known]) + shift
    middle = np.array([m[name] for _, m in known])
    ends = np.array([[m[name] - m[f"{name}_low"], m[f"{name}_high"] - m[name]] for _, m in known]).T
    axes.bar(places, middle - 1, 1 / (len(COLOURS) + 1), 1, color=colour, label=peer)
    axes.errorbar(places, middle, ends.clip(0), fmt="none", ecolor="#444444", elinewidth=0.8)
