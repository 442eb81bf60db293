"""A WebM of one frame that stands for as long as one wants, without an encoder of videos: a lossy
WebP is a VP8 key frame in a box, and Matroska's elements are an id, a length and a body
(RFC 6386, RFC 8794, RFC 9559)."""

import io
import struct
from pathlib import Path

from PIL import Image

SIZE_PX = 64


def _element(element_id: int, body: bytes) -> bytes:
    named = element_id.to_bytes((element_id.bit_length() + 7) // 8, "big")
    return named + (0x01 << 56 | len(body)).to_bytes(8, "big") + body


def _number(element_id: int, value: int) -> bytes:
    return _element(element_id, value.to_bytes(4, "big"))


def _key_frame() -> bytes:
    packed = io.BytesIO()
    Image.new("RGB", (SIZE_PX, SIZE_PX), "teal").save(packed, "WEBP", lossless=False)
    data = packed.getvalue()
    at = data.index(b"VP8 ")
    return data[at + 8 : at + 8 + int.from_bytes(data[at + 4 : at + 8], "little")]


def write_clip(path: Path, duration_s: float) -> None:
    """Two frames: one at the beginning, one at the end."""
    duration_ms = int(duration_s * 1000)
    head = _element(
        0x1A45DFA3,
        _number(0x4286, 1)
        + _number(0x42F7, 1)
        + _number(0x42F2, 4)
        + _number(0x42F3, 8)
        + _element(0x4282, b"webm")
        + _number(0x4287, 2)
        + _number(0x4285, 2),
    )
    info = _element(
        0x1549A966,
        _number(0x2AD7B1, 1_000_000)  # one tick is a millisecond
        + _element(0x4489, struct.pack(">d", duration_ms))
        + _element(0x4D80, b"test")
        + _element(0x5741, b"test"),
    )
    video = _element(0xE0, _number(0xB0, SIZE_PX) + _number(0xBA, SIZE_PX))
    entry = _number(0xD7, 1) + _number(0x73C5, 1) + _number(0x83, 1) + _element(0x86, b"V_VP8")
    tracks = _element(0x1654AE6B, _element(0xAE, entry + video))
    block = b"\x81" + struct.pack(">hB", 0, 0x80) + _key_frame()
    clusters = b"".join(
        _element(0x1F43B675, _number(0xE7, at_ms) + _element(0xA3, block))
        for at_ms in (0, duration_ms - 1)
    )
    path.write_bytes(head + _element(0x18538067, info + tracks + clusters))
