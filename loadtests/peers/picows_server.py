"""picows, the same: `python picows_server.py PORT`, with the Python of its own environment."""

import importlib
import sys
from typing import Any

import uvloop

# Not a dependency of the product: it has an environment of its own, so it is not imported by name.
picows: Any = importlib.import_module("picows")
_watchers: set[Any] = set()


class _Watcher(picows.WSListener):  # type: ignore[misc]
    def on_ws_connected(self, transport: Any) -> None:
        _watchers.add(transport)

    def on_ws_frame(self, transport: Any, frame: Any) -> None:
        if frame.msg_type == picows.WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code())
            transport.disconnect()

    def on_ws_disconnected(self, transport: Any) -> None:
        _watchers.discard(transport)


class _Publisher(picows.WSListener):  # type: ignore[misc]
    def on_ws_frame(self, transport: Any, frame: Any) -> None:
        if frame.msg_type == picows.WSMsgType.TEXT:
            text, kind = frame.get_payload_as_bytes(), picows.WSMsgType.TEXT
            for watcher in _watchers:
                watcher.send(kind, text)


def _listener(request: Any) -> Any:
    return _Publisher() if request.path == b"/publish" else _Watcher()


async def _main(port: int) -> None:
    server = await picows.ws_create_server(_listener, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_main(int(sys.argv[1])))
