"""Readiness probes: each asks a server the question its clients will ask."""

import asyncio

TIMEOUT_S = 2.0


async def _ask(port: int, question: bytes, answer_bytes_max: int) -> bytes:
    async with asyncio.timeout(TIMEOUT_S):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            writer.write(question)
            await writer.drain()
            return await reader.read(answer_bytes_max)
        finally:
            writer.close()


async def http_ok(port: int, path: str) -> bool:
    """Whether GET `path` answers 200. Raises OSError when nothing listens."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n"
    answer = await _ask(port, request.encode(), 64)
    return answer.startswith((b"HTTP/1.1 200", b"HTTP/1.0 200"))


async def redis_pong(port: int) -> bool:
    """Whether Redis answers PING: not while it still loads its log, or is going down."""
    return await _ask(port, b"PING\r\n", 64) == b"+PONG\r\n"


async def listens(port: int) -> bool:
    """Whether anything accepts connections on `port`."""
    await _ask(port, b"", 0)
    return True
