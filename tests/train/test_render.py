from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import pairwise

import pytest
from rich.console import Console

from descend.engine.errors import DescendError, UsageError
from descend.train import events as e
from descend.train.render import duration, number, show
from descend.train.sparkline import BARS


def stream(epochs: int = 3, steps: int = 20) -> Iterator[e.Event]:
    yield e.Start(epochs, steps)
    for at in range(1, epochs * steps + 1):
        epoch = 1 + (at - 1) // steps
        yield e.Step(at, epoch, 2.0 / at, 0.001)
        if at % steps == 0:
            metrics = {"train_loss": 2.0 / at, "validation_loss": 3.0 / at, "validation_accuracy": 1 - 2.0 / at}
            yield e.Epoch(epoch, at, metrics, 61.0)
    yield e.Done({"train_loss": 0.1, "test_accuracy": 0.9902}, 125.0)


def shown(events: Iterable[e.Event], *, width: int = 80, mode: str = "live", encoding: str = "utf-8") -> str:
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
    console = Console(file=file, force_terminal=mode == "live", width=width, height=30, color_system=None)
    show(events, console=console, mode=mode, title="a run")  # type: ignore[arg-type]
    file.flush()
    return raw.getvalue().decode(encoding)


def screen(raw: str) -> list[str]:
    """What a terminal shows in the end: the sequences that move up and erase are carried out."""
    lines, row = [""], 0
    parts = raw.replace("\x1b[?25l", "").replace("\x1b[?25h", "").replace("\r", "").split("\x1b[")
    for at, part in enumerate(parts):
        if at:
            code, part = (part[:2], part[2:]) if part[:2] in {"1A", "2K"} else ("", part)
            row -= code == "1A"
            if code == "2K":
                lines[row] = ""
        for piece in part.splitlines(keepends=True):
            lines[row] += piece.rstrip("\n")
            if piece.endswith("\n"):
                row += 1
                lines += [""] * (row - len(lines) + 1)
    return [line.rstrip() for line in lines]


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    for line in screen(shown(stream(), width=width)):
        assert len(line) <= width


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_last_screen_is_a_table_a_curve_and_the_result(width: int) -> None:
    lines = [line for line in screen(shown(stream(), width=width)) if line]
    assert lines[0] == " a run"
    assert lines[2].split() == ["epoch", "loss", "loss", "accuracy", "time"]
    assert lines[1].split() == ["train", "validation", "validation"]
    assert [line.split()[0] for line in lines[3:6]] == ["1", "2", "3"]
    assert lines[3].split() == ["1", "0.1000", "0.1500", "90.00", "%", "1:01"]
    assert lines[6].startswith(" loss 2.0000 ")
    assert lines[6].endswith(f" {number('loss', 2 / 60)}")
    assert lines[7] == " test accuracy 99.02 %   done in 2:05"
    assert len(lines) == 8


def test_columns_that_do_not_fit_are_left_out() -> None:
    lines = [line for line in screen(shown(stream(), width=45)) if line]
    assert lines[2].split() == ["epoch", "loss", "loss", "time"]
    assert lines[3].split() == ["1", "0.1000", "0.1500", "1:01"]


def test_columns_stand_under_their_names() -> None:
    lines = [line for line in screen(shown(stream())) if line]
    head, row = lines[2], lines[3]
    for name, value in (("epoch", "1"), ("accuracy", "90.00 %"), ("time", "1:01")):
        assert head.index(name) + len(name) == row.index(value, 0 if name == "epoch" else 6) + len(value)


def test_the_live_part_shows_progress_time_and_loss() -> None:
    unfinished = [event for event in stream() if not isinstance(event, e.Done)][:-3]
    raw = shown(unfinished, width=100)
    assert "epoch 1 of 3" in raw
    assert "lr 0.001" in raw
    assert "%" in raw
    assert "steps/s" in raw or "loss" in raw
    # Drawn at the very end: the live part goes when the stream ends.
    assert "epoch 3 of 3" not in "\n".join(screen(raw))


def test_it_is_redrawn_about_ten_times_a_second_not_at_every_step() -> None:
    raw = shown(stream(2, 2000))
    assert raw.count("epoch 1 of 2") < 200


def test_a_pipe_gets_a_line_for_each_epoch_and_no_codes() -> None:
    text = shown(stream(), mode="plain", width=40)
    assert "\x1b" not in text
    assert text.splitlines() == [
        "a run",
        "epoch 1/3   train loss 0.1000   validation loss 0.1500   validation accuracy 90.00 %   1:01",
        "epoch 2/3   train loss 0.0500   validation loss 0.0750   validation accuracy 95.00 %   1:01",
        "epoch 3/3   train loss 0.0333   validation loss 0.0500   validation accuracy 96.67 %   1:01",
        "done in 2:05   train loss 0.1000   test accuracy 99.02 %",
    ]


def test_auto_asks_the_console() -> None:
    for terminal, expected in ((True, True), (False, False)):
        file = io.StringIO()
        show(stream(), console=Console(file=file, force_terminal=terminal, width=80), title="x")
        assert ("\x1b" in file.getvalue()) == expected


def test_quiet_prints_warnings_only() -> None:
    assert shown(stream(), mode="quiet") == ""
    assert shown([*stream(), e.Warning("a", "look here")], mode="quiet") == "warning: look here\n"


NOTES = [
    (e.Warning("a", "the loss [red]rises[/red]"), "warning: the loss [red]rises[/red]"),
    (e.Paused(1200), "paused after step 1,200"),
    (e.Resumed(1200, 3), "resumed after step 1,200, epoch 3"),
    (e.Failed("the disk is full"), "failed: the disk is full"),
]


@pytest.mark.parametrize(("event", "text"), NOTES)
@pytest.mark.parametrize("mode", ["plain", "live"])
def test_what_happens_on_the_way_is_told_as_it_stands(event: e.Event, text: str, mode: str) -> None:
    assert text in [line.strip() for line in screen(shown([e.Start(2, 5), event], mode=mode))]


def test_a_first_start_is_no_news() -> None:
    assert "resumed" not in shown([e.Start(2, 5), e.Resumed(0, 1)], mode="plain")


def test_a_long_warning_is_folded_within_the_margin() -> None:
    lines = screen(shown([e.Start(1, 1), e.Warning("a", "word " * 40)], width=60))
    folded = [line for line in lines if "word" in line]
    assert len(folded) > 2
    assert all(line.startswith(" ") and len(line) <= 60 for line in folded)


def test_errors_pass_and_the_terminal_is_left_in_order() -> None:
    def failing() -> Iterator[e.Event]:
        yield e.Start(1, 5)
        yield e.Step(1, 1, 0.5, 0.1)
        raise DescendError("the disk is full")

    file = io.StringIO()
    with pytest.raises(DescendError, match="full"):
        show(failing(), console=Console(file=file, force_terminal=True, width=80), mode="live")
    # The cursor is shown again.
    assert file.getvalue().rstrip().endswith("\x1b[?25h") or "\x1b[?25h" in file.getvalue().split("\x1b[?25l")[-1]


def test_it_returns_what_was_learnt() -> None:
    board = show(stream(), console=Console(file=io.StringIO()), mode="quiet")
    assert isinstance(board.end, e.Done)
    assert len(board.epochs) == 3


def test_a_terminal_without_unicode_gets_ascii() -> None:
    text = shown(stream(), encoding="ascii")
    assert not set(text) & set(BARS)
    assert "loss 2.0000 #" in text


def test_unknown_modes_are_refused() -> None:
    with pytest.raises(UsageError, match="loud"):
        show([], mode="loud")  # type: ignore[arg-type]


def test_a_loss_that_reaches_zero_or_below_is_drawn() -> None:
    events: list[e.Event] = [e.Start(1, 3), *(e.Step(i, 1, 1.0 - i, 0.1) for i in (1, 2, 3)), e.Done({}, 1.0)]
    assert "loss 0.0000" in shown(events)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0.0 s"), (4.14, "4.1 s"), (9.96, "10 s"), (48.2, "48 s"), (59.7, "1:00"), (125, "2:05"), (3609, "1:00:09")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_durations_never_go_back() -> None:
    def seconds(text: str) -> float:
        parts = [float(part) for part in text.removesuffix(" s").split(":")]
        return sum(part * 60**power for power, part in enumerate(reversed(parts)))

    shown_as = [seconds(duration(tenth / 10)) for tenth in range(40_000)]
    assert all(a <= b for a, b in pairwise(shown_as))


def test_numbers() -> None:
    assert number("test_accuracy", 0.98765) == "98.77 %"
    assert number("loss", 0.12345) == "0.1235"
    assert number("loss", 1.2e-5) == "1.2e-05"
    assert number("loss", 0) == "0.0000"
