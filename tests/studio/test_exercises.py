from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from descend.guide import progress, registry
from tests.studio.conftest import RIGHT, WRONG

CHECK, HINT, RESET = (f"/api/exercises/00/{name}" for name in ("check", "hint", "reset"))


def posted(client: TestClient, url: str, **body: Any) -> dict[str, Any]:
    answer = client.post(url, json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_the_list_and_the_statement(client: TestClient, answers: Path) -> None:
    (first, *_) = client.get("/api/exercises").json()
    assert (first["id"], first["name"], first["stars"], first["passed"]) == ("00", "update", 1, False)
    one = client.get("/api/exercises/00").json()
    assert "<math" in one["statement_html"]
    assert one["code"] == one["skeleton"]
    assert one["signature"] == "update(p, g, lr)"
    assert one["hints_shown"] == []
    assert not answers.exists()  # looking makes nothing


def test_it_says_where_the_answer_lies_and_commands_name_that_folder(client: TestClient, answers: Path) -> None:
    one = client.get("/api/exercises/00").json()
    assert one["file"] == str(answers.resolve() / "00_update.py")
    assert f"--with {answers.resolve()}" in one["statement_html"]
    assert "--with answers" not in one["statement_html"]


def test_a_wrong_answer_gets_its_diagnosis_and_is_saved(client: TestClient, answers: Path) -> None:
    verdict = posted(client, CHECK, code=WRONG)
    assert not verdict["passed"]
    assert verdict["diagnosis"] == "uphill"
    assert "uphill" in verdict["problem"]
    assert "downhill is" in verdict["evidence"]
    assert verdict["hints_available"] == 3
    assert (answers / "00_update.py").read_text() == WRONG
    assert client.get("/api/exercises/00").json()["code"] == WRONG


def test_a_right_answer_passes_here_and_in_the_terminal(client: TestClient, answers: Path) -> None:
    assert posted(client, CHECK, code=RIGHT)["passed"]
    assert client.get("/api/exercises").json()[0]["passed"]
    assert progress.read(answers).of("update").passed
    (answers / "00_update.py").write_text(WRONG)
    assert not client.get("/api/exercises").json()[0]["passed"]


def test_hints_come_one_after_the_other(client: TestClient) -> None:
    posted(client, CHECK, code=WRONG)
    given = [posted(client, HINT) for _ in range(3)]
    assert [hint["left"] for hint in given] == [2, 1, 0]
    assert [hint["hint"] for hint in given] == list(registry.find(0).hints["uphill"])
    assert client.get("/api/exercises/00").json()["hints_shown"] == [hint["hint"] for hint in given]
    assert posted(client, CHECK, code=WRONG)["hints_available"] == 0


def test_a_hint_before_the_first_check(client: TestClient) -> None:
    assert posted(client, HINT)["hint"] == registry.find(0).hints["start"][0]


def test_reset_keeps_what_was_there(client: TestClient, answers: Path) -> None:
    posted(client, CHECK, code=WRONG)
    skeleton = registry.find(0).skeleton
    assert posted(client, RESET) == {"code": skeleton, "kept": "00_update.1.py"}
    assert (answers / "00_update.1.py").read_text() == WRONG
    assert (answers / "00_update.py").read_text() == skeleton
    assert posted(client, RESET)["kept"] is None
    posted(client, CHECK, code=RIGHT)
    assert posted(client, RESET)["kept"] == "00_update.2.py"
    assert (answers / "00_update.1.py").read_text() == WRONG


@pytest.mark.parametrize("body", [{}, {"code": None}, {"code": 1}, {"code": ["x"]}])
def test_without_code_nothing_is_checked_or_lost(
    client: TestClient, write: Callable[[str], Path], body: dict[str, Any]
) -> None:
    file = write(RIGHT)
    answer = client.post(CHECK, json=body)
    assert answer.status_code == 400
    assert set(answer.json()) == {"problem", "given", "needed", "fix"}
    assert file.read_text() == RIGHT


def test_a_body_that_is_no_object(client: TestClient) -> None:
    for content in (b"[]", b"x", b"\xff", b"[" * 100_000):
        answer = client.post(CHECK, content=content, headers={"content-type": "application/json"})
        assert answer.status_code == 400


@pytest.mark.parametrize("id", ["99", "..", "%2e%2e%2f00_update", "00_update.py%00", "update/../../x"])
def test_there_is_no_such_exercise(client: TestClient, id: str) -> None:
    assert client.get(f"/api/exercises/{id}").status_code in (400, 404)
    assert client.post(f"/api/exercises/{id}/check", json={"code": "x"}).status_code in (400, 404, 405)
