from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from descend.recipes import registry
from descend.recipes.recipe import Expect
from descend.studio.following import STEPS, Following, thinned
from descend.train import removal
from descend.train.diff import last_metrics
from descend.train.events import Epoch, Event, Failed, Step
from descend.train.runs import Run
from tests.recipes.finished import new_run, trained_run
from tests.studio.conftest import PORT, RIGHT, WRONG

LONG = {"epochs": 5000, "hidden": 16, "batch_size": 250}
WS = f"ws://127.0.0.1:{PORT}/ws/runs/"


def start(client: TestClient, settings: dict[str, Any], *, with_answers: bool = False) -> str:
    body = {"recipe": "digits-mlp", "settings": settings, "with_answers": with_answers}
    answer = client.post("/api/runs", json=body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["name"])


def ask(client: TestClient, name: str, what: str) -> int:
    return client.post(f"/api/runs/{name}/{what}", json={}).status_code


def wait(client: TestClient, name: str, until: Callable[[dict[str, Any]], bool], seconds: float = 60) -> dict[str, Any]:
    deadline = time.monotonic() + seconds
    while not until(run := client.get(f"/api/runs/{name}").json()):
        assert time.monotonic() < deadline, run["state"]
        time.sleep(0.1)
    return dict(run)


def test_a_run_from_start_to_pictures(client: TestClient) -> None:
    assert client.get("/api/runs").json() == []
    name = start(client, {"epochs": 2, "hidden": 16, "batch_size": 250})
    run = wait(client, name, lambda run: run["state"] == "finished" and len(run["pictures"]) == 2)
    assert [row["name"] for row in client.get("/api/runs").json()] == [name]
    assert run["recipe"] == "digits-mlp"
    assert run["epochs"] == 2
    assert 0.1 < run["metrics"]["test_accuracy"] < 1
    kinds = [event["event"] for event in run["events"]]
    assert kinds[0] == "start"
    assert kinds[-1] == "done"
    assert kinds.count("epoch") == 2
    assert run["settings"]["hidden"] == 16
    assert Run.open(name).info.executor == "native"  # compiled where it pays, as by the command line
    (expected,) = run["expect"]
    assert expected["metric"] == "test_accuracy"
    assert expected["reached"] is None  # with other settings nothing is expected
    for picture in run["pictures"]:
        answer = client.get(f"/api/runs/{name}/pictures/{picture['file']}")
        assert answer.headers["content-type"] == "image/png"
        assert answer.content[:4] == b"\x89PNG"


def test_stop_and_resume(client: TestClient) -> None:
    name = start(client, LONG)
    wait(client, name, lambda run: run["epochs"] >= 1)
    assert ask(client, name, "resume") == 400
    assert ask(client, name, "stop") == 200
    stopped = wait(client, name, lambda run: run["state"] == "stopped")
    assert ask(client, name, "stop") == 400
    assert ask(client, name, "resume") == 200
    going = wait(client, name, lambda run: run["epochs"] > stopped["epochs"] and run["state"] == "running")
    assert [event["epoch"] for event in going["events"] if event["event"] == "epoch"][:2] == [1, 2]
    assert ask(client, name, "stop") == 200
    wait(client, name, lambda run: run["state"] == "stopped")


def test_closing_the_studio_brings_runs_to_a_checkpoint(stranger: TestClient, client: TestClient) -> None:
    name = start(client, LONG)
    wait(client, name, lambda run: run["epochs"] >= 1)
    stranger.__exit__(None, None, None)
    try:
        run = Run.open(name)
        assert run.status() == "stopped"
        assert list((run.path / "checkpoints").iterdir())
    finally:
        stranger.__enter__()


def test_with_the_learners_own_line(client: TestClient, write: Callable[[str], Path]) -> None:
    write(WRONG)
    refused = client.post("/api/runs", json={"recipe": "digits-mlp", "settings": {}, "with_answers": True})
    assert refused.status_code == 409
    assert "not ready" in refused.json()["problem"]
    assert client.post("/api/exercises/00/check", json={"code": RIGHT}).json()["passed"]
    name = start(client, {"epochs": 1, "hidden": 16, "batch_size": 250}, with_answers=True)
    run = wait(client, name, lambda run: run["state"] == "finished")
    (answer,) = run["answers"]
    assert answer["symbol"] == "optim.sgd.update"
    assert answer["origin"].endswith(":update")


def test_a_run_that_failed_at_once_says_why_and_cannot_be_resumed(client: TestClient) -> None:
    name = start(client, {"epochs": 1, "hidden": 16, "batch_size": 250, "lr": 1e30})
    run = wait(client, name, lambda run: run["state"] == "failed")
    assert run["resumable"] is False
    assert "the loss of step" in run["failure"]["problem"]
    assert "learning rate" in run["failure"]["given"]
    assert "--resume" not in run["failure"]["next"]
    refused = client.post(f"/api/runs/{name}/resume", json={})
    assert refused.status_code == 400
    assert "before its first checkpoint" in refused.json()["problem"]
    assert run["problem"] in refused.json()["given"]


def test_a_finished_run_is_not_measured_again(client: TestClient) -> None:
    run = trained_run()
    before = run.events_path.read_bytes()
    assert client.get(f"/api/runs/{run.name}").json()["resumable"] is False
    refused = client.post(f"/api/runs/{run.name}/resume", json={})
    assert refused.status_code == 400
    assert "is finished" in refused.json()["problem"]
    assert "--epochs 2" in refused.json()["fix"]
    assert run.events_path.read_bytes() == before


def test_what_has_a_checkpoint_can_go_on_after_a_failure(client: TestClient) -> None:
    run = trained_run()
    with run.writing() as journal:
        journal.record(Failed("the disk is full", fix="free some space"))
    told = client.get(f"/api/runs/{run.name}").json()
    assert told["resumable"] is True
    assert told["failure"]["fix"] == "free some space"
    assert told["failure"]["next"].endswith(f"--resume {run.name}")


def test_the_list_has_the_number_that_the_terminal_shows(client: TestClient) -> None:
    run, begun = trained_run(), new_run()
    rows = {row["name"]: row for row in client.get("/api/runs").json()}
    assert rows[run.name]["headline"] == "test_accuracy"
    assert rows[begun.name]["headline"] is None
    assert client.get(f"/api/runs/{begun.name}").json()["resumable"] is True


def test_there_is_an_end_to_the_runs_at_once(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("descend.studio.runs.MOST_AT_ONCE", 1)
    name = start(client, LONG)
    refused = client.post("/api/runs", json={"recipe": "digits-mlp", "settings": LONG})
    assert refused.status_code == 400
    assert "too many" in refused.json()["problem"]
    assert len(client.get("/api/runs").json()) == 1
    wait(client, name, lambda run: run["state"] == "running")
    assert ask(client, name, "stop") == 200
    wait(client, name, lambda run: run["state"] == "stopped")


@pytest.mark.parametrize(("bound", "reached"), [(0.05, True), (1.01, False)])
def test_with_the_recipes_own_settings_it_says_whether_the_result_is_reached(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, bound: float, reached: bool
) -> None:
    recipe = registry.get("digits-mlp")
    expect = (Expect(metric="test_accuracy", at_least=bound, source="this test"),)
    own = replace(recipe, settings={**recipe.settings, **recipe.tiny}, expect=expect)
    run = trained_run()
    monkeypatch.setattr(registry, "get", lambda _: own)
    (expected,) = client.get(f"/api/runs/{run.name}").json()["expect"]
    assert expected["reached"] is reached
    assert expected["value"] == last_metrics(run.events())["test_accuracy"]
    assert expected["source"] == "this test"


def test_a_setting_out_of_bounds_begins_nothing(client: TestClient) -> None:
    body = {"recipe": "digits-mlp", "settings": {"lr": -1}}
    answer = client.post("/api/runs", json=body)
    assert answer.status_code == 400
    assert answer.json()["needed"] == "a number, above 0"
    assert client.get("/api/runs").json() == []


@pytest.mark.parametrize(
    "body",
    [{}, {"recipe": "nosuch"}, {"recipe": "digits-mlp", "settings": {"nosuch": 1}},
     {"recipe": "digits-mlp", "settings": [1]},
     {"recipe": "digits-mlp", "settings": {"epochs": "many"}}, {"recipe": ["digits-mlp"]}],
)  # fmt: skip
def test_what_cannot_be_started(client: TestClient, body: dict[str, Any]) -> None:
    answer = client.post("/api/runs", json=body)
    assert answer.status_code == 400
    assert answer.json()["problem"]
    assert client.get("/api/runs").json() == []


@pytest.mark.parametrize("name", ["nosuch", "..", "%2e%2e", "a%2fb", ".new-x"])
def test_there_is_no_such_run(client: TestClient, name: str) -> None:
    assert client.get(f"/api/runs/{name}/pictures/curve.png").status_code in (400, 404)
    if name != "..":
        assert client.get(f"/api/runs/{name}").status_code in (400, 404)
    assert ask(client, name, "stop") in (400, 404, 405)


def test_a_run_elsewhere_is_not_opened_by_its_path(client: TestClient, tmp_path: Path) -> None:
    run = new_run()
    elsewhere = run.path.rename(tmp_path / "elsewhere")
    for name in (str(elsewhere), str(elsewhere).replace("/", "%2f")):
        assert client.get(f"/api/runs/{name}").status_code in (400, 404)


def test_only_pictures_are_handed_out(client: TestClient) -> None:
    run = trained_run()
    for file in ("run.json", "..%2frun.json", "events.jsonl"):
        assert client.get(f"/api/runs/{run.name}/pictures/{file}").status_code == 404


def test_recipes_are_listed_with_their_settings(client: TestClient) -> None:
    recipes = {row["name"]: row for row in client.get("/api/recipes").json()}
    assert recipes["digits-mlp"]["settings"]["hidden"] == 100


# --------------------------------------------------------------------------------------- following


def test_a_finished_run_is_told_at_once(client: TestClient) -> None:
    run = trained_run()
    with client.websocket_connect(WS + run.name) as socket:
        told = socket.receive_json()
    assert told["whole"]
    assert told["state"] == "finished"
    assert [event["event"] for event in told["events"]][-1] == "done"


def test_events_come_as_they_are_recorded(client: TestClient) -> None:
    name = start(client, LONG)
    with client.websocket_connect(WS + name) as socket:
        seen: list[dict[str, Any]] = []
        while sum(event["event"] == "epoch" for event in seen) < 3:
            told = socket.receive_json()
            seen = told["events"] if told.get("whole") else seen + told["events"]
        assert ask(client, name, "stop") == 200
        while (told := socket.receive_json()).get("state") != "stopped":
            seen = told["events"] if told.get("whole") else seen + told["events"]
        seen += told["events"]
    wait(client, name, lambda run: run["state"] == "stopped")
    assert seen[-1]["event"] == "done"
    epochs = [event["epoch"] for event in seen if event["event"] == "epoch"]
    assert epochs == list(range(1, len(epochs) + 1))


def test_an_unknown_run_is_told_and_closed(client: TestClient) -> None:
    with client.websocket_connect(WS + "nosuch") as socket:
        assert "no run" in socket.receive_json()["error"]["problem"]
        assert socket.receive()["code"] == 4404


def test_a_run_that_is_deleted_while_it_is_followed_ends_its_socket(client: TestClient) -> None:
    run = trained_run()
    with client.websocket_connect(WS + run.name) as socket:
        assert socket.receive_json()["state"] == "finished"
        removal.remove(run.path)
        assert "no run" in socket.receive_json()["error"]["problem"]
        assert socket.receive()["code"] == 4404
    assert client.get(f"/api/runs/{run.name}").status_code == 400
    assert client.get("/api/runs").json() == []


def test_a_resumed_run_is_told_anew(client: TestClient) -> None:
    run = trained_run()
    following = Following(run.name)
    assert following.news()
    assert following.news() is None
    with run.events_path.open("a") as file:
        file.write('{"event":"resumed","step":5,"epoch":1}\n')
    told = following.news()
    assert told
    assert told["whole"]


def test_many_steps_are_thinned_and_nothing_else() -> None:
    events: list[Event] = [Step(i, 1, 1.0, 0.1) for i in range(5 * STEPS)]
    events[700:700] = [Epoch(1, 700, {}, 1.0)]
    kept = thinned(events)
    steps = [event.step for event in kept if isinstance(event, Step)]
    assert (len(steps), steps[0], steps[-1]) == (STEPS, 0, 5 * STEPS - 1)
    assert sum(isinstance(event, Epoch) for event in kept) == 1
    assert thinned(events[:10]) == events[:10]
