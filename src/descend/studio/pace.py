"""When frames are made: thirty a second, and in step with the screen that they are drawn on.

A screen draws at fixed moments, and a frame that comes just after one of them lies there until the next. The client
tells how long its frames lie; where they do so again and again, the next ones are made that much later.
"""

from __future__ import annotations

from collections import deque

RATE = 1 / 30  # seconds between two frames
BRIEF = 0.005  # seconds of lying that are as good as none
SEVERAL = 8  # frames that are asked together; a single late one is the machine's doing, not the phase's


class Pace:
    """The moment of the next frame, on a clock in seconds."""

    def __init__(self) -> None:
        self.next = 0.0
        self._lay: deque[float] = deque(maxlen=SEVERAL)

    def start(self, now: float) -> None:
        """The next frame is due at once."""
        self.next = now

    def passed(self, now: float) -> None:
        """A frame is being made: the next is due an interval after this one was, or now where that is over."""
        self.next = max(self.next + RATE + self._shift(), now)

    def lay(self, seconds: float) -> None:
        """Hear how long a frame lay at the client before the screen took it."""
        self._lay.append(min(max(seconds, 0.0), RATE))

    def _shift(self) -> float:
        if len(self._lay) < SEVERAL or sum(self._lay) <= SEVERAL * BRIEF:
            return 0.0
        late = [seconds for seconds in self._lay if seconds > BRIEF]
        self._lay.clear()
        # Not the whole of it: what comes at the very moment comes too late every other time.
        return sum(late) / len(late) - BRIEF / 2
