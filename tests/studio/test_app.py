from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from descend.studio import labs
from descend.studio.app import Studio
from descend.studio.guard import Guard, Tokens
from tests.studio.conftest import HERE, PORT

HEAVY = ("numpy", "scipy", "sklearn", "matplotlib", "llvmlite", "PIL", "descend.engine")


def test_the_map(client: TestClient) -> None:
    guide = client.get("/api/guide").json()
    assert len(guide["sections"]) == 9
    assert all(set(one) == {"id", "title", "stars", "about", "ready"} for one in guide["sections"])
    assert all(1 <= one["stars"] <= 3 for one in guide["sections"])
    assert [one["id"] for one in guide["labs"]] == list(labs.ORDER)
    assert all(one["question"].endswith("?") for one in guide["labs"])


@pytest.mark.parametrize("name", labs.ORDER)
def test_every_lab_declares_itself(client: TestClient, name: str) -> None:
    lab = client.get(f"/api/labs/{name}").json()
    assert lab["id"] == name
    assert lab["question"].endswith("?")
    assert "<p>" in lab["about_html"]
    assert len([param for param in lab["params"] if not param["more"]]) <= 5
    assert len({view["name"] for view in lab["views"]}) == len(lab["views"])
    assert lab["transport"]["rate"] > 0


@pytest.mark.parametrize("name", labs.ORDER)
def test_every_lab_shows_what_its_views_name(name: str, answers: Path) -> None:
    lab = labs.get(name)(answers)
    lab.advance()
    shown = set(lab.frame())
    for view in lab.views:
        for key in ("values", "points", "test", "path", "guess", "extent", "marks", "line", "maps", "inputs"):
            if key in view.told:
                assert view.told[key] in shown, (view.name, key)
        assert {one["name"] for one in view.told.get("series", [])} <= shown
        assert set(view.told.get("weights", [])) <= shown
    lab.close()


def test_an_unknown_lab(client: TestClient) -> None:
    answer = client.get("/api/labs/nosuch")
    assert answer.status_code == 404
    assert set(answer.json()) == {"problem", "given", "needed", "fix"}


# ------------------------------------------------------------------------------------------- pages


@pytest.mark.parametrize("path", ["/", "/index.html", "/labs/home", "/runs/some-run", "/nowhere/at/all"])
def test_a_place_in_the_client_is_the_client(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert "<title>studio" in answer.text
    assert answer.headers["cache-control"] == "no-cache"


def test_files_of_the_client(client: TestClient) -> None:
    answer = client.get("/assets/main-1a2b.js")
    assert answer.text == "export {};"
    assert "javascript" in answer.headers["content-type"]
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("path", ["/assets/none.js", "/favicon.ico", "/api/nothing", "/api", "/ws/labs"])
def test_what_is_not_there(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert set(answer.json()) == {"problem", "given", "needed", "fix"}


@pytest.mark.parametrize("path", ["/", "/labs/home", "/api/guide", "/assets/main-1a2b.js"])
def test_what_takes_no_post(client: TestClient, path: str) -> None:
    answer = client.post(path, json={})
    assert answer.status_code == 405
    assert "does not take that" in answer.json()["problem"]


@pytest.mark.parametrize(
    "path",
    ["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/assets/../../secret.txt",
     "/assets/%2e%2e/%2e%2e/secret.txt", "//secret.txt", "/..%5csecret.txt", "/%00", "/assets/..%2f..%2fsecret.txt",
     "/fonts/../secret.txt", "/fonts/..%2f__init__.py",
     "/api/runs/..%2f..%2fsecret.txt/pictures/x.png", "/api/runs/x/pictures/..%2f..%2fsecret.txt"],
)  # fmt: skip
def test_no_path_leads_out_of_the_pages(client: TestClient, path: str) -> None:
    answer = client.get(HERE + path)
    assert answer.status_code in (200, 400, 404)
    assert "secret" not in answer.text.replace("secret.txt", "")
    if answer.status_code == 200:
        assert "<title>studio" in answer.text


def test_a_link_out_of_the_pages_is_not_followed(client: TestClient, static: Path) -> None:
    (static / "assets" / "link.txt").symlink_to(static.parent / "secret.txt")
    assert client.get("/assets/link.txt").status_code == 404


def test_without_built_pages_it_says_what_to_run(answers: Path, tmp_path: Path) -> None:
    tokens = Tokens()
    app = Guard(Studio(answers, tmp_path / "nothing").app(), PORT, tokens)
    with TestClient(app, base_url=HERE) as client:
        page = client.get("/", params={"token": tokens.issue()})
        assert page.status_code == 503
        assert "make ui" in page.text
        assert client.get("/assets/x.js").json()["fix"] == "make ui"
        assert client.get("/api/guide").status_code == 200


def test_the_font_of_the_mathematics(client: TestClient) -> None:
    answer = client.get("/fonts/STIXTwoMath-Regular.ttf")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "font/ttf"
    assert answer.content[:4] in (b"\0\1\0\0", b"OTTO")
    assert client.get("/fonts/other.ttf").status_code == 404


_FIRST_PAGE = f"""
import sys
from starlette.testclient import TestClient
import descend.cli.studio
from descend.studio import app, launch
from descend.studio.guard import Guard, Tokens
from pathlib import Path

def heavy():
    return [name for name in {HEAVY} if name in sys.modules]

tokens, warm, seen = Tokens(), app.warm, []
app.warm = lambda: seen.append(heavy()) or warm()
studio = app.Studio(static=Path(sys.argv[1]))
with TestClient(Guard(studio.app(), {PORT}, tokens), base_url="{HERE}") as client:
    assert client.get("/api/guide", params={{"token": tokens.issue()}}).status_code == 200
    assert client.get("/fonts/STIXTwoMath-Regular.ttf").status_code == 200
    assert "studio" in client.get("/").text
print(seen, heavy())
"""


def test_the_first_page_waits_for_nothing_heavy(static: Path) -> None:
    command = [sys.executable, "-c", _FIRST_PAGE, str(static)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout == "[[]] ['numpy', 'descend.engine']\n", done.stdout + done.stderr
