"""What happened in a training, kept in memory, as tables and curves."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from descend.train.events import Done, Epoch, Event, Step

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class History:
    """All events of a stream. A callback too: call it with each event.

    Attributes:
        events: everything, in order.
    """

    def __init__(self, stream: Iterable[Event] = ()) -> None:
        self.events = list(stream)

    def __call__(self, event: Event) -> None:
        self.events.append(event)

    @property
    def epochs(self) -> list[Epoch]:
        """The events of the epochs."""
        return [event for event in self.events if isinstance(event, Epoch)]

    @property
    def metrics(self) -> dict[str, list[float]]:
        """For every metric its values, one an epoch in which it was measured."""
        names = dict.fromkeys(name for epoch in self.epochs for name in epoch.metrics)
        return {name: [e.metrics[name] for e in self.epochs if name in e.metrics] for name in names}

    @property
    def losses(self) -> list[float]:
        """The loss of each step."""
        return [event.loss for event in self.events if isinstance(event, Step)]

    @property
    def final(self) -> dict[str, float]:
        """What was measured at the end; empty before it."""
        ends = [event.metrics for event in self.events if isinstance(event, Done)]
        return ends[-1] if ends else {}

    def plot(self, path: Path | None = None, title: str = "") -> Figure:
        """The learning curve as a picture, written to `path` too if that is given."""
        from descend.train import plots

        figure = plots.learning_curve(self.events, title)
        if path is not None:
            plots.save(figure, path)
        return figure

    def _repr_png_(self) -> bytes:
        """How a notebook shows it."""
        import io

        drawing = io.BytesIO()
        self.plot().savefig(drawing, format="png")
        return drawing.getvalue()

    def __repr__(self) -> str:
        return f"History({len(self.epochs)} epochs, {', '.join(self.metrics) or 'nothing measured'})"
