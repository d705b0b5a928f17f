"""What other pages, other programs and odd messages can do to a studio that is open in a real browser: nothing."""

from __future__ import annotations

import functools
import http.client
import http.server
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest

from descend.studio.guard import LARGEST_MESSAGE
from tests.ui.conftest import FLAGS, Studio, _chromium, playwright

# Names of the attacker's, which point to this machine: the browser sees another host, the server gets the request.
REBOUND, EVIL = "rebound.example", "evil.example"

ATTACKS = """
<!doctype html><title>evil</title>
<form id="form" method="post" enctype="text/plain" target="sink"><input name='{"code": "' value='"}'></form>
<iframe name="sink"></iframe>
<script>
const done = {};
const tried = async (name, promise) => {
  try { done[name] = String(await promise); } catch (e) { done[name] = `refused: ${e.name}`; }
};
const loads = (tag, src) => new Promise((ok, no) => {
  const element = Object.assign(document.createElement(tag), { src });
  element.onload = () => ok('loaded');
  element.onerror = () => no(new Error(tag));
  document.body.append(element);
});
const socket = (url) => new Promise((ok, no) => {
  const ws = new WebSocket(url);
  ws.onopen = () => ok('open');
  ws.onerror = () => no(new Error('socket'));
});
const read = (url, init) => fetch(url, init).then((r) => `${r.type} ${r.status}`);
window.attack = async (studio) => {
  const at = studio.replace('http', 'ws');
  const post = { method: 'POST', body: '{"code": "pwned"}', credentials: 'include' };
  const json = { ...post, headers: { 'content-type': 'application/json' } };
  const plain = { ...post, mode: 'no-cors' };
  await Promise.all([
    tried('socket', socket(at + 'ws/labs/home')),
    tried('socket of runs', socket(at + 'ws/runs/x')),
    tried('read', read(studio + 'api/guide', { credentials: 'include' })),
    tried('json', read(studio + 'api/exercises/00/check', json)),
    tried('plain', read(studio + 'api/exercises/00/check', plain)),
    tried('script', loads('script', studio + 'api/guide')),
    tried('image', loads('img', studio + 'favicon.svg')),
  ]);
  const frame = Object.assign(document.createElement('iframe'), { src: studio, name: 'frame' });
  const form = document.getElementById('form');
  form.action = studio + 'api/exercises/00/check';
  await new Promise((ok) => { frame.onload = ok; document.body.append(frame); });
  await new Promise((ok) => { document.getElementsByName('sink')[0].onload = ok; form.submit(); });
  return done;
};
</script>
"""


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[int]:
    """The port of somebody else's web server on this machine."""

    class Pages(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(ATTACKS.encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=functools.partial(server.serve_forever, poll_interval=0.05))
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def lured(studio: Studio) -> Iterator[Any]:
    """A browser that knows the studio, and for which the attacker's names point to this machine."""
    rules = f"MAP {REBOUND} 127.0.0.1, MAP {EVIL} 127.0.0.1"
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=_chromium(), args=[*FLAGS, f"--host-resolver-rules={rules}", "--no-proxy-server"]
        )
        first = browser.new_context()
        first.new_page().goto(studio.link())
        state = first.storage_state()
        first.close()
        context = browser.new_context(storage_state=state)
        yield context
        browser.close()


@pytest.fixture
def page(lured: Any) -> Iterator[Any]:
    page = lured.new_page()
    yield page
    page.close()


def port(studio: Studio) -> int:
    return int(urlsplit(studio.address).port or 0)


def alive(studio: Studio, page: Any) -> bool:
    """Whether the studio still answers its own page."""
    return bool(page.context.request.get(f"{studio.address}api/guide").status == 200)


# ------------------------------------------------------------------------------------ other names


def test_a_name_that_was_pointed_to_this_machine_is_not_answered(studio: Studio, page: Any) -> None:
    link = studio.link().replace("127.0.0.1", REBOUND)
    for address in (f"http://{REBOUND}:{port(studio)}/", f"http://{REBOUND}:{port(studio)}/api/guide", link):
        answer = page.goto(address)
        assert answer.status == 421
        assert "another name" in answer.text()
        assert "<script" not in page.content()
    assert page.context.cookies(f"http://{REBOUND}:{port(studio)}") == []


def test_a_rebound_page_cannot_ask_anything(studio: Studio, page: Any) -> None:
    page.goto(f"http://{REBOUND}:{port(studio)}/")
    statuses = page.evaluate(
        """async (paths) => Promise.all(paths.map(async ([path, init]) => (await fetch(path, init)).status))""",
        [
            ["/api/guide", {}],
            ["/api/exercises/00/check", {"method": "POST", "body": '{"code": "x"}'}],
            ["/api/runs", {"method": "POST", "headers": {"content-type": "application/json"}, "body": "{}"}],
        ],
    )
    assert statuses == [421, 421, 421]
    opened = page.evaluate(
        f"""() => new Promise((ok) => {{
            const ws = new WebSocket('ws://{REBOUND}:{port(studio)}/ws/labs/home');
            ws.onopen = () => ok(true); ws.onerror = () => ok(false);
        }})"""
    )
    assert not opened


def test_a_link_survives_an_attempt_under_another_name(studio: Studio, lured: Any) -> None:
    link = studio.link()
    page = lured.new_page()
    assert page.goto(link.replace("127.0.0.1", REBOUND)).status == 421
    page.close()
    context = lured.browser.new_context()
    assert context.new_page().goto(link).status == 200
    context.close()


# ------------------------------------------------------------------------------------- other pages


@pytest.mark.parametrize("host", [EVIL, "127.0.0.1", "localhost"])
def test_a_page_of_another_origin_gets_nothing_and_changes_nothing(
    studio: Studio, elsewhere: int, page: Any, host: str
) -> None:
    file = studio.folder / "00_update.py"
    before = file.read_text() if file.exists() else None
    page.goto(f"http://{host}:{elsewhere}/")
    done = page.evaluate("(studio) => window.attack(studio)", studio.address)
    opaque = done.pop("plain")  # a request may be sent blindly: it is refused by the server, which no page can see
    assert opaque in ("opaque 0", "refused: TypeError")
    assert set(done) == {"socket", "socket of runs", "read", "json", "script", "image"}
    assert all(result.startswith("refused") for result in done.values()), done
    for name in ("frame", "sink"):
        frame = page.frame(name)
        assert frame is None or "descend" not in frame.content()
    assert (file.read_text() if file.exists() else None) == before
    assert alive(studio, page)


def test_a_link_on_another_page_opens_no_frame_and_no_window_of_ours(studio: Studio, elsewhere: int, page: Any) -> None:
    page.goto(f"http://{EVIL}:{elsewhere}/")
    with page.expect_popup() as opened:
        page.evaluate("(studio) => { window.opened = window.open(studio) }", studio.address)
    opened.value.wait_for_load_state()
    reached = page.evaluate("() => { try { return String(window.opened.document.title) } catch (e) { return 'no' } }")
    assert reached in ("no", "")  # opener and window are cut apart
    assert opened.value.evaluate("window.opener") is None
    opened.value.close()


# ------------------------------------------------------------------------------------------ tokens


def test_a_link_is_good_once_and_none_is_no_good(studio: Studio, lured: Any) -> None:
    link = studio.link()
    statuses = []
    for address in (studio.address, link, link, f"{studio.address}?token=", f"{studio.address}?token=guess"):
        context = lured.browser.new_context()
        answer = context.new_page().goto(address)
        statuses.append(answer.status)
        if answer.status == 401:
            assert "Open the link" in answer.text()
        assert "token" not in context.pages[0].url or answer.status == 401
        context.close()
    assert statuses == [401, 200, 401, 401, 401]


def test_no_script_can_read_the_cookie(studio: Studio, page: Any) -> None:
    page.goto(studio.address)
    assert page.evaluate("document.cookie") == ""
    (cookie,) = page.context.cookies(studio.address)
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"


def test_no_token_and_no_cookie_is_in_the_log_or_in_the_list_of_processes(studio: Studio, page: Any) -> None:
    secrets = [studio.link().partition("token=")[2] for _ in range(2)]
    page.goto(f"{studio.address}?token={secrets[0]}")
    secrets += [cookie["value"] for cookie in page.context.cookies(studio.address)]
    for path in (f"/?token={secrets[1]}", f"/nosuch?token={secrets[1]}", f"/api/%ff?token={secrets[1]}"):
        raw(studio, path)
    said = studio.log.read_text() + "".join(
        "\0".join([*(one.info["cmdline"] or []), one.info["name"] or ""])
        for one in psutil.process_iter(["cmdline", "name"])
        if one.pid != os.getpid()
    )
    assert len(secrets) == 3
    assert not [secret for secret in secrets if secret in said]


# ----------------------------------------------------------------------------------------- answers


def raw(studio: Studio, path: str, cookie: str = "", method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body for a path exactly as it stands here: a browser would tidy it up."""
    connection = http.client.HTTPConnection("127.0.0.1", port(studio), timeout=10)
    connection.putrequest(method, path, skip_accept_encoding=True)
    connection.putheader("cookie", cookie)
    connection.endheaders()
    answer = connection.getresponse()
    found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    connection.close()
    return found


@pytest.fixture
def cookie(studio: Studio, page: Any) -> str:
    (found,) = page.context.cookies(studio.address)
    return f"{found['name']}={found['value']}"


SECRET = "not for the browser"


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt", "/assets/../../secret.txt", "/assets/../../guard.py", "/%2e%2e/secret.txt",
        "/assets/%2e%2e%2f%2e%2e%2fguard.py", "/assets/..%5c..%5cguard.py", "/..%2f..%2f..%2f..%2fetc%2fpasswd",
        "//etc/passwd", "/fonts/../guard.py", "/api/runs/..%2f..%2fsecret.txt", "/api/runs/%2e%2e/pictures/run.json",
        "/api/runs/x/pictures/..%2f..%2frun.json", "/api/exercises/..%2f..%2fsecret.txt", "/api/labs/..%2f..%2fguard",
        "/secret.txt%00.js", "/assets/" + "../" * 12 + "etc/passwd", "/" + "a" * 8000, "/%ff%fe", "/assets/",
    ],
)  # fmt: skip
def test_no_path_leads_out(studio: Studio, cookie: str, path: str) -> None:
    (studio.folder / "secret.txt").write_text(SECRET)
    (studio.home / "secret.txt").write_text(SECRET)
    status, headers, body = raw(studio, path, cookie)
    assert status in (200, 400, 404)
    assert status != 200 or b'<div id="app">' in body  # the client, which says that there is no such page
    for word in (SECRET.encode(), b"root:", b"import ", b"compare_digest", b"Traceback"):
        assert word not in body
    guarded(headers)


def guarded(headers: dict[str, str]) -> None:
    policy = headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "style-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in headers


def test_every_answer_on_a_tour_has_the_policy(studio: Studio, page: Any) -> None:
    answers: list[Any] = []

    def answered(answer: Any) -> None:
        answers.append(answer)

    page.on("response", answered)
    for place in ("", "exercises/00", "labs/downhill", "labs/digit", "runs", "no/such/place"):
        page.goto(studio.address + place)
        page.wait_for_timeout(400)
    mine = [one for one in answers if one.url.startswith("http")]
    assert len(mine) > 20
    for one in mine:
        guarded(one.all_headers())


def test_every_refusal_has_the_policy(studio: Studio, cookie: str) -> None:
    seen = set()
    for path, key, method in (
        ("/", "", "GET"), ("/", cookie, "PUT"), ("/api/nosuch", cookie, "GET"), ("/api/guide", cookie, "POST"),
        ("/api/exercises/00/check", cookie, "POST"), ("/?token=x", cookie, "GET"), ("/api/guide", cookie, "GET"),
    ):  # fmt: skip
        status, headers, _ = raw(studio, path, key, method)
        seen.add(status)
        guarded(headers)
    assert seen == {401, 405, 404, 415, 303, 200}


# ---------------------------------------------------------------------------------------- messages

TALK = """
([place, messages]) => new Promise((ok) => {
  const heard = [];
  const ws = new WebSocket(`ws://${location.host}${place}`);
  const data = (m) => (m.repeat ? m.repeat.repeat(m.times) : m.bytes ? new Uint8Array(m.bytes) : m.text);
  ws.onopen = () => messages.forEach((m) => ws.send(data(m)));
  ws.onmessage = (m) => {
    if (typeof m.data !== 'string' || !m.data.includes('"error"')) return;
    heard.push(JSON.parse(m.data).error.problem);
    if (heard.length === messages.length) ws.close();
  };
  ws.onclose = (e) => ok({ code: e.code, heard });
})
"""


def test_a_message_that_is_too_long_ends_its_socket_only(studio: Studio, page: Any) -> None:
    page.goto(studio.address)
    ended = page.evaluate(TALK, ["/ws/labs/downhill", [{"repeat": "x", "times": LARGEST_MESSAGE + 1}]])
    assert ended["code"] == 1009
    assert alive(studio, page)


def test_messages_that_mean_nothing_are_answered_with_an_error(studio: Studio, page: Any) -> None:
    page.goto(studio.address)
    odd = [
        "",
        "{",
        "[]",
        "null",
        "1e999",
        '{"do": "fly"}',
        '{"set": 3}',
        '{"ack": "x"}',
        "\\ud800",
        json.dumps({"event": 1}),
    ]
    messages = [{"text": text} for text in odd] + [{"bytes": [0, 255, 7]}, {"repeat": "[", "times": 100_000}]
    ended = page.evaluate(TALK, ["/ws/labs/downhill", messages])
    assert len(ended["heard"]) == len(messages)
    assert all(ended["heard"])
    assert alive(studio, page)


def test_the_server_has_told_of_no_bug(studio: Studio, page: Any) -> None:
    """Last in the file: nothing above has made the server fail."""
    assert alive(studio, page)
    assert "Traceback" not in Path(studio.log).read_text()
