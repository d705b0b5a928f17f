"""A table of the epochs in a CSV file, a line at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from descend.disk.durable import storing, write_file
from descend.train.events import Epoch, Event, Resumed, Start


class CSVLog:
    """Writes epoch, step, seconds and every metric after each epoch.

    A file that is there is begun anew; where a run is resumed, the lines up to its checkpoint stay.
    The first epoch says which metrics are columns. Raises DescendError where the file cannot be written.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self.columns: list[str] = []

    def __call__(self, event: Event) -> None:
        """Listen."""
        if isinstance(event, Start):
            self.columns = []
        if isinstance(event, Resumed):
            self._keep(event.step)
        if isinstance(event, Epoch):
            row = {"epoch": event.epoch, "step": event.step, "seconds": event.seconds} | event.metrics
            if not self.columns:
                self.columns = list(row)
                self._write(self.columns, "w")
            self._write([row.get(name, "") for name in self.columns], "a")

    def _keep(self, step: int) -> None:
        """Leave out what was written after that step: it will be written again."""
        if not self.path.exists():
            return
        with storing(self.path), self.path.open(encoding="utf-8", newline="") as file:
            head, *rows = list(csv.reader(file)) or [[]]
        if "step" in head:
            at = head.index("step")
            kept = [row for row in rows if len(row) == len(head) and int(row[at]) <= step]
            write_file(self.path, "".join(map(_line, [head, *kept])).encode())
            self.columns = head

    def _write(self, values: Sequence[object], mode: str) -> None:
        with storing(self.path), self.path.open(mode, encoding="utf-8", newline="") as file:
            file.write(_line(values))


def _line(values: Sequence[object]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(values)
    return line.getvalue()
