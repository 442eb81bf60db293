"""The real gateway, and beside it the least that could be done: `bare_gateway.py PORT NODE OTHER`.

A line that comes on the port OTHER is framed once and written to the transport of every socket,
by nothing but a loop: what this process could deliver if topics, numbering and Redis were free.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app.settings import load_settings
from realtime import frames
from realtime.main import GatewayApp
from realtime.server import BACKLOG, server
from realtime.transport import listen


class _Lines(asyncio.Protocol):
    def __init__(self, app: GatewayApp) -> None:
        self._app = app
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # The client connects here when all its sockets are open.
        assert self._app.gateway is not None
        connections = self._app.gateway.hub._connections
        self._writes = [connection.socket.transport.write for connection in connections]

    def data_received(self, data: bytes) -> None:
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            encoded = frames.frame(line)
            for write in self._writes:
                write(encoded)


class _BareGateway(GatewayApp):
    other_port = 0

    @asynccontextmanager
    async def _lifespan(self, app: object) -> AsyncIterator[None]:
        async with super()._lifespan(app):  # type: ignore[arg-type]
            loop = asyncio.get_running_loop()
            await loop.create_server(lambda: _Lines(self), "127.0.0.1", self.other_port)
            yield


def main(port: int, node: str, other_port: int) -> None:
    settings = load_settings()
    app = _BareGateway(settings, node)
    app.other_port = other_port
    listener = listen("127.0.0.1", port, BACKLOG)
    server(app, settings.socket, "127.0.0.1", port).run(sockets=[listener])


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
