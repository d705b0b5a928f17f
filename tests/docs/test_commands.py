"""The commands that messages and texts advise exist, with the options they name."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.main import get_command

from descend.cli.main import app

ROOT = Path(__file__).parents[2]
_ADVICE = re.compile(r"(?:: |`|, |^ *)descend ([a-z]+)\b([^`\n\"]*)", re.MULTILINE)
_COMMANDS = get_command(app).commands  # type: ignore[attr-defined]


def _advised() -> list[tuple[str, str]]:
    texts = [
        *(ROOT / "src").rglob("*.py"),
        *(ROOT / "src").rglob("*.md"),
        *(ROOT / "src").rglob("*.toml"),
        *ROOT.glob("*.md"),
    ]
    found = [match for path in texts for match in _ADVICE.findall(path.read_text(encoding="utf-8"))]
    return sorted({(word, option) for word, rest in found for option in re.findall(r"--[a-z-]+", rest) or [""]})


def test_there_is_advice() -> None:
    assert {("init", ""), ("train", "--resume"), ("train", "--with")} <= set(_advised())


@pytest.mark.parametrize(("word", "option"), _advised())
def test_a_command_that_is_advised_exists(word: str, option: str) -> None:
    assert word in _COMMANDS
    inner = [_COMMANDS[word], *getattr(_COMMANDS[word], "commands", {}).values()]
    known = {
        spelling
        for command in inner
        for parameter in command.params
        for spelling in (*parameter.opts, *parameter.secondary_opts)
    }
    assert option in {"", "--help", *known}
