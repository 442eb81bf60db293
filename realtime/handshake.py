"""Who knocks: the origin of a handshake and whether it may come in."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import HTTPConnection

from app.resources import Resources
from app.web import request as incoming
from realtime.calls import Caller
from realtime.door import Turned


def caller(request: HTTPConnection, resources: Resources) -> Caller:
    """As the HTTP edge sees it: the same proxies are trusted."""
    headers = incoming.headers_of(request)
    return Caller(
        origin=incoming.origin(request, headers, resources),
        address=incoming.address(request, headers, resources),
        user_agent=incoming.text(headers, b"user-agent")[:200],
    )


def origin_allowed(request: HTTPConnection, resources: Resources) -> bool:
    """A browser's page must be the app's own or on the allow list; others send no Origin.

    The own origin is the public one, or else the host that was called: a page of another site
    can't make a browser send this site's Origin.
    """
    sent = request.headers.get("origin")
    if sent is None:
        return True
    sent = sent.lower().rstrip("/")
    http = resources.settings.http
    if sent in {
        allowed.lower().rstrip("/") for allowed in (http.public_url, *http.allowed_origins)
    }:
        return bool(sent)
    host = request.headers.get("host", "").lower()
    return bool(host) and sent in (f"http://{host}", f"https://{host}")


async def turn_away(send: Callable[[Any], Awaitable[None]], turned: Turned) -> None:
    """Answer with HTTP instead of an upgrade."""
    headers = [
        (b"retry-after", str(turned.retry_after_s).encode()),
        (b"content-type", b"text/plain; charset=utf-8"),
    ]
    status = {"type": "websocket.http.response.start", "status": turned.status}
    await send({**status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": turned.reason.encode()})
