"""Media over HTTP: `/media/{media_id}/{file}` behind a signature, and the stable avatar link.

The bytes come from object storage: through the proxy, which is told where (X-Accel-Redirect),
or, for a caller that did not come through it, through this process.
"""

import time
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from app.dispatch import stored
from app.errors import GlimpseError, NotFound
from app.identity import queries as people
from app.media import access
from app.media.access import Shown
from app.media.urls import EXTENSIONS, PICTURES, signed_url, verify
from app.media.widths import parse_width
from app.operation import Context
from app.resources import Resources
from app.storage import Unsatisfiable
from app.web import envelope, request as incoming

_AVATAR_WIDTH = 150
_AVATAR_AGE_S = 300
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    # Should one ever be opened as a document: it may do nothing.
    "Content-Security-Policy": "default-src 'none'; sandbox",
}


async def serve_file(request: Request) -> Response:
    """One file of a medium; 404 for every link that is not good, whatever the reason."""
    resources: Resources = request.app.state.resources
    ctx = incoming.context(request, incoming.headers_of(request), resources)
    try:
        return await _file(request, ctx)
    except GlimpseError as error:
        return envelope.failure(ctx, error)


async def _file(request: Request, ctx: Context) -> Response:
    resources = ctx.resources
    media_id, file = request.path_params["media_id"], request.path_params["file"]
    query = request.query_params
    viewer = query.get("u", "")
    left_s = verify(
        resources.settings, media_id, file, query.get("e", ""), query.get("s", ""), viewer
    )
    name, _, extension = file.rpartition(".")
    if left_s is None or extension not in EXTENSIONS:
        raise _nothing()
    medium: Shown | None = await stored(access.fetchable(resources, media_id, viewer))
    if medium is None or not any(
        v["name"] == name and v["ext"] == extension for v in medium.variants
    ):
        raise _nothing()
    if medium.ends_at is not None:
        left_s = max(0, min(left_s, int(medium.ends_at - time.monotonic())))
    if "w" in query and extension in PICTURES:
        width = parse_width(query["w"])
        file = await resources.widths.file(medium.prefix, medium.variants, extension, width)

    etag = f'"{media_id}-{file}"'
    shared = "public" if medium.is_open and not viewer else "private"
    headers = {
        **_HEADERS,
        "Cache-Control": f"{shared}, max-age={left_s}, immutable",
        "ETag": etag,
    }
    if etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return await _bytes(request, resources, medium.prefix + file, EXTENSIONS[extension], headers)


async def _bytes(
    request: Request, resources: Resources, key: str, media_type: str, headers: dict[str, str]
) -> Response:
    # Only the proxy understands the header, and it says that it is there by this one.
    if resources.settings.storage.offload and "x-forwarded-for" in request.headers:
        headers["X-Accel-Redirect"] = await resources.storage.internal_path(key)
        return Response(status_code=200, headers=headers, media_type=media_type)
    headers["Accept-Ranges"] = "bytes"
    wanted = request.headers.get("range", "")
    try:
        stream = await resources.storage.open(key, wanted if wanted.startswith("bytes=") else "")
    except Unsatisfiable:
        return Response(status_code=416, headers=_HEADERS)
    if stream is None:
        raise _nothing()
    headers["Content-Length"] = str(stream.size_bytes)
    if stream.content_range:
        headers["Content-Range"] = stream.content_range
    status = 206 if stream.content_range else 200
    return StreamingResponse(stream.chunks(), status, headers, media_type)


def _nothing() -> NotFound:
    return NotFound("There is no such picture, or the link has run out.", "media_not_found")


async def redirect_avatar(request: Request) -> Response:
    """To the signed link of a person's picture: this address stays the same, that one changes."""
    resources: Resources = request.app.state.resources
    ctx = incoming.context(request, incoming.headers_of(request), resources)
    try:
        target, version = await _avatar(resources, request.path_params["user_id"])
    except GlimpseError as error:
        return envelope.failure(ctx, error)
    if "w" in request.query_params:
        target += f"&w={request.query_params['w'][:5]}"
    # With its version in the address an answer may be kept; without, it must be asked for.
    current = request.query_params.get("v") == str(version)
    age = f"public, max-age={_AVATAR_AGE_S}" if current else "no-cache"
    return Response(status_code=302, headers={"Location": target, "Cache-Control": age})


async def _avatar(resources: Resources, user_id: str) -> tuple[str, int]:
    card: dict[str, Any] = (await stored(people.cards(resources, [user_id]))).get(user_id, {})
    avatar = card.get("avatar")
    medium: Shown | None = None
    if avatar:
        medium = await stored(access.shown(resources, avatar["media_id"]))
    if avatar is None or medium is None:
        raise NotFound("This person has no picture.", "avatar_not_found")
    by_width = sorted(medium.variants, key=lambda v: (int(v["width"]), v["ext"] != "webp"))
    fitting = [v for v in by_width if v["width"] >= _AVATAR_WIDTH]
    chosen = fitting[0] if fitting else by_width[-1]
    link = signed_url(resources.settings, medium.media_id, f"{chosen['name']}.{chosen['ext']}")
    return link, int(avatar["version"])


def routes() -> list[Route]:
    return [
        Route("/media/avatar/{user_id}", redirect_avatar),
        Route("/media/{media_id}/{file}", serve_file),
    ]
