"""Thousands of raw sockets in one process: the reading end of the gateway's benchmarks.

A client library would be slower than the gateway and measure itself. This speaks just enough
WebSocket: handshake, hello, one subscription, pongs; and then counts bytes. Messages that carry
`"at":<time.monotonic_ns() of their sender>` are timed too, when that is wanted.
"""

import multiprocessing
import os
import re
import select
import socket
import struct
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from typing import Any

import orjson

_PING, _PONG = b"\x89\x00", b"\x8a\x80\x00\x00\x00\x00"
_AT_ONCE = 64
_CHUNK = 262_144
_SENT_AT = re.compile(rb'"at":(\d+)[,}]')


def masked(message: dict[str, Any]) -> bytes:
    """A client's text frame; masked with zeros, which changes nothing."""
    payload = orjson.dumps(message)
    size = len(payload)
    head = bytes([0x81, 0x80 | size]) if size < 126 else struct.pack("!BBH", 0x81, 0xFE, size)
    return head + b"\0\0\0\0" + payload


def upgrade(port: int) -> bytes:
    return (
        f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: glimpse.v1\r\n\r\n"
    ).encode()


class _Crowd:
    def __init__(self) -> None:
        self._poll = select.epoll()
        self._sockets: dict[int, socket.socket] = {}
        self._bytes = 0
        self._closed = 0
        self._lags_ns: list[int] | None = None

    def open(self, port: int, tokens: Sequence[str], topic: str) -> int:
        """Connect and say hello, some at a time; how many were welcomed."""
        welcomed = 0
        for start in range(0, len(tokens), _AT_ONCE):
            some = []
            for _ in tokens[start : start + _AT_ONCE]:
                sock = socket.create_connection(("127.0.0.1", port))
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                sock.sendall(upgrade(port))
                some.append(sock)
            for sock, token in zip(some, tokens[start:], strict=False):
                answer = b""
                while not answer.endswith(b"\r\n\r\n"):
                    answer += sock.recv(_CHUNK)
                first = masked({"op": "hello", "token": token})
                if topic:
                    first += masked({"op": "sub", "id": 1, "topics": [topic]})
                sock.sendall(first)
            last = b'"topics":{' if topic else b'"op":"welcome"'
            for sock in some:
                seen = b""
                while last not in seen:
                    data = sock.recv(_CHUNK)
                    if not data:
                        break
                    seen += data
                else:
                    welcomed += 1
                sock.setblocking(False)
                self._sockets[sock.fileno()] = sock
                self._poll.register(sock.fileno(), select.EPOLLIN)
        return welcomed

    def read(self, timeout_s: float) -> None:
        for number, _ in self._poll.poll(timeout_s, 512):
            try:
                data = self._sockets[number].recv(_CHUNK)
            except BlockingIOError:
                continue
            except ConnectionResetError:
                data = b""
            if not data:
                self._poll.unregister(number)
                self._sockets.pop(number).close()
                self._closed += 1
            elif _PING in data:  # text has no such bytes
                self._sockets[number].send(_PONG)
                self._bytes += len(data) - len(_PING) * data.count(_PING)
            else:
                self._bytes += len(data)
            if self._lags_ns is not None:
                now = time.monotonic_ns()
                self._lags_ns += [now - int(at) for at in _SENT_AT.findall(data)]

    def timed(self) -> tuple[int, float, float]:
        """(messages, p50, p99 in ms from sender to here) since the last time; from the first
        time on."""
        found, self._lags_ns = sorted(self._lags_ns or ()), []
        if not found:
            return 0, 0.0, 0.0
        at = [found[len(found) * percent // 100] / 1e6 for percent in (50, 99)]
        return len(found), at[0], at[1]

    def counted(self) -> tuple[int, int]:
        """(bytes since the last time, sockets closed)."""
        found, self._bytes = self._bytes, 0
        return found, self._closed

    def close(self) -> int:
        """Drop all without a word; how many."""
        count = len(self._sockets)
        for sock in self._sockets.values():
            sock.close()
        self._sockets.clear()
        return count


def _serve(pipe: Connection) -> None:
    crowd = _Crowd()
    while True:
        if pipe.poll(0):
            name, *arguments = pipe.recv()
            if name == "stop":
                crowd.close()
                return
            pipe.send(getattr(crowd, name)(*arguments))
        crowd.read(0.005)


class Crowd:
    """The process, from outside."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=_serve, args=(other,), daemon=True)
        self._process.start()

    def __enter__(self) -> "Crowd":
        return self

    def __exit__(self, *_: object) -> None:
        self._pipe.send(("stop",))
        self._process.join(10)

    def open(self, port: int, tokens: Sequence[str], topic: str = "") -> int:
        self._pipe.send(("open", port, list(tokens), topic))
        return int(self._pipe.recv())

    def counted(self) -> tuple[int, int]:
        self._pipe.send(("counted",))
        found, closed = self._pipe.recv()
        return int(found), int(closed)

    def timed(self) -> tuple[int, float, float]:
        self._pipe.send(("timed",))
        count, p50_ms, p99_ms = self._pipe.recv()
        return int(count), float(p50_ms), float(p99_ms)

    def close(self) -> int:
        self._pipe.send(("close",))
        return int(self._pipe.recv())

    def settle(self, expected: int, timeout_s: float = 30.0) -> int:
        """Wait until `expected` bytes have come, or nothing more does; how many came."""
        total, quiet = 0, 0
        deadline = time.monotonic() + timeout_s
        while total < expected and quiet < 100 and time.monotonic() < deadline:
            found, _ = self.counted()
            total += found
            quiet = 0 if found else quiet + 1
            time.sleep(0.05)
        return total


def cpu_s(pid: int) -> float:
    """CPU seconds a process has used so far."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def pss_kib(pid: int) -> int:
    """Proportional set size: memory that is this process's own share."""
    with open(f"/proc/{pid}/smaps_rollup") as file:
        for line in file:
            if line.startswith("Pss:"):
                return int(line.split()[1])
    raise AssertionError("no Pss line")
