"""Playground: what can so few units learn, and what do they miss?

Points on a plane are to be told apart, or a height to be predicted, by a network so small that every unit of it can
be looked at. Built after the TensorFlow Playground by Smilkov and Carter (2016): its data sets, inputs and loss.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from descend.engine import Tensor, manual_seed, ops
from descend.engine.errors import UsageError
from descend.models import mlp
from descend.nn import Linear, Module, ReLU, Sequential, Sigmoid, Tanh
from descend.optim import SGD
from descend.studio import plane
from descend.studio.lab import Lab
from descend.studio.notebook import Cell
from descend.studio.notebooks.playground import cells
from descend.studio.params import Choice, Flag, Int, Log, Real, Text, is_number
from descend.studio.traces import Trace
from descend.studio.views import curve, field, netgraph

SIDE, POINTS = 50, 300
MOST_LAYERS, MOST_UNITS, MOST_OWN = 6, 8, 2000


class Identity(Module):
    """x, as it is: with it a network of any depth is one straight line."""

    @staticmethod
    def function(x: Tensor) -> Tensor:
        """The same."""
        return x

    def forward(self, x: Tensor) -> Tensor:
        """The same."""
        return x


ACTIVATIONS: dict[str, type[Module]] = {"tanh": Tanh, "relu": ReLU, "sigmoid": Sigmoid, "linear": Identity}


class Playground(Lab):
    """One step is one pass over the training points, in batches."""

    about = r"""
Blue is $+1$, orange is $-1$. Every square shows what one unit makes of the whole plane; a link is as wide as its
weight. The loss is $\frac{1}{2n}\sum_i (\hat y_i - y_i)^2$, on the points that train and on those held back to test.
"""
    rate = 30.0
    views = (
        netgraph("network", "What each unit sees", ["w0"], maps="maps", inputs="inputs"),
        field(
            "plane",
            "The network's answer",
            "p",
            range=[-plane.REACH, plane.REACH],
            low=-1.0,
            high=1.0,
            points="points",
            test="test_points",
            event="point",
            label="answer",
        ),
        curve(
            "loss",
            "Loss",
            [
                {"name": "train_curve", "label": "training points"},
                {"name": "test_curve", "label": "test", "dash": True},
            ],
            x_label="epoch",
            y_label="loss",
        ),
    )

    data = Choice(default="circle", options=[*plane.DATA, "own"], label="data", resets=True)
    layers = Text(default="4 2", label="hidden layers", resets=True, help="units of each layer: 4 2, or nothing")
    activation = Choice(default="tanh", options=list(ACTIVATIONS), label="activation", resets=True)
    lr = Log(default=0.03, low=1e-5, high=10, label="learning rate")
    noise = Real(default=0.0, low=0, high=0.5, step=0.05, label="noise", resets=True)
    regularisation = Choice(default="none", options=["none", "L1", "L2"], label="regularisation", more=True)
    penalty = Log(default=0.003, low=1e-4, high=10, label="its strength", more=True)
    batch = Int(default=10, low=1, high=POINTS, label="batch size", more=True)
    train = Real(default=0.5, low=0.1, high=0.9, step=0.1, label="share that trains", resets=True, more=True)
    seed = Int(default=0, low=0, high=9999, label="seed", resets=True, more=True)
    discretise = Flag(default=False, label="only the sign", more=True, help="the answer is -1 or 1, nothing between")
    show_test = Flag(default=False, label="test points", more=True, help="hollow, those that do not train")
    x1 = Flag(default=True, label="x1", resets=True, more=True)
    x2 = Flag(default=True, label="x2", resets=True, more=True)
    x1_squared = Flag(default=False, label="x1²", resets=True, more=True)
    x2_squared = Flag(default=False, label="x2²", resets=True, more=True)
    product = Flag(default=False, label="x1x2", resets=True, more=True)
    sin_x1 = Flag(default=False, label="sin x1", resets=True, more=True)
    sin_x2 = Flag(default=False, label="sin x2", resets=True, more=True)

    own: tuple[tuple[float, float, float], ...] = ()

    def setup(self) -> None:
        self.inputs = [name for name, on in zip(plane.FEATURES, self._flags()) if on]
        if not self.inputs:
            raise UsageError("a network needs an input", given="all switched off", fix="switch x1 on, say")
        self.rng = np.random.default_rng(self.seed)
        self._divide(*self._points())
        manual_seed(self.seed)
        self.model = self._network()
        self.optimizer = SGD(self.model.parameters(), self.lr)
        self.curves = Trace("train_curve", "test_curve")
        self._measure()

    def step(self) -> None:
        self.optimizer.lr.write(self.lr)
        order = self.rng.permutation(len(self.y))
        for start in range(0, len(order), self.batch):
            chosen = order[start : start + self.batch]
            loss = self._loss(Tensor(self.f[chosen]), Tensor(self.y[chosen]))
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
        self._measure()

    def frame(self) -> Mapping[str, Any]:
        seen = plane.outputs(self.model, plane.features(plane.grid(SIDE), self.inputs))
        answer, inputs = self._answer(seen[-1]).reshape(SIDE, SIDE), self._input_maps()
        if self.discretise:
            answer, inputs, seen = np.sign(answer), np.sign(inputs), [np.sign(layer) for layer in seen]
        return {
            "p": answer,
            "points": self.points,
            "test_points": self.test_points if self.show_test else self.test_points[:0],
            **plane.graph(self.model, inputs, seen, SIDE),
            **self.curves.arrays(),
            "inputs": ", ".join(self.inputs),
            "epoch": self.steps,
            "train_loss": self.train_loss,
            "test_loss": self.test_loss,
        }

    def on_event(self, name: str, data: Any) -> None:
        if name == "point":
            self.own = (*self.own, _point(data))
        elif name == "points" and isinstance(data, list):
            self.own = tuple(map(_point, data))
        elif name == "clear":
            self.own = ()
        else:
            super().on_event(name, data)
        if len(self.own) > MOST_OWN:
            self.own = self.own[-MOST_OWN:]
            self.say(f"Only the newest {MOST_OWN} points are kept.", "warning")
        self.data = "own" if self.own else "circle"
        self.reset()

    def on_change(self, names: set[str]) -> None:
        if names & {"regularisation", "penalty"} and self.regularisation != "none":
            self.say(f"{self.regularisation} pulls every weight towards 0 from the next epoch on.")

    def notebook(self) -> list[Cell]:
        return cells(self, _sizes(self.layers))

    # ---------------------------------------------------------------------------------- data, network

    def _flags(self) -> list[bool]:
        return [self.x1, self.x2, self.x1_squared, self.x2_squared, self.product, self.sin_x1, self.sin_x2]

    def _points(self) -> plane.Points:
        if self.data != "own":
            return plane.DATA[self.data](POINTS, self.noise, self.rng)
        if not self.own:
            raise UsageError("there are no points of your own yet", fix="click on the plane")
        own = np.array(self.own)
        return own[:, :2], own[:, 2]

    def _divide(self, x: plane.Array, y: plane.Array) -> None:
        order = self.rng.permutation(len(y))
        rows = np.column_stack([x, y])[order].astype(np.float32)
        n = min(max(1, round(self.train * len(y))), max(1, len(y) - 1))
        # A first point of one's own trains and tests: there is no other.
        self.points, self.test_points = rows[:n], rows[n:] if len(y) > 1 else rows
        self.f, self.y = plane.features(self.points[:, :2], self.inputs), self.points[:, 2]
        self.test_f, self.test_y = plane.features(self.test_points[:, :2], self.inputs), self.test_points[:, 2]

    def _network(self) -> Sequential:
        return mlp([len(self.inputs), *_sizes(self.layers), 1], ACTIVATIONS[self.activation])

    @property
    def _classifies(self) -> bool:
        return self.data not in plane.SURFACES

    def _loss(self, f: Tensor, y: Tensor) -> Tensor:
        z = self.model(f)[:, 0]
        error = (ops.tanh(z) if self._classifies else z) - y
        loss = 0.5 * ops.mean(ops.square(error))
        return loss if self.regularisation == "none" else loss + self.penalty * self._size_of_weights()

    def _size_of_weights(self) -> Tensor:
        flat = ops.ravel([layer.weight for layer in self.model if isinstance(layer, Linear)])
        return ops.sum(ops.abs(flat)) if self.regularisation == "L1" else 0.5 * ops.sum(ops.square(flat))

    # ------------------------------------------------------------------------------------ what is seen

    def _answer(self, z: plane.Array) -> plane.Array:
        return np.tanh(z[:, 0]) if self._classifies else z[:, 0]

    def _measure(self) -> None:
        self.train_loss, self.test_loss = self._error(self.f, self.y), self._error(self.test_f, self.test_y)
        self.curves.add(self.steps, self.train_loss, self.test_loss)
        if not np.isfinite(self.train_loss):
            self.say("The loss is no number any more: the learning rate is too high. Reset, and lower it.", "error")
            self.pause()

    def _error(self, f: plane.Array, y: plane.Array) -> float:
        return float(0.5 * np.mean((self._answer(plane.outputs(self.model, f)[-1]) - y) ** 2))

    def _input_maps(self) -> plane.Array:
        f = plane.features(plane.grid(SIDE), self.inputs)
        return np.asarray(f / np.abs(f).max(axis=0))


def _sizes(text: str) -> list[int]:
    """The units of each hidden layer, from "4 2", "4, 2" or "4-2"."""
    words = text.replace(",", " ").replace("-", " ").split()
    sizes = [int(word) if word.isdecimal() and len(word) < 4 else 0 for word in words]
    if len(sizes) > MOST_LAYERS or not all(1 <= size <= MOST_UNITS for size in sizes):
        needed = f"at most {MOST_LAYERS} numbers from 1 to {MOST_UNITS}"
        raise UsageError("these are no hidden layers", given=repr(text), needed=needed, fix="4 2, say")
    return sizes


def _point(data: Any) -> tuple[float, float, float]:
    """A point of the learner's own: {x, y, label} or [x, y, label]."""
    row: Any = [data.get(key) for key in ("x", "y", "label")] if isinstance(data, dict) else data
    numbers = isinstance(row, list) and len(row) == 3 and all(map(is_number, row))
    if not numbers or max(abs(row[0]), abs(row[1])) > 1.5 * plane.REACH or abs(row[2]) > 1:
        needed = f"x and y within ±{1.5 * plane.REACH:g}, and a label from -1 to 1"
        raise UsageError("this is no point of the plane", given=str(data)[:60], needed=needed)
    x, y, label = map(float, row)
    return x, y, label


LAB = Playground
