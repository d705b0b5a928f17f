"""What hangs on the wall of an exhibit: the examples, and what the network says of them and of all inputs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from descend.studio.shown.answers import Task
from descend.studio.shown.examples import Examples, as_picture
from descend.studio.shown.ground import Ground, points
from descend.studio.shown.snapshot import SEEN, Snapshot

Array = NDArray[Any]
_SIDE = 64  # pixels of an example's picture
_CAPTION = 14  # letters under it
_RIGHT = {True: "✓", False: "✗", None: ""}


class Wall:
    """What does not change from frame to frame: the examples, as pictures and as points.

    Args:
        data: the examples. crowd: more of them, to be drawn as points. task: what is made of the outputs.
        place: the ground, where there is one.
    """

    def __init__(self, data: Examples, crowd: Examples, task: Task, place: Ground | None) -> None:
        self.data, self.crowd, self.task, self.place = data, crowd, task, place
        self.truth = task.truth(data.y)[:SEEN]
        found = as_picture(data.x[:SEEN])
        self.pictures = np.zeros((0, 1, 1), np.uint8) if found is None else _small(found)

    def shown(self, frame: Snapshot, example: int) -> dict[str, Any]:
        """The examples, what the network says of them, and of all inputs where there are so few."""
        says, right = frame.answers.says[:SEEN], frame.answers.is_right[:SEEN]
        told: dict[str, Any] = {
            "example": example,
            "examples": self.pictures,
            "captions": [self._caption(i, says[i], right[i]) for i in range(len(says))],
            "says": says,
            "right": right,
            "share_right": frame.answers.share_right,
            "bars": np.round(np.nan_to_num(frame.answers.bars[example]), 3),
            "bars_title": self._bars_title(example, says),
        }
        return told | self._everywhere(frame, example)

    def _caption(self, i: int, says: str, right: bool | None) -> str:
        told = f"{_RIGHT[right]} {says}".strip()
        whole = f"{told}, is {self.truth[i]}" if right is False and self.truth else told
        short = told if len(told) <= _CAPTION else f"{told[: _CAPTION - 1]}…"
        return whole if len(whole) <= _CAPTION else short

    def _bars_title(self, example: int, says: list[str]) -> str:
        truth = f", it is {self.truth[example]}" if self.truth and self.truth[example] else ""
        return f"Example {self.data.numbers[example]}: it says {says[example]}{truth}"

    def _everywhere(self, frame: Snapshot, example: int) -> dict[str, Any]:
        if self.place is None:
            return {}
        if self.place.axes == 1:
            line = frame.arrays.get("ground", np.zeros((0, 2), np.float32))
            return {"line": line, "points": points(self.data, 1, None)}
        found = frame.numbers("ground")
        surfaces = np.zeros((1, 0, 0), np.float32) if found is None else found
        k, like = self._class(example, len(surfaces))
        title = "Its answer everywhere" if like is None else f"Where it says {self.task.names[k]} (blue)"
        return {"plane": surfaces[k], "points": points(self.crowd, 2, like), "plane_title": title}

    def _class(self, example: int, surfaces: int) -> tuple[int, float | None]:
        """Whose surface is shown, and the target that is blue: the second of two classes, or the example's own."""
        if self.task.kind == "yes or no":
            return 1, 1
        if self.task.kind != "classes" or self.data.y is None:
            return 0, None
        k = 1 if surfaces == 2 else int(self.data.y[example])
        return min(k, surfaces - 1), k


def _small(found: Array) -> Array:
    """Pictures of at most _SIDE pixels a side."""
    step = max(1, -(-max(found.shape[1:3]) // _SIDE))
    return np.ascontiguousarray(found[:, ::step, ::step])
