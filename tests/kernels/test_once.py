"""Texts that are written once."""

from __future__ import annotations

import pytest

from descend.kernels import bounds, once


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.delenv(bounds.VARIABLE, raising=False)
    return []


def test_equal_arguments_give_the_same_text_and_others_another(written: list[str]) -> None:
    @once.once
    def text(number: int, name: str = "a") -> str:
        written.append(name)
        return f"{name}{number}{len(written)}"

    assert text(1) == text(1) == "a11"
    assert text(2) == "a22"
    assert text(1, name="b") == "b13"
    assert text(1, "b") == "b14"
    assert text(1) == "a11"


def test_the_debug_mode_has_a_text_of_its_own(written: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    text = once.once(lambda: str(bounds.wanted()))
    assert text() == "False"
    monkeypatch.setenv(bounds.VARIABLE, "1")
    assert text() == "True"


def test_no_more_texts_are_kept_than_are_allowed(written: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    @once.once
    def text(number: int) -> str:
        written.append(str(number))
        return str(number)

    monkeypatch.setattr(once, "MOST", 2)
    assert [text(n) for n in (0, 1, 2, 2, 0)] == ["0", "1", "2", "2", "0"]
    assert written == ["0", "1", "2", "0"]
