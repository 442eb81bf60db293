"""A fast HTTP client for benchmarks: raw sockets on asyncio, requests built beforehand.

It knows keep-alive and Content-Length, which is all that the servers measured here use. With
uvloop it spends about 20 µs on a request, so it does not measure itself.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


class BadAnswer(RuntimeError):
    """The server did not answer with the status expected."""


def request(method: str, path: str, token: str = "") -> bytes:
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    length = "Content-Length: 0\r\n" if method == "POST" else ""
    return (
        f"{method} {path} HTTP/1.1\r\nHost: bench\r\n{authorization}{length}"
        "Accept: application/json\r\nConnection: keep-alive\r\n\r\n"
    ).encode()


@dataclass(slots=True)
class Load:
    """What came back."""

    seconds: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)

    @property
    def per_s(self) -> float:
        return len(self.latencies_ms) / self.seconds

    def percentile_ms(self, share: float) -> float:
        ordered = sorted(self.latencies_ms)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Connection(asyncio.Protocol):
    """One request at a time; `await ask(...)` gives the whole body."""

    def __init__(self) -> None:
        self._transport: Any = None  # uvloop's derive from no class of asyncio's
        self._answer: asyncio.Future[bytes] | None = None
        self._received = bytearray()
        self._body_at = -1
        self._size = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(BadAnswer(f"the connection was lost: {error!r}"))

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._body_at < 0:
            end = self._received.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._received[:end]).lower()
            self._body_at = end + 4
            length = head.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
            self._size = int(length or 0)
        if len(self._received) >= self._body_at + self._size:
            answer, self._answer = self._answer, None
            assert answer is not None, "an answer that nobody asked for"
            status = bytes(self._received[9:12])
            body = bytes(self._received[self._body_at :])
            self._received.clear()
            self._body_at = -1
            if status.startswith(b"2"):
                answer.set_result(body)
            else:
                answer.set_exception(BadAnswer(f"{status!r}: {body[:300]!r}"))

    def ask(self, content: bytes) -> "asyncio.Future[bytes]":
        assert self._transport is not None
        assert self._answer is None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(content)
        return self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


async def connect(port: int, count: int) -> list[Connection]:
    loop = asyncio.get_running_loop()
    made = [loop.create_connection(Connection, "127.0.0.1", port) for _ in range(count)]
    return [connection for _, connection in await asyncio.gather(*made)]


async def saturate(
    connections: list[Connection], next_request: Callable[[], bytes], seconds: float
) -> Load:
    """As many requests as the server takes, one outstanding on each connection."""
    load = Load()
    began = time.perf_counter()
    until = began + seconds

    async def drive(connection: Connection) -> None:
        while (asked := time.perf_counter()) < until:
            await connection.ask(next_request())
            load.latencies_ms.append(1000 * (time.perf_counter() - asked))

    await asyncio.gather(*map(drive, connections))
    load.seconds = time.perf_counter() - began
    return load


async def paced(
    connections: list[Connection],
    next_request: Callable[[], bytes],
    per_s: float,
    seconds: float,
) -> Load:
    """Requests by the clock, whether or not earlier ones were answered: each waits from when it
    was due, so a stall counts for all who would have come in it."""
    load = Load()
    idle: asyncio.Queue[Connection] = asyncio.Queue()
    for connection in connections:
        idle.put_nowait(connection)
    began = time.perf_counter()

    async def one(due: float) -> None:
        connection = await idle.get()
        try:
            await connection.ask(next_request())
        finally:
            idle.put_nowait(connection)
        load.latencies_ms.append(1000 * (time.perf_counter() - due))

    async with asyncio.TaskGroup() as tasks:
        for number in range(int(per_s * seconds)):
            due = began + number / per_s
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            tasks.create_task(one(due))
    load.seconds = time.perf_counter() - began
    return load
