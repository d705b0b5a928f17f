from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from descend.guide import placement
from descend.guide.sections import sections
from descend.studio import labs
from descend.studio.map import Placement, section_page
from descend.studio.notes import Notes
from tests.studio.conftest import PORT


def answered(**chosen: int) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for name, option in chosen.items():
        told = Placement().predict({"option": option}, name)
    return told


@pytest.mark.parametrize("id", [one.id for one in sections()])
def test_every_section_has_a_page(id: str) -> None:
    page = section_page(id, [{"name": "mnist-lenet", "about": "reads digits"}])
    assert page is not None
    assert page["text_html"].startswith("<p>")
    assert page["to_come"]
    assert set(page["labs"]) <= set(labs.ORDER)
    assert sections()[page["number"] - 1].id == id
    assert page["recipes"] == ([{"name": "mnist-lenet", "about": "reads digits"}] if id == "convolution" else [])
    assert bool(page["chapters"]) == (id != "papers")


def test_there_is_no_page_of_another() -> None:
    assert section_page("alchemy", []) is None


def test_a_question_does_not_give_its_answer_away() -> None:
    (first, *_) = Placement().questions()["questions"]
    assert set(first) == {"id", "ask_html", "options_html", "chosen"}
    told = answered(**{first["id"]: 0})["question"]
    assert told["right"] == placement.questions()[0].right
    assert told["why_html"]


def test_predictions_are_kept_and_the_first_one_counts() -> None:
    one = placement.questions()[0]
    wrong = (one.right + 1) % 3
    assert answered(**{one.id: wrong})["place"] == one.section
    assert answered(**{one.id: one.right})["place"] == one.section
    assert Placement().questions()["questions"][0]["chosen"] == wrong
    assert Placement().forget({})["place"] is None
    assert answered(**{q.id: q.right for q in placement.questions()})["place"] == "autoencoders"


@pytest.mark.parametrize("kept", [{"chosen": 3}, {"chosen": {"overfit": 9, "other": 1}}, {"chosen": {"overfit": [1]}}])
def test_odd_notes_are_asked_again(kept: dict[str, Any]) -> None:
    Notes("find-your-place").write(kept)
    assert all(one["chosen"] is None for one in Placement().questions()["questions"])


def test_over_http(client: TestClient) -> None:
    guide = client.get("/api/guide").json()
    assert [one["ready"] for one in guide["sections"]].count(True) >= 2
    assert [one["id"] for one in guide["routes"]] == ["nielsen", "larochelle", "cs231n", "deeplearningbook"]
    assert client.get("/api/sections/networks").json()["labs"] == ["downhill", "playground", "digit"]
    assert client.get("/api/sections/none").status_code == 404
    told = client.post("/api/place/overfit", json={"option": 2})
    assert told.json()["place"] == "basics"
    assert client.get("/api/place").json()["place"] == "basics"
    for odd in ({"option": 7}, {"option": "0"}, {}, {"option": True}):
        assert client.post("/api/place/bounce", json=odd).status_code == 400
    assert client.post("/api/place/none", json={"option": 0}).status_code == 400


def test_recordings_over_http(client: TestClient) -> None:
    from tests.studio.test_playback import recorded

    name, _ = recorded()
    (row,) = client.get("/api/recordings").json()
    assert (row["name"], row["lab"], row["steps"]) == (name, "playground", 12)
    assert client.get(f"/api/recordings/{name}").json()["place"] == "recordings"
    with client.websocket_connect(f"ws://127.0.0.1:{PORT}/ws/recordings/{name}") as socket:
        assert socket.receive_json()["state"]["history"] == {"first": 0, "last": 12, "at": 0}
    assert client.post(f"/api/recordings/{name}/delete", json={}).status_code == 200
    assert client.get(f"/api/recordings/{name}").status_code == 404
    assert client.get("/api/recordings").json() == []
