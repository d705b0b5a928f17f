"""The script that builds the studio's client: which Node.js it takes."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "client.py"
client = runpy.run_path(str(SCRIPT))


@pytest.mark.parametrize("version", ["v20.19.0", "v20.20.2\n", "v22.12.0", "v23.1.0", "v24.19.0"])
def test_these_versions_will_do(version):
    assert client["new_enough"](version)


@pytest.mark.parametrize("version", ["v18.20.0", "v20.18.3", "v21.7.0", "v22.11.0", "", "node", "command not found"])
def test_these_will_not(version):
    assert not client["new_enough"](version)


def test_a_node_that_is_too_old_is_as_good_as_none(tmp_path, monkeypatch):
    for name in ("node", "npm"):
        program = tmp_path / name
        program.write_text("#!/bin/sh\necho v18.0.0\n")
        program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not client["node_on_path"]()
    (tmp_path / "node").write_text("#!/bin/sh\necho v22.20.0\n")
    assert client["node_on_path"]()


def test_an_unknown_word_is_answered_with_the_usage():
    with pytest.raises(SystemExit, match=r"build\|check\|test"):
        client["main"](["biuld"])
