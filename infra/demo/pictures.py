"""The demo's photos from the checkout, and avatars made of them."""

import colorsys
import io
import zlib
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from infra.demo.cast import Crop, Person

FOLDER = Path(__file__).parent.parent / "demo_photos"
_AVATAR_PX = 480
_UPRIGHT_PX = 380
"""A story narrower than this would be shown much too large."""


def photo(name: str) -> bytes:
    return (FOLDER / f"{name}.jpg").read_bytes()


def upright(name: str) -> bytes:
    """For a story: the middle of a photo at 9:16, or the whole when that would be too small."""
    with Image.open(FOLDER / f"{name}.jpg") as picture:
        width = round(picture.height * 9 / 16)
        if width < _UPRIGHT_PX:
            return photo(name)
        left = (picture.width - width) // 2
        written = io.BytesIO()
        picture.crop((left, 0, left + width, picture.height)).save(written, "JPEG", quality=90)
    return written.getvalue()


def avatar(person: Person) -> bytes:
    """A square JPEG: a crop of one of the photos, or letters on a gradient."""
    picture = _crop(person.avatar) if person.avatar else _letters(person)
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=85)
    return written.getvalue()


def _crop(crop: Crop) -> Image.Image:
    with Image.open(FOLDER / f"{crop.photo}.jpg") as picture:
        width, height = picture.size
        side = crop.side * min(width, height)
        left = min(max(crop.x * width - side / 2, 0), width - side)
        top = min(max(crop.y * height - side / 2, 0), height - side)
        box = (round(left), round(top), round(left + side), round(top + side))
        return picture.convert("RGB").crop(box).resize((_AVATAR_PX, _AVATAR_PX))


def _letters(person: Person) -> Image.Image:
    hue = zlib.crc32(person.username.encode()) % 360 / 360
    # Larger than needed, so that turning it leaves no empty corners in what is cut out.
    large, edge = 2 * _AVATAR_PX, _AVATAR_PX // 2
    box = (edge, edge, edge + _AVATAR_PX, edge + _AVATAR_PX)
    ramp = Image.linear_gradient("L").resize((large, large)).rotate(30).crop(box)
    first, second = (
        Image.new("RGB", ramp.size, _colour(hue + turn, light))
        for turn, light in ((0.0, 0.62), (0.13, 0.42))
    )
    picture = Image.composite(first, second, ramp)
    initials = "".join(word[0] for word in person.full_name.split()[:2])
    ImageDraw.Draw(picture).text(
        (_AVATAR_PX / 2, _AVATAR_PX / 2),
        initials,
        fill="white",
        font=ImageFont.load_default(_AVATAR_PX * 0.4),
        anchor="mm",
    )
    return picture


def _colour(hue: float, lightness: float) -> tuple[int, int, int]:
    red, green, blue = colorsys.hls_to_rgb(hue % 1, lightness, 0.55)
    return round(red * 255), round(green * 255), round(blue * 255)
