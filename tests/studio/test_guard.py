from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from descend.studio.guard import LARGEST_BODY, LARGEST_MESSAGE, Tokens
from tests.studio.conftest import HERE, PORT

GUIDE = "/api/guide"
HINT = "/api/exercises/00/hint"
LAB = f"ws://127.0.0.1:{PORT}/ws/labs/downhill"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


# ------------------------------------------------------------------------------------------- tokens


def test_a_token_is_good_once() -> None:
    tokens = Tokens()
    first, second = tokens.issue(), tokens.issue()
    assert first != second
    assert tokens.redeem(first)
    assert not tokens.redeem(first)
    assert tokens.redeem(second)


def test_a_token_is_good_for_a_while() -> None:
    tokens = Tokens(lifetime=300, clock=(clock := Clock()))
    early, late = tokens.issue(), tokens.issue()
    clock.now = 299
    assert tokens.redeem(early)
    clock.now = 301
    assert not tokens.redeem(late)


@pytest.mark.parametrize("given", ["", "x", "é", "\udcff"])
def test_no_other_word_is_a_token(given: str) -> None:
    tokens = Tokens()
    tokens.issue()
    assert not tokens.redeem(given)


def test_the_link_becomes_a_cookie_that_no_script_reads(stranger: TestClient, tokens: Tokens) -> None:
    answer = stranger.get("/labs/home", params={"token": tokens.issue(), "lr": "0.1"})
    assert answer.status_code == 303
    assert answer.headers["location"] == "/labs/home?lr=0.1"
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"descend-{PORT}={tokens.cookie};")
    for attribute in ("HttpOnly", "SameSite=Strict", "Path=/"):
        assert attribute in cookie
    assert stranger.get(GUIDE).status_code == 200


def test_a_used_token_opens_nothing(stranger: TestClient, tokens: Tokens) -> None:
    token = tokens.issue()
    stranger.get("/", params={"token": token})
    stranger.cookies.clear()
    again = stranger.get("/", params={"token": token})
    assert again.status_code == 401
    assert "set-cookie" not in again.headers


def test_a_used_token_does_no_harm_to_who_is_in(client: TestClient) -> None:
    answer = client.get("/", params={"token": "used"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert "set-cookie" not in answer.headers


def test_the_redirect_stays_on_this_server(stranger: TestClient, tokens: Tokens) -> None:
    for path in ("//evil.example/x", "/\\evil.example", "/%0d%0aset-cookie:x=y"):
        answer = stranger.get(f"{HERE}{path}?token={tokens.issue()}")
        place = answer.headers["location"]
        assert place.startswith("/")
        assert not place.startswith(("//", "/\\"))
        assert "\r" not in place


def test_from_the_file_that_opened_the_browser_a_page_leads_on(stranger: TestClient, tokens: Tokens) -> None:
    # The browser would not send the new cookie along with a redirect that another place began.
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    answer = stranger.get("/", params={"token": tokens.issue(), "a": '"><b'}, headers=headers)
    assert answer.status_code == 200
    assert "set-cookie" in answer.headers
    assert 'content="0;url=/?a=%22%3E%3Cb"' in answer.text
    assert stranger.get("/").status_code == 200


# ----------------------------------------------------------------------------------- who is let in


def test_without_a_cookie_nothing_is_told(stranger: TestClient) -> None:
    for path in ("/", GUIDE, "/assets/main-1a2b.js", "/fonts/STIXTwoMath-Regular.ttf", "/api/nothing"):
        assert stranger.get(path).status_code == 401
    assert stranger.post(HINT, json={}).status_code == 401


@pytest.mark.parametrize("cookie", ["", "x", "descend-8574={}", "descend={}", "descend-8573=x{}", "descend-8573"])
def test_another_cookie_is_none(stranger: TestClient, tokens: Tokens, cookie: str) -> None:
    headers = {"cookie": cookie.format(tokens.cookie)}
    assert stranger.get(GUIDE, headers=headers).status_code == 401


def test_odd_cookies_of_other_servers_are_no_hindrance(stranger: TestClient, tokens: Tokens) -> None:
    headers = {"cookie": f'a="b; {{"json": 1}}; c=d; descend-{PORT}=old; descend-{PORT}={tokens.cookie}; ='}
    assert stranger.get(GUIDE, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", f"evil.example:{PORT}", "127.0.0.1", "localhost", "127.0.0.1:1", f"127.0.0.1.evil.example:{PORT}",
     f"user@127.0.0.1:{PORT}", f"127.0.0.1:{PORT}@evil.example", f"[::1]:{PORT}", f"LOCALHOST:{PORT}.", ""],
)  # fmt: skip
def test_a_name_that_was_pointed_here_is_refused(client: TestClient, host: str) -> None:
    assert client.get(GUIDE, headers={"host": host}).status_code == 421


def test_both_names_of_this_machine_are_known(client: TestClient, tokens: Tokens) -> None:
    cookie = {"cookie": f"descend-{PORT}={tokens.cookie}", "host": f"localhost:{PORT}"}
    assert client.get(GUIDE, headers=cookie).status_code == 200


@pytest.mark.parametrize(
    "origin",
    ["http://evil.example", f"https://127.0.0.1:{PORT}", "http://127.0.0.1:1", "null", "", f"{HERE}.evil.example"],
)  # fmt: skip
def test_a_page_of_another_origin_is_refused(client: TestClient, origin: str) -> None:
    assert client.get(GUIDE, headers={"origin": origin}).status_code == 403
    assert client.post(HINT, json={}, headers={"origin": origin}).status_code == 403


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_page_of_another_site_is_refused(client: TestClient, site: str) -> None:
    for mode, dest in (("no-cors", "image"), ("cors", "empty"), ("navigate", "iframe"), ("websocket", "empty")):
        headers = {"sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": dest}
        assert client.get(GUIDE, headers=headers).status_code == 403
    posted = {"sec-fetch-site": site, "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert client.post(HINT, json={}, headers=posted).status_code == 403


def test_our_own_pages_are_answered(client: TestClient) -> None:
    for site in ("same-origin", "none"):
        assert client.get(GUIDE, headers={"sec-fetch-site": site}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [{"origin": "http://evil.example"}, {"origin": "null"}, {"host": f"evil.example:{PORT}"}, {"cookie": "x=y"},
     {"sec-fetch-site": "same-site"}],
)  # fmt: skip
def test_a_socket_from_elsewhere_is_refused(client: TestClient, headers: dict[str, str]) -> None:
    with pytest.raises(WebSocketDisconnect) as refused, client.websocket_connect(LAB, headers=headers):
        pass
    assert refused.value.code == 1008


def test_a_socket_of_our_own_page_opens(client: TestClient) -> None:
    with client.websocket_connect(LAB) as socket:
        assert "state" in socket.receive_json()


def test_a_socket_has_to_say_where_it_comes_from(client: TestClient) -> None:
    del client.headers["origin"]
    assert client.get(GUIDE).status_code == 200
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(LAB):
        pass


# ------------------------------------------------------------------------------------ what is taken


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "text/json"]
)
def test_only_json_is_taken(client: TestClient, kind: str) -> None:
    assert client.post(HINT, content=b"{}", headers={"content-type": kind}).status_code == 415


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_no_other_methods_are_known(client: TestClient, method: str) -> None:
    assert client.request(method, GUIDE).status_code == 405


def test_a_long_body_is_refused(client: TestClient) -> None:
    headers = {"content-type": "application/json"}
    url = "/api/exercises/00/check"
    assert client.post(url, content=b" " * (LARGEST_BODY + 1), headers=headers).status_code == 413
    assert client.post(url, content=(b" " * 65536 for _ in range(17)), headers=headers).status_code == 413
    assert client.post(url, content=b" " * LARGEST_BODY, headers=headers).status_code == 400


def test_a_long_message_ends_the_socket(client: TestClient) -> None:
    with client.websocket_connect(LAB) as socket:
        socket.send_text("x" * (LARGEST_MESSAGE + 1))
        assert _close_code(socket) == 1009
    with client.websocket_connect(LAB) as socket:
        socket.send_text('{"do": "step"}')
        socket.receive_json()


def _close_code(socket: Any) -> int:
    while (message := socket.receive())["type"] != "websocket.close":
        pass
    return int(message["code"])


# ---------------------------------------------------------------------------------------- headers


def test_every_answer_has_the_headers(client: TestClient) -> None:
    answers = [
        client.get("/"),
        client.get(GUIDE),
        client.get("/api/nothing"),
        client.put("/"),
        client.get("/", params={"token": "x"}),
    ]
    client.cookies.clear()
    answers += [client.get("/"), client.get("/", headers={"host": "evil.example"})]
    assert [a.status_code for a in answers] == [200, 200, 404, 405, 303, 401, 421]
    for answer in answers:
        headers = answer.headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["referrer-policy"] == "no-referrer"
        policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["frame-ancestors"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == "'self'"
        assert policy["connect-src"].startswith("'self' ws://127.0.0.1")
        assert "unsafe" not in headers["content-security-policy"]
        assert "evil" not in str(headers)
        assert "access-control-allow-origin" not in headers
