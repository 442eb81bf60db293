"""From a Starlette request to a caller's context and raw parameters."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, HTTPConnection, Request

from app.errors import Invalid, Malformed, TooLarge, Unauthenticated, UnsupportedType
from app.operation import Context
from app.resources import Resources
from app.web.envelope import request_id

Headers = Mapping[bytes, bytes]


def headers_of(request: HTTPConnection) -> Headers:
    """By name in lower case; of a name that stands twice, the first. (Starlette's own look
    through the list for each name asked for.)"""
    return dict(reversed(request.scope["headers"]))


def text(headers: Headers, name: bytes, default: str = "") -> str:
    value = headers.get(name)
    return default if value is None else value.decode("latin-1")


def context(request: Request, headers: Headers, resources: Resources) -> Context:
    """Who and whence, without looking at the token yet."""
    return Context(
        resources=resources,
        origin=origin(request, headers, resources),
        address=address(request, headers, resources),
        user_agent=text(headers, b"user-agent"),
        request_id=request_id(headers.get(b"x-request-id")),
        cookies=request.cookies if b"cookie" in headers else {},
    )


def _peer(request: HTTPConnection) -> str:
    client = request.scope.get("client")
    return client[0] if client else ""


def _from_proxy(request: HTTPConnection, resources: Resources) -> bool:
    return _peer(request) in resources.settings.http.trusted_proxies


def address(request: HTTPConnection, headers: Headers, resources: Resources) -> str:
    """The peer's address; what a trusted proxy says it is, when it came through one."""
    if _from_proxy(request, resources):
        nearest = text(headers, b"x-forwarded-for").rpartition(",")[2].strip()
        if nearest:
            return nearest[:64]
    return _peer(request) or "unknown"


def origin(request: HTTPConnection, headers: Headers, resources: Resources) -> str:
    """`scheme://host` as the caller sees it."""
    if resources.settings.http.public_url:
        return resources.settings.http.public_url.rstrip("/")
    scheme: str = request.scope["scheme"]
    if _from_proxy(request, resources):
        scheme = text(headers, b"x-forwarded-proto", scheme)
    host = text(headers, b"host", "localhost")
    return f"{scheme if scheme in ('http', 'https') else 'http'}://{host}"


def authenticate(headers: Headers, ctx: Context) -> None:
    """Fill in who calls; raises Unauthenticated for a token that is not good."""
    if b"authorization" not in headers:
        return
    scheme, _, token = text(headers, b"authorization").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("Send 'Authorization: Bearer <access token>'.", "bad_token")
    claims = ctx.resources.tokens.verify(token.strip())
    ctx.user_id, ctx.session_id = claims.user_id, claims.session_id


def check_same_origin(request: Request, ctx: Context) -> None:
    """A browser on another site must not use this site's cookie."""
    sent = request.headers.get("origin")
    allowed = (ctx.origin, *ctx.resources.settings.http.allowed_origins)
    if sent is not None and sent not in allowed:
        raise Unauthenticated("Cookies are not taken from another origin.", "foreign_origin")


def named(request: Request) -> dict[str, Any]:
    """Parameters of path and query; a name in both, or twice, is an error."""
    raw: dict[str, Any] = dict(request.scope["path_params"])
    for name, value in _query(request.scope["query_string"]):
        _add(raw, name, value)
    return raw


@lru_cache(maxsize=1024)
def _query(content: bytes) -> list[tuple[str, str]]:
    return parse_qsl(content.decode("latin-1"), keep_blank_values=True) if content else []


async def add_body(raw: dict[str, Any], request: Request, headers: Headers) -> None:
    """The fields of the body too; a name that is there already is an error."""
    body_max = request.scope["app"].state.resources.settings.http.body_bytes_max
    for name, value in (await _body(request, headers, body_max)).items():
        _add(raw, name, value)


def _add(raw: dict[str, Any], name: str, value: Any) -> None:
    if name in raw:
        raise Invalid.field(name, "Given twice.", "duplicate_field")
    raw[name] = value


async def _body(request: Request, headers: Headers, body_max: int) -> dict[str, Any]:
    length = text(headers, b"content-length")
    if length.isdigit() and int(length) > body_max:
        raise _too_large(body_max)
    content = bytearray()
    try:
        async for chunk in request.stream():
            content += chunk
            if len(content) > body_max:
                raise _too_large(body_max)
    except ClientDisconnect as error:
        raise Malformed("The body ended early.") from error
    if not content.strip():
        return {}
    kind = text(headers, b"content-type").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise UnsupportedType("Send the body as application/json.", "not_json")
    return parse_object(bytes(content))


def _too_large(body_max: int) -> TooLarge:
    return TooLarge(f"A request has at most {body_max} bytes.", size_bytes_max=body_max)


def parse_object(content: bytes) -> dict[str, Any]:
    """A JSON object, strictly: UTF-8, no key twice, no NaN, no endless numbers."""
    try:
        value = json.loads(
            content.decode("utf-8"), object_pairs_hook=_no_key_twice, parse_constant=_no_constant
        )
    except UnicodeDecodeError:
        raise Malformed("The body is not UTF-8.", "not_utf8") from None
    except (ValueError, RecursionError):
        raise Malformed("The body is not valid JSON.", "not_json") from None
    if not isinstance(value, dict):
        raise Malformed("The body must be a JSON object.", "not_an_object")
    return value


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("A key stands twice in the body.", "duplicate_key")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
