"""What a page is told of a network before the first frame: its layers, and the instruments that fit its data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from descend.studio.shown.answers import Task
from descend.studio.shown.examples import Examples, as_picture
from descend.studio.shown.ground import Ground
from descend.studio.shown.snapshot import SEEN, Named
from descend.studio.views import View, bars, curve, field, images, scatter

MOST_METRICS = 6


@dataclass(frozen=True)
class About:
    """What there is to say of a network in a line.

    Attributes:
        framework, title, parameters: see `network.Network`.
        program: the file of the program that trains it. process: its number.
        examples, of: how many are watched, of how many.
    """

    framework: str
    title: str
    parameters: int
    program: str
    process: int
    examples: int
    of: int


def declaration(about: About, layers: Named, data: Examples, task: Task, place: Ground | None) -> dict[str, Any]:
    """The parts of a lab's declaration that do not hang on the network's place in the list."""
    seen = min(SEEN, len(data))
    return {
        "question": "",
        "about_html": "",
        "params": [
            {
                "kind": "choice",
                "name": "layer",
                "label": "layer",
                "options": list(layers.names),
                "default": first(layers),
            },
            {"kind": "int", "name": "example", "label": "example", "low": 0, "high": seen - 1, "default": 0},
        ],
        "views": [view.declaration() for view in _views(data, task, place)],
        "place": "shows",
        "predictions": [],
        "transport": {"reset": False, "speeds": [], "drives": False},
        "about": asdict(about),
        "layers": list(layers.rows),
        "task": task.kind,
        "truth": task.truth(data.y)[:seen],
        "numbers": data.numbers[:seen].tolist(),
    }


def first(layers: Named) -> str:
    """The layer that a page opens with: the first one with weights."""
    weighty = [row["name"] for row in layers.rows if row["parameters"] and row["called"]]
    return str((weighty or list(layers.names) or [""])[0])


def _views(data: Examples, task: Task, place: Ground | None) -> list[View]:
    return [
        curve("loss", "Loss", [{"name": "loss", "label": "loss"}], values="loss"),
        *(
            curve(f"metric{i}", "", [{"name": f"metric{i}", "label": ""}], values=f"metric{i}", title_value=f"name{i}")
            for i in range(MOST_METRICS)
        ),
        *_examples(data, task, place),
        bars("bars", "What it says", "bars", _bar_names(task), title_value="bars_title", **_scale(task)),
        *_of_the_layer(),
        *_statistics(),
    ]


def _examples(data: Examples, task: Task, place: Ground | None) -> list[View]:
    found: list[View] = []
    if as_picture(data.x) is not None:
        found.append(images("examples", "Examples", "examples", event="example", chosen="example", captions="captions"))
    if place is not None and place.axes == 2:
        low, high = _span(data, task)
        ends = {"range": [place.low[0], place.high[0]], "y_range": [place.low[1], place.high[1]]}
        labels = {"label": "answer", "title_value": "plane_title"}
        found.append(
            field("plane", "Its answer everywhere", "plane", points="points", low=low, high=high, **ends, **labels)
        )
    elif place is not None:
        told: Mapping[str, Any] = {"line": "line", "x_label": "x", "y_label": "y", "values": "points"}
        found.append(scatter("line", "Its answer everywhere", "points", **told))
    return found


def _of_the_layer() -> list[View]:
    signed = {"scale": "diverging", "legend": True}
    return [
        images(name, "", name, title_value=f"{name}_title", **signed) for name in ("activation", "weight", "gradient")
    ]


def _statistics() -> list[View]:
    def series(*names: str) -> list[dict[str, str]]:
        return [{"name": name.replace(" ", "_"), "label": name} for name in names]

    return [
        curve("outputs", "Its outputs", series("mean", "std"), values="std"),
        curve("zeros", "Zeros and dead units", series("zeros", "dead"), values="zeros", low=0, high=1),
        curve(
            "norms",
            "Size of weights and gradient",
            series("weight norm", "gradient norm"),
            values="weight_norm",
            log=True,
        ),
        curve("moved", "Step, as a share of the weights", series("moved"), values="moved", log=True),
    ]


def _bar_names(task: Task) -> list[str]:
    return task.names[:20]


def _scale(task: Task) -> dict[str, Any]:
    if task.kind in ("classes", "yes or no"):
        return {"low": 0, "high": 1}
    return {"signed": True}


def _span(data: Examples, task: Task) -> tuple[float, float]:
    """The ends of the colours of a surface: probabilities, or what the targets span."""
    if task.kind in ("classes", "yes or no") or data.y is None:
        return 0.0, 1.0
    low, high = float(data.y.min()), float(data.y.max())
    return (low, high) if low < high else (low - 1, high + 1)
