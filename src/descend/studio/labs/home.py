"""The first line: what moves the weights of a network?

A spiral, a network that learns to tell its arms apart, and the one line that does it, the library's or the learner's.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from descend.engine import Tensor, manual_seed, override
from descend.engine.errors import DescendError
from descend.guide import registry
from descend.models import mlp
from descend.nn import Sequential, Tanh, binary_cross_entropy_with_logits
from descend.optim import SGD
from descend.studio import plane, workspace
from descend.studio.lab import Lab
from descend.studio.learner import Learner
from descend.studio.params import Choice, Log
from descend.studio.traces import Trace
from descend.studio.views import curve, field, netgraph

SIDE, POINTS, TURNS, SHRUNK = 50, 200, 1.25, 2.0
LINE = "p - lr * g"
UPHILL, LONG_ENOUGH = 1.15, 3000
_REACH = plane.REACH / SHRUNK


class Home(Lab):
    """Two networks that begin alike: one moved by the library's line, one by the learner's."""

    about = r"""
After every look at the points, the network knows for each of its weights $p$ the slope $g$ of the loss. This is all
that happens then: $p_{\text{new}} = p - \eta\, g$.
"""
    rate = 60.0
    plays = True
    views = (
        field("library", "With the library's line", "library", range=[-_REACH, _REACH], points="points"),
        field("yours", "With your line", "yours", range=[-_REACH, _REACH], points="points", optional=True),
        netgraph("network", "The network", ["w0"], maps="maps", inputs="inputs"),
        curve(
            "loss",
            "Loss",
            [{"name": "library_curve", "label": "the library's line"}, {"name": "yours_curve", "label": "your line"}],
            x_label="step",
            y_label="cross-entropy",
        ),
    )

    line = Choice(default="library", options=["library", "yours"], label="whose line")
    lr = Log(default=0.5, low=1e-3, high=10, label="learning rate")

    learner: Learner | None = None

    def setup(self) -> None:
        x, y = plane.spiral(POINTS, 0.0, np.random.default_rng(0), TURNS)
        self.points = np.column_stack([x / SHRUNK, y > 0]).astype(np.float32)
        self.x, self.y = Tensor(self.points[:, :2]), Tensor(self.points[:, 2:])
        self.library, self.yours = Walk(self), Walk(self)
        self._told_uphill = False
        self.curves = Trace("library_curve"), Trace("yours_curve")
        if self.line == "yours":
            self._call_learner()
        self._record()

    def ready(self) -> bool:
        """Whether the learner's process, where there is one, has come up."""
        try:
            return self.learner is None or self.learner.ready()
        except DescendError as error:
            self._go_on_without(error)
            return True

    def step(self) -> None:
        self.library.step(self.lr)
        if self.learner:
            self._step_of_learner(self.learner)
        self._record()
        if self.steps >= LONG_ENOUGH:
            self.pause()

    def frame(self) -> Mapping[str, Any]:
        shown = self.yours if self.learner else self.library
        seen = plane.outputs(shown.model, _GRID)
        return {
            "points": self.points,
            "library": self.library.answer(),
            "yours": self.yours.answer() if self.learner else np.zeros((0, 0)),
            **plane.graph(shown.model, _GRID / _REACH, seen, SIDE),
            **self.curves[0].arrays(),
            **self.curves[1].arrays(),
            "inputs": "x1, x2",
            "step": self.steps,
            "loss": self.library.loss,
            "your_loss": self.yours.loss if self.learner else None,
            "accuracy": self.library.accuracy(),
            "your_accuracy": self.yours.accuracy() if self.learner else None,
            "line": LINE,
            "climbs": self._climbs(),
        }

    def on_change(self, names: set[str]) -> None:
        if "line" in names:
            # Also where it was "yours" before: the file may have changed since.
            self.reset()

    def reset(self) -> None:
        self.close()
        super().reset()

    def close(self) -> None:
        if self.learner:
            self.learner.close()
        self.learner = None

    def _record(self) -> None:
        self.curves[0].add(self.steps, self.library.loss)
        if self.learner:
            self.curves[1].add(self.steps, self.yours.loss)

    # ---------------------------------------------------------------------------- the learner's line

    def _call_learner(self) -> None:
        exercise = registry.find(0)
        try:
            self.learner = Learner(exercise, workspace.found(self.directory) / exercise.filename)
        except DescendError as error:
            self._go_on_without(error)

    def _step_of_learner(self, learner: Learner) -> None:
        try:
            self.yours.step(self.lr, learner)
        except DescendError as error:
            self._go_on_without(error)
            return
        if self._climbs() and not self._told_uphill:
            self._told_uphill = True
            self.say("Your line goes uphill: the loss grows with every step.", "warning")

    def _climbs(self) -> bool:
        begun = math.log(2) * UPHILL
        return bool(self.learner) and not self.yours.loss <= max(begun, UPHILL * self.yours.first)

    def _go_on_without(self, error: DescendError) -> None:
        told = " ".join(part.rstrip(".") + "." for part in (error.problem, error.given) if part)
        self.say(f"{told} The library's line goes on alone.", "error")
        self.close()
        self.line = "library"


class Walk:
    """One network on its way down, or wherever its line leads it."""

    def __init__(self, lab: Home) -> None:
        manual_seed(0)
        self.x, self.y = lab.x, lab.y
        self.model: Sequential = mlp([2, 8, 8, 1], Tanh)
        self.optimizer = SGD(self.model.parameters(), lab.lr)
        self.first = self.loss = self._loss().item()

    def step(self, lr: float, line: Learner | None = None) -> None:
        """One step of gradient descent on all points, with another line in the place of the library's."""
        self.optimizer.lr.write(lr)
        loss = self._loss()
        self.optimizer.zero_grad()
        loss.backward()
        if line:
            with override("optim.sgd.update", line):
                self.optimizer.step()
        else:
            self.optimizer.step()
        self.loss = self._loss().item()

    def answer(self) -> plane.Array:
        """The probability of class 1 over the plane. Shape (SIDE, SIDE)."""
        z = np.clip(plane.outputs(self.model, _GRID)[-1], -60, 60)
        return np.asarray(1 / (1 + np.exp(-z))).reshape(SIDE, SIDE)

    def accuracy(self) -> float:
        """The share of the points that are told right."""
        z = plane.outputs(self.model, self.x.numpy())[-1]
        return float(np.mean((z > 0) == (self.y.numpy() > 0)))

    def _loss(self) -> Tensor:
        return binary_cross_entropy_with_logits(self.model(self.x), self.y)


_GRID = plane.grid(SIDE, _REACH).astype(np.float32)
LAB = Home
