"""The shortest way for the same bytes to many sockets: one system call each.

A transport's `write` queues, and sends when the loop turns; for an update to a thousand sockets
that is a tenth of its cost. Nothing is lost by going past it while it holds nothing back: what
a socket does not take at once, or at all, its transport gets, which then does what it always
does (tells that it is full, or that the peer is gone).
"""

import os
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple


class Line(NamedTuple):
    """A socket that takes bytes.

    Not to be used once its `GatewaySocket.flow` was told True: the descriptor may be another
    connection's by then.
    """

    descriptor: int
    held_bytes: Callable[[], int]
    """What its transport has not sent yet."""
    write: Callable[[bytes], None]
    """The transport's own."""


def line(transport: Any) -> Line:
    assert transport.get_extra_info("sslcontext") is None, "bytes would go past the encryption"
    descriptor = transport.get_extra_info("socket").fileno()
    return Line(descriptor, transport.get_write_buffer_size, transport.write)


def write_all(lines: Iterable[Line], data: bytes) -> None:
    """`data` to each of them, whole and behind what was written to it before."""
    size, send = len(data), os.write
    for descriptor, held_bytes, write in lines:
        try:
            sent = 0 if held_bytes() else send(descriptor, data)
        except OSError:  # full, or gone: the transport finds out which
            sent = 0
        if sent < size:
            try:
                write(data[sent:])
            except RuntimeError:  # it closed in this very turn of the loop
                continue
