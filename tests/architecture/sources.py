"""The project's own files, for the tests that read them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "descend"

_MADE = {"__pycache__", "build", "dist", "results", "node_modules"}
_KEPT = {".ci", ".editorconfig", ".gitignore", ".pre-commit-config.yaml"}


def files(folder: Path = ROOT) -> Iterator[Path]:
    """Every file that is written by hand, without what tools leave behind."""
    for path in sorted(folder.iterdir()):
        if path.name in _MADE or path.name.endswith(".egg-info"):
            continue
        if path.name.startswith(".") and path.name not in _KEPT:
            continue
        if path.is_dir():
            yield from files(path)
        else:
            yield path


def modules() -> list[Path]:
    """The modules of the package."""
    return [path for path in files(PACKAGE) if path.suffix == ".py"]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a module, nested ones included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function from `def` on, without its decorators and docstring."""
    lines = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        lines -= (first.end_lineno or first.lineno) - first.lineno + 1
    return lines
