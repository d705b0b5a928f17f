from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest

from descend.engine.errors import UsageError
from descend.studio import recording
from descend.studio.lab import Lab
from descend.studio.pace import SEVERAL
from descend.studio.params import Int, Real
from descend.studio.playback import Playback
from descend.studio.protocol import Command, decode
from descend.studio.session import CREDIT, Session


class Counter(Lab):
    title = "Counter"
    rate = 100.0

    size = Int(default=3, low=1, high=10, resets=True)
    shift = Real(default=0.0, low=-1, high=1)
    closed = 0

    def setup(self) -> None:
        self.x = np.zeros(self.size)

    def step(self) -> None:
        if self.shift == -1:
            raise ZeroDivisionError("planted")
        if self.steps == 400:
            self.say("far enough")
            self.pause()
        self.x = self.x + 1

    def frame(self) -> Mapping[str, Any]:
        if self.shift == 1:
            raise ZeroDivisionError("planted")
        return {"x": self.x + self.shift, "thread": threading.current_thread().name, "first": self.x[0]}

    def on_event(self, name: str, data: Any) -> None:
        if name == "begin":
            self.reset()

    def close(self) -> None:
        Counter.closed += 1


class Client:
    """The other side of a session: takes what it sends, and acknowledges frames where it is told to."""

    def __init__(self, make: Callable[[], Lab] = Counter, acknowledge: bool = True) -> None:
        self.woken = threading.Event()
        self.texts: list[dict[str, Any]] = []
        self.frames: list[tuple[dict[str, Any], dict[str, Any]]] = []
        self.acknowledge = acknowledge
        self.session = Session(make, self.woken.set)

    def do(self, action: str, value: Any = None) -> None:
        self.session.post(Command("do", action, value))

    def set(self, **values: Any) -> None:
        self.session.post(Command("set", values))

    def listen(self, until: Callable[[], Any], seconds: float = 10.0) -> Any:
        deadline = time.monotonic() + seconds
        while not (found := until()):
            assert time.monotonic() < deadline, (self.texts[-3:], len(self.frames))
            self.woken.wait(0.01)
            self.woken.clear()
            self.take()
        return found

    def take(self) -> None:
        texts, frame = self.session.take()
        self.texts += texts
        if frame is not None:
            self.frames.append(decode(frame))
            if self.acknowledge:
                self.session.post(Command("ack", self.frames[-1][0]["seq"]))

    def listen_for(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.take()
            time.sleep(0.002)

    @property
    def step(self) -> int:
        return int(self.frames[-1][0]["step"]) if self.frames else -1

    def of(self, kind: str) -> list[Any]:
        return [text[kind] for text in self.texts if kind in text]


@pytest.fixture
def client() -> Iterator[Client]:
    client = Client()
    client.session.start()
    yield client
    assert client.session.stop()


def test_it_opens_with_a_state_and_a_picture(client: Client) -> None:
    client.listen(lambda: client.frames)
    (state,) = client.of("state")
    assert not state["playing"]
    assert state["params"] == {"size": 3, "shift": 0.0}
    header, arrays = client.frames[0]
    assert header["step"] == 0
    assert arrays["x"].tolist() == [0, 0, 0]
    assert header["values"]["thread"] == "lab"
    assert abs(header["t"] - 1000 * time.time()) < 10_000


def test_play_and_pause(client: Client) -> None:
    client.do("play")
    client.listen(lambda: client.step > 10)
    client.do("pause")
    client.listen(lambda: client.of("state")[-1]["playing"] is False)
    client.listen_for(0.1)
    step = client.step
    client.listen_for(0.2)
    assert client.step == step == client.of("state")[-1]["steps"]


def test_an_event_that_begins_anew_begins_a_new_history(client: Client) -> None:
    client.do("play")
    client.listen(lambda: client.step > 10)
    client.do("pause")
    client.session.post(Command("event", "begin"))
    client.listen(lambda: client.step == 0)
    client.do("step")
    client.listen(lambda: client.step == 1)
    client.do("seek", 0)
    client.listen(lambda: client.step == 0)
    assert client.of("state")[-1]["history"] == {"first": 0, "last": 1, "at": 0}
    client.do("record")  # of the course before there is nothing left
    (name,) = client.listen(lambda: client.of("recorded"))
    assert [frame.step for frame in recording.read(name)[1]] == [0, 1]


def test_a_notebook_is_told_or_said_to_be_impossible(client: Client) -> None:
    client.do("play")
    client.do("notebook")
    (error,) = client.listen(lambda: client.of("error"))
    assert "notebook" in error["problem"]


def test_what_was_shown_is_recorded_and_a_recording_is_not_recorded_again(client: Client) -> None:
    client.do("play")
    client.listen(lambda: client.step > 10)
    client.do("record")
    (name,) = client.listen(lambda: client.of("recorded"))
    about, frames = recording.read(name)
    assert about.params == {"size": 3, "shift": 0.0}
    assert frames[0].step == 0
    assert all((frame.arrays["x"] == frame.step).all() for frame in frames)
    assert client.session.playing  # and the lab goes on
    again = Client(lambda: Playback(name))
    again.session.start()
    again.listen(lambda: again.frames)
    again.do("seek", 5)
    again.listen(lambda: again.step == 5)
    assert again.of("state")[-1]["history"] == {"first": 0, "last": about.last, "at": 5}
    again.do("record")
    again.listen(lambda: again.of("error"))
    assert again.session.stop()


def test_frames_come_later_where_they_lay(client: Client) -> None:
    client.listen(lambda: client.frames)
    client.session.post(Command("ack", 1, 20.0))
    for _ in range(SEVERAL):
        client.session.post(Command("ack", 1, 12.0))
    assert list(client.session._pace._lay) == [0.012] * SEVERAL


def test_a_step_is_one_step(client: Client) -> None:
    for _ in range(3):
        client.do("step")
    client.listen(lambda: client.step == 3)
    client.do("reset")
    client.listen(lambda: client.step == 0)


def test_the_pace_is_the_labs(client: Client) -> None:
    client.listen(lambda: client.frames)
    client.do("play")
    began = time.monotonic()
    client.listen(lambda: client.step >= 60)
    assert 0.3 < time.monotonic() - began < 3
    client.session.post(Command("speed", 0.02))
    client.listen(lambda: client.of("state")[-1]["speed"] == 0.02)
    slow = client.step
    client.listen_for(0.3)
    assert client.step - slow <= 3


def test_without_credit_no_frame_is_made_and_the_next_one_is_the_newest() -> None:
    client = Client(acknowledge=False)
    client.session.start()
    client.do("play")
    client.listen_for(0.5)
    assert len(client.frames) == CREDIT
    old = client.step
    client.session.post(Command("ack", 1))
    client.listen(lambda: len(client.frames) == CREDIT + 1)
    assert client.step > old + 10
    client.listen_for(0.2)
    assert len(client.frames) == CREDIT + 1
    for _ in range(50):
        client.session.post(Command("ack", 1))  # too many acknowledgements give no more credit than there is
    client.listen_for(0.3)
    assert len(client.frames) <= CREDIT + 1 + CREDIT + 1
    assert client.session.stop()


def test_each_frame_is_a_new_one(client: Client) -> None:
    client.do("play")
    client.listen(lambda: len(client.frames) > 20)
    sequence = [header["seq"] for header, _ in client.frames]
    assert sequence == list(range(1, len(sequence) + 1))


def test_parameters_change_and_some_begin_anew(client: Client) -> None:
    client.do("step")
    client.set(shift=0.5)
    client.listen(lambda: client.frames and client.frames[-1][1]["x"].tolist() == [1.5] * 3)
    client.set(size=2, shift=0.0)
    client.listen(lambda: client.step == 0 and client.frames[-1][1]["x"].tolist() == [0] * 2)


def test_a_new_beginning_forgets_the_past(client: Client) -> None:
    def steps(count: int) -> None:
        for number in range(1, count + 1):
            client.do("step")
            client.listen(lambda: client.step == number)  # noqa: B023 - called at once

    steps(5)
    client.set(size=2)
    client.listen(lambda: client.step == 0)
    steps(2)
    client.do("seek", 0)
    client.listen(lambda: client.step == 0)
    assert client.frames[-1][1]["x"].tolist() == [0] * 2


@pytest.mark.parametrize("values", [{"size": 99}, {"sise": 1}, {"size": None}, {"shift": 0.5, "size": "x"}])
def test_a_refused_parameter_changes_nothing(client: Client, values: dict[str, Any]) -> None:
    client.do("step")
    client.set(**values)
    error = client.listen(lambda: client.of("error"))[0]
    assert set(error) == {"problem", "given", "needed", "fix"}
    assert "Error" not in error["problem"]
    assert client.of("state")[-1]["params"] == {"size": 3, "shift": 0.0}
    client.do("step")
    client.listen(lambda: client.step == 2)


def test_the_past_can_be_looked_at(client: Client) -> None:
    client.session.post(Command("speed", 0.5))
    client.do("play")
    client.listen(lambda: client.step > 30)
    client.do("seek", 12)
    client.listen(lambda: client.of("state")[-1]["history"]["at"] <= 12)
    client.listen(lambda: client.step <= 12)
    header, arrays = client.frames[-1]
    assert header["step"] > 5
    assert arrays["x"][0] == header["step"]
    state = client.of("state")[-1]
    assert not state["playing"]
    assert state["history"] == {"first": 0, "last": state["steps"], "at": header["step"]}
    assert state["values"]["first"] == header["step"]
    client.do("play")
    client.listen(lambda: client.step > state["steps"])


@pytest.mark.parametrize("value", [None, "x", True, [], float("nan")])
def test_no_such_time(client: Client, value: Any) -> None:
    client.do("seek", value)
    assert client.listen(lambda: client.of("error"))[0]["problem"] == "no such time"


def test_a_lab_may_speak_and_pause_itself(client: Client) -> None:
    client.session.post(Command("speed", 20.0))
    client.do("play")
    client.listen(lambda: client.of("message"))
    client.listen(lambda: client.of("state")[-1]["playing"] is False)
    assert client.of("message") == [{"kind": "info", "text": "far enough"}]


@pytest.mark.parametrize("shift", [-1, 1])
def test_a_failing_lab_is_told_and_lives_on(client: Client, shift: float, caplog: pytest.LogCaptureFixture) -> None:
    client.set(shift=shift)
    client.do("play")
    assert "planted" in client.listen(lambda: client.of("error"))[0]["problem"]
    client.set(shift=0)
    client.do("step")
    client.listen(lambda: client.step >= 1)
    assert "a lab failed" in caplog.text


def test_a_lab_that_cannot_be_opened_is_told(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> Lab:
        raise UsageError("there is no such lab")

    client = Client(broken)
    client.session.start()
    assert client.listen(lambda: client.of("error"))[0]["problem"] == "there is no such lab"
    assert client.session.stop()


def test_a_network_that_diverges_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Counter, "step", lambda self: setattr(self, "x", (self.x + 1e200) ** 2))
    client = Client()
    client.session.start()
    for _ in range(3):
        client.do("step")
    client.listen(lambda: client.step == 3)
    assert np.isinf(client.frames[-1][1]["x"]).all()
    assert client.of("error") == []
    assert client.session.stop()


def test_too_many_commands_are_refused() -> None:
    gate = threading.Event()

    def slow() -> Lab:
        gate.wait(10)
        return Counter()

    client = Client(slow)
    client.session.start()
    with pytest.raises(UsageError, match="busy"):
        for _ in range(1000):
            client.do("step")
    gate.set()
    client.listen(lambda: client.step > 100)
    assert client.session.stop()


def test_messages_are_strict_json(client: Client) -> None:
    client.set(shift=0.25)
    client.do("seek", "x")
    client.listen(lambda: client.of("error") and len(client.of("state")) > 1)
    json.dumps(client.texts, allow_nan=False)


def test_stopping_closes_the_lab_and_ends_the_thread() -> None:
    before, closed = threading.active_count(), Counter.closed
    clients = [Client() for _ in range(5)]
    for client in clients:
        client.session.start()
        client.do("play")
    assert all(client.session.stop() for client in clients)
    assert threading.active_count() == before
    assert Counter.closed == closed + 5
