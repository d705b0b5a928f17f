from __future__ import annotations

import json

import pytest

from descend.engine.errors import UsageError
from descend.studio import labs
from descend.studio.notebook import code, prose, values, written


def test_a_notebook_is_what_jupyter_reads() -> None:
    notebook = json.loads(written("Lab", "why?", [prose("a\nb"), values(lr=0.1), code("print(lr)")]))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert notebook["metadata"]["kernelspec"] == {"display_name": "Python 3", "language": "python", "name": "python3"}
    kinds = [cell["cell_type"] for cell in notebook["cells"]]
    assert kinds == ["markdown", "markdown", "code", "code"]
    needed = {"cell_type", "id", "metadata", "source"}
    for cell in notebook["cells"]:
        assert set(cell) == needed | ({"outputs", "execution_count"} if cell["cell_type"] == "code" else set())
    assert len({cell["id"] for cell in notebook["cells"]}) == 4
    assert notebook["cells"][0]["source"][:3] == ["# Lab\n", "\n", "Why?\n"]
    assert notebook["cells"][1]["source"] == ["a\n", "b"]


def test_a_lab_that_computes_nothing_again_has_none() -> None:
    with pytest.raises(UsageError, match="cannot be kept"):
        written("Home", "why?", labs.get("home")().notebook())
