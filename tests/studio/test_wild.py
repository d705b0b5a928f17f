"""Learner's code that runs wild, sent the way the page sends it: by Check, and into the lab beside the library's line.

Each time there is a message within the limit, and the server answers whoever comes next.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from starlette.testclient import TestClient

from descend.guide import checker, sandbox
from descend.guide.limits import Limits
from descend.studio.protocol import decode
from tests.studio.conftest import PORT, RIGHT

CHECK = "/api/exercises/00/check"
HOME = f"ws://127.0.0.1:{PORT}/ws/labs/home"
SECONDS = 1.0  # for an endless loop in a check, in place of ten
WITHIN = 20.0  # seconds for start, limit and end of a process, on a busy machine

Write = Callable[[str], Path]

# What the code does, its lines, the diagnosis of the check, and words of what the lab says; None: the lab goes on.
WILD = [
    ("loops for ever", "while True: pass", "time", "still running"),
    ("allocates 40 GB", "return np.ones(5 * 10**9)", "memory", "memory"),
    ("forks", "os.fork(); return p", "processes", "another one"),
    ("stops the server", "os.kill(os.getppid(), 9); return p", "processes", "another one"),
    ("prints 1 GB", "for _ in range(1000): print('x' * 10**6)\n    return p", "output", None),
    ("ends its process", "os._exit(0)", "exited", "ended"),
    ("has a syntax error", "return (", "syntax", "grammar"),
]


@pytest.fixture(params=WILD, ids=[name for name, *_ in WILD])
def wild(request: pytest.FixtureRequest) -> tuple[str, str, str | None]:
    """A file for Exercise 0, the diagnosis that it must get, and words that the lab must say."""
    _, lines, diagnosis, words = request.param
    return f"import os\nimport numpy as np\n\ndef update(p, g, lr):\n    {lines}\n", diagnosis, words


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch, wild: tuple[str, str, str | None]) -> None:
    """What ends by the clock only ends after a second: that the real limits are kept is tested with the sandbox."""

    def run(job: Any, limits: Limits | None = None, run: Any = sandbox.run) -> Any:
        return run(job, Limits(seconds=SECONDS) if job.source == wild[0] else limits)

    if wild[1] == "time":
        monkeypatch.setattr(checker.sandbox, "run", run)


@pytest.fixture(autouse=True)
def unharmed(client: TestClient) -> Any:
    """Afterwards: no process is left, and the server checks what is right."""
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    yield
    deadline = time.monotonic() + 10
    while _children() - before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert _children() - before == set()
    assert client.get("/api/guide").status_code == 200


def _children() -> set[int]:
    return {child.pid for child in psutil.Process(os.getpid()).children(recursive=True)}


def test_the_check_says_what_is_wrong_and_the_server_lives(client: TestClient, wild: tuple[str, str, str]) -> None:
    code, diagnosis, _ = wild
    began = time.monotonic()
    answer = client.post(CHECK, json={"code": code})
    assert time.monotonic() - began < WITHIN
    assert answer.status_code == 200
    verdict = answer.json()
    assert (verdict["passed"], verdict["diagnosis"]) == (False, diagnosis)
    assert len(verdict["problem"]) > 20
    assert diagnosis not in ("time", "memory") or "line 5" in verdict["evidence"]
    assert len(verdict["printed"]) < 100_000
    if diagnosis in ("exited", "processes"):  # two will do
        assert client.post(CHECK, json={"code": RIGHT}).json()["passed"]


def test_the_lab_says_what_is_wrong_and_lives(
    client: TestClient, wild: tuple[str, str, str | None], write: Write
) -> None:
    code, _, words = wild
    write(code)
    with client.websocket_connect(HOME) as socket:
        socket.send_json({"set": {"line": "yours"}})
        if words is None:
            _until(socket, lambda told: "seq" in told and told.get("step", 0) > 2)
        else:
            told = _until(socket, lambda told: told.get("message", {}).get("kind") == "error")
            assert words in told["message"]["text"].lower()
        # The lab itself goes on with the library's line.
        socket.send_json({"set": {"line": "library"}})
        socket.send_json({"do": "play"})
        _until(socket, lambda told: told.get("state", {}).get("playing") and told["state"]["steps"] > 0)


def _until(socket: Any, found: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    """The first message, or header of a frame, that is looked for; frames are acknowledged."""
    deadline = time.monotonic() + WITHIN
    while time.monotonic() < deadline:
        message = socket.receive()
        if message.get("bytes"):
            told = decode(message["bytes"])[0]
            socket.send_json({"ack": told["seq"]})
        else:
            told = json.loads(message["text"])
        if found(told):
            return dict(told)
    raise AssertionError(f"not within {WITHIN:g} s")
