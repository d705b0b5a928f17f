"""The WebSocket of a page that looks at a network on show."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from starlette.websockets import WebSocket

from descend.studio.shown.exhibit import EXHIBITS
from descend.studio.shown.viewer import Viewer
from descend.studio.socket import TRY_AGAIN_LATER, UNKNOWN, receive, send

ENDED = 4410  # the program has come to its end: there is nothing to come back to
MOST_PAGES = 16


async def serve(socket: WebSocket) -> None:
    """Show the network that the address names until the page or the program ends."""
    await socket.accept()
    exhibit = EXHIBITS.get(socket.path_params["id"])
    if exhibit is None or len(exhibit.pages) >= MOST_PAGES:
        await socket.close(UNKNOWN if exhibit is None else TRY_AGAIN_LATER)
        return
    news, over = asyncio.Event(), asyncio.Event()
    viewer = Viewer(exhibit, _from_any_thread(news), _from_any_thread(over))
    tasks = [asyncio.create_task(send(socket, viewer, news)), asyncio.create_task(_close(socket, over))]
    viewer.start()
    try:
        await receive(socket, viewer)
    finally:
        viewer.stop()
        for task in tasks:
            task.cancel()


async def _close(socket: WebSocket, over: asyncio.Event) -> None:
    await over.wait()
    with suppress(RuntimeError):  # the page was quicker
        await socket.close(ENDED)


def _from_any_thread(event: asyncio.Event) -> Callable[[], None]:
    loop = asyncio.get_running_loop()

    def set_event() -> None:
        with suppress(RuntimeError):  # the loop has ended before the thread
            loop.call_soon_threadsafe(event.set)

    return set_event
