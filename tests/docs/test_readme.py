"""What the README shows works as it stands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from descend.cli.main import main
from descend.recipes import registry

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SHOWN = [line.strip() for line in re.findall(r"^    (.+)$", README, re.MULTILINE)]


def test_it_starts_with_code_that_reads_digits(capsys: pytest.CaptureFixture[str]) -> None:
    code = re.search(r"```python\n(.+?)```", README, re.DOTALL)
    assert code
    exec(compile(code[1], "README.md", "exec"), {})
    percent = float(capsys.readouterr().out.split("%")[0])
    assert percent > 88


@pytest.mark.parametrize("line", [line for line in SHOWN if line.startswith("descend ")])
def test_a_command_exists_with_its_options(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = shlex.split(line, comments=True)[1:]
    options = [word for word in words if word.startswith("--")]
    depth = 2 if words[0] in {"runs", "data"} and len(words) > 1 else 1
    assert main([*words[:depth], "--help"]) == 0
    said = capsys.readouterr().out
    assert all(option in said for option in options)
    assert all(word in registry.names() for word in words if word.startswith(("digits-", "mnist-", "nielsen-")))


@pytest.mark.parametrize("target", sorted({line.split()[1] for line in SHOWN if line.startswith("make ")}))
def test_a_target_exists(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)


def test_the_table_of_recipes_names_recipes() -> None:
    # docs/results.md has all of them.
    rows = re.findall(r"^\| (`[a-z0-9-]+`.*?) \|.*\| .* \| .* \|$", README, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([a-z0-9-]+)`", row)}
    assert len(named) > 5
    assert named <= set(registry.names())


@pytest.mark.parametrize("path", sorted(set(re.findall(r"(?:tests|src)/[\w/.]+\w", README))))
def test_a_path_exists(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("name", sorted(set(re.findall(r"`((?:engine|nn|optim|train|recipes)/[\w/]+\.py)`", README))))
def test_a_module_of_the_reading_order_exists(name: str) -> None:
    assert (ROOT / "src" / "descend" / name).is_file()
