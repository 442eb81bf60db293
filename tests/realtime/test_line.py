"""Bytes written past the transport arrive whole, in order, and cost nobody else anything."""

import asyncio
import contextlib
import random
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
import uvloop

from realtime.line import line, write_all

_SEND_BUFFER_BYTES = 8192
_SIZES_MAX = (700, 9000, 60_000)
Run = Callable[[Coroutine[Any, Any, None]], None]
loops = pytest.mark.parametrize("run", [asyncio.run, uvloop.run], ids=["asyncio", "uvloop"])


class Peer(asyncio.Protocol):
    """The server's end of a connection, and the client's."""

    def __init__(self) -> None:
        self.lost = asyncio.Event()
        self.paused = False

    def connection_made(self, transport: Any) -> None:
        self.transport: asyncio.Transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost.set()

    def pause_writing(self) -> None:
        self.paused = True

    def resume_writing(self) -> None:
        self.paused = False


@asynccontextmanager
async def peers(count: int) -> AsyncIterator[list[tuple[Peer, socket.socket]]]:
    loop, made = asyncio.get_running_loop(), list[tuple[Peer, socket.socket]]()
    listener = socket.create_server(("127.0.0.1", 0))
    for _ in range(count):
        theirs = socket.create_connection(listener.getsockname())
        ours, _ = listener.accept()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
        theirs.setblocking(False)
        _, peer = await loop.create_connection(Peer, sock=ours)
        made.append((peer, theirs))
    listener.close()
    try:
        yield made
    finally:
        for peer, theirs in made:
            peer.transport.abort()
            theirs.close()
            await peer.lost.wait()


async def _read(theirs: socket.socket, size_bytes: int) -> bytes:
    heard = bytearray()
    async with asyncio.timeout(20):
        while len(heard) < size_bytes:
            heard += await asyncio.get_running_loop().sock_recv(theirs, 3000)
    return bytes(heard)


def _some(theirs: socket.socket) -> bytes:
    with contextlib.suppress(BlockingIOError):
        return theirs.recv(50_000)
    return b""


async def _in_order() -> None:
    chance = random.Random(7)
    frames = [bytes([n % 251]) * chance.randrange(1, chance.choice(_SIZES_MAX)) for n in range(300)]
    told, heard, held, whole = b"".join(frames), bytearray(), 0, 0
    async with peers(1) as ((peer, theirs),):
        lines = [line(peer.transport)]
        for frame in frames:
            held += bool(lines[0].held_bytes())
            if chance.random() < 0.3:
                peer.transport.write(frame)
            else:
                write_all(lines, frame)
                whole += not lines[0].held_bytes()
            if chance.random() < 0.3:  # there is room again, and the transport was not told yet
                heard += _some(theirs)
            while peer.paused or chance.random() < 0.2:
                heard += _some(theirs)
                await asyncio.sleep(0)
        while len(heard) < len(told):
            heard += _some(theirs)
            await asyncio.sleep(0)
        assert heard == told
    assert held > 20, "the transport held nothing back: no order was at stake"
    assert whole > 20, "nothing went past the transport"


@loops
async def test_what_is_written_past_the_transport_stays_in_order(run: Run) -> None:
    await asyncio.to_thread(run, _in_order())


async def _one_gone() -> None:
    async with peers(3) as three:
        lines = [line(peer.transport) for peer, _ in three]
        (_, first), (gone, theirs), (_, last) = three
        theirs.close()
        write_all(lines, b"one")
        write_all(lines, b"two")
        await asyncio.wait_for(gone.lost.wait(), 10)
        write_all([lines[0], lines[2]], b"three")
        for each in (first, last):
            assert await _read(each, 11) == b"onetwothree"


@loops
async def test_a_peer_that_is_gone_is_noticed_and_costs_the_others_nothing(run: Run) -> None:
    await asyncio.to_thread(run, _one_gone())
