"""One gateway node, wired: a WebSocket in, a connection with its session out."""

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

from starlette.requests import HTTPConnection

from app.ending import end
from app.resources import Resources
from realtime import protocol
from realtime.authors import Authors
from realtime.calls import Caller, Calls
from realtime.connection import Connection
from realtime.delivery import Delivery
from realtime.door import Door
from realtime.entrance import Entrance
from realtime.handshake import caller, origin_allowed, turn_away
from realtime.hub import Hub
from realtime.metrics import Metrics
from realtime.presence import Presence
from realtime.receipts import Receipts
from realtime.session import Bounds
from realtime.topics import Topics
from realtime.transport import EXTENSION, GatewaySocket

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
_TICK_S = 1.0


class Gateway:
    def __init__(self, resources: Resources, node: str) -> None:
        self.resources = resources
        self.settings = resources.settings
        self.node = node
        socket = self.settings.socket
        self.bounds = Bounds(
            hello_s=socket.hello_timeout_ms / 1000,
            topics_max=socket.topics_max,
            messages_per_s=socket.calls_per_s,
        )
        self.metrics = Metrics()
        self.hub = Hub(self.metrics, socket.ping_interval_ms // 1000)
        self.door = Door(socket, self.settings.http.trusted_proxies, time.monotonic())
        self.calls = Calls(resources, self.metrics)
        self.presence = Presence(self)
        self.topics = Topics(self)
        self.receipts = Receipts(self)
        self.authors = Authors(self)
        self.delivery = Delivery(self, self.hub)
        self.entrance = Entrance(self, self.hub)
        self._boot = secrets.token_hex(3)
        self._count = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Gateway"]:
        """The node's own tasks. One that dies is a fault of ours: it is said and restarted."""
        jobs = (
            self.entrance.run,
            self.entrance.run,
            self.delivery.read,
            self.delivery.keep,
            self.delivery.beat,
            self._auditing,
            self.topics.ask,
            self.topics.run,
            self.presence.run,
            self.presence.beat,
            self.presence.read,
            self.receipts.run,
            self.authors.run,
            self._ticking,
        )
        tasks = [asyncio.create_task(self._forever(job), name=job.__qualname__) for job in jobs]
        try:
            yield self
        finally:
            await end(tasks)
            await self.topics.close()
            await self.presence.leave()
            await self.delivery.leave()

    async def _forever(self, job: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await job()
            except Exception:
                # The boundary of a task of ours: recorded, and begun again.
                log.exception("%s died", job)
            await asyncio.sleep(1)

    async def _auditing(self) -> None:
        await self.hub.audit.run(self)

    async def _ticking(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due = max(due + _TICK_S, loop.time())
            await asyncio.sleep(due - loop.time())
            await self.hub.tick()
            self.door.sweep(time.monotonic())

    async def connect(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A WebSocket handshake, and the socket until it closes."""
        await receive()  # websocket.connect
        connection = await self._let_in(scope, send)
        if connection is None:
            return
        try:
            offered = protocol.SUBPROTOCOL in scope["subprotocols"]
            subprotocol = protocol.SUBPROTOCOL if offered else None
            await send({"type": "websocket.accept", "subprotocol": subprotocol})
            connection.socket.forget_handshake()
            self.hub.connected(connection)
            await connection.serve(receive)
        finally:
            self.door.left(connection.caller.address, connection.session.user_id != "")
            self.hub.disconnected(connection)
            self.topics.disconnected(connection)
            self.presence.left(connection.session.user_id)

    async def _let_in(self, scope: Scope, send: Send) -> Connection | None:
        """None: turned away, with an answer."""
        request = HTTPConnection(scope)
        if not origin_allowed(request, self.resources):
            self.metrics.handshakes_refused_total += 1
            await send({"type": "websocket.close", "code": protocol.NOT_ALLOWED})
            return None
        who = self._caller(request)
        turned = self.door.knock(who.address, time.monotonic())
        if turned is not None:
            self.metrics.handshakes_turned_away_total += 1
            await turn_away(send, turned)
            return None
        socket: GatewaySocket = scope["extensions"][EXTENSION]
        self._count += 1
        return Connection(self, socket, who, f"{self.node}/{self._boot}/{self._count}")

    def _caller(self, request: HTTPConnection) -> Caller:
        return caller(request, self.resources)
