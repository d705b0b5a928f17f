"""The package itself: everything is there, and nothing is loaded before it is used."""

from __future__ import annotations

import itertools
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import descend
import descend.engine

ROOT = Path(__file__).parents[1]


def test_the_names_of_the_engine_are_here() -> None:
    assert all(getattr(descend, name) is getattr(descend.engine, name) for name in descend.engine.__all__)
    assert set(descend.engine.__all__) <= set(dir(descend))


@pytest.mark.parametrize("part", ["engine", "data", "nn", "optim", "train", "recipes", "guide", "cli"])
def test_the_parts_are_reached_by_name(part: str) -> None:
    assert getattr(descend, part).__name__ == f"descend.{part}"
    assert part in dir(descend)


@pytest.mark.parametrize("name", ["Tenser", "_PARTS_", "__wrapped__"])
def test_what_is_not_there_is_an_attribute_error(name: str) -> None:
    with pytest.raises(AttributeError, match=name):
        getattr(descend, name)


def test_importing_it_imports_no_numpy() -> None:
    code = "import sys, descend; assert 'numpy' not in sys.modules; descend.Tensor; assert 'numpy' in sys.modules"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *itertools.chain(*project["optional-dependencies"].values())]
    pinned = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line]
    assert len(wanted) > 15
    assert {_name(one) for one in wanted} <= {_name(one) for one in pinned}


def _name(requirement: str) -> str:
    return re.split("[<>=!~ ]", requirement)[0].lower().replace("_", "-")


def test_the_reference_has_one_version() -> None:
    assert "torch==2.13.0" in (ROOT / "constraints.txt").read_text().splitlines()
    assert '"torch==2.13.0"' in (ROOT / "pyproject.toml").read_text()
