"""A server on this machine that misbehaves as told, and a small data set that it holds."""

from __future__ import annotations

import contextlib
import hashlib
import re
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import numpy as np
import pytest

from descend.data.datasets.entry import DataFile, Entry
from descend.data.datasets.transfer import CHUNK, Patience

BODY = np.random.default_rng(0).bytes(12 * CHUNK + 1234)


class Answer(BaseHTTPRequestHandler):
    """One request: answered by the first behaviour that is left in the script, or well."""

    protocol_version = "HTTP/1.1"
    server: Site

    def do_GET(self) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(asked[1]) if asked else None
        with self.server.guard:
            self.server.log.append((self.path, start))
            behave = self.server.script.pop(0) if self.server.script else self.server.habit
        body = self.server.files.get(self.path)
        self.close_connection = True
        with contextlib.suppress(ConnectionError):
            behave(self, body, start) if body is not None else status(404)(self, b"", start)

    def begin(self, code: int, headers: dict[str, object]) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, str(value))
        self.end_headers()

    def pour(self, body: bytes) -> None:
        """Send in pieces, so that the client sees an early end."""
        for i in range(0, len(body), 4096):
            self.wfile.write(body[i : i + 4096])
            self.server.sent += len(body[i : i + 4096])

    def log_message(self, *_: object) -> None:
        pass


Behaviour = Callable[[Answer, bytes, int | None], None]


class Site(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.files: dict[str, bytes] = {}
        self.script: list[Behaviour] = []
        self.habit: Behaviour = well
        self.log: list[tuple[str, int | None]] = []
        self.sent = 0
        self.guard = threading.Lock()
        self.go = threading.Event()
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


def head(body: bytes, start: int | None) -> tuple[int, dict[str, object], bytes]:
    if start is None:
        return 200, {"Content-Length": len(body)}, body
    if start >= len(body):
        return 416, {"Content-Range": f"bytes */{len(body)}", "Content-Length": 0}, b""
    rest = body[start:]
    span = {"Content-Range": f"bytes {start}-{len(body) - 1}/{len(body)}", "Content-Length": len(rest)}
    return 206, span, rest


def well(answer: Answer, body: bytes, start: int | None) -> None:
    code, headers, rest = head(body, start)
    answer.begin(code, headers)
    answer.pour(rest)


def drops(after: int) -> Behaviour:
    """Promises all and closes the connection after some bytes."""

    def behave(answer: Answer, body: bytes, start: int | None) -> None:
        code, headers, rest = head(body, start)
        answer.begin(code, headers)
        answer.pour(rest[:after])

    return behave


def hangs(after: int) -> Behaviour:
    """Promises all and falls silent after some bytes, the connection open."""

    def behave(answer: Answer, body: bytes, start: int | None) -> None:
        drops(after)(answer, body, start)
        answer.wfile.flush()
        answer.server.over.wait(20)

    return behave


def pauses(after: int) -> Behaviour:
    """Sends some bytes, and the rest when the test says `site.go.set()`."""

    def behave(answer: Answer, body: bytes, start: int | None) -> None:
        code, headers, rest = head(body, start)
        answer.begin(code, headers)
        answer.pour(rest[:after])
        answer.server.go.wait(20)
        answer.pour(rest[after:])

    return behave


def slow(pause: float) -> Behaviour:
    def behave(answer: Answer, body: bytes, start: int | None) -> None:
        code, headers, rest = head(body, start)
        answer.begin(code, headers)
        for i in range(0, len(rest), 2048):
            answer.pour(rest[i : i + 2048])
            time.sleep(pause)

    return behave


def ignores_range(then: Behaviour = well) -> Behaviour:
    return lambda answer, body, start: then(answer, body, None)


def other_bytes(answer: Answer, body: bytes, start: int | None) -> None:
    """The right length, and one byte changed."""
    well(answer, body[:-1] + bytes([body[-1] ^ 1]), start)


def other_size(by: int) -> Behaviour:
    return lambda answer, body, start: well(answer, (body + bytes(max(by, 0)))[: len(body) + by], start)


def endless(answer: Answer, body: bytes, start: int | None) -> None:
    """Says no length, and goes on after the end."""
    answer.begin(200, {})
    answer.pour(body + bytes(CHUNK))


def unsaid_length(answer: Answer, body: bytes, start: int | None) -> None:
    answer.begin(200, {})
    answer.pour(body)


def always_short(answer: Answer, body: bytes, start: int | None) -> None:
    """Says no length, and ends before the end."""
    answer.begin(200, {})
    answer.pour(body[:1000])


def refuses_range(answer: Answer, body: bytes, start: int | None) -> None:
    (well if start is None else status(416))(answer, body, start)


def stuck(answer: Answer, body: bytes, start: int | None) -> None:
    """Drops what is asked for whole, and sends another part than the one that is asked for."""
    drops(len(body) // 2)(answer, body, None) if start is None else other_range(answer, body, start)


def other_range(answer: Answer, body: bytes, start: int | None) -> None:
    """Sends from another place than was asked for, and says so."""
    well(answer, body, None if start is None else max(0, start - 100))


def lying_range(answer: Answer, body: bytes, start: int | None) -> None:
    """Says that it goes on where asked, and sends from the beginning."""
    code, headers, rest = head(body, start)
    answer.begin(code, headers)
    answer.pour(body[: len(rest)])


def nameless_range(answer: Answer, body: bytes, start: int | None) -> None:
    code, headers, rest = head(body, start)
    answer.begin(code, {"Content-Length": headers["Content-Length"]})
    answer.pour(rest)


def status(code: int) -> Behaviour:
    return lambda answer, body, start: answer.begin(code, {"Content-Length": 0})


def called_packed(answer: Answer, body: bytes, start: int | None) -> None:
    """As servers do that take a .gz file for a packed answer."""
    code, headers, rest = head(body, start)
    answer.begin(code, headers | {"Content-Encoding": "gzip"})
    answer.pour(rest)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    server = Site()
    server.files["/tiny.bin"] = BODY
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def acts() -> SimpleNamespace:
    """The behaviours by name."""
    plain = (
        well,
        other_bytes,
        endless,
        unsaid_length,
        always_short,
        refuses_range,
        stuck,
        other_range,
        lying_range,
        nameless_range,
        called_packed,
    )
    made = (drops, hangs, pauses, slow, ignores_range, other_size, status)
    return SimpleNamespace(**{behaviour.__name__: behaviour for behaviour in (*plain, *made)})


@pytest.fixture
def body() -> bytes:
    return BODY


@pytest.fixture
def tiny(site: Site) -> Entry:
    """A data set of one file on the server."""
    file = DataFile("tiny.bin", len(BODY), "md5:" + hashlib.md5(BODY).hexdigest())
    return Entry("tiny", "bytes", "made here", "none", ("0",), (file,), (site.url,), read=unreadable)


def unreadable(folder: object) -> tuple[object, object]:
    raise AssertionError("nothing reads these bytes")


@pytest.fixture
def brisk() -> Patience:
    """As patient as the real one, without the pauses."""
    return Patience(first=0.0, longest=0.0)
