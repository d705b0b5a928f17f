"""The examples in docstrings print what they say."""

from __future__ import annotations

import doctest
from importlib import import_module
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "src"


def _modules() -> list[str]:
    paths = sorted(
        path for path in SOURCES.rglob("*.py") if "\n>>> " in path.read_text(encoding="utf-8").replace("    ", "")
    )
    return [".".join(path.relative_to(SOURCES).with_suffix("").parts).removesuffix(".__init__") for path in paths]


@pytest.mark.parametrize("name", _modules())
def test_examples(name: str) -> None:
    found = doctest.testmod(import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert found.attempted > 0
    assert found.failed == 0
