"""What the image pipeline takes and gives, apart from the decoders so that no other process
has to load them."""

from dataclasses import dataclass
from typing import Literal

Format = Literal["webp", "jpeg"]
FORMATS: tuple[Format, ...] = ("webp", "jpeg")
WIDTHS = (1080, 640, 150)
"""Variants of every photo, in pixels; never wider than the source."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a source may cost. Pixels are width × height of one frame, from the header."""

    bytes_max: int = 20 * 1024 * 1024
    pixels_max: int = 50_000_000
    frames_max: int = 1000


@dataclass(frozen=True, slots=True)
class Variant:
    """One encoded picture; `name` is its width as text, so `{name}.{format}` names a file."""

    name: str
    width: int
    height: int
    format: Format
    data: bytes


@dataclass(frozen=True, slots=True)
class Processed:
    """A clean photo. `width` × `height` are the source's own, upright; `thumbhash` is base64."""

    width: int
    height: int
    thumbhash: str
    variants: tuple[Variant, ...]
