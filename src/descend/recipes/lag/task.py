"""The lag task: the first input names a class, noise follows, and at the end the class is asked for.

What counts is the gradient that reaches the first step. In a simple recurrence it shrinks by a factor at every step; in
a long short-term memory whose forget gates begin open it hardly does.
Source: Hochreiter and Schmidhuber 1997, "Long short-term memory", section 5.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from descend.data import Dataset, from_arrays
from descend.nn import LSTM, RNN
from descend.recipes.recipe import Settings

CLASSES = 4
NOISE = 1.0  # standard deviation: weak noise lets a simple recurrence hold the class in a fixed point


def sequences(settings: Settings) -> Dataset:
    """Drawn afresh from the seed. Shapes: x (n, lag + 1, 4), y (n,)."""
    rng = np.random.default_rng(settings["seed"])
    parts = [_drawn(rng, settings[size], settings["lag"]) for size in ("examples", "tests")]
    return from_arrays(*parts[0], *parts[1], name=f"lag of {settings['lag']}")


def _drawn(rng: np.random.Generator, n: int, lag: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    y = rng.integers(0, CLASSES, n)
    x = rng.normal(0, NOISE, (n, lag + 1, CLASSES)).astype(np.float32)
    x[:, 0] = np.eye(CLASSES)[y]
    return x, y


def recurrent(settings: Settings) -> RNN | LSTM:
    """The layer that reads. The memory's forget gates begin at σ(log lag) = lag / (lag + 1): open for about a lag.

    Source: Tallec and Ollivier 2018, arXiv:1804.11188, section 3.
    """
    hidden = settings["hidden"]
    if settings["cell"] == "rnn":
        return RNN(CLASSES, hidden, batch_first=True)
    memory = LSTM(CLASSES, hidden, batch_first=True)
    for name in ("bias_ih_l0", "bias_hh_l0"):
        bias = getattr(memory, name)
        values = bias.numpy()
        values[hidden : 2 * hidden] = np.log(settings["lag"]) if name == "bias_ih_l0" else 0.0
        bias.write(values)
    return memory
