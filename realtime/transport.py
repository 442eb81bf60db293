"""The WebSocket under a connection: uvicorn's protocol, and beside it a way to write frames
that are encoded already.

ASGI's `send` costs a coroutine, a message dict and an encoding for each socket. The scope's
extension `glimpse.socket` is this object: `write` puts bytes on the transport at once, `flow`
is told when the peer reads too slowly, and `end` closes without waiting for a reader that
never reads.
"""

import random
import socket
from collections.abc import Callable
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.server import ServerProtocol

from realtime import protocol
from realtime.deflate import Deflate
from realtime.frames import frame
from realtime.inbox import Gate, Inbox
from realtime.line import Line, line

EXTENSION = "glimpse.socket"
_SEND_BUFFER_BYTES = 131_072
_UNACKED_MS = 20_000
_END_S = 5.0
"""How long a close may take: what is written must drain, and the peer answer."""
_SMALL_FRAMES_MAX = 2000
"""Control frames and fragments between two pings of ours."""
_COOL_MS = 2000
_DISCARD_S = 1.0
"""How long the rest of a frame against the rules is read and dropped."""


def _ignore(_: bool) -> None:
    return None


def _refuse(_: bytes) -> None:
    raise RuntimeError("written to before the handshake")


class GatewaySocket(WebSocketsSansIOProtocol):
    """Heartbeat is the hub's: uvicorn's own (a timer for each socket) is off."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.queue: Any = Inbox()
        self.writable: Any = Gate()
        self.writable.set()
        if self.config.ws_per_message_deflate:
            self.conn = ServerProtocol(
                extensions=[Deflate()],
                max_size=self.config.ws_max_size,
                logger=self.logger,
            )
        self.deflates = False
        """The client negotiated compression: it takes squeezed frames too."""
        self.heard = True
        """Something came since the hub last looked."""
        self.small_frames = 0
        """Control frames and fragments since the hub last looked."""
        self.flow: Callable[[bool], None] = _ignore
        """Told True when the peer reads too slowly, False when there is room again."""
        self.write: Callable[[bytes], None] = _refuse
        self.leave: Callable[[int], None] | None = None
        """Set by a connection: say bye, and close when its calls are answered."""

    def handle_connect(self, event: Any) -> None:
        super().handle_connect(event)
        scope = getattr(self, "scope", None)
        if scope is not None:
            scope["extensions"][EXTENSION] = self
            self.deflates = bool(self.conn.extensions)
            self.write = self.transport.write

    def line(self) -> Line:
        """For bytes that many get. Valid until `flow` is told True."""
        return line(self.transport)

    def handle_close(self, event: Any) -> None:
        self.flow(True)  # the answer to it is the last
        super().handle_close(event)

    def forget_handshake(self) -> None:
        """A socket lives for hours; what its handshake said is not needed again, and browsers
        say much. The parser holds on to the request, so that is emptied."""
        self.request.headers.clear()
        self.scope["headers"] = []
        del self.request, self.response

    def handle_ping(self) -> None:
        """Answered while the peer reads: what it won't read is not piled up for it."""
        pong = b"".join(self.conn.data_to_send())
        if self.writable.is_set() and self.open:
            self.transport.write(pong)
        self._small()

    def handle_pong(self, event: Any) -> None:
        self._small()

    def handle_cont(self, event: Any) -> None:
        super().handle_cont(event)
        self._small()

    def _small(self) -> None:
        """Control frames and fragments are no messages, yet they cost as much, and fragments
        may be empty: nobody needs thousands."""
        self.small_frames += 1
        if self.small_frames > _SMALL_FRAMES_MAX and self.open:
            last = protocol.bye(protocol.TOO_MANY_MESSAGES, "too many frames", _COOL_MS)
            self.flow(True)
            self.end(protocol.TOO_MANY_MESSAGES, "too many frames", frame(last))

    def data_received(self, data: bytes) -> None:
        self.heard = True
        super().data_received(data)

    def handle_parser_exception(self) -> None:
        """A frame against the rules (1002, 1007, 1009). What the peer still sends is read and
        dropped: closing with unread data would reset the connection, and the peer would not
        learn why."""
        if self.close_sent:
            return
        self.flow(True)  # a close frame is the last
        sent = self.conn.close_sent
        code = sent.code if sent is not None else 1002
        reason = sent.reason if sent is not None else ""
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        output = b"".join(self.conn.data_to_send())
        self.transport.write(frame(protocol.bye(code, reason)) + output)
        self.close_sent = True
        self._close_later(_DISCARD_S)

    def pause_writing(self) -> None:
        super().pause_writing()
        self.flow(True)

    def resume_writing(self) -> None:
        super().resume_writing()
        self.flow(False)

    def connection_lost(self, exc: Exception | None) -> None:
        self.flow(True)  # nothing may be written any more
        self.flow, self.leave = _ignore, None
        super().connection_lost(exc)

    @property
    def open(self) -> bool:
        return not (self.close_sent or self.disconnected or self.transport.is_closing())

    def end(self, code: int, reason: str, last: bytes = b"") -> None:
        """Write `last` and a close frame; cut the connection when it has not closed by then."""
        if not self.open:
            return
        self.conn.send_close(code, reason[:120])
        self.transport.write(last + b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self._close_later()

    def _close_later(self, timeout_s: float = _END_S) -> None:
        if self.read_paused:  # the peer's close frame must still be read
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(timeout_s, self.abort)

    def abort(self) -> None:
        """Cut the connection now, whatever is unsent."""
        self.transport.abort()

    def shutdown(self) -> None:
        """uvicorn is going. Clients are told when to come back, each another moment."""
        if self.leave is None:
            super().shutdown()
        else:
            self.leave(random.randrange(spread_ms(len(self.connections))))


def spread_ms(sockets: int) -> int:
    """Over how long the clients of a node that goes are spread: about 1,000 a second."""
    return min(30_000, max(250, sockets))


def listen(host: str, port: int, backlog: int) -> socket.socket:
    """A listening socket whose options the accepted ones inherit.

    TCP_USER_TIMEOUT ends a peer that acknowledges nothing, also one that never reads: the
    WebSocket ping can't, since it waits in the same buffer. The send buffer is small so that
    what a slow reader holds in the kernel is in proportion to its outbox.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNACKED_MS)
    listener.bind((host, port))
    listener.listen(backlog)
    listener.setblocking(False)
    return listener
