"""What the sandbox and its children say to each other, over pipes.

A frame is 4 bytes of length (big endian), a JSON head, then `head["bytes"]` bytes of body.
A job's head is {op: process | resize, type, bytes, cpu_s, limits: {bytes_max, pixels_max,
frames_max}} and, to resize, {width, format}; its body is the picture. The answer is {ok: true,
variants: [{name, width, height, format, bytes}], bytes, width, height, thumbhash} with the
variants' data one after another, or {ok: false, code, message, bytes: 0}.
"""

import json
from typing import Any, BinaryIO

HEAD_BYTES_MAX = 65_536


def read_frame(stream: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    """The next head and body; None when the other side is gone."""
    prefix = stream.read(4)
    if len(prefix) < 4:
        return None
    size = int.from_bytes(prefix, "big")
    if size > HEAD_BYTES_MAX:
        return None
    head_bytes = stream.read(size)
    if len(head_bytes) < size:
        return None
    head: dict[str, Any] = json.loads(head_bytes)
    body = stream.read(head["bytes"])
    return (head, body) if len(body) == head["bytes"] else None


def frame_head(head: dict[str, Any]) -> bytes:
    """The beginning of a frame; the body follows it as it is."""
    encoded = json.dumps(head).encode()
    return len(encoded).to_bytes(4, "big") + encoded
