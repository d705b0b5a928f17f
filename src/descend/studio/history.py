"""The frames that a lab has shown, so that one can go back in time."""

from __future__ import annotations

from bisect import bisect_right

from descend.studio.protocol import Frame

ROOM = 32 << 20  # bytes


class History:
    """Frames over the whole run, in a fixed room: where it is full, every second one goes, and so on from there.

    The first and the last frame stay.
    """

    def __init__(self, room: int = ROOM) -> None:
        self.room = room
        self.clear()

    def clear(self) -> None:
        """Forget all frames."""
        self._frames: list[tuple[int, Frame]] = []  # with the number under which each was added
        self._bytes, self._stride = 0, 1

    def add(self, frame: Frame) -> None:
        """Keep a frame, in the place of the last one where that is of the same step, or only was kept as the last."""
        number = self._frames[-1][0] + 1 if self._frames else 0
        if self._frames and self._frames[-1][1].step == frame.step:
            number = self._drop()
        elif self._frames and self._frames[-1][0] % self._stride:
            self._drop()
        self._frames.append((number, frame))
        self._bytes += frame.nbytes
        while self._bytes > self.room and len(self._frames) > 2:
            self._thin()

    def at(self, step: float) -> Frame | None:
        """The newest frame that is not after `step`, or the first; None where there is none."""
        if not self._frames:
            return None
        place = bisect_right(self._frames, step, key=lambda kept: kept[1].step)
        return self._frames[max(0, place - 1)][1]

    def frames(self) -> list[Frame]:
        """Everything that is kept, the oldest first."""
        return [frame for _, frame in self._frames]

    @property
    def span(self) -> tuple[int, int]:
        """The steps of the first and of the last frame."""
        return (self._frames[0][1].step, self._frames[-1][1].step) if self._frames else (0, 0)

    def __len__(self) -> int:
        return len(self._frames)

    def _drop(self) -> int:
        number, frame = self._frames.pop()
        self._bytes -= frame.nbytes
        return number

    def _thin(self) -> None:
        self._stride *= 2
        last = self._frames[-1]
        self._frames = [kept for kept in self._frames if kept is last or kept[0] % self._stride == 0]
        self._bytes = sum(frame.nbytes for _, frame in self._frames)
