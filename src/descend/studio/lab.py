"""What a lab is: a file that asks a question, with parameters, steps, and arrays to look at.

A lab knows nothing of sockets or threads. A session (see `session`) owns it and calls it from one thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

from descend.engine.errors import UsageError, near_miss
from descend.studio.notebook import Cell
from descend.studio.notes import Prediction
from descend.studio.params import Param
from descend.studio.views import View

Message = dict[str, str]


class Lab:
    """A laboratory.

    A subclass says what it is in class attributes and defines `setup`, `step` and `frame`; parameters are class
    attributes of the kinds in `params`.

    Attributes:
        title: two words for the list.
        question: what the lab asks.
        about: what to know beforehand, in Markdown.
        views: its instruments, in the order of the page.
        rate: steps a second at speed 1.
        plays: whether it runs from the moment that it is opened.
        predictions: what the learner is asked to foretell.
        id: the name of its file.
        steps: how many steps were taken since `setup`.
        directory: the learner's folder; None is the one that is found.
        span: the first and the last step, where the whole course is settled beforehand.
    """

    title: ClassVar[str] = ""
    question: ClassVar[str] = ""
    about: ClassVar[str] = ""
    views: ClassVar[tuple[View, ...]] = ()
    rate: float = 30.0
    plays: ClassVar[bool] = False
    predictions: ClassVar[tuple[Prediction, ...]] = ()
    id: ClassVar[str] = ""
    span: tuple[int, int] | None = None

    def __init_subclass__(cls) -> None:
        cls.id = cls.__module__.rpartition(".")[2]

    def __init__(self, directory: Path | None = None, **values: Any) -> None:
        self.directory = directory
        self.steps = 0
        self.messages: list[Message] = []
        self.wants_pause = False
        self.change(values)
        self.reset()

    # ------------------------------------------------------------------------- what a lab defines

    def setup(self) -> None:
        """Begin from the parameters as they are now."""

    def ready(self) -> bool:
        """Whether the next step can be taken already."""
        return True

    def step(self) -> None:
        """Go on by one step, which is counted in `steps` already."""

    def frame(self) -> Mapping[str, Any]:
        """What there is to see: arrays and numbers by name."""
        return {}

    def on_event(self, name: str, data: Any) -> None:
        """Hear what the learner did on an instrument. Raises UsageError for what the lab does not know."""
        del data
        raise UsageError(f"{self.title} has no event {name[:40]!r}")

    def on_change(self, names: set[str]) -> None:
        """Hear that parameters changed that do not begin the lab anew."""

    def notebook(self) -> list[Cell]:
        """The same computation as the cells of a notebook, with the parameters as they are now; empty for none."""
        return []

    def seek(self, step: float) -> bool:
        """Go to a step, where the lab itself can; whether it did."""
        del step
        return False

    def close(self) -> None:
        """Let go of what the lab holds outside itself."""

    # --------------------------------------------------------------------------- what every lab has

    @classmethod
    def params(cls) -> dict[str, Param[Any]]:
        """The parameters by name, in the order in which the file has them."""
        found: dict[str, Param[Any]] = {}
        for owner in reversed(cls.__mro__):
            found |= {name: part for name, part in vars(owner).items() if isinstance(part, Param)}
        return found

    def values(self) -> dict[str, Any]:
        """Every parameter's value."""
        return {name: getattr(self, name) for name in self.params()}

    def set(self, values: Mapping[str, Any]) -> bool:
        """Change parameters; whether the lab began anew for it. Nothing changes where one is refused.

        Raises:
            UsageError: a parameter that is not there, or a value that it does not take.
        """
        before = self.values()
        resets = self.change(values)
        try:
            self.reset() if resets else self.on_change(set(values))
        except UsageError:
            self.change(before)
            self.reset()
            raise
        return resets

    def change(self, values: Mapping[str, Any]) -> bool:
        """Write the values without acting on them; whether one of them asks for a new beginning."""
        known = self.params()
        for name in values:
            if name not in known:
                fix = near_miss(name, known) or None
                raise UsageError(f"{self.title} has no parameter {name[:40]!r}", needed=", ".join(known), fix=fix)
        parsed = {name: known[name].parse(value) for name, value in values.items()}
        for name, value in parsed.items():
            setattr(self, name, value)
        return any(known[name].resets for name in parsed)

    def reset(self) -> None:
        """Begin anew with the same parameters."""
        self.steps = 0
        self.setup()

    def advance(self) -> None:
        """Take one step, if the lab is ready for it."""
        if self.ready():
            self.steps += 1
            self.step()

    def say(self, text: str, kind: str = "info") -> None:
        """Tell the learner something: "info", "warning" or "error"."""
        self.messages.append({"kind": kind, "text": text})

    def pause(self) -> None:
        """Ask for a pause after this step."""
        self.wants_pause = True


def declaration(lab: type[Lab], name: str) -> dict[str, Any]:
    """What the client is told of a lab."""
    from descend.studio.prose import render

    return {
        "id": name,
        "title": lab.title,
        "question": lab.question,
        "about_html": render(lab.about),
        "params": [param.declaration() for param in lab.params().values()],
        "views": [view.declaration() for view in lab.views],
        "predictions": [asdict(one) for one in lab.predictions],
        "transport": {"rate": lab.rate, "plays": lab.plays, "speeds": [0.1, 0.25, 0.5, 1, 2, 5, 10]},
    }
