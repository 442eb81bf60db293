"""Answers: the envelope around data and errors, and the headers that go with them."""

import random
import re
import time
from typing import Any

import orjson
from starlette.responses import Response

from app.dispatch import Outcome
from app.errors import GlimpseError, RateLimited, body
from app.limits import Quota
from app.operation import Context

_REQUEST_ID = re.compile(rb"[A-Za-z0-9._:/+=@-]{1,128}")


class Json(Response):
    """Encoded already; its headers are written down without looking for what is there."""

    def __init__(self, content: bytes, status: int) -> None:
        self.status_code = status
        self.body = content
        self.background = None
        self.raw_headers = [
            (b"content-length", b"%d" % len(content)),
            (b"content-type", b"application/json"),
        ]


def success(ctx: Context, outcome: Outcome) -> Response:
    if outcome.status == 204:
        response = Response(status_code=204)
    else:
        more = b"}"
        if outcome.pagination is not None:
            more = b',"pagination":%b}' % orjson.dumps(outcome.pagination)
        response = Json(b'{"success":true,"data":%b%b' % (outcome.data, more), outcome.status)
    return finish(response, ctx, ctx.quota)


def failure(ctx: Context, error: GlimpseError) -> Response:
    content = orjson.dumps(
        {"success": False, "error": body(error) | {"request_id": ctx.request_id}},
        default=str,
    )
    response = Json(content, error.status)
    wait = error.details.get("retry_after_s")
    if wait is not None:
        response.headers["Retry-After"] = str(wait)
    quota = ctx.quota
    if isinstance(error, RateLimited) and quota is None:
        quota = Quota(error.details["limit"], 0, int(time.time()) + error.details["retry_after_s"])
    return finish(response, ctx, quota)


def finish(response: Response, ctx: Context, quota: Quota | None) -> Response:
    # Straight onto the list: Response.headers looks through all of it for each name set.
    headers = response.raw_headers
    headers += [
        (b"x-request-id", ctx.request_id.encode()),
        (b"cache-control", b"no-store"),
    ]
    if quota is not None:
        headers += [
            (b"x-ratelimit-limit", b"%d" % quota.limit),
            (b"x-ratelimit-remaining", b"%d" % quota.remaining),
            (b"x-ratelimit-reset", b"%d" % quota.reset_at),
        ]
    headers += [(b"set-cookie", cookie.encode("latin-1")) for cookie in ctx.set_cookies]
    return response


def request_id(given: bytes | None) -> str:
    """The caller's own when it is plain and short, else a new one."""
    if given and _REQUEST_ID.fullmatch(given):
        return given.decode()
    return f"req_{random.getrandbits(80):020x}"


def unexpected() -> GlimpseError:
    details: dict[str, Any] = {}
    return GlimpseError(
        "Something went wrong on our side. It has been recorded; please try again.", **details
    )
