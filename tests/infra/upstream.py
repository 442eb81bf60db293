"""A stand-in for an app or gateway process behind the proxy: `python upstream.py PORT NOTES`.

Says what reached it, dies when told to, names objects for the proxy to fetch, echoes sockets.
"""

import os
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

NOTES = Path(sys.argv[2])


def note(line: str) -> int:
    """Write a line down; returns how many there are now."""
    with NOTES.open("a") as notes:
        notes.write(line + "\n")
    return len(NOTES.read_text().splitlines())


async def alive(_: Request) -> Response:
    return Response("alive")


async def act(request: Request) -> Response:
    """Notes that it was asked to act; with `die` in the query, the first to be asked dies."""
    body = await request.body()
    if note(f"{request.method} {len(body)}") == 1 and request.query_params.get("die"):
        os._exit(9)
    return JSONResponse({"headers": dict(request.headers), "pid": os.getpid()})


async def begin(request: Request) -> Response:
    """Notes that a request arrived, before its body is read."""
    note("begin")
    await request.body()
    return Response("done")


async def media(request: Request) -> Response:
    headers = {
        "X-Accel-Redirect": request.query_params["object"],
        "Cache-Control": "private, max-age=600",
        "ETag": '"ours"',
        "Content-Type": "image/webp",
    }
    return Response(headers=headers)


async def plain(_: Request) -> Response:
    return Response("no object here", status_code=404)


async def echo(socket: WebSocket) -> None:
    await socket.accept()
    async for text in socket.iter_text():
        await socket.send_text(text)


app = Starlette(
    routes=[
        Route("/healthz", alive),
        Route("/api/act", act, methods=["GET", "POST"]),
        Route("/api/begin", begin, methods=["POST"]),
        Route("/media/missing", plain),
        Route("/media/{name}", media),
        WebSocketRoute("/ws", echo),
    ]
)

if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", ws="websockets-sansio")
