"""The gate before the studio: it answers this machine's user in their own browser, and nobody else.

The studio runs code that the learner writes. A server on 127.0.0.1 is out of the network's reach, but any web page
that the learner has open can send requests to it, and so can any other user of the machine. So every request has to

- name this server as its host, port included: a page of another site whose name was pointed to 127.0.0.1 does not;
- come from a page of ours, by `Origin` and `Sec-Fetch-Site`; a WebSocket must say where it comes from;
- hold the cookie, which the browser got for a token that is good once, and for a few minutes;
- be small, and JSON where it changes something: a form of another site can send no JSON.

It is pure ASGI, so that it stands before the HTTP and the WebSocket side alike.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urlencode

from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 1 << 20
LARGEST_MESSAGE = 1 << 18
LIFETIME = 300.0  # seconds in which a token can be exchanged
_METHODS = ("GET", "HEAD", "POST")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self' ws://{host}; worker-src 'self'; manifest-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
# Loaded by a page of ours, whose cookie then counts as coming from the same site.
_ONWARD = '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0;url={to}"><title>descend</title>'
_NO_COOKIE = (
    "Open the link that `descend studio` printed. It is good once; press Enter there for a new one. "
    "A program that shows a network has a new one in view.link()."
)

Headers = list[tuple[bytes, bytes]]


@dataclass
class Tokens:
    """Tokens for links: each can be exchanged once, for `lifetime` seconds.

    Attributes:
        cookie: what they are exchanged for; it is good until the server ends.
    """

    lifetime: float = LIFETIME
    clock: Callable[[], float] = time.monotonic
    cookie: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    _open: dict[str, float] = field(default_factory=dict)

    def issue(self) -> str:
        """A new token."""
        token = secrets.token_urlsafe(24)
        self._open[token] = self.clock() + self.lifetime
        return token

    def redeem(self, given: str) -> bool:
        """Whether the token is good; from now on it is not."""
        match = next((token for token in self._open if _same(token, given)), None)
        return match is not None and self._open.pop(match) >= self.clock()


@dataclass(frozen=True)
class Refusal(Exception):  # noqa: N818 - it is an answer
    """The status and the sentence with which a request is turned away."""

    status: int
    reason: str


class Guard:
    """Lets through what may reach `app`, and puts the security headers on every answer.

    Args:
        port: the port that the server listens at.
        tokens: those that open it.
    """

    def __init__(self, app: ASGIApp, port: int, tokens: Tokens) -> None:
        self.app, self.tokens, self.name = app, tokens, f"descend-{port}"
        self.hosts = {f"{name}:{port}" for name in ("127.0.0.1", "localhost")}
        self.origins = {f"http://{host}" for host in self.hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] in ("http", "websocket"):
            await self._guarded(scope, receive, send)

    async def _guarded(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = _Request(scope)
        try:
            self._place(request)
            if await self._exchange(request, _secured(send, request.host)):
                return
            self._known(request)
            if not request.socket:
                receive = await _whole_body(request, receive)
        except Refusal as refusal:
            await _refuse(request, refusal, send)
            return
        if request.socket:
            await self.app(scope, _short_messages(receive, send), send)
        else:
            await self.app(scope, receive, _secured(send, request.host))

    def _place(self, request: _Request) -> None:
        """Refuse what names another host or comes from a page of another site."""
        if request.all("host") not in [[host] for host in self.hosts]:
            raise Refusal(421, "This server has another name.")
        origins = request.all("origin")
        if any(origin not in self.origins for origin in origins) or (request.socket and len(origins) != 1):
            raise Refusal(403, "The request comes from a page of another origin.")
        # Other ports of this machine are the same *site*: the cookie alone would not keep them out.
        if request.foreign and not request.navigates:
            raise Refusal(403, "The request comes from a page of another site.")

    async def _exchange(self, request: _Request, send: Send) -> bool:
        """Give the cookie for a good token, and the address without it. Whether this was the answer."""
        token = request.token
        if request.socket or request.method != "GET" or token is None:
            return False
        good = self.tokens.redeem(token)
        if not good and not self._holds_cookie(request):
            return False
        cookie = f"{self.name}={self.tokens.cookie}; HttpOnly; SameSite=Strict; Path=/"
        headers = [(b"set-cookie", cookie.encode())] if good else []
        await _send_on(request, headers, send)
        return True

    def _known(self, request: _Request) -> None:
        if not self._holds_cookie(request):
            raise Refusal(401, _NO_COOKIE)
        if not request.socket and request.method not in _METHODS:
            raise Refusal(405, f"Only {', '.join(_METHODS)} are answered here.")

    def _holds_cookie(self, request: _Request) -> bool:
        return any(_same(value, self.tokens.cookie) for value in request.cookies(self.name))


class _Request:
    """What the gate looks at in a scope."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.socket = scope["type"] == "websocket"
        self.method: str = scope.get("method", "")

    def all(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value.decode("latin-1") for key, value in self.scope["headers"] if key.decode("latin-1") == name]

    def one(self, name: str) -> str:
        """The header's value, "" where there is none."""
        return ", ".join(self.all(name))

    @property
    def host(self) -> str:
        return self.one("host")

    @property
    def foreign(self) -> bool:
        """Whether the browser says that another site's page is behind it."""
        return self.one("sec-fetch-site") in ("cross-site", "same-site")

    @property
    def navigates(self) -> bool:
        """Whether the browser goes to this address, in a tab of its own."""
        goes = self.one("sec-fetch-mode") == "navigate" and self.one("sec-fetch-dest") in ("document", "")
        return goes and self.method == "GET"

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(self.scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)

    @property
    def token(self) -> str | None:
        return next((value for name, value in self.query if name == "token"), None)

    @property
    def clean_address(self) -> str:
        """The address without its token; always on this server, whatever stands in the path."""
        path = quote("/" + self.scope["path"].lstrip("/\\"), safe="/")
        rest = urlencode([(name, value) for name, value in self.query if name != "token"])
        return f"{path}?{rest}" if rest else path

    def cookies(self, name: str) -> Iterable[str]:
        """The values of the cookies of this name. Other servers on this machine may have set odd ones."""
        for pair in self.one("cookie").replace(",", ";").split(";"):
            key, _, value = pair.strip().partition("=")
            if key == name:
                yield value


def _same(a: str, b: str) -> bool:
    return hmac.compare_digest(a.encode("utf-8", "replace"), b.encode("utf-8", "replace"))


def _security(host: str) -> Headers:
    headers = {
        "content-security-policy": _POLICY.format(host=host),
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "referrer-policy": "no-referrer",
    }
    return [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]


def _secured(send: Send, host: str) -> Send:
    """`send`, with the security headers on every answer."""

    async def secured(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message.get("headers", []), *_security(host)]}
        await send(message)

    return secured


async def _send_on(request: _Request, headers: Headers, send: Send) -> None:
    """Send the browser to the address without the token.

    A redirect that began on another site, or in the file that opened the browser, would not carry the new cookie,
    as it is for this site's own requests only. From a page of ours it does.
    """
    to = request.clean_address
    headers = [*headers, (b"cache-control", b"no-store")]
    if request.foreign:
        body = _ONWARD.format(to=to.replace("&", "&amp;")).encode()
        await _answer(200, body, [(b"content-type", b"text/html; charset=utf-8"), *headers], send)
    else:
        await _answer(303, b"", [(b"location", to.encode()), *headers], send)


async def _refuse(request: _Request, refusal: Refusal, send: Send) -> None:
    if request.socket:
        await send({"type": "websocket.close", "code": 1008})
        return
    headers: Headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
    # The host that was asked for may be anything: it does not go into the policy.
    await _answer(refusal.status, refusal.reason.encode(), headers, _secured(send, "127.0.0.1"))


async def _answer(status: int, body: bytes, headers: Headers, send: Send) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})


async def _whole_body(request: _Request, receive: Receive) -> Receive:
    """Read the body to its end, and a `receive` that gives it again. Refuses what is no JSON or too long."""
    if request.method == "POST" and request.one("content-type").partition(";")[0].strip() != "application/json":
        raise Refusal(415, "Send JSON, with the content type application/json.")
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            break
        body += message.get("body", b"")
        if len(body) > LARGEST_BODY:
            raise Refusal(413, f"A request has at most {LARGEST_BODY} bytes.")
        if not message.get("more_body", False):
            break
    given = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def again() -> Message:
        return next(given, None) or await receive()

    return again


def _short_messages(receive: Receive, send: Send) -> Receive:
    """`receive`, ending the connection at a message that is too long."""

    async def short() -> Message:
        message = await receive()
        if len(message.get("text") or message.get("bytes") or "") > LARGEST_MESSAGE:
            await send({"type": "websocket.close", "code": 1009})
            return {"type": "websocket.disconnect", "code": 1009}
        return message

    return short
