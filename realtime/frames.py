"""WebSocket frames from server to client, encoded once so that many transports take the bytes.

Squeezed frames are for sockets that negotiated permessage-deflate (`deflate.py`). Each message
stands for itself (no context is taken over), so the bytes are the same for all. An event differs
from person to person in its number alone: the head goes into a stored block in front of the
shared compressed tail, and a thousand recipients cost one compression.
"""

import zlib

WINDOW_BITS = 15
SQUEEZE_FROM_BYTES = 160
"""Shorter messages go as they are, which the extension allows."""
PING = b"\x89\x00"


def frame(payload: bytes) -> bytes:
    """One whole text frame, unmasked and uncompressed."""
    size = len(payload)
    if size < 126:
        return b"\x81%c%b" % (size, payload)
    if size < 65_536:
        return b"\x81\x7e%c%c%b" % (size >> 8, size & 255, payload)
    return b"\x81\x7f%b%b" % (size.to_bytes(8, "big"), payload)


def event(seq: int, tail: bytes) -> bytes:
    """The frame of `protocol.event(seq, tail)`, in one step: it is made for each recipient."""
    head = b'{"op":"event","seq":%d,' % seq
    size = len(head) + len(tail)
    if size < 126:
        return b"\x81%c%b%b" % (size, head, tail)
    if size < 65_536:
        return b"\x81\x7e%c%c%b%b" % (size >> 8, size & 255, head, tail)
    return frame(head + tail)


_FLUSHED = b"\x00\x00\xff\xff"


def squeeze(payload: bytes) -> bytes | None:
    """The payload as whole deflate blocks, to end a message; None when it gains nothing."""
    if len(payload) < SQUEEZE_FROM_BYTES:
        return None
    deflate = zlib.compressobj(wbits=-WINDOW_BITS)
    squeezed = (deflate.compress(payload) + deflate.flush(zlib.Z_SYNC_FLUSH))[: -len(_FLUSHED)]
    return squeezed if len(squeezed) + 64 < len(payload) else None


def squeezed(plain: bytes) -> bytes:
    """A frame made by `frame`, compressed if that helps."""
    payload = plain[{126: 4, 127: 10}.get(plain[1], 2) :]
    compressed = squeeze(payload)
    return plain if compressed is None else _compressed(compressed)


def squeezed_event(seq: int, squeezed_tail: bytes) -> bytes:
    """`event` from a tail that `squeeze` made smaller."""
    head = b'{"op":"event","seq":%d,' % seq
    size = len(head)
    stored = b"\x00%c\x00%c\xff%b" % (size, size ^ 255, head)
    return _compressed(stored + squeezed_tail)


def _compressed(payload: bytes) -> bytes:
    plain = frame(payload)
    return b"\xc1" + plain[1:]  # RSV1 says that the message is compressed
