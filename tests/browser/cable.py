"""What lies between a browser and the site: it counts what goes up, and can be cut."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

_CHUNK_BYTES = 64 * 1024


class Cable:
    """A TCP proxy. While it is cut nobody gets through, and what was open is reset."""

    def __init__(self, site_url: str) -> None:
        self._site = urlsplit(site_url)
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._cut = False
        self.sent_bytes = 0
        """From the browser, in all."""
        self.cut_at_bytes: int | None = None
        """It is cut when that much has gone up; then this is None again."""

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._server is not None
        self._server.close()
        self.cut()

    def cut(self) -> None:
        self._cut = True
        for end in list(self._open):
            end.transport.abort()

    def mend(self) -> None:
        self._cut = False

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._cut:
            writer.transport.abort()
            return
        there = await asyncio.open_connection(self._site.hostname, self._site.port)
        self._open |= {writer, there[1]}
        up = asyncio.create_task(self._pump(reader, there[1], counted=True))
        await self._pump(there[0], writer, counted=False)
        await up
        self._open -= {writer, there[1]}

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, counted: bool
    ) -> None:
        with suppress(ConnectionError):
            while data := await reader.read(_CHUNK_BYTES):
                if counted:
                    self._count(len(data))
                writer.write(data)
                await writer.drain()
        writer.close()

    def _count(self, size: int) -> None:
        self.sent_bytes += size
        if self.cut_at_bytes is not None and self.sent_bytes >= self.cut_at_bytes:
            self.cut_at_bytes = None
            self.cut()
