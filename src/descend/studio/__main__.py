"""`python -m descend.studio`: the studio without the rest of the command line."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path

from descend.studio.launch import run


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    parser = ArgumentParser(prog="python -m descend.studio", description="Open the studio; see: descend studio --help")
    parser.add_argument("--port", type=int, help="listen there; 0 is any port")
    parser.add_argument("--no-browser", action="store_true", help="print the link instead of opening a browser")
    parser.add_argument("--dir", type=Path, help="the folder with your answers")
    given = parser.parse_args()
    run(_say, given.port, browser=not given.no_browser, directory=given.dir)
