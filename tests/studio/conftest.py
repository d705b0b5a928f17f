from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from descend.studio.app import Studio
from descend.studio.guard import Guard, Tokens

PORT = 8573
HERE = f"http://127.0.0.1:{PORT}"
RIGHT = "def update(p, g, lr):\n    return p - lr * g\n"
WRONG = "def update(p, g, lr):\n    return p + lr * g\n"


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    """The learner's folder, which is not there yet."""
    return tmp_path / "answers"


@pytest.fixture
def write(answers: Path) -> Callable[[str], Path]:
    """Puts a text into the learner's file of Exercise 0."""

    def written(text: str) -> Path:
        answers.mkdir(exist_ok=True)
        file = answers / "00_update.py"
        file.write_text(text, encoding="utf-8")
        return file

    return written


@pytest.fixture
def static(tmp_path: Path) -> Path:
    """Built pages: an index and one file."""
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html><title>studio</title>", encoding="utf-8")
    (folder / "assets" / "main-1a2b.js").write_text("export {};", encoding="utf-8")
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    return folder


@pytest.fixture
def tokens() -> Tokens:
    return Tokens()


@pytest.fixture
def stranger(answers: Path, static: Path, tokens: Tokens) -> Iterator[TestClient]:
    """A client that has no cookie yet."""
    app = Guard(Studio(answers, static).app(), PORT, tokens)
    with TestClient(app, base_url=HERE, follow_redirects=False) as client:
        yield client


@pytest.fixture
def client(stranger: TestClient, tokens: Tokens) -> TestClient:
    """A client that has opened the link."""
    assert stranger.get("/", params={"token": tokens.issue()}).status_code == 303
    stranger.headers["origin"] = HERE
    return stranger
