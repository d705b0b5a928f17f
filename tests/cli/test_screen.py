from __future__ import annotations

import pytest

from descend.cli.screen import screen, table


@pytest.mark.parametrize("json", [False, True])
def test_standard_output_is_kept_for_json(json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    screen(json).print("words")
    said = capsys.readouterr()
    assert (said.out, said.err) == (("", "words\n") if json else ("words\n", ""))


def test_a_table_keeps_what_looks_like_markup(capsys: pytest.CaptureFixture[str]) -> None:
    table(screen(False), ("name", "value"), [("[bold]a", "1"), ("b", "[/]")])
    assert capsys.readouterr().out.split() == ["name", "value", "[bold]a", "1", "b", "[/]"]


def test_a_table_that_is_too_wide_loses_no_letter(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    table(screen(False), ("name", "is", "time"), [("a name of more than a few words " * 2, "yes", "1:02:38")])
    said = capsys.readouterr().out
    assert "1:02:38" in said
    assert said.split().count("words") == 2
    assert max(map(len, said.splitlines())) <= 40


def test_long_lines_are_left_to_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    screen(False).print("word " * 100)
    assert len(capsys.readouterr().out.splitlines()) == 1
