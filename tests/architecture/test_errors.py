"""An error of the engine says what went wrong, what was given, what was needed, and how to mend it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from descend.engine import errors
from tests.architecture.sources import PACKAGE, files

PARTS = {"given", "needed", "fix"}
KINDS = {
    name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.DescendError)
}
MODULES = [path for path in files(PACKAGE / "engine") if path.suffix == ".py"]


def made(path: Path) -> Iterator[ast.Call]:
    """Every place in a module where an error is made."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KINDS:
            yield node


def caught(path: Path) -> set[str]:
    """The names that a module gives to the errors it catches."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.ExceptHandler) and node.name}


def lacking(path: Path) -> list[str]:
    """The places whose error lacks a part, or whose cure is an empty text or another library's words."""
    found = []
    for call in made(path):
        given = {word.arg: word.value for word in call.keywords}
        names = {node.id for node in ast.walk(given.get("fix") or call) if isinstance(node, ast.Name)}
        bare = isinstance(given.get("fix"), ast.Call) and "near_miss" in names
        if not given.keys() >= PARTS or bare or ("fix" in given and names & caught(path)):
            found.append(f"{path.name}:{call.lineno}")
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_every_error_has_all_its_parts(path: Path) -> None:
    assert lacking(path) == []


@pytest.mark.parametrize(
    "error",
    [
        'ShapeError("problem")',
        'ShapeError("problem", given="a", needed="b")',
        'UsageError("problem", given="a", needed="b", fix=near_miss("a", "b"))',
        'ShapeError("problem", given="a", needed="b", fix=f"({error})")',
    ],
)
def test_an_error_that_lacks_a_part_is_found(tmp_path: Path, error: str) -> None:
    module = tmp_path / "module.py"
    module.write_text(f"try:\n    pass\nexcept ValueError as error:\n    raise {error}\n")
    assert lacking(module) == ["module.py:4"]


def test_an_error_with_all_its_parts_is_not(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text('raise UsageError("p", given=f"{x}", needed="b", fix=near_miss("a", "b") or "leave it out")\n')
    assert lacking(module) == []
