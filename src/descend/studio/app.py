"""The addresses of the studio. Whatever needs NumPy is imported where it is first asked for: pages come at once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from descend.studio import answer, labs, socket
from descend.studio.map import Placement, routes, section_page, sections_in_short

if TYPE_CHECKING:
    from descend.studio.exercises import Desk
    from descend.studio.runs import Runs

STATIC = Path(__file__).parent / "static"
FONT = "STIXTwoMath-Regular.ttf"
# Vite names the files in here by their content.
_FOR_EVER = {"cache-control": "public, max-age=31536000, immutable"}
_ASK_AGAIN = {"cache-control": "no-cache"}
_NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>descend</title>
<h1>The studio's pages are not built yet</h1>
<p>The server works, but there are no pages for it to show. In the folder of the project, run</p>
<pre>make ui</pre>
<p>and load this page again. An installed descend has the pages in it.</p></html>
"""


class Studio:
    """What the addresses answer from.

    Args:
        directory: the learner's folder; by default the one that is found.
        static: the built pages.
    """

    def __init__(self, directory: Path | None = None, static: Path = STATIC) -> None:
        self.directory, self.static = directory, static
        self.labs = socket.Labs(directory)
        self.place = Placement()

    @cached_property
    def desk(self) -> Desk:
        """The exercises."""
        from descend.studio.exercises import Desk

        return Desk(self.directory)

    @cached_property
    def runs(self) -> Runs:
        """What is trained and was trained."""
        from descend.studio.runs import Runs

        return Runs(self.directory)

    def app(self) -> Starlette:
        """The ASGI application; `guard.Guard` has to stand before it."""
        return Starlette(
            routes=self._routes(),
            lifespan=self._living,
            exception_handlers={HTTPException: answer.unanswered},
        )

    @asynccontextmanager
    async def _living(self, _: Starlette) -> AsyncIterator[None]:
        yield
        self.labs.close()
        if "runs" in vars(self):
            self.runs.close()

    def _routes(self) -> list[Any]:
        read, write = ["GET"], ["POST"]
        return [
            Route("/api/guide", answer.get(self.guide), methods=read),
            Route("/api/sections/{id}", answer.get(self.section), methods=read),
            Route("/api/place", answer.get(self.place.questions), methods=read),
            Route("/api/place/forget", answer.post(self.place.forget), methods=write),
            Route("/api/place/{id}", answer.post(self.place.predict), methods=write),
            Route("/api/labs/{id}", answer.get(self.lab), methods=read),
            Route("/api/recordings", answer.get(self.recordings), methods=read),
            Route("/api/recordings/{name}", answer.get(self.recording), methods=read),
            Route("/api/recordings/{name}/delete", answer.post(self.delete_recording), methods=write),
            Route("/api/shows", answer.get(self.shows), methods=read),
            Route("/api/shows/{id}", answer.get(self.show), methods=read),
            Route("/api/exercises", answer.get(self._late("desk", "all")), methods=read),
            Route("/api/exercises/{id}", answer.get(self._late("desk", "one")), methods=read),
            Route("/api/exercises/{id}/check", answer.post(self._late("desk", "check")), methods=write),
            Route("/api/exercises/{id}/hint", answer.post(self._late("desk", "hint")), methods=write),
            Route("/api/exercises/{id}/reset", answer.post(self._late("desk", "reset")), methods=write),
            Route("/api/recipes", answer.get(self._late("runs", "recipes")), methods=read),
            Route("/api/runs", answer.get(self._late("runs", "all")), methods=read),
            Route("/api/runs", answer.post(self._late("runs", "start")), methods=write),
            Route("/api/runs/{name}", answer.get(self._late("runs", "one")), methods=read),
            Route("/api/runs/{name}/stop", answer.post(self._late("runs", "stop")), methods=write),
            Route("/api/runs/{name}/resume", answer.post(self._late("runs", "resume")), methods=write),
            Route("/api/runs/{name}/pictures/{file}", answer.get(self.picture), methods=read),
            WebSocketRoute("/ws/labs/{id}", self.labs.serve),
            WebSocketRoute("/ws/recordings/{name}", self.labs.replay),
            WebSocketRoute("/ws/shows/{id}", socket.look),
            WebSocketRoute("/ws/runs/{name}", socket.follow),
            Route(f"/fonts/{FONT}", self.font, methods=read),
            Mount("/", Pages(self.static)),
        ]

    def _late(self, part: str, method: str) -> answer.Work:
        """A method of `desk` or `runs`, which are imported when it is first called."""

        def call(*given: Any, **parts: Any) -> Any:
            return getattr(getattr(self, part), method)(*given, **parts)

        return call

    def guide(self) -> dict[str, Any]:
        """The map: the sections, the labs, the version."""
        from descend import __version__

        return {
            "sections": sections_in_short(),
            "routes": routes(),
            "labs": [asdict(listing) for listing in labs.listings()],
            "version": __version__,
        }

    def section(self, id: str) -> Any:
        """A section of the guide."""
        page = section_page(id, self.runs.recipes())
        return page or answer.missing(f"the guide has no section {id[:40]!r}", "Home has its map")

    def lab(self, id: str) -> Any:
        """What a lab declares."""
        if id not in labs.ORDER:
            return answer.missing(f"there is no lab {id[:40]!r}", f"one of {', '.join(labs.ORDER)}")
        from descend.studio.lab import declaration

        return declaration(labs.get(id), id)

    def recordings(self) -> Any:
        """What was recorded, the newest first."""
        from descend.studio import playback

        return playback.listing()

    def recording(self, name: str) -> Any:
        """A recording, with what its lab declares."""
        from descend.studio import playback, recording

        if name not in recording.names():
            return answer.missing(f"there is no recording {name[:60]!r}", "the page of its lab lists what is there")
        return playback.described(name)

    def delete_recording(self, body: dict[str, Any], name: str) -> Any:
        """Remove a recording from the disk."""
        from descend.studio import recording

        del body
        recording.delete(name)
        return {"name": name}

    def shows(self) -> Any:
        """The networks that this program shows, the newest first; see `shown.show`."""
        from descend.studio.shown.exhibit import EXHIBITS

        return [exhibit.row() for exhibit in EXHIBITS.all()]

    def show(self, id: str) -> Any:
        """What a page is told of a network."""
        from descend.studio.shown.exhibit import EXHIBITS

        exhibit = EXHIBITS.get(id)
        if exhibit is None:
            return answer.missing(f"no network is on show at {id[:40]!r}", "Show my network lists those that are")
        return exhibit.declaration()

    def picture(self, name: str, file: str) -> Response:
        """A picture of a run."""
        path = self.runs.picture(name, file)
        if path is None:
            return answer.missing(f"{name} has no picture {file[:60]!r}")
        return FileResponse(path, headers=_ASK_AGAIN)

    async def font(self, _: Request) -> Response:
        """STIX Two Math, for the mathematics; from the package that brings it."""
        package = find_spec("ziamath")
        places = (
            [Path(folder) / "fonts" / FONT for folder in (package.submodule_search_locations or [])] if package else []
        )
        path = next((place for place in places if place.is_file()), None)
        if path is None:
            return answer.missing("the font of the mathematics is not installed", "pip install ziamath")
        return FileResponse(path, media_type="font/ttf", headers=_FOR_EVER)


class Pages(StaticFiles):
    """The built pages. An address that is no file is a place in the client, which finds its way itself."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__(directory=folder, check_dir=False)
        # Pages that are not built are no mistake of the server's: it says what to run.
        self.config_checked = True

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, or the client."""
        place = path == "." or ("." not in path and not path.startswith(("api", "ws")))
        if place and scope["method"] != "POST":
            return self._client()
        if not self.folder.is_dir():
            return answer.missing("the pages are not built", "make ui")
        response = await super().get_response(path, scope)
        response.headers.update(_FOR_EVER if path.startswith("assets") else _ASK_AGAIN)
        return response

    def _client(self) -> Response:
        index = self.folder / "index.html"
        if not index.is_file():
            return HTMLResponse(_NOT_BUILT, 503, headers=_ASK_AGAIN)
        return HTMLResponse(index.read_bytes(), headers=_ASK_AGAIN, background=BackgroundTask(warm))


def warm() -> None:
    """Import what the first page's lab needs, after the page is sent: the browser has to read it meanwhile."""
    from descend.studio import session
    from descend.studio.lab import declaration

    del session
    declaration(labs.get(labs.ORDER[0]), labs.ORDER[0])
