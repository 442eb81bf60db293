"""uvicorn as this gateway needs it."""

import uvicorn

from app.settings import Socket
from realtime.main import GatewayApp
from realtime.transport import GatewaySocket

BACKLOG = 4096
_DRAIN_S = 10


def server(app: GatewayApp, socket: Socket, host: str, port: int) -> uvicorn.Server:
    """Serve with `server.run(sockets=[listen(host, port, BACKLOG)])`.

    Frames are small, and compression keeps nothing between messages (`deflate.py`), since a few
    messages could cost much memory; uvicorn's pings are off since the hub pings without a timer for each socket.
    """
    return uvicorn.Server(
        uvicorn.Config(
            app,
            host=host,
            port=port,
            loop="uvloop",
            http="httptools",
            ws=GatewaySocket,
            ws_max_size=socket.frame_bytes_max,
            ws_per_message_deflate=socket.compression,
            ws_ping_interval=None,
            ws_ping_timeout=None,
            lifespan="on",
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=_DRAIN_S,
            timeout_keep_alive=75,
            backlog=BACKLOG,
        )
    )
