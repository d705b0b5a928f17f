"""Files and functions stay small, and names say what is in the room."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from tests.architecture.sources import PACKAGE, ROOT, body_lines, files, functions, modules

_ROOMS_WITHOUT_A_NAME = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc"}
_NAMES_WITHOUT_A_MEANING = re.compile(r"(Manager|Handler|Helper|Processor|Wrapper|Factory|Utils?)$")


def _at(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_a_file_has_at_most_600_lines() -> None:
    lines = {_at(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {path: n for path, n in lines.items() if n > 600} == {}


def test_a_function_has_at_most_60_lines() -> None:
    assert {f"{_at(p)}:{f.name}": body_lines(f) for p in modules() for f in functions(p) if body_lines(f) > 60} == {}


def test_a_signature_has_at_most_7_parameters() -> None:
    # The command line's functions have a parameter for each of a command's options.
    inside = [path for path in modules() if "cli" not in path.parts]
    assert {f"{_at(p)}:{f.name}" for p in inside for f in functions(p) if len(list(_parameters(f))) > 7} == set()


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
    given = function.args
    for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs):
        if argument.arg not in {"self", "cls"}:
            yield argument.arg


def test_the_median_function_is_short() -> None:
    assert median(body_lines(f) for path in modules() for f in functions(path)) <= 6


def test_a_file_or_folder_is_named_by_what_it_holds() -> None:
    paths = [path.relative_to(ROOT) for folder in (PACKAGE, ROOT / "tests") for path in files(folder)]
    assert [path for path in paths if {part.split(".")[0] for part in path.parts} & _ROOMS_WITHOUT_A_NAME] == []


def test_a_class_is_named_by_what_it_is() -> None:
    classes = [
        n.name for p in modules() for n in ast.walk(ast.parse(p.read_text("utf-8"))) if isinstance(n, ast.ClassDef)
    ]
    assert len(classes) > 20
    assert [name for name in classes if _NAMES_WITHOUT_A_MEANING.search(name)] == []


def test_a_module_says_what_it_is_for() -> None:
    trees = {_at(path): ast.parse(path.read_text(encoding="utf-8")) for path in modules()}
    assert [path for path, tree in trees.items() if tree.body and not ast.get_docstring(tree)] == []


def test_what_is_measured_is_measured_rightly(tmp_path: Path) -> None:
    source = """
def f(self, a, *, b):
    "One line."
    x = 1
    return x


class A:
    def g(self):
        return 2
"""
    (tmp_path / "m.py").write_text(source)
    f, g = functions(tmp_path / "m.py")
    assert (body_lines(f), body_lines(g)) == (3, 2)
    assert list(_parameters(f)) == ["a", "b"]
