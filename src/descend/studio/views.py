"""The instruments that a lab can use. Each names the arrays of a frame that it shows; the client draws them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class View:
    """One instrument: its kind, its own name in the lab, its title, and what it is told besides."""

    kind: str
    name: str
    title: str
    told: Mapping[str, Any]

    def declaration(self) -> dict[str, Any]:
        """What the client is told."""
        return {"kind": self.kind, "name": self.name, "title": self.title, **self.told}


def field(name: str, title: str, values: str, **told: Any) -> View:
    """A function of the plane, from `low` to `high`, over range² with points on it.

    Arrays: values (n, n), the first row at the bottom; points (m, 3): x, y, class. `y_range` is the second axis's
    range, where it is another.
    """
    return View("field", name, title, {"values": values, "range": [-1.1, 1.1], "low": 0.0, "high": 1.0, **told})


def netgraph(name: str, title: str, weights: Sequence[str], **told: Any) -> View:
    """A network as a graph: its links by weight, its units with what each computes on the plane.

    Arrays: weights (out, in) of the first layers, the others are found by counting on; maps (units, s, s) of all
    inputs and hidden units in order, 0 .. 255 for -1 .. 1, the first row at the bottom. `inputs` is the value that
    lists the names of the inputs.
    """
    return View("netgraph", name, title, {"weights": list(weights), **told})


def curve(name: str, title: str, series: Sequence[Mapping[str, Any]], **told: Any) -> View:
    """Lines over the steps. Arrays: each series (k, 2) of step and value; marks (m, 2) likewise.

    A mark whose step is NaN is a level: what somebody predicted. `levels` are fixed ones, each with value and label.
    """
    return View("curve", name, title, {"series": [dict(one) for one in series], "log": False, **told})


def scatter(name: str, title: str, points: str, **told: Any) -> View:
    """Points, and a line among them. Arrays: points (m, 2), line (k, 2).

    `turn` is the event {x, y} of a line that is dragged to go through a place.
    """
    return View("scatter", name, title, {"points": points, **told})


def heat(name: str, title: str, values: str, **told: Any) -> View:
    """A landscape over a plane, with the way walked on it.

    Arrays: values (h, w), the first row at the bottom; extent (4,): x from, x to, y from, y to, which takes the
    place of the fixed `x` and `y`; path (k, 2); guess (2,), NaN where there is none. `event` {x, y} is a click,
    `stand` {x, y} the end of the path dragged elsewhere.
    """
    return View("heat", name, title, {"values": values, "log": False, **told})


def pad(name: str, title: str, event: str, size: int = 28) -> View:
    """A square to draw on; what is drawn comes as an event with size² numbers from 0 to 255."""
    return View("pad", name, title, {"event": event, "size": size})


def images(name: str, title: str, values: str, **told: Any) -> View:
    """Small pictures. Array: values (m, h, w), or (m, h, w, 3) in colour, uint8.

    `captions` is the value that lists what stands under them, `event` the number of the picture that was clicked on,
    `chosen` the value that says which one is chosen; with `legend` it is said which number has which colour.
    """
    return View("images", name, title, {"values": values, **told})


def bars(name: str, title: str, values: str, labels: Sequence[str], **told: Any) -> View:
    """A bar for each label. Array: values (k,)."""
    return View("bars", name, title, {"values": values, "labels": list(labels), **told})


def sliders(name: str, title: str, event: str, rows: Sequence[Mapping[str, str]], extent: str) -> View:
    """Two numbers to set by hand. Each row has the `value` it shows and a `label`; the event carries them as {x, y}.

    Array: extent (4,): from and to of the first, from and to of the second.
    """
    return View("sliders", name, title, {"event": event, "rows": [dict(one) for one in rows], "extent": extent})
