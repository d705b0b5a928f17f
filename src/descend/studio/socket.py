"""The WebSockets of the studio: a lab for each, and the events of a run as they are recorded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect

if TYPE_CHECKING:
    from descend.engine.errors import DescendError
    from descend.studio.lab import Lab
    from descend.studio.protocol import Command
    from descend.studio.session import Session

MOST_LABS = 16
TRY_AGAIN_LATER, UNKNOWN = 1013, 4404
_LOOK = 0.25  # seconds between two looks at a run


class Open(Protocol):
    """The other end of a lab's socket."""

    def post(self, command: Command) -> None:
        """Take a command of the page's."""

    def complain(self, error: DescendError) -> None:
        """Tell the page of an error."""

    def take(self) -> tuple[list[dict[str, Any]], bytes | None]:
        """The messages and the frame that are ready to be sent."""


class Labs:
    """The labs that are open, one for each socket. They close with it, or with the server.

    Args:
        directory: the learner's folder; by default the one that is found.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self.directory = directory
        self.open: set[Session] = set()

    async def serve(self, socket: WebSocket) -> None:
        """Run the lab that the address names until the socket closes."""
        name = socket.path_params["id"]

        def make() -> Lab:
            from descend.studio import labs

            return labs.get(name)(self.directory)

        await self._run(socket, make)

    async def replay(self, socket: WebSocket) -> None:
        """The same with the recording that the address names."""
        name = socket.path_params["name"]

        def make() -> Lab:
            from descend.studio.playback import Playback

            return Playback(name)

        await self._run(socket, make)

    async def _run(self, socket: WebSocket, make: Callable[[], Lab]) -> None:
        await socket.accept()
        # NumPy comes with it: whoever else is served does not wait for that.
        await asyncio.to_thread(import_module, "descend.studio.session")
        if len(self.open) >= MOST_LABS:
            await socket.close(TRY_AGAIN_LATER)
            return
        session, wake = self._made(make, asyncio.get_running_loop())
        self.open.add(session)
        session.start()
        sending = asyncio.create_task(send(socket, session, wake))
        try:
            await receive(socket, session)
        finally:
            sending.cancel()
            # Also where this task is cancelled itself: the thread must not outlive the socket.
            await asyncio.shield(asyncio.ensure_future(self._closed(session)))

    def _made(self, make: Callable[[], Lab], loop: asyncio.AbstractEventLoop) -> tuple[Session, asyncio.Event]:
        from descend.studio.session import Session

        ready = asyncio.Event()

        def wake() -> None:
            with suppress(RuntimeError):  # the loop has ended before the thread
                loop.call_soon_threadsafe(ready.set)

        # The lab is made in the session's thread, where an unknown name is an error that the client is told.
        return Session(make, wake), ready

    async def _closed(self, session: Session) -> None:
        await asyncio.to_thread(session.stop)
        self.open.discard(session)

    def close(self) -> None:
        """End all that is open."""
        for session in list(self.open):
            session.stop()


async def receive(socket: WebSocket, session: Open) -> None:
    """Hand over what the page sends, until the socket closes."""
    from descend.engine.errors import DescendError
    from descend.studio.protocol import parse

    with suppress(WebSocketDisconnect):
        while True:
            text = await _text(socket)
            try:
                session.post(parse(text))
            except DescendError as error:
                session.complain(error)


async def _text(socket: WebSocket) -> str:
    """The next message; one of bytes counts as empty. Raises WebSocketDisconnect at the end."""
    message = await socket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1000))
    return message.get("text") or ""


async def send(socket: WebSocket, session: Open, wake: asyncio.Event) -> None:
    """Send what there is to take whenever `wake` is set, until the socket closes."""
    with suppress(WebSocketDisconnect, RuntimeError):
        while True:
            await wake.wait()
            wake.clear()
            texts, frame = session.take()
            for text in texts:
                await socket.send_json(text)
            if frame is not None:
                await socket.send_bytes(frame)


async def look(socket: WebSocket) -> None:
    """Show a network of the program's own; see `shown.viewer`."""
    from descend.studio.shown.sockets import serve

    await serve(socket)


async def follow(socket: WebSocket) -> None:
    """Send the events of a run: those that there are, then each as it is recorded, until the socket closes."""
    await socket.accept()
    sending = asyncio.create_task(_send_events(socket, socket.path_params["name"]))
    try:
        with suppress(WebSocketDisconnect):
            while True:
                await _text(socket)
    finally:
        sending.cancel()


async def _send_events(socket: WebSocket, name: str) -> None:
    from descend.engine.errors import DescendError
    from descend.studio.following import Following
    from descend.studio.session import parts

    with suppress(WebSocketDisconnect, RuntimeError):
        try:
            following = await asyncio.to_thread(Following, name)
            while True:
                news: dict[str, Any] | None = await asyncio.to_thread(following.news)
                if news:
                    await socket.send_json(news)
                await asyncio.sleep(_LOOK)
        except DescendError as error:
            await socket.send_json({"error": parts(error)})
            await socket.close(UNKNOWN)
