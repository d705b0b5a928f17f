"""Downhill: how far down will the slope alone take you?

Three houses, a line through them, and the error as a landscape over slope and intercept. In the units of the houses
the descent stalls far above the bottom, whatever the learning rate; one change of units takes it there in four steps.

Source: the houses and the error to beat are those of Alammar 2016, "A visual and interactive guide to the basics of
neural networks", which asks its readers to get below 799 with two sliders.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any

import numpy as np

from descend.engine import Tensor, from_numpy
from descend.engine.errors import DescendError, UsageError
from descend.nn import Parameter, mse_loss
from descend.optim import SGD
from descend.studio.lab import Lab
from descend.studio.notebook import Cell
from descend.studio.notebooks.downhill import cells
from descend.studio.notes import Notes, Prediction
from descend.studio.params import Choice, Log, is_number
from descend.studio.plane import Array
from descend.studio.traces import Trace
from descend.studio.values import figure
from descend.studio.views import curve, heat, scatter, sliders

AREA = np.array([2104.0, 1600.0, 2400.0])  # square feet
PRICE = np.array([399.9, 329.9, 369.0])  # thousands of dollars
TO_BEAT = 799.0
SIDE = 60
RATE = {"square feet": 1e-7, "standardised": 0.3}
EXPLODED = 100.0  # times the error of the beginning
STALLED, LATELY = 1e-3, 20  # where the error fell by no more than this share in so many steps

# The part of the landscape that is shown: slope from, to, intercept from, to.
EXTENT = {"square feet": (-0.1, 0.4, -150.0, 500.0), "standardised": (-250.0, 250.0, 0.0, 720.0)}


class Downhill(Lab):
    """Gradient descent on the mean squared error of price = slope * area + intercept."""

    about = r"""
Three houses were sold. The price is to be told from the area, by a line: $\hat y = w x + b$. Its error is
$L(w, b) = \frac13 \sum_i (w x_i + b - y_i)^2$, and each step goes downhill from where you stand:
$(w, b) \leftarrow (w, b) - \eta \nabla L$.

1. **Drag the line**, or the sliders, and get the error as low as you can. Below **799** is what the guide that these
   houses come from asks of its readers.
2. **Put your guess of the lowest place on the landscape**, drag the white dot away from it, and take steps. Does the
   walk get there?
3. **Predict the learning rate at which it explodes**, then try it.
4. **Predict how low the error gets in square feet**, then play. After that, standardise.
"""
    rate = 4.0
    views = (
        scatter(
            "houses",
            "Three houses",
            "houses",
            line="line",
            turn="turn",
            x_label="area, square feet",
            y_label="price, $1000",
        ),
        heat(
            "landscape",
            "The error over slope and intercept",
            "landscape",
            extent="extent",
            path="path",
            guess="guess",
            log=True,
            event="guess",
            stand="stand",
            x_label="slope w",
            y_label="intercept b",
            unit="$1000²",
        ),
        sliders(
            "by_hand",
            "The line by hand",
            "stand",
            [{"value": "slope", "label": "slope w"}, {"value": "intercept", "label": "intercept b"}],
            extent="extent",
        ),
        curve(
            "error",
            "The error on the way",
            [{"name": "error", "label": "mean squared error"}],
            log=True,
            marks="marks",
            levels=[{"value": TO_BEAT, "label": "to beat"}],
            x_label="step",
            y_label="$1000²",
        ),
    )
    predictions = (
        Prediction("explodes", "In square feet, above which learning rate does it explode?", "0.001"),
        Prediction("stalls", "In square feet, how low does the error get?", "500"),
    )

    units = Choice(default="square feet", options=list(EXTENT), label="units of the area", resets=True)
    lr = Log(default=1e-7, low=1e-9, high=10, label="learning rate")

    exploded: frozenset[str] = frozenset()  # the units in which it has, and the limit may be told

    def __init__(self, *given: Any, **values: Any) -> None:
        self.notes = Notes(self.id)
        self.foretold: dict[str, float] = {}
        self.guesses: dict[str, tuple[float, float]] = {}  # by the units in which they were made
        self.stalled_at: float | None = None
        super().__init__(*given, **values)
        self._remember()

    def setup(self) -> None:
        raw = self.units == "square feet"
        self.mean, self.std = (0.0, 1.0) if raw else (float(AREA.mean()), float(AREA.std()))
        x = (AREA - self.mean) / self.std
        self.inputs = np.column_stack([x, np.ones(3)])
        self.x, self.y = from_numpy(self.inputs), from_numpy(PRICE)
        self._begin(0.0, 0.0)
        self._read_the_landscape()

    def change(self, values: Mapping[str, Any]) -> bool:
        """A learning rate belongs to its units: with other units comes one that suits them, unless one is given."""
        rates = {units: {"units": units, "lr": rate} for units, rate in RATE.items()}
        return super().change({**rates.get(values.get("units", ""), {}), **values})

    def step(self) -> None:
        self.optimizer.lr.write(self.lr)
        loss = self._loss()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self._walked()
        self.lately.append(self.error)
        if self._stands_still():
            self.stalled_at = self.error
        if not self.error <= EXPLODED * self.first:
            self._exploded()

    def frame(self) -> Mapping[str, Any]:
        w, b = self.position
        guess = self.guesses.get(self.units)
        ends = np.array([1500.0, 2500.0])
        line = np.column_stack([ends, w * (ends - self.mean) / self.std + b])
        return {
            "houses": np.column_stack([AREA, PRICE]),
            "line": line,
            "landscape": self.landscape,
            "extent": np.array(EXTENT[self.units]),
            "path": np.array(self.path),
            "guess": np.array(guess or (np.nan, np.nan)),
            **self.trace.arrays(),
            "marks": self._marks(),
            "mse": self.error,
            "slope": w,
            "intercept": b,
            "gradient": float(np.hypot(*self._gradient())),
            "condition_number": self.condition,
            "lowest": self.lowest if self.error < TO_BEAT else None,
            "error_of_guess": self._error(*guess) if guess else None,
            "explodes_above": self.critical if self.units in self.exploded else None,
            **{f"predicted_{what}": value for what, value in self.foretold.items()},
            "outcome_explodes": _critical(AREA) if "square feet" in self.exploded else None,
            "outcome_stalls": self.stalled_at,
        }

    def on_event(self, name: str, data: Any) -> None:
        """`guess` {x, y}: where the bottom may be. `stand` {x, y}: begin from there; `turn` {x, y}: with a line
        through this area and price. `predict` {what, value}.
        """
        if name == "guess":
            self.guesses[self.units] = _place(data)
            self._keep()
        elif name == "stand":
            self._stand(*_place(data))
        elif name == "turn":
            self._turn(*_place(data))
        elif name == "predict":
            self._predict(data)
        else:
            super().on_event(name, data)

    def notebook(self) -> list[Cell]:
        return cells(self)

    # -------------------------------------------------------------------------------------- the walk

    def _begin(self, w: float, b: float) -> None:
        self.begun = (w, b)
        self.weights = Parameter(np.array([w, b]))
        self.optimizer = SGD([self.weights], self.lr)
        self.path: list[tuple[float, float]] = []
        self.trace = Trace("error")
        self.first = float(self._loss().item())
        self.lately: deque[float] = deque(maxlen=LATELY)
        self._walked()

    def _stand(self, w: float, b: float) -> None:
        self.steps = 0
        self._begin(w, b)

    def _turn(self, area: float, price: float) -> None:
        """Stand where the line goes through a place: turned about its height where the inputs are 0."""
        x, b = (area - self.mean) / self.std, self.position[1]
        if abs(x) > 0.1:  # next to the pivot it would stand on end
            left, right, *_ = EXTENT[self.units]
            self._stand(min(max((price - b) / x, left), right), b)

    def _walked(self) -> None:
        self.error = float(self._loss().item())
        self.path = [*self.path[-999:], self.position]
        self.trace.add(self.steps, self.error)

    def _exploded(self) -> None:
        self.exploded |= {self.units}
        predicted = self.foretold.get("explodes") if self.units == "square feet" else None
        told = f"That happens above {figure(self.critical)}."
        if predicted:
            told += f" You predicted {figure(predicted)}."
        self.say(f"It explodes: every step goes further up the other side. {told}", "warning")
        self.pause()

    def _stands_still(self) -> bool:
        raw, long = self.units == "square feet", len(self.lately) == LATELY
        return raw and long and 0 <= self.lately[0] - self.error < STALLED * self.error

    def _loss(self) -> Tensor:
        return mse_loss(self.x @ self.weights, self.y)

    @property
    def position(self) -> tuple[float, float]:
        """Slope and intercept."""
        w, b = self.weights.numpy()
        return float(w), float(b)

    def _gradient(self) -> Array:
        return np.asarray(2 / 3 * self.inputs.T @ (self.inputs @ self.weights.numpy() - PRICE))

    # ---------------------------------------------------------------------------------- the landscape

    def _read_the_landscape(self) -> None:
        """The error everywhere, its lowest value, and what its curvatures say of learning rates."""
        left, right, bottom, top = EXTENT[self.units]
        w, b = np.meshgrid(np.linspace(left, right, SIDE), np.linspace(bottom, top, SIDE))
        self.landscape = np.mean((w[..., None] * self.inputs[:, 0] + b[..., None] - PRICE) ** 2, axis=-1)
        flattest, steepest = _curvatures(self.inputs)
        self.condition, self.critical = steepest / flattest, 2 / steepest
        best = np.linalg.lstsq(self.inputs, PRICE)[0]
        self.lowest = self._error(*best)

    def _error(self, w: float, b: float) -> float:
        return float(np.mean((self.inputs @ [w, b] - PRICE) ** 2))

    # ---------------------------------------------------------------------------------- what was said

    def _predict(self, data: Any) -> None:
        what, value = (data.get("what"), data.get("value")) if isinstance(data, dict) else (None, None)
        if what not in [one.what for one in self.predictions] or not is_number(value) or not value > 0:
            needed = '{"what": "explodes" or "stalls", "value": a number above 0}'
            raise UsageError("this is no prediction", given=str(data)[:60], needed=needed)
        self.foretold[str(what)] = float(value)
        self._keep()
        told = {
            "explodes": "above {} it explodes. Set the learning rate there, and step.",
            "stalls": "it gets down to {}. The line on the chart is your prediction. Play.",
        }
        self.say("You say: " + told[str(what)].format(figure(value)))

    def _marks(self) -> Array:
        """The error that was predicted, as a level on the chart. Shape (m, 2)."""
        level = self.foretold.get("stalls")
        return np.array([[np.nan, level]] if level else []).reshape(-1, 2)

    def _keep(self) -> None:
        self.notes.write({"predictions": self.foretold, "guesses": self.guesses})

    def _remember(self) -> None:
        """What was said at an earlier visit; notes that cannot be read are told of, and left out."""
        try:
            kept = self.notes.read()
        except DescendError as error:
            self.say(f"{error.problem[0].upper()}{error.problem[1:]}. {error.given}", "warning")
            return
        foretold, guesses = (kept.get(part) for part in ("predictions", "guesses"))
        for one in self.predictions:
            if isinstance(foretold, dict) and is_number(value := foretold.get(one.what)) and value > 0:
                self.foretold[one.what] = float(value)
        for units in EXTENT:
            place = guesses.get(units) if isinstance(guesses, dict) else None
            if isinstance(place, list) and len(place) == 2 and all(map(is_number, place)):
                self.guesses[units] = (float(place[0]), float(place[1]))


def _curvatures(inputs: Array) -> tuple[float, float]:
    """The least and the greatest curvature of the error: the eigenvalues of its Hessian. Shape: inputs (n, 2)."""
    flattest, steepest = np.linalg.eigvalsh(2 / len(inputs) * inputs.T @ inputs)
    return float(flattest), float(steepest)


def _critical(area: Array) -> float:
    """The learning rate above which descent on these areas explodes: 2 over the greatest curvature."""
    return 2 / _curvatures(np.column_stack([area, np.ones(len(area))]))[1]


def _place(data: Any) -> tuple[float, float]:
    row: list[Any] = [data.get("x"), data.get("y")] if isinstance(data, dict) else [None]
    if not all(is_number(v) and abs(v) < 1e6 for v in row):
        raise UsageError("this is no place on the landscape", given=str(data)[:60], needed='{"x": ..., "y": ...}')
    return float(row[0]), float(row[1])


LAB = Downhill
