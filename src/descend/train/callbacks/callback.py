"""What a callback is, and how several listen to one stream."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from descend.train.events import Event

Callback = Callable[[Event], object]


class Callbacks:
    """Callbacks that listen to a stream of events, each in its turn.

    A callback may answer "stop", which ends the training, or with an event or a list of events, which come after the
    one that it was called with; all callbacks hear those too. Whatever else it returns counts for nothing.
    One with a method `finish` has it called when training has ended, by itself or by a "stop", before the test data
    are measured.

    Attributes:
        stop: whether one of them has asked to stop.
    """

    def __init__(self, callbacks: Iterable[Callback]) -> None:
        self.callbacks, self.stop = list(callbacks), False

    def of(self, stream: Iterable[Event]) -> Iterator[Event]:
        """The stream with the events that the callbacks add. They are called before an event is given on."""
        for event in stream:
            added = self._tell(event)
            yield event
            for answer in added:
                self._tell(answer)  # no answers to answers: they might never end
                yield answer

    def finish(self) -> bool:
        """Tell the callbacks that training has ended. Returns whether one of them had something to do."""
        ends = [end for callback in self.callbacks if callable(end := getattr(callback, "finish", None))]
        for end in ends:
            end()
        return bool(ends)

    def _tell(self, event: Event) -> list[Event]:
        answers = [callback(event) for callback in self.callbacks]
        self.stop = self.stop or any(isinstance(answer, str) and answer == "stop" for answer in answers)
        return [part for answer in answers for part in _events(answer)]


def _events(answer: object) -> list[Event]:
    parts = answer if isinstance(answer, list | tuple) else [answer]
    return [part for part in parts if isinstance(part, Event)]
