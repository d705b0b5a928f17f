from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from descend.cli.main import main
from descend.train.runs import Run
from tests.recipes.finished import at_home, trained_run


@dataclass(frozen=True)
class Called:
    """What a command left behind; `report` is the object on its last line, where that is one."""

    status: int
    out: str
    err: str

    @property
    def report(self) -> dict[str, Any]:
        return json.loads(self.out.splitlines()[-1])

    @property
    def result(self) -> dict[str, Any]:
        (only,) = self.report["results"]
        return only


Call = Callable[..., Called]


@pytest.fixture
def descend(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """Calls the command line in this process, in a terminal of 200 columns that is none."""
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments: object) -> Called:
        capsys.readouterr()
        status = main([str(one) for one in arguments])
        said = capsys.readouterr()
        return Called(status, said.out, said.err)

    return call


@pytest.fixture
def cwd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run of digits-mlp that has come to its end, in a home of its own; to be looked at only."""
    with at_home(tmp_path_factory.mktemp("finished")):
        return trained_run(hidden=30, epochs=3, batch_size=25)
