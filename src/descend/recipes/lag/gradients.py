"""How much of the gradient reaches an input from 50 steps back, before training."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from descend.engine import grad, manual_seed, ops
from descend.recipes.demonstration import Demonstration
from descend.recipes.lag import task
from descend.recipes.recipe import Expect, Recipe, Settings

Lengths = NDArray[np.float32]


def reaching(settings: Settings, cell: str, seed: int) -> Lengths:
    """The length of d(v . last output) / dx at each lag, 0 first, v drawn at random. Shape (lag + 1,)."""
    manual_seed(seed)
    layer = task.recurrent({**settings, "cell": cell})
    rng = np.random.default_rng(seed)
    x = task.NOISE * rng.standard_normal((1, settings["lag"] + 1, task.CLASSES), np.float32)
    v = rng.standard_normal(settings["hidden"], np.float32)
    g = grad(lambda x: ops.sum(layer(x)[0][0, -1] * v))(x)
    lengths: Lengths = np.linalg.norm(g.numpy()[0, ::-1], axis=-1)
    return lengths


def values(settings: Settings) -> dict[str, float]:
    """What is left of the gradient at the whole lag, as a part of that at lag 0; the median over draws."""
    seeds = range(settings["seed"], settings["seed"] + settings["draws"])
    return {f"{cell}_left": _left([reaching(settings, cell, seed) for seed in seeds]) for cell in ("rnn", "lstm")}


def _left(lengths: list[Lengths]) -> float:
    return float(np.median([length[-1] / length[0] for length in lengths]))


RECIPE = Recipe(
    name="lag-gradients",
    about="What is left of a gradient 50 steps back: nothing in a simple recurrence, most of it in an LSTM.",
    source="Hochreiter 1991; Bengio, Simard and Frasconi 1994; Hochreiter and Schmidhuber 1997",
    settings={"lag": 50, "hidden": 32, "draws": 20, "seed": 0},
    expect=(
        Expect(metric="rnn_left", at_most=1e-4, source="Bengio, Simard and Frasconi 1994"),
        Expect(metric="lstm_left", at_least=0.1, source="Hochreiter and Schmidhuber 1997"),
    ),
    build=lambda settings: Demonstration(lambda: values(settings)),
    tiny={"draws": 2, "lag": 10},
    trains=False,
)
