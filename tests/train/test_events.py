from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descend.engine.errors import DescendError, ShapeError
from descend.train import events as e

REALS = st.floats(allow_nan=False)
COUNTS = st.integers(0, 2**62)
METRICS = st.dictionaries(st.text(), REALS)
PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
EVENTS: st.SearchStrategy[e.Event] = st.one_of(
    st.builds(e.Start, COUNTS, COUNTS, st.dictionaries(st.text(), PLAIN, max_size=4)),
    st.builds(e.Step, COUNTS, COUNTS, REALS, REALS),
    st.builds(e.Epoch, COUNTS, COUNTS, METRICS, REALS),
    st.builds(e.Sample, st.text(), st.text(), COUNTS),
    st.builds(e.Warning, st.text(), st.text(), COUNTS),
    st.builds(e.Paused, COUNTS),
    st.builds(e.Resumed, COUNTS, COUNTS),
    st.builds(e.Done, METRICS, REALS, st.booleans()),
    st.builds(e.Failed, st.text(), st.text(), st.text(), st.text()),
)


@given(EVENTS)
def test_json_round_trip_in_one_line(event: e.Event) -> None:
    line = event.to_json()
    assert "\n" not in line
    assert e.from_json(line) == event == e.from_json(line.encode())


def test_the_round_trip_covers_every_kind() -> None:
    assert set(e.KINDS) == {
        "start",
        "step",
        "epoch",
        "sample",
        "warning",
        "paused",
        "resumed",
        "done",
        "failed",
    }


def test_nan_is_strict_json() -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    line = e.Epoch(1, 2, {"test_loss": math.nan, "a": math.inf, "b": -math.inf}, 0.5).to_json()
    json.loads(line, parse_constant=refuse)
    metrics = e.from_json(line).metrics  # type: ignore[attr-defined]
    assert math.isnan(metrics["test_loss"])
    assert (metrics["a"], metrics["b"]) == (math.inf, -math.inf)


def test_numpy_numbers_become_plain_ones() -> None:
    event = e.Epoch(1, 2, {"a": np.float32(0.5), "b": np.int64(3)}, 1.0)  # type: ignore[dict-item]
    assert e.from_json(event.to_json()) == e.Epoch(1, 2, {"a": 0.5, "b": 3}, 1.0)
    start = e.Start(1, 2, {"sizes": (1, np.int64(2))})
    assert e.from_json(start.to_json()) == e.Start(1, 2, {"sizes": [1, 2]})


def test_fields_of_newer_versions_are_left_out() -> None:
    row = json.loads(e.Paused(4).to_json()) | {"mood": "good"}
    assert e.from_json(json.dumps(row)) == e.Paused(4)


@pytest.mark.parametrize(
    "line",
    [
        "", "{", "[]", "null", "3", "{}", '{"event":"party"}', '{"event":["step"]}', '{"event":"paused"}',
        '{"event":"paused","step":"4"}', '{"event":"paused","step":4.0}', '{"event":"paused","step":true}',
        '{"event":"done","metrics":{"a":"much"},"seconds":1,"stopped":false}',
        '{"event":"done","metrics":{"a":1e999999},"seconds":1' + "0" * 400 + ',"stopped":false}',
        '{"event":"done","metrics":[],"seconds":1,"stopped":false}',
        '{"event":"done","metrics":{},"seconds":1,"stopped":0}', b"\xff\xfe", "[" * 100_000,
    ],
)  # fmt: skip
def test_other_lines_are_refused(line: str | bytes) -> None:
    with pytest.raises(DescendError, match="does not hold an event"):
        e.from_json(line)


def test_a_failure_keeps_the_parts_of_its_error() -> None:
    error = ShapeError("wrong shape", given="(2, 3)", fix="transpose it")
    told = e.Failed.of(error)
    assert told == e.Failed("wrong shape", "(2, 3)", "", "transpose it")
    assert str(told.error()) == str(error)
    assert e.Failed.of(KeyError("x")).problem == "KeyError: 'x'"


def epochs(happened: list[e.Event]) -> list[int]:
    return [event.epoch for event in happened if isinstance(event, e.Epoch)]


def epoch(number: int) -> e.Epoch:
    return e.Epoch(number, 10 * number, {}, 1.0)


def step(number: int) -> e.Step:
    return e.Step(number, 1 + (number - 1) // 10, 0.5, 0.1)


def test_effective_drops_what_was_taken_again() -> None:
    before = [
        e.Start(3, 10),
        step(5),
        step(10),
        epoch(1),
        e.Warning("x", "early", 3),
        step(14),
        e.Warning("x", "late", 14),
    ]
    after = [e.Start(4, 10), e.Resumed(12, 2), step(14), step(20), epoch(2), e.Done({}, 2.0)]
    kept = e.effective(before + after)
    assert kept == [
        e.Start(4, 10), step(5), step(10), epoch(1), e.Warning("x", "early", 3),
        e.Resumed(12, 2), step(14), step(20), epoch(2), e.Done({}, 2.0),
    ]  # fmt: skip


@pytest.mark.parametrize("end", [e.Done({}, 1.0, stopped=True), e.Failed("no"), e.Paused(10)])
def test_an_end_is_no_end_once_resumed(end: e.Event) -> None:
    kept = e.effective([e.Start(2, 10), epoch(1), end, e.Start(2, 10), e.Resumed(10, 2)])
    assert kept == [e.Start(2, 10), epoch(1), e.Resumed(10, 2)]


def test_an_epoch_up_to_the_checkpoint_stays_and_one_beyond_goes() -> None:
    happened: list[e.Event] = [epoch(1), epoch(2), e.Resumed(19, 2), epoch(2)]
    assert epochs(e.effective(happened)) == [1, 2]
    assert epochs(e.effective([epoch(1), epoch(2), e.Resumed(20, 3)])) == [1, 2]
    assert epochs(e.effective([epoch(1), epoch(2), e.Resumed(0, 1)])) == []


@given(st.lists(st.integers(1, 6), max_size=5), st.integers(0, 2**32))
def test_any_history_of_kills_leaves_every_epoch_once(kills: list[int], seed: int) -> None:
    # A model of training: 6 epochs of 10 steps, a checkpoint every few steps, killed after some epochs.
    rng, happened, saved = np.random.default_rng(seed), list[Any](), 0
    for last in [*kills, 6]:
        happened += [e.Start(6, 10), e.Resumed(saved, saved // 10 + 1)]
        for at in range(saved + 1, 10 * last + 1):
            happened += [step(at)] + ([epoch(at // 10)] if at % 10 == 0 else [])
            # What is recorded comes before the checkpoint that takes it for granted.
            saved = at if at % 10 == 0 or rng.random() < 0.2 else saved
        saved = max(saved - (saved % 10 if rng.random() < 0.5 else 0), 0)
    assert epochs(e.effective(happened)) == [1, 2, 3, 4, 5, 6]
    steps = [event.step for event in e.effective(happened) if isinstance(event, e.Step)]
    assert steps == list(range(1, 61))
