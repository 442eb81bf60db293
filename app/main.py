"""The HTTP edge as an ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route

from app.catalogue import OPERATIONS
from app.errors import Malformed, NotFound
from app.resources import open_resources
from app.settings import Settings, load_settings
from app.web import health, media, openapi, unsubscribe
from app.web.counted import counted
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
        error = NotFound("There is nothing at this address.", "no_such_route")
        return await counted(request, error)

    async def wrong_method(request: Request, _: Exception) -> Response:
        error = Malformed("This address does not take that method.", "method_not_allowed")
        response = await counted(request, error)
        if response.status_code == error.status:
            response.status_code = 405
            response.headers["Allow"] = ", ".join(sorted(_methods(request)))
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


def _methods(request: Request) -> set[str]:
    """What the address does take, of all routes that share it."""
    methods: set[str] = set()
    for route in request.app.routes:
        if isinstance(route, Operations):
            methods |= route.methods_of(request.scope["path"])
        elif isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE:
            methods |= route.methods or set()
    return methods
