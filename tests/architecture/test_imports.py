"""Imports point downwards only, and nothing heavy is imported before it is used."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGE, ROOT

_LINT = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"


def _lint(project: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(project / 'src')!r}); {_LINT}"]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("project")
    shutil.copy(ROOT / "pyproject.toml", project)
    shutil.copytree(PACKAGE, project / "src" / "descend", ignore=shutil.ignore_patterns("__pycache__", "*.gz"))
    return project


def test_the_order_holds() -> None:
    linted = _lint(ROOT)
    assert linted.returncode == 0, linted.stdout + linted.stderr


@pytest.mark.parametrize(
    ("lower", "upper"), [("engine", "nn"), ("nn", "optim"), ("train", "recipes"), ("recipes", "cli")]
)
def test_an_import_that_points_upwards_is_caught(copy: Path, lower: str, upper: str) -> None:
    planted = copy / "src" / "descend" / lower / "planted.py"
    planted.write_text(f"def late() -> None:\n    import descend.{upper}\n", encoding="utf-8")
    linted = _lint(copy)
    planted.unlink()
    assert linted.returncode != 0
    assert f"descend.{lower}.planted" in linted.stdout


def test_a_package_outside_the_order_is_caught(copy: Path) -> None:
    planted = copy / "src" / "descend" / "attic"
    planted.mkdir()
    (planted / "__init__.py").write_text("", encoding="utf-8")
    linted = _lint(copy)
    shutil.rmtree(planted)
    assert linted.returncode != 0
    assert "attic" in linted.stdout
