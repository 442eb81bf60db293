"""WebSocket frames from server to client, encoded once so that many transports take the bytes."""

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
