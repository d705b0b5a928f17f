"""Draw a digit: what does a network look at when it reads?

The digit that is drawn goes through the network of the newest run that reads digits, and every layer shows what it
makes of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from descend.engine import Tensor, no_grad
from descend.engine.errors import DescendError, UsageError
from descend.nn import Flatten, Module
from descend.recipes import registry
from descend.recipes.handwriting import SIDE, centred
from descend.recipes.trained import model_of, network_of
from descend.studio.lab import Lab
from descend.studio.notebook import Cell
from descend.studio.notebooks.digit import cells
from descend.studio.params import Flag, is_number
from descend.studio.plane import Array
from descend.studio.views import bars, images, pad
from descend.train.metrics import log_softmax
from descend.train.runs import Run, runs

STAGES = 3
NO_NETWORK = (
    "No network has learned to read digits yet. Train one: descend train digits-mlp, or start it on the page of runs."
)


class Digit(Lab):
    """There are no steps here: a drawing comes, and is read."""

    about = r"""
The drawing is put into the middle of $28 \times 28$ pixels, as in the data that the network learned from. Then one
layer after the other works on it; the last one's ten numbers become probabilities.
"""
    views = (
        pad("pad", "Draw a digit", event="draw", size=SIDE),
        images("seen", "What the network is given", "seen", low=0, high=255),
        *(images(f"stage{i}", f"Layer {i + 1}", f"stage{i}", title_value=f"layer_{i + 1}") for i in range(STAGES)),
        bars("read", "What it reads", "probabilities", list("0123456789"), low=0, high=1, y_label="probability"),
    )

    centre = Flag(default=True, label="put it into the middle", help="as the digits of the data are")

    drawn: Array = np.zeros((SIDE, SIDE), np.uint8)
    model: Module | None = None
    run: Run | None = None

    def setup(self) -> None:
        self.run = _newest()
        self.model = model_of(self.run) if self.run else None
        if self.run is None:
            self.say(NO_NETWORK, "warning")

    def frame(self) -> Mapping[str, Any]:
        given = self._given()
        if self.run is None or self.model is None or not given.any():
            return {"seen": given[None], **_nothing(), "network": self.run.name if self.run else None}
        network = network_of(registry.get(self.run.info.recipe))
        stages, logits = _through(self.model, network.prepare(given[None, None]))
        probabilities = np.exp(log_softmax(logits))[0]
        best = int(probabilities.argmax())
        return {
            "seen": given[None],
            **_nothing(),
            **{f"stage{i}": picture for i, (_, picture) in enumerate(stages)},
            **{f"layer_{i + 1}": name for i, (name, _) in enumerate(stages)},
            "probabilities": probabilities,
            "read_as": network.classes[best],
            "confidence": float(probabilities[best]),
            "network": self.run.name,
        }

    def on_event(self, name: str, data: Any) -> None:
        """`draw`: 784 numbers from 0 to 255, row by row. `clear`. `reload`: look for the newest network."""
        if name == "draw":
            self.drawn = _picture(data)
        elif name == "clear":
            self.drawn = np.zeros((SIDE, SIDE), np.uint8)
        elif name == "reload":
            self.setup()
        else:
            super().on_event(name, data)

    def notebook(self) -> list[Cell]:
        return cells(self.run.name, self._given()) if self.run else []

    def _given(self) -> Array:
        if not (self.centre and self.drawn.any()):
            return self.drawn
        return np.round(centred(self.drawn.astype(np.float64))).astype(np.uint8)


def _newest() -> Run | None:
    """The newest run with a network that reads 28x28 pixels, and with a checkpoint."""
    for run in reversed(runs()):
        try:
            network = registry.get(run.info.recipe).network
        except DescendError:
            continue  # a recipe of another version
        has_weights = any((run.path / "checkpoints").glob("*.safetensors"))
        if network and network.input_shape == (1, SIDE, SIDE) and has_weights and run.status() == "finished":
            return run
    return None


def _through(model: Module, x: Array) -> tuple[list[tuple[str, Array]], Array]:
    """Pictures of the hidden layers (name, array (m, h, w)), at most STAGES, and the logits (1, k)."""
    seen: list[tuple[str, Array]] = []

    def look(module: Module, _: Any, y: Any) -> None:
        if not isinstance(module, Flatten):
            seen.append((repr(module), np.array(y.numpy()[0])))

    inner = [part for part in model.modules() if len(list(part.modules())) == 1]
    removals = [part.register_forward_hook(look) for part in inner]
    try:
        with no_grad():
            logits = model(Tensor(x)).numpy()
    finally:
        for remove in removals:
            remove()
    return [(name, _pictures(y)) for name, y in _telling(seen[:-1])], logits


def _telling(seen: Sequence[tuple[str, Array]]) -> list[tuple[str, Array]]:
    """At most STAGES of the layers, evenly spread, the last hidden one always among them."""
    if len(seen) <= STAGES:
        return list(seen)
    chosen = np.linspace(0, len(seen) - 1, STAGES + 1).round().astype(int)[1:]
    return [seen[i] for i in chosen]


def _pictures(y: Array) -> Array:
    """Feature maps as they are; units in a row of small squares. Shapes: (c, h, w) or (d,) to (m, h, w)."""
    if y.ndim == 3:
        return y
    width = int(np.ceil(np.sqrt(y.size) * 2))
    rows = -(-y.size // width)
    return np.pad(y.ravel(), (0, rows * width - y.size)).reshape(1, rows, width)


def _nothing() -> dict[str, Any]:
    blank = np.zeros((0, 1, 1), np.float32)
    return {**{f"stage{i}": blank for i in range(STAGES)}, "probabilities": np.zeros(10, np.float32), "read_as": None}


def _picture(data: Any) -> Array:
    values = isinstance(data, list) and len(data) == SIDE * SIDE and all(map(is_number, data))
    if not values or not all(0 <= v <= 255 for v in data):
        needed = f"{SIDE * SIDE} numbers from 0 to 255"
        raise UsageError("this is no drawing", given=f"{type(data).__name__}: {str(data)[:40]}", needed=needed)
    return np.array(data, np.uint8).reshape(SIDE, SIDE)


LAB = Digit
