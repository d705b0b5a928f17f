"""`descend studio`: open the studio in the browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Port = Annotated[int | None, typer.Option("--port", metavar="N", min=0, max=65535, help="Listen there; 0 is any port.")]
NoBrowser = Annotated[bool, typer.Option("--no-browser", help="Print the link instead of opening a browser.")]
Folder = Annotated[Path | None, typer.Option("--dir", metavar="DIR", help="The folder with your answers; see init.")]


def studio(port: Port = None, no_browser: NoBrowser = False, directory: Folder = None) -> None:
    """Open the studio: labs, exercises and runs in the browser.

    It answers on this machine only, and only to the browser that its link was opened in.

    \b
    Examples:
      descend studio
      descend studio --port 9000 --no-browser
    """
    from descend.studio.launch import run

    run(_say, port, browser=not no_browser, directory=directory)


def _say(text: str) -> None:
    # At once, also where the output goes into a pipe: somebody waits for the link.
    print(text, flush=True)
