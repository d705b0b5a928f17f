"""What an exercise may import."""

from __future__ import annotations

import ast
import subprocess
import sys

import pytest

from descend.guide.imports import foreign, permitted, refusal


@pytest.mark.parametrize(
    ("source", "modules"),
    [
        ("import numpy as np, math", []),
        ("from numpy.linalg import norm", []),
        ("import collections.abc", []),
        ("from . import other", []),
        ("import torch", ["torch"]),
        ("import numpy, torch.nn as nn", ["torch.nn"]),
        ("def f():\n    from descend.optim import SGD", ["descend.optim"]),
        ("try:\n    import jax\nexcept ImportError:\n    pass", ["jax"]),
        ("import numpyro", ["numpyro"]),
    ],
)
def test_foreign_imports_are_found_wherever_they_stand(source: str, modules: list[str]) -> None:
    assert [name for _, name in foreign(ast.parse(source), ["numpy"])] == modules


def test_the_line_is_told() -> None:
    assert list(foreign(ast.parse("x = 1\n\nimport torch"), [])) == [(3, "torch")]


def test_a_part_of_an_allowed_package_is_allowed_and_a_namesake_is_not() -> None:
    assert permitted("numpy.random", ["numpy"])
    assert not permitted("numpy", [])
    assert not permitted("numpyro", ["numpy"])
    assert permitted("os.path", [])


def test_a_framework_gets_its_reason() -> None:
    assert "what you are building" in refusal("torch.nn")
    assert "what you are building" not in refusal("pandas")


_BEHIND_THE_GATE = """
import sys
from descend.guide.imports import ImportRefused, close_gate
import numpy
close_gate(["numpy"])
{}
"""


def _behind(code: str) -> str:
    program = _BEHIND_THE_GATE.format(code)
    path = [entry for entry in sys.path if entry]
    command = [sys.executable, "-c", f"import sys; sys.path[:0] = {path!r}\n{program}"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stderr


@pytest.mark.parametrize(
    "code",
    [
        "import descend",
        "import descend.guide.imports",
        "import importlib; importlib.import_module('descend')",
        "__import__('torch')",
        "exec('import pandas')",
    ],
)
def test_no_way_leads_through_the_gate(code: str) -> None:
    assert "ImportRefused" in _behind(code)


@pytest.mark.parametrize("code", ["import numpy.fft, json, decimal", "import numpy; numpy.linalg.svd(numpy.eye(2))"])
def test_the_gate_is_open_for_what_is_allowed(code: str) -> None:
    assert _behind(code) == ""
