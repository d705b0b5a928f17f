"""A recording as a lab: it is played, paused and scrubbed like one, and computes nothing."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

from descend.engine.errors import DescendError
from descend.studio import labs, recording
from descend.studio.lab import Lab, declaration


class Playback(Lab):
    """The frames of a recording, at the pace at which they were made.

    Args:
        name: the recording.
    """

    title = "A recording"

    def __init__(self, name: str) -> None:
        about, self._frames = recording.read(name)
        self.span, self.rate = (self._frames[0].step, self._frames[-1].step), about.rate
        super().__init__()

    def setup(self) -> None:
        self.steps = self._frames[0].step

    def step(self) -> None:
        """Go on by a step; at the end of the recording, stay there."""
        if self.steps >= self._frames[-1].step:
            self.steps = self._frames[-1].step
            self.pause()

    def seek(self, step: float) -> bool:
        """Go to a step."""
        first, last = self._frames[0].step, self._frames[-1].step
        self.steps = int(min(max(step, first), last))
        return True

    def frame(self) -> Mapping[str, Any]:
        place = bisect_right(self._frames, self.steps, key=lambda frame: frame.step)
        found = self._frames[max(0, place - 1)]
        return {**found.arrays, **found.values}


def listing() -> list[dict[str, Any]]:
    """Every recording in short, the newest first; a damaged one with its problem."""
    return [_short(name) for name in recording.names()]


def described(name: str) -> dict[str, Any]:
    """A recording as the page needs it: what its lab declares, and what was recorded.

    Raises:
        UsageError: there is no such recording, or no such lab any more.
        DescendError: it is damaged.
    """
    about = recording.about(name)
    lab = declaration(labs.get(about.lab), about.lab)
    own = {"id": name, "place": "recordings", "params": [], "predictions": []}
    views = [_to_look_at(view) for view in lab["views"] if view["kind"] != "sliders"]
    transport = {**lab["transport"], "plays": False, "settled": True}
    told = {**_short(name), "labels": _labels(lab), "changed": _changed(lab, about.params)}
    return {**lab, **own, "views": views, "transport": transport, "recording": told}


def _changed(lab: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that are not as the lab opens with them."""
    defaults = {param["name"]: param["default"] for param in lab["params"]}
    return {name: value for name, value in params.items() if name in defaults and value != defaults[name]}


def _to_look_at(view: Mapping[str, Any]) -> dict[str, Any]:
    """The instrument without what one could do on it."""
    return {key: value for key, value in view.items() if key not in ("event", "stand", "turn")}


def _labels(lab: Mapping[str, Any]) -> dict[str, str]:
    return {param["name"]: param["label"] for param in lab["params"]}


def _short(name: str) -> dict[str, Any]:
    try:
        about = recording.about(name)
    except DescendError as error:
        return {"name": name, "problem": error.problem}
    return {
        "name": name,
        "lab": about.lab,
        "title": about.title,
        "created": about.created,
        "params": about.params,
        "steps": about.last,
        "frames": about.frames,
        "problem": None,
    }
