"""A program's studio without a server, and networks to be shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from descend.studio.shown import server, show
from descend.studio.shown.exhibit import Exhibit, Exhibits


class Quiet:
    """A server that is none."""

    announced: list[tuple[str, bool]]

    def __init__(self) -> None:
        self.announced = []

    def page(self, id: str) -> str:
        return f"http://127.0.0.1:1/show/{id}"

    def key(self, id: str) -> str:
        return f"{self.page(id)}?token=secret"

    def announce(self, id: str, name: str, *, browser: bool) -> None:
        self.announced.append((name, browser))


@pytest.fixture
def quiet(monkeypatch: pytest.MonkeyPatch) -> Iterator[Quiet]:
    """Shows are announced nowhere and listed in a list of this test's own."""
    found = Quiet()
    monkeypatch.setattr(server, "serving", lambda port=None: found)
    monkeypatch.setattr(show, "EXHIBITS", Exhibits())
    return found


@pytest.fixture
def exhibits(quiet: Quiet) -> Callable[[], list[Exhibit]]:
    """The networks on show, the newest first."""
    return lambda: show.EXHIBITS.all()


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every second update is a look."""
    monkeypatch.setattr(show, "INTERVAL", 0.0)
    monkeypatch.setattr(show, "SHARE_ALONE", 1.0)
    monkeypatch.setattr(show, "SHARE", 1.0)


def same(a: dict[str, Any], b: dict[str, Any]) -> bool:
    """Whether the arrays of both are equal, bit for bit."""
    return a.keys() == b.keys() and all(a[k].tobytes() == b[k].tobytes() for k in a)
