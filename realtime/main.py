"""The gateway as an ASGI application: `/ws`, and what an operator asks a node."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.resources import open_resources
from app.settings import Settings, load_settings
from app.web import health
from app.web.counted import counted
from realtime.asyncapi import document_json
from realtime.gateway import Gateway, Receive, Scope, Send


class GatewayApp:
    """Starlette for HTTP; a WebSocket goes straight to the gateway."""

    def __init__(self, settings: Settings, node: str) -> None:
        self._settings = settings
        self._node = node
        self.gateway: Gateway | None = None
        self._http = Starlette(
            routes=[
                Route("/api/v1/asyncapi.json", self._asyncapi),
                Route("/healthz", health.healthz),
                Route("/readyz", health.readyz),
                Route("/metrics", self._metrics),
            ],
            lifespan=self._lifespan,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            await self._http(scope, receive, send)
        elif scope["path"] == "/ws" and self.gateway is not None:
            await self.gateway.connect(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.http.response.start", "status": 404, "headers": []})
            await send({"type": "websocket.http.response.body", "body": b""})

    @asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        async with open_resources(self._settings) as resources:
            app.state.resources = resources
            async with Gateway(resources, self._node).running() as self.gateway:
                yield

    async def _asyncapi(self, request: Request) -> Response:
        return await counted(request, Response(document_json(), media_type="application/json"))

    async def _metrics(self, request: Request) -> Response:
        if self.gateway is None:
            return Response(status_code=503)
        metrics = self.gateway.metrics
        metrics.updates_dropped_total = self.gateway.resources.live.backend.dropped
        text = metrics.text(self._node)
        return Response(text, media_type="text/plain; version=0.0.4")


def create_app(settings: Settings | None = None, node: str = "gw1") -> GatewayApp:
    """The gateway; without settings they are read from the environment."""
    return GatewayApp(settings or load_settings(), node)
