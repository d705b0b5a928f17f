"""A run in the terminal: live where there is one, a line for each epoch where there is not."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from descend.engine.errors import UsageError
from descend.train import events
from descend.train.board import Board
from descend.train.events import Done, Epoch, Event, Failed, Paused, Resumed
from descend.train.sparkline import ASCII_BARS, BARS, sparkline

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
    from rich.live import Live
    from rich.text import Text

Mode = Literal["auto", "live", "plain", "quiet"]
_REFRESH = 0.1  # seconds between two pictures of a live view
_MARGIN = " "
_WIDEST = 64  # columns of a bar or curve
_FACTS = 25  # columns kept for the numbers beside it, so that it does not jump when they grow


def show(stream: Iterable[Event], *, console: Console | None = None, mode: Mode = "auto", title: str = "") -> Board:
    """Draw a stream of events until it ends, and return all that was learnt from it.

    Args:
        console: of rich; by default the standard output.
        mode: "live" redraws a progress bar, loss curve and rates below one row for each epoch; "plain" prints
            a line for each epoch; "quiet" prints warnings only; "auto" is live in a terminal, else plain.
        title: printed above, such as the name of the run.

    Errors that the stream raises pass through, with the terminal in order.
    """
    from rich.console import Console

    if mode not in ("auto", "live", "plain", "quiet"):
        raise UsageError(f"there is no way to show a run called {mode!r}", needed="auto, live, plain or quiet")
    console = console or Console(highlight=False)
    if mode == "auto":
        mode = "live" if console.is_terminal else "plain"
    return _show_live(stream, console, title) if mode == "live" else _show_plain(stream, console, title, mode)


# ------------------------------------------------------------------------------------------- plain


def _show_plain(stream: Iterable[Event], console: Console, title: str, mode: Mode) -> Board:
    board = Board()
    if title and mode == "plain":
        console.print(title, markup=False, soft_wrap=True)
    for event in stream:
        board.take(event)
        line = _plain_line(event, board)
        if line and (mode == "plain" or isinstance(event, events.Warning)):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    return board


def _plain_line(event: Event, board: Board) -> str:
    match event:
        case Epoch():
            of = f"/{board.start.epochs}" if board.start else ""
            return f"epoch {event.epoch}{of}   {_all_metrics(event.metrics)}   {duration(event.seconds)}"
        case Done():
            return f"{_ending(event)}   {_all_metrics(event.metrics)}".rstrip()
        case _:
            return note(event)


def note(event: Event) -> str:
    """The sentence that tells of an event that is worth one, "" for the others."""
    match event:
        case events.Warning():
            return f"warning: {event.message}"
        case Failed():
            return f"failed: {event.problem}"
        case Paused():
            return f"paused after step {event.step:,}"
        case Resumed() if event.step:
            return f"resumed after step {event.step:,}, epoch {event.epoch}"
        case _:
            return ""


def _ending(event: Done) -> str:
    return f"{'stopped after' if event.stopped else 'done in'} {duration(event.seconds)}"


def _all_metrics(metrics: dict[str, float]) -> str:
    return "   ".join(f"{_words(name)} {number(name, value)}" for name, value in metrics.items())


# -------------------------------------------------------------------------------------------- live


def _show_live(stream: Iterable[Event], console: Console, title: str) -> Board:
    from rich.live import Live

    board = Board()
    if title:
        console.print(f"\n{_MARGIN}[bold]{_escaped(title)}[/bold]", highlight=False)
    with Live(_View(board), console=console, auto_refresh=False, transient=True) as live:
        drawn = -math.inf
        for event in stream:
            board.take(event)
            _print_above(live, event, board)
            if time.monotonic() - drawn >= _REFRESH:
                live.refresh()
                drawn = time.monotonic()
    return board


def _print_above(live: Live, event: Event, board: Board) -> None:
    from rich.padding import Padding

    console = live.console
    if isinstance(event, Epoch):
        if len(board.epochs) == 1:
            console.print(*_header(event, console.width), sep="\n", highlight=False)
        console.print(_row(event, board, console.width), highlight=False)
    elif isinstance(event, Done):
        console.print(*_last_lines(event, board, console), sep="\n", highlight=False)
    elif note(event):
        console.print(Padding(_coloured(event), (0, 0, 0, len(_MARGIN))))


def _coloured(event: Event) -> Text:
    from rich.text import Text

    colour = "yellow" if isinstance(event, events.Warning) else "red" if isinstance(event, Failed) else "dim"
    return Text(note(event), colour)


class _View:
    """The part that is redrawn: two lines below the rows."""

    def __init__(self, board: Board) -> None:
        self.board = board

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self.board.start and not self.board.end:
            yield ""
            yield _gauges(self.board, options.max_width, ASCII_BARS if options.ascii_only else BARS)


def _gauges(board: Board, width: int, bars: str) -> RenderableType:
    """Progress above, the loss below, in three columns: how far, the picture, how fast."""
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    left, right = _left(board), _right(board)
    room = min(max(width - max(map(len, left)) - max(_FACTS, *map(len, right)) - 5, 4), _WIDEST)
    grid = Table.grid(padding=(0, 2, 0, 0))
    bar = ProgressBar(
        total=board.n_steps or 1,
        completed=board.step,
        width=room,
        complete_style="cyan",
        finished_style="cyan",
    )
    grid.add_row(left[0], bar, Text(right[0], "cyan"))
    grid.add_row(left[1], Text(sparkline(_logarithms(board.losses), room, bars), "blue"), Text(right[1], "dim"))
    return grid


def _left(board: Board) -> tuple[str, str]:
    epochs = board.start.epochs if board.start else 0
    loss = f"loss {number('loss', board.loss)}" if board.losses else ""
    return f"{_MARGIN}epoch {min(board.epoch or 1, epochs)} of {epochs}", _MARGIN + loss


def _right(board: Board) -> tuple[str, str]:
    percent = f"{100 * board.step / board.n_steps if board.n_steps else 0:>3.0f} %"
    left = f"   {duration(board.seconds_left)} left" if board.seconds_left is not None else ""
    rate = f"{board.rate:,.{0 if board.rate >= 10 else 1}f} steps/s   " if board.rate else ""
    return percent + ("   paused" if board.paused else left), f"{rate}lr {board.lr:.3g}" if board.losses else ""


def _logarithms(losses: list[float]) -> list[float]:
    # A loss falls by factors: on a linear scale the first steps would leave a flat line of the rest.
    return [math.log(loss) for loss in losses] if all(loss > 0 for loss in losses) else losses


# ------------------------------------------------------------------------------------------- table


def _columns(event: Epoch, width: int) -> list[tuple[str, int]]:
    """The metrics that fit, with the width of their columns."""
    columns, used = [], len(_MARGIN) + 5 + 10
    for name in event.metrics:
        room = max(9, *(len(part) for part in _head(name))) + 3
        if used + room > width:
            break
        columns.append((name, room))
        used += room
    return columns


def _header(event: Epoch, width: int) -> list[Text]:
    from rich.text import Text

    columns = _columns(event, width)
    upper = "".join(_head(name)[0].rjust(room) for name, room in columns)
    lower = "".join(_head(name)[1].rjust(room) for name, room in columns)
    return [
        Text(f"\n{_MARGIN}     {upper}", style="dim"),
        Text(f"{_MARGIN}epoch{lower}{'time'.rjust(10)}", style="dim"),
    ]


def _row(event: Epoch, board: Board, width: int) -> Text:
    from rich.text import Text

    line = Text(f"{_MARGIN}{event.epoch:>5}")
    for name, room in _columns(event, width):
        line.append(number(name, event.metrics[name]).rjust(room), style=_style(name, event, board.epochs))
    return line.append(duration(event.seconds).rjust(10), style="dim")


def _style(name: str, event: Epoch, epochs: list[Epoch]) -> str:
    if not name.endswith("accuracy"):
        return ""
    best = max(epoch.metrics.get(name, -math.inf) for epoch in epochs)
    return "bold green" if event.metrics[name] >= best else "green"


def _last_lines(event: Done, board: Board, console: Console) -> list[Text]:
    from rich.text import Text

    result = Text(_MARGIN)
    for name, value in _final(event.metrics).items():
        result.append(f"{_words(name)} ").append(number(name, value), style="bold").append("   ")
    result.append(_ending(event), style="dim")
    return [Text(""), *_whole_curve(board, console), result]


def _final(metrics: dict[str, float]) -> dict[str, float]:
    # What was measured after every epoch stands in the rows above.
    new = {n: value for n, value in metrics.items() if not n.startswith(("train_", "validation_"))}
    return new or metrics


def _whole_curve(board: Board, console: Console) -> list[Text]:
    """The loss from the first step to the last, if this viewer saw any."""
    from rich.text import Text

    if len(board.losses) < 2:
        return []
    first, last = number("loss", board.losses[0]), number("loss", board.losses[-1])
    bars = ASCII_BARS if console.options.ascii_only else BARS
    room = min(max(console.width - len(f" loss {first}  {last}") - 1, 4), _WIDEST)
    curve = sparkline(_logarithms(board.losses), room, bars)
    return [Text(f"{_MARGIN}loss {first} ").append(curve, style="blue").append(f" {last}")]


# ------------------------------------------------------------------------------------------- words


def number(name: str, value: float) -> str:
    """A metric as people read it: accuracies in per cent, the rest with four decimals or an exponent."""
    if name.endswith("accuracy"):
        return f"{100 * value:.2f} %"
    return f"{value:.4f}" if value == 0 or 1e-3 <= abs(value) < 1e5 else f"{value:.3g}"


def duration(seconds: float) -> str:
    """4.1 s, 48 s, 2:05, 1:00:09."""
    if seconds < 59.5:
        return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _head(name: str) -> tuple[str, str]:
    upper, _, lower = _words(name).partition(" ")
    return (upper, lower) if lower else ("", upper)


def _escaped(text: str) -> str:
    from rich.markup import escape

    return escape(text)
