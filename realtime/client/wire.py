"""One WebSocket, as the client sees it: texts there and back, and an end with a code."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from realtime import protocol
from realtime.client.closing import LOST, NO_CODE

_FRAME_BYTES_MAX = 4 * 1024 * 1024
_CLOSE_S = 2


class Closed(Exception):
    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason


class Wire(Protocol):
    async def send(self, text: str) -> None:
        """Raises Closed."""

    async def receive(self) -> str | bytes:
        """Raises Closed."""

    async def close(self) -> None:
        """Say goodbye; harmless on a wire that is closed."""

    def cut(self) -> None:
        """Drop the transport without a word, as a bad network does."""


Opener = Callable[[str], Awaitable[Wire]]
"""Opens a wire to a URL; raises Closed, or OSError."""


class WebSocket:
    """A Wire over the `websockets` library. Its own pings are off: the client's are messages of
    the protocol, which show that the gateway answers and not only its kernel."""

    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def send(self, text: str) -> None:
        try:
            await self._connection.send(text)
        except ConnectionClosed as closed:
            raise _closed(closed) from None

    async def receive(self) -> str | bytes:
        try:
            return await self._connection.recv()
        except ConnectionClosed as closed:
            raise _closed(closed) from None

    async def close(self) -> None:
        await self._connection.close()

    def cut(self) -> None:
        self._connection.transport.abort()


def _closed(closed: ConnectionClosed) -> Closed:
    received = closed.rcvd
    if received is None:
        return Closed(LOST, "lost")
    return Closed(received.code or NO_CODE, received.reason)


def over_websockets(origin: str | None = None) -> Opener:
    """`origin` is for servers that see the client as a browser's page."""

    async def opened(url: str) -> Wire:
        known: Any = origin
        try:
            connection = await connect(
                url,
                subprotocols=[protocol.SUBPROTOCOL],  # type: ignore[list-item]
                origin=known,
                compression=None,
                open_timeout=None,
                ping_interval=None,
                close_timeout=_CLOSE_S,
                max_size=_FRAME_BYTES_MAX,
                proxy=None,
            )
        except InvalidHandshake as error:
            if getattr(getattr(error, "response", None), "status_code", 0) == 403:
                raise Closed(protocol.NOT_ALLOWED, "origin not allowed") from None
            raise Closed(LOST, str(error)) from None
        return WebSocket(connection)

    return opened
