"""Pictures to try: real photos (public domain or CC0, shipped with scikit-image) and traps."""

import importlib.util
import io
import struct
import zlib
from functools import cache
from pathlib import Path

from PIL import Image

HEIC = Path(__file__).parent / "data" / "chelsea.heic"
GPS_IFD, MAKE, ORIENTATION = 0x8825, 0x010F, 0x0112


@cache
def photo_path(name: str) -> Path:
    """`astronaut.png` 512×512, `chelsea.png` 451×300, `rocket.jpg` 640×427, …"""
    spec = importlib.util.find_spec("skimage")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    return Path(spec.submodule_search_locations[0]) / "data" / name


def photo(name: str = "astronaut.png", size: tuple[int, int] | None = None) -> Image.Image:
    with Image.open(photo_path(name)) as image:
        rgb = image.convert("RGB")
    return rgb.resize(size) if size else rgb


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def exif(orientation: int = 1) -> Image.Exif:
    """EXIF as a phone writes it: maker, orientation, place."""
    tags = Image.Exif()
    tags[MAKE] = "Acme Phone"
    tags[ORIENTATION] = orientation
    tags[GPS_IFD] = {1: "N", 2: (48.0, 51.0, 30.0), 3: "E", 4: (2.0, 17.0, 40.0)}
    return tags


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, pixels: bytes = b"") -> bytes:
    """A grey PNG that announces `width` × `height`, whatever it holds."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", zlib.compress(pixels, 9))
        + png_chunk(b"IEND", b"")
    )


def png_bomb(side: int = 13_000) -> bytes:
    """169 megapixels in about 160 kB."""
    return png(side, side, bytes((side + 1) * side))


def webp_canvas(width: int, height: int) -> bytes:
    """An animated WebP that announces a canvas and holds one tiny frame."""
    inner = encoded(photo(size=(16, 16)), "WEBP")[12:]
    frame = (
        b"\0\0\0\0\0\0" + (15).to_bytes(3, "little") * 2 + (100).to_bytes(3, "little") + b"\0"
    ) + inner

    def chunk(kind: bytes, body: bytes) -> bytes:
        return kind + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)

    size = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = (
        b"WEBP"
        + chunk(b"VP8X", b"\x02\0\0\0" + size)
        + chunk(b"ANIM", bytes(6))
        + chunk(b"ANMF", frame)
    )
    return b"RIFF" + struct.pack("<I", len(body)) + body


def gif(frames: int, size: tuple[int, int] = (8, 8)) -> bytes:
    """An animation of `frames` equal frames; the blocks are written by hand, so that a
    thousand of them cost nothing."""
    one = encoded(Image.new("P", size, 3), "GIF")
    start = one.index(b"\x2c", 13 + (3 << ((one[10] & 7) + 1)))
    image = one[start:-1]
    return one[:start] + image * frames + b"\x3b"
