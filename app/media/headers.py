"""Facts read from a file's structure without decoding it, where the decoder would allocate
first and tell later: WebP canvases and GIF frames."""

from app.media.rejection import MediaRejected


def webp_size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels that a WebP announces; raises MediaRejected.

    libwebp allocates two canvases as soon as it opens an image, so this is asked before.
    """
    if len(data) < 30 or int.from_bytes(data[4:8], "little") + 8 > len(data):
        raise MediaRejected("truncated", "The WebP file ends before the picture does.")
    chunk = data[12:16]
    if chunk == b"VP8X":
        return (
            int.from_bytes(data[24:27], "little") + 1,
            int.from_bytes(data[27:30], "little") + 1,
        )
    if chunk == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 ":
        return (
            int.from_bytes(data[26:28], "little") & 0x3FFF,
            int.from_bytes(data[28:30], "little") & 0x3FFF,
        )
    raise MediaRejected("decode_failed", "The WebP file is damaged.")


def gif_frames(data: bytes, frames_max: int) -> int:
    """Frames of a GIF, counted up to `frames_max + 1`; raises MediaRejected.

    Walks the blocks and skips over the pixels, so 20 MB cost milliseconds a frame at most.
    """
    frames = 0
    at = 13 + _colour_table_bytes(data, 10)
    while at < len(data) and frames <= frames_max:
        kind = data[at]
        if kind == 0x3B:  # trailer
            break
        if kind == 0x21:  # extension: label, then sub-blocks
            at = _skip_blocks(data, at + 2)
        elif kind == 0x2C:  # image: descriptor, table, code size, then sub-blocks
            frames += 1
            at = _skip_blocks(data, at + 11 + _colour_table_bytes(data, at + 9))
        else:
            break  # padding and tails that real files have; the decoder never gets there
    if frames == 0:
        raise MediaRejected("truncated", "The GIF file ends before the first picture does.")
    return frames


def _colour_table_bytes(data: bytes, flags_at: int) -> int:
    if flags_at >= len(data):
        raise MediaRejected("truncated", "The GIF file ends before the picture does.")
    flags = data[flags_at]
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _skip_blocks(data: bytes, at: int) -> int:
    while at < len(data):
        size = data[at]
        at += 1 + size
        if size == 0:
            return at
    raise MediaRejected("truncated", "The GIF file ends before the picture does.")
