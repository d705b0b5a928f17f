"""The progress of a download, drawn on the console."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from descend.data import Listener, Progress


@contextmanager
def shown(console: Console) -> Iterator[Listener]:
    """A listener that draws a bar for each file; nothing is drawn where nothing is fetched."""
    from rich.progress import BarColumn, DownloadColumn, TaskID, TextColumn, TransferSpeedColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    bars, tasks = Bars(*columns, console=console, transient=True), dict[str, TaskID]()

    def progress(event: Progress) -> None:
        # Begun here and not before: most of the time the data are there, and nothing is to be drawn.
        bars.start()
        if event.file not in tasks:
            tasks[event.file] = bars.add_task(event.file, total=event.total)
        bars.update(tasks[event.file], completed=event.done, total=event.total)
        if event.note:
            bars.console.print(f"{event.file}: {event.note}", markup=False)

    try:
        yield progress
    finally:
        if tasks:
            bars.stop()
