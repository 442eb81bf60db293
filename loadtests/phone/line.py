"""A TCP connection that costs what it reads: callbacks of gevent's hub instead of a greenlet.

gevent's own socket would need one greenlet a socket to wait in. Here a greenlet waits only to
connect; after that the hub calls, and nothing in its calls may wait.
"""

import os
import struct
from collections.abc import Callable
from socket import (
    AF_INET,
    IPPROTO_TCP,
    SO_ERROR,
    SO_LINGER,
    SOCK_STREAM,
    SOL_SOCKET,
    TCP_NODELAY,
)
from typing import Any

import gevent
from gevent.monkey import get_original
from gevent.socket import wait_write

_CHUNK = 65_536
_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER: closing sends RST, as what stands behind a network that is gone."""
_READ, _WRITE = 1, 2
_Socket: Any = get_original("socket", "socket")


class Line:
    """`received(data)`: bytes came; none: the other side closed, or the connection broke."""

    def __init__(self, received: Callable[[bytes], None]) -> None:
        self._received = received
        self._socket: Any = _Socket(AF_INET, SOCK_STREAM)
        self._in: Any = None
        self._out: Any = None
        self._unsent = b""

    def dial(self, address: tuple[str, int], timeout_s: float) -> None:
        """Connect; raises OSError."""
        sock = self._socket
        sock.setblocking(False)
        sock.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)
        if sock.connect_ex(address):
            wait_write(sock.fileno(), timeout_s, TimeoutError("connect"))
            if failed := sock.getsockopt(SOL_SOCKET, SO_ERROR):
                raise OSError(failed, os.strerror(failed))
        self._in = gevent.get_hub().loop.io(sock.fileno(), _READ)
        self.listen()

    @property
    def listening(self) -> bool:
        return self._in is not None and bool(self._in.active)

    def listen(self) -> None:
        if self._in is not None:
            self._in.start(self._readable)

    def deafen(self) -> None:
        """Read nothing until `listen`."""
        self._in.stop()

    def close(self, reset: bool = False) -> None:
        """Callable from within `received`."""
        for watcher in (self._in, self._out):
            if watcher is not None:
                watcher.stop()
                watcher.close()
        self._in = self._out = None
        if reset:
            self._socket.setsockopt(SOL_SOCKET, SO_LINGER, _RESET)
        self._socket.close()

    def _readable(self) -> None:
        try:
            data = self._socket.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self._received(data)

    def write(self, data: bytes) -> None:
        """Now, or as soon as the connection takes it; nothing once it is broken or closed."""
        if self._in is None:
            return
        if not self._unsent:
            try:
                data = data[self._socket.send(data) :]
            except BlockingIOError:
                pass
            except OSError:
                return  # reading finds out too
        self._unsent += data
        if self._unsent and self._out is None:
            self._out = gevent.get_hub().loop.io(self._socket.fileno(), _WRITE)
            self._out.start(self._writable)

    def _writable(self) -> None:
        self._out.stop()
        self._out.close()
        self._out, data, self._unsent = None, self._unsent, b""
        self.write(data)
