"""A program of a user's own, in a process of its own: it prints a link, trains, is steered, and ends."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import websockets

from descend.engine.errors import DescendError
from descend.studio import launch
from descend.studio.protocol import decode
from descend.studio.shown import server
from descend.studio.shown.sockets import ENDED

TRAINS = """
import os, sys, numpy as np
import descend
from descend import nn, optim, studio

model = nn.Linear(2, 3)
x, y = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32), np.arange(40) % 3
view = studio.show(model, (x, y), name="mine", browser=False, port=0)
optimizer = optim.SGD(model.parameters(), 0.1)
after = 0  # steps since the test said that the page is gone
for step in range(int(sys.argv[1])):
    loss = nn.cross_entropy(model(descend.Tensor(x)), descend.Tensor(y))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    view.update(loss)
    after += os.path.exists("gone")
    if after == 200:
        break
{last}
print("through", flush=True)
"""


@contextmanager
def program(tmp_path: Path, steps: int, last: str = "") -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A program that trains for so many steps, or 200 from when there is a file "gone", and its link."""
    file = tmp_path / "mine.py"
    file.write_text(TRAINS.format(last=last), encoding="utf-8")
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, str(file), str(steps)], env=environment, cwd=tmp_path,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout
        link = re.search(r"http://\S+", process.stdout.readline())
        assert link
        yield process, link[0]
    finally:
        process.kill()
        process.communicate()


def get(link: str, cookie: str = "") -> tuple[int, str, bytes]:
    """Status, cookie and body of an address."""
    host, port, path = re.fullmatch(r"http://([\d.]+):(\d+)(/\S*)", link).groups()  # type: ignore[union-attr]
    connection = http.client.HTTPConnection(host, int(port), timeout=20)
    connection.request("GET", path, headers={"cookie": cookie})
    answer = connection.getresponse()
    found = answer.status, (answer.getheader("set-cookie") or "").partition(";")[0], answer.read()
    connection.close()
    return found


async def talk(link: str, cookie: str, then: Callable[[Any, Callable[..., Any]], Any]) -> Any:
    """Open the socket of the network and let `then` use it."""
    home = link.partition("/show")[0]
    async with websockets.connect(
        home.replace("http", "ws") + "/ws/shows/my-1", origin=home, additional_headers={"Cookie": cookie}, max_size=None
    ) as socket:

        async def until(true: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
            while True:
                received = await socket.recv()
                row = json.loads(received) if isinstance(received, str) else decode(received)[0]
                if "seq" in row:
                    await socket.send(json.dumps({"ack": row["seq"]}))
                if true(row):
                    return row

        return await asyncio.wait_for(then(socket, until), 60)


def test_from_the_link_to_the_last_step(tmp_path: Path) -> None:
    async def steer(socket: Any, until: Callable[..., Any]) -> None:
        await until(lambda row: row.get("step", 0) > 0)
        await socket.send('{"do": "pause"}')
        await until(lambda row: row.get("state", {}).get("playing") is False)
        steps = (await until(lambda row: "seq" in row))["step"]
        await socket.send('{"do": "step"}')
        await until(lambda row: row.get("step", 0) > steps)
        await socket.send('{"do": "seek", "value": 0}')
        await until(lambda row: row.get("step") == 0)
        await socket.send('{"event": "stop"}')
        with pytest.raises(websockets.ConnectionClosed):
            await until(lambda row: False)
        assert socket.close_code == ENDED

    with program(tmp_path, 10**9) as (process, link):
        status, cookie, _ = get(link)
        assert status == 303
        assert get(link)[0] == 401  # once
        home = link.partition("/show")[0]
        (row,) = json.loads(get(f"{home}/api/shows", cookie)[2])
        assert (row["id"], row["name"], row["program"], row["process"]) == ("my-1", "mine", "mine.py", process.pid)
        assert json.loads(get(f"{home}/api/shows/my-1", cookie)[2])["title"] == "mine"
        assert get(f"{home}/api/shows/my-2", cookie)[0] == 404
        asyncio.run(talk(link, cookie, steer))
        _, errors = process.communicate(timeout=20)
        assert "Stopped" in errors
        assert process.returncode == 1


def test_a_close_that_is_forgotten_does_not_keep_the_program(tmp_path: Path) -> None:
    with program(tmp_path, 5) as (process, _):
        out, errors = process.communicate(timeout=20)
        assert out.endswith("through\n")
        assert (process.returncode, errors) == (0, "")


def test_neither_does_an_open_page(tmp_path: Path) -> None:
    async def stay(socket: Any, until: Callable[..., Any]) -> None:
        await until(lambda row: row.get("state", {}).get("values", {}).get("waiting"))
        process.send_signal(signal.SIGINT)
        with pytest.raises(websockets.ConnectionClosed):
            await until(lambda row: False)
        assert socket.close_code == ENDED

    with program(tmp_path, 5, "view.wait()") as (process, link):
        asyncio.run(talk(link, get(link)[1], stay))
        out, errors = process.communicate(timeout=20)
        assert "stays open" in out
        assert out.endswith("through\n")  # wait() comes back at Ctrl-C
        assert (process.returncode, errors) == (0, "")


def test_training_goes_on_when_the_page_is_gone(tmp_path: Path) -> None:
    async def leave(socket: Any, until: Callable[..., Any]) -> None:
        await until(lambda row: row.get("step", 0) > 0)
        socket.transport.abort()

    with program(tmp_path, 10**9) as (process, link):
        asyncio.run(talk(link, get(link)[1], leave))
        (tmp_path / "gone").touch()
        out, errors = process.communicate(timeout=60)
        assert out.endswith("through\n")
        assert (process.returncode, errors) == (0, "")


@pytest.mark.parametrize("script", ["show_my_network.py --epochs 0", "show_my_torch_network.py --steps 3"])
def test_the_examples_run(script: str) -> None:
    name, *options = script.split()
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).parents[3] / "examples" / name), "--no-browser", *options],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(3)]
        assert "/show/my-1?token=" in lines[0]
        assert "stays open" in lines[2]
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=20)
        assert (process.returncode, errors) == (0, "")
    finally:
        process.kill()
        process.communicate()


def test_a_network_that_is_not_there(tmp_path: Path) -> None:
    async def unknown(link: str, cookie: str) -> None:
        home = link.partition("/show")[0]
        async with websockets.connect(
            home.replace("http", "ws") + "/ws/shows/my-9", origin=home, additional_headers={"Cookie": cookie}
        ) as socket:
            with pytest.raises(websockets.ConnectionClosed):
                await socket.recv()
            assert socket.close_code == 4404

    with program(tmp_path, 5, "view.wait()") as (_, link):
        asyncio.run(asyncio.wait_for(unknown(link, get(link)[1]), 30))


def test_a_port_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_by_process", {})
    first = server.serving(0)
    try:
        assert server.serving() is first
        assert server.serving(first.link.port) is first
        with pytest.raises(DescendError, match="another port"):
            server.serving(first.link.port + 1)
    finally:
        first.close()
    assert not first.thread.is_alive()


def test_the_browser_is_opened_once_and_the_link_is_no_secret_of_its_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[str] = []
    monkeypatch.setattr(launch, "opened", lambda file: opened.append(file.read_text()) or True)
    served = server.Serving(0)
    try:
        served.announce("my-1", "one", browser=True)
        served.announce("my-2", "two", browser=True)
        served.announce("my-3", "three", browser=False)
    finally:
        served.close()
    assert len(opened) == 1
    assert re.search(r"/show/my-1\?token=[\w-]+", opened[0])
    first, *rest = capsys.readouterr().out.splitlines()
    assert "token" not in first
    assert sum("token=" in line for line in rest) == 2
