"""websockets and its `broadcast()`: `python broadcast_server.py PORT`."""

import sys

import uvloop
from websockets.asyncio.server import ServerConnection, broadcast, serve

_watchers: set[ServerConnection] = set()


async def _handle(socket: ServerConnection) -> None:
    assert socket.request is not None
    if socket.request.path == "/publish":
        async for text in socket:
            broadcast(_watchers, text)
        return
    _watchers.add(socket)
    try:
        await socket.wait_closed()
    finally:
        _watchers.discard(socket)


async def _main(port: int) -> None:
    async with serve(_handle, "127.0.0.1", port, compression=None, backlog=4096) as server:
        await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_main(int(sys.argv[1])))
