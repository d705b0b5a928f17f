"""From functions that return plain values to answers over HTTP, errors included."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from descend.studio.values import plain

Work = Callable[..., Any]
Endpoint = Callable[[Request], Awaitable[Response]]

_FRESH = {"cache-control": "no-store"}
_log = logging.getLogger(__name__)


def get(work: Work) -> Endpoint:
    """An endpoint that answers with `work(**parts of the path)`, done in a thread."""

    async def endpoint(request: Request) -> Response:
        return await _answered(work, request.path_params)

    return endpoint


def post(work: Work) -> Endpoint:
    """The same, with the JSON object of the request as the first argument."""

    async def endpoint(request: Request) -> Response:
        try:
            body = json.loads(await request.body() or b"{}")
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            return refused(400, "the request is no JSON object", needed="an object")
        return await _answered(work, request.path_params, body)

    return endpoint


async def _answered(work: Work, parts: dict[str, Any], *body: Any) -> Response:
    try:
        found = await run_in_threadpool(work, *body, **parts)
    except Exception as error:  # noqa: BLE001 - whatever it is, the page is told
        return _told(error)
    return found if isinstance(found, Response) else _json(found)


def _json(found: Any) -> Response:
    return JSONResponse(plain(found), headers=_FRESH)


def _told(error: Exception) -> Response:
    from descend.engine.errors import DescendError, UsageError

    if not isinstance(error, DescendError):
        _log.exception("a request failed", exc_info=error)
        return refused(500, f"{type(error).__name__}: {error}", fix="this is a bug of descend; please report it")
    status = 400 if isinstance(error, UsageError) else 409
    return refused(status, error.problem, error.given, error.needed, error.fix)


async def unanswered(_: Request, error: Exception) -> Response:
    """The answer where no address or no method fits."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    return refused(
        status, {404: "there is nothing here", 405: "this address does not take that"}.get(status, str(error))
    )


def missing(problem: str, fix: str | None = None) -> Response:
    """The answer where there is nothing under this address."""
    return refused(404, problem, fix=fix)


def refused(
    status: int, problem: str, given: str | None = None, needed: str | None = None, fix: str | None = None
) -> Response:
    """An error in the parts that the page shows."""
    row = {"problem": problem, "given": given, "needed": needed, "fix": fix}
    return JSONResponse(row, status_code=status, headers=_FRESH)
