"""Starting the studio: a port, the server, and the browser."""

from __future__ import annotations

import html
import os
import socket
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp

from descend.studio.guard import LARGEST_MESSAGE, Guard, Tokens

Say = Callable[[str], None]

HOST, PORT = "127.0.0.1", 8573
_REDIRECT = (
    '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url={to}"><title>descend</title>'
)
_KEPT = 60.0  # seconds that the redirect file is there for the browser


@dataclass(frozen=True)
class Link:
    """Addresses of a running studio."""

    port: int
    tokens: Tokens

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}/"

    def fresh(self) -> str:
        """The address with a new token in it: good once, for a few minutes."""
        return f"{self.address}?token={self.tokens.issue()}"


def run(say: Say, port: int | None = None, *, browser: bool = True, directory: Path | None = None) -> None:
    """Serve until Ctrl-C.

    Args:
        say: tells the user a line.
        port: where to listen, 0 for any that is free; by default 8573, or any where that is taken.
        browser: open the pages in a browser; where there is none, the link is printed.
        directory: the learner's folder; by default the one that is found.

    Raises:
        DescendError: the port is taken.
    """
    listening = listen(port)
    link = Link(listening.getsockname()[1], Tokens())
    server = _server(directory, link)
    with listening, _shown(link, say, browser=browser), suppress(KeyboardInterrupt):
        server.run(sockets=[listening])
    say("The studio is closed.")


def listen(port: int | None) -> socket.socket:
    """A socket that listens on this machine only. Raises DescendError where the port is taken."""
    for candidate in (PORT, 0) if port is None else (port,):
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if os.name == "posix":
            # A studio that was closed a moment ago must not keep the port from the next one.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((HOST, candidate))
            listening.listen(128)
        except OSError as error:
            listening.close()
            refused = error
        else:
            return listening
    from descend.engine.errors import DescendError

    raise DescendError(
        f"port {port} cannot be used",
        given=refused.strerror,
        needed="a port that is free, 1024 or higher",
        fix="close the studio or program that listens there, or leave --port out: then a free one is found",
    )


def configuration(app: ASGIApp) -> uvicorn.Config:
    """How the server is set up. It writes no log of requests, in which a token could stand."""
    import uvicorn

    return uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="websockets-sansio",
        ws_max_size=LARGEST_MESSAGE,
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=3,
    )


def _server(directory: Path | None, link: Link) -> uvicorn.Server:
    import uvicorn

    from descend.studio.app import Studio

    return uvicorn.Server(configuration(Guard(Studio(directory).app(), link.port, link.tokens)))


@contextmanager
def _shown(link: Link, say: Say, *, browser: bool) -> Iterator[None]:
    """Open the browser, or say the link; and say a new one whenever Enter is pressed."""
    with ExitStack() as stack:
        if browser and opened(stack.enter_context(redirect(link.fresh()))):
            say(f"The studio is at {link.address} and opens in your browser. Ctrl-C closes it.")
        else:
            say(f"Open {link.fresh()}\nThe link is good once; Enter gives a new one. Ctrl-C closes the studio.")
        threading.Thread(target=_say_links, args=(link, say), daemon=True).start()
        yield


def _say_links(link: Link, say: Say) -> None:
    with suppress(ValueError, OSError):
        for _ in sys.stdin:
            say(f"Open {link.fresh()}")


@contextmanager
def redirect(to: str) -> Iterator[Path]:
    """A file that only this user can read and that leads to the link: it keeps the token out of process lists."""
    descriptor, name = tempfile.mkstemp(prefix="descend-", suffix=".html")  # made with the rights 0600
    file = Path(name)
    with os.fdopen(descriptor, "w", encoding="utf-8") as page:
        page.write(_REDIRECT.format(to=html.escape(to)))
    timer = threading.Timer(_KEPT, file.unlink, kwargs={"missing_ok": True})
    timer.daemon = True
    timer.start()
    try:
        yield file
    finally:
        timer.cancel()
        file.unlink(missing_ok=True)


def opened(file: Path) -> bool:
    """Whether a browser was found to open the file. One in the terminal would take the terminal from us."""
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    try:
        return webbrowser.open(file.as_uri())
    except webbrowser.Error:
        return False
