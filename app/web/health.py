"""`/healthz`: this process is alive. `/readyz`: each dependency, by name. `/metrics`."""

import asyncio
from collections.abc import Awaitable

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.resources import Resources

_TIMEOUT_S = 2


async def healthz(request: Request) -> Response:
    return Response(b'{"status":"alive"}', media_type="application/json")


async def _answers(call: Awaitable[object]) -> bool:
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            await call
    except Exception:
        # Whatever it is that keeps a dependency from answering: it is not ready.
        return False
    return True


async def dependencies(resources: Resources) -> dict[str, bool]:
    """Which dependencies answer now: mongodb, redis, storage."""
    names = ("mongodb", "redis", "storage")
    found = await asyncio.gather(
        _answers(resources.mongo.command("ping")),
        _answers(resources.redis.ping()),
        _answers(resources.storage.ping()),
    )
    return dict(zip(names, found, strict=True))


async def readyz(request: Request) -> Response:
    """Ready while MongoDB answers; without Redis or storage the product goes on, degraded."""
    found = await dependencies(request.app.state.resources)
    ready = found["mongodb"]
    state = "ready" if all(found.values()) else "degraded" if ready else "not_ready"
    content = orjson.dumps(
        {"status": state, "dependencies": {n: "up" if up else "down" for n, up in found.items()}}
    )
    return Response(content, 200 if ready else 503, media_type="application/json")


async def metrics(request: Request) -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def routes() -> list[Route]:
    return [
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", metrics),
    ]
