"""The HTTP edge as an ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response

from app.catalogue import OPERATIONS
from app.errors import GlimpseError, Malformed, NotFound
from app.resources import open_resources
from app.settings import Settings, load_settings
from app.web import envelope, health, media, openapi, request as incoming, unsubscribe
from app.web.routes import Operations


def create_app(settings: Settings | None = None) -> Starlette:
    """The app; without settings they are read from the environment."""
    settings = settings or load_settings()

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with open_resources(settings) as resources:
            app.state.resources = resources
            yield

    async def no_route(request: Request, _: Exception) -> Response:
        return _refuse(request, NotFound("There is nothing at this address.", "no_such_route"))

    async def wrong_method(request: Request, _: Exception) -> Response:
        error = Malformed("This address does not take that method.", "method_not_allowed")
        response = _refuse(request, error)
        response.status_code = 405
        return response

    return Starlette(
        routes=[
            Operations(OPERATIONS),
            *openapi.routes(),
            *health.routes(),
            *media.routes(),
            *unsubscribe.routes(),
        ],
        exception_handlers={404: no_route, 405: wrong_method},
        lifespan=lifespan,
    )


def _refuse(request: Request, error: GlimpseError) -> Response:
    headers = incoming.headers_of(request)
    ctx = incoming.context(request, headers, request.app.state.resources)
    return envelope.failure(ctx, error)
