"""The studio's server inside a user's own program: a thread of its own, one for the process, gone with it."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from contextlib import ExitStack
from pathlib import Path

import uvicorn

from descend.engine.errors import UsageError
from descend.studio import launch
from descend.studio.app import Studio
from descend.studio.guard import Guard, Tokens
from descend.studio.shown.exhibit import EXHIBITS

_MOMENT = 0.005  # seconds between two looks whether the server has begun
_PATIENCE = 3.0  # seconds for the pages to be told at the end of the program


class Serving:
    """A server at work.

    Raises:
        DescendError: the port is taken.
    """

    def __init__(self, port: int | None) -> None:
        listening = launch.listen(port)
        self.link = launch.Link(listening.getsockname()[1], Tokens())
        self.server = uvicorn.Server(launch.configuration(Guard(Studio().app(), self.link.port, self.link.tokens)))
        self.thread = threading.Thread(target=self.server.run, args=([listening],), name="studio", daemon=True)
        self._process = os.getpid()
        self._files = ExitStack()
        self._opened = False
        self.thread.start()
        # A program may end at once, and a server cannot begin while Python ends.
        while self.thread.is_alive() and not self.server.started:
            self.thread.join(_MOMENT)

    def page(self, id: str) -> str:
        """The address of a network's page."""
        return f"{self.link.address}show/{id}"

    def key(self, id: str) -> str:
        """The same with a token in it, which is good once, for a few minutes."""
        return f"{self.page(id)}?token={self.link.tokens.issue()}"

    def announce(self, id: str, name: str, *, browser: bool) -> None:
        """Open the page of a network in the browser, if it is the program's first; or say the link to it."""
        wanted = browser and not self._opened
        if wanted and launch.opened(self._files.enter_context(launch.redirect(self.key(id)))):
            self._opened = True
            say(f"{name} is on show at {self.page(id)} and opens in your browser.")
        else:
            say(f"{name} is on show. Open {self.key(id)}\nThe link is good once; view.link() gives a new one.")

    def close(self) -> None:
        """Tell the pages that the program ends, and end the server. A process forked from this one has none."""
        if self._process != os.getpid():
            return
        for exhibit in EXHIBITS.all():
            exhibit.close()
        self.server.should_exit = True
        self.thread.join(_PATIENCE)
        self._files.close()


_lock = threading.Lock()
_by_process: dict[int, Serving] = {}


def serving(port: int | None = None) -> Serving:
    """The server of this process, which begins with the first call.

    Raises:
        DescendError: the port is taken.
        UsageError: a server is there already, at another port.
    """
    with _lock:
        found = _by_process.get(os.getpid())
        if found is None or not found.thread.is_alive():
            found = _by_process[os.getpid()] = Serving(port)
            atexit.register(found.close)
        elif port not in (None, 0, found.link.port):
            given, needed = f"port={port}", f"port={found.link.port}, or none"
            raise UsageError("this program's studio listens at another port already", given=given, needed=needed)
        return found


def program() -> str:
    """The name of the program that runs, as a user knows it."""
    if "ipykernel" in sys.modules:
        return "a notebook"
    file = getattr(sys.modules.get("__main__"), "__file__", None)
    return Path(file).name if file and not file.startswith("<") else "an interactive Python"


def say(text: str) -> None:
    """Tell the user a line, at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
