"""The studio as a real server: many sockets, odd messages, clients that vanish, and an end without leftovers."""

from __future__ import annotations

import asyncio
import json
import random
import socket as sockets
import threading
import time
import urllib.request
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
import uvicorn
import websockets
from websockets.asyncio.client import ClientConnection

from descend.studio import launch
from descend.studio.app import Studio
from descend.studio.guard import LARGEST_MESSAGE, Guard, Tokens
from descend.studio.protocol import decode
from descend.studio.socket import MOST_LABS
from tests.studio.conftest import RIGHT


@dataclass
class Served:
    link: launch.Link
    studio: Studio

    def connect(self, place: str, **headers: str) -> Any:
        return websockets.connect(
            f"ws://127.0.0.1:{self.link.port}{place}",
            origin=headers.pop("origin", f"http://127.0.0.1:{self.link.port}"),  # type: ignore[arg-type]
            additional_headers={"Cookie": self.cookie, **headers},
            max_size=None,
            max_queue=None,  # what is not read here must not keep the end of the connection from being noticed
        )

    def labs(self) -> int:
        return sum(thread.name == "lab" for thread in threading.enumerate())

    def answers(self) -> bool:
        """Whether the server still serves whoever comes next."""
        address = f"http://127.0.0.1:{self.link.port}/api/guide"
        request = urllib.request.Request(address, headers={"Cookie": self.cookie})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return bool(answer.status == 200)

    @property
    def cookie(self) -> str:
        return f"descend-{self.link.port}={self.link.tokens.cookie}"


@pytest.fixture
def served(answers: Path) -> Iterator[Served]:
    listening = launch.listen(0)
    link = launch.Link(listening.getsockname()[1], Tokens())
    studio = Studio(answers)
    server = uvicorn.Server(launch.configuration(Guard(studio.app(), link.port, link.tokens)))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield Served(link, studio)
    server.should_exit = True
    thread.join(20)
    listening.close()
    assert not thread.is_alive()
    assert wait_for(lambda: not any(one.name == "lab" for one in threading.enumerate()))


def wait_for(what: Callable[[], bool], seconds: float = 15) -> bool:
    deadline = time.monotonic() + seconds
    while not what() and time.monotonic() < deadline:
        time.sleep(0.02)
    return what()


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 60))


async def tell(socket: ClientConnection, **message: Any) -> None:
    await socket.send(json.dumps(message))


async def until(socket: ClientConnection, found: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The first message, or header of a frame, for which `found` is true. Frames are acknowledged."""
    while True:
        data = await asyncio.wait_for(socket.recv(), 20)
        if isinstance(data, bytes):
            message = decode(data)[0]
            await tell(socket, ack=message["seq"])
        else:
            message = json.loads(data)
        if found(message):
            return dict(message)


def test_a_lab_plays(served: Served) -> None:
    async def play() -> None:
        async with served.connect("/ws/labs/playground") as socket:
            await tell(socket, set={"data": "xor"})
            await tell(socket, do="play")
            seen = []
            while len(seen) < 20:
                seen.append((await until(socket, lambda m: "seq" in m))["seq"])
            assert seen == sorted(set(seen))
            await tell(socket, do="pause")
            state = await until(
                socket, lambda m: "state" in m and not m["state"]["playing"] and m["state"]["steps"] > 0
            )
            assert state["state"]["params"]["data"] == "xor"

    run(play())
    assert wait_for(lambda: served.labs() == 0)


def test_two_sockets_have_a_lab_each(served: Served) -> None:
    async def two() -> None:
        async with served.connect("/ws/labs/downhill") as one, served.connect("/ws/labs/downhill") as other:
            await tell(one, do="step")
            await until(one, lambda m: m.get("step") == 1)
            await tell(other, event="guess", data={"x": 0, "y": 0})
            assert (await until(other, lambda m: "seq" in m))["step"] == 0
            assert served.labs() == 2

    run(two())


LABS = ("home", "downhill", "playground", "digit")
WORDS = [
    "do", "set", "speed", "event", "ack", "value", "data", "play", "pause", "step", "reset", "seek", "lr", "layers",
    "line", "yours", "units", "noise", "seed", "point", "points", "clear", "guess", "predict", "draw", "x" * 70,
]  # fmt: skip
VALUES: list[Any] = [
    None, True, -1, 0, 3, 0.5, 1e308, -1e308, 10**30, float("nan"), "", "circle", "8 8", "nan", [], {}, [[]], [1] * 784,
    {"x": 1, "y": 2, "label": 1}, {"x": None}, [[0, 0, 1], [1, 1, -1]], {"what": "explodes", "value": -1}, "\u0000",
]  # fmt: skip


def odd(rng: random.Random) -> str | bytes:
    """A message made of the words that a lab knows, in an order that it may not."""

    def any_value(depth: int = 2) -> Any:
        if depth and rng.random() < 0.3:
            return {rng.choice(WORDS): any_value(depth - 1) for _ in range(rng.randrange(3))}
        return rng.choice([*VALUES, *WORDS])

    row = {rng.choice(WORDS[:5]): any_value()} | {rng.choice(WORDS): any_value() for _ in range(rng.randrange(3))}
    text = json.dumps(row)
    noise = "".join(chr(rng.randrange(1, 0xD800)) for _ in range(rng.randrange(40)))
    return rng.choice([*[text] * 6, text[: rng.randrange(len(text))], text.encode(), noise, "[" * 5000, "\0", "{}"])


def test_a_thousand_odd_messages_do_no_harm(served: Served) -> None:
    rng = random.Random(0)
    children = {child.pid for child in psutil.Process().children(recursive=True)}

    async def fuzz(lab: str) -> None:
        async with served.connect(f"/ws/labs/{lab}") as socket:
            for bunch in range(5):
                for _ in range(50):
                    await socket.send(odd(rng))
                # It has lived through them: it still knows right from wrong.
                await tell(socket, set={f"nosuch{bunch}": 1})
                await until(socket, lambda m: f"'nosuch{bunch}'" in m.get("error", {}).get("problem", ""))  # noqa: B023
            await tell(socket, do="reset")
            await until(socket, lambda m: "state" in m and m["state"]["steps"] == 0)

    async def all_of_them() -> None:
        for lab in LABS:
            await fuzz(lab)

    run(all_of_them())
    assert wait_for(lambda: served.labs() == 0 and not served.studio.labs.open)
    assert wait_for(lambda: {child.pid for child in psutil.Process().children(recursive=True)} == children)
    assert served.answers()


def test_a_hundred_clients_that_vanish_leave_nothing(served: Served, write: Callable[[str], Path]) -> None:
    write(RIGHT)
    process = psutil.Process()
    threads = {one.name for one in threading.enumerate()}
    children = {child.pid for child in process.children(recursive=True)}

    async def vanish(number: int) -> None:
        socket = await served.connect(f"/ws/labs/{LABS[number % 4]}")
        await tell(socket, do="play")
        if number % 12 == 0:
            await tell(socket, set={"line": "yours"})
        if number % 5 == 0:
            await until(socket, lambda m: "seq" in m)
        socket.transport.abort()

    async def in_turn() -> None:
        for first in range(0, 100, 5):
            await asyncio.gather(*(vanish(number) for number in range(first, first + 5)))

    run(in_turn())
    assert wait_for(lambda: served.labs() == 0 and not served.studio.labs.open)
    assert wait_for(lambda: {child.pid for child in process.children(recursive=True)} == children)
    assert wait_for(lambda: not _connections(process, served.link.port))
    assert "lab" not in {one.name for one in threading.enumerate()} - threads
    assert served.answers()


def _connections(process: psutil.Process, port: int) -> list[Any]:
    """The connections to the studio that are still open."""
    found = process.net_connections(kind="tcp")
    return [one for one in found if one.laddr.port == port and one.status == psutil.CONN_ESTABLISHED]


def test_there_is_an_end_to_the_labs_that_are_open(served: Served) -> None:
    async def many() -> None:
        open_ones = [await served.connect("/ws/labs/downhill") for _ in range(MOST_LABS)]
        for socket in open_ones:
            await until(socket, lambda m: "state" in m)
        more = await served.connect("/ws/labs/downhill")
        with pytest.raises(websockets.ConnectionClosed):
            await more.recv()
        assert more.close_code == 1013
        for socket in open_ones:
            await socket.close()

    run(many())
    assert wait_for(lambda: served.labs() == 0)


def test_a_long_message_ends_the_socket(served: Served) -> None:
    async def long() -> None:
        async with served.connect("/ws/labs/downhill") as socket:
            await socket.send("x" * (LARGEST_MESSAGE + 1))
            with pytest.raises(websockets.ConnectionClosed):
                await until(socket, lambda m: False)
            assert socket.close_code == 1009

    run(long())
    assert wait_for(lambda: served.labs() == 0)


@pytest.mark.parametrize("headers", [{"origin": "http://evil.example"}, {"origin": ""}, {"Cookie": "x=y"}])
def test_a_foreign_socket_is_refused(served: Served, headers: dict[str, str]) -> None:
    async def foreign() -> None:
        with pytest.raises(websockets.InvalidStatus) as refused:
            await served.connect("/ws/labs/downhill", **headers)
        assert refused.value.response.status_code == 403

    run(foreign())
    assert served.labs() == 0


def test_an_unknown_lab_is_told(served: Served) -> None:
    async def unknown() -> None:
        async with served.connect("/ws/labs/nosuch") as socket:
            error = await until(socket, lambda m: "error" in m)
            assert "no lab" in error["error"]["problem"]

    run(unknown())


def test_it_listens_on_this_machine_only(served: Served) -> None:
    connections = psutil.Process().net_connections(kind="inet")
    mine = [c.laddr.ip for c in connections if c.status == psutil.CONN_LISTEN and c.laddr.port == served.link.port]
    assert mine == ["127.0.0.1"]
    assert sockets.has_ipv6 is not None


def test_closing_the_server_ends_open_labs(served: Served) -> None:
    ended = threading.Event()

    async def stay() -> None:
        async with served.connect("/ws/labs/playground") as socket:
            await tell(socket, do="play")
            await until(socket, lambda m: "seq" in m)
            ended.set()
            with pytest.raises(websockets.ConnectionClosed):
                await until(socket, lambda m: False)

    # The fixture closes the server while this client still listens.
    threading.Thread(target=run, args=(stay(),), daemon=True).start()
    assert ended.wait(20)
