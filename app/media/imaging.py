"""Untrusted bytes in, clean photos out: checked, decoded under limits, turned upright, sRGB,
resized, re-encoded. Pure functions on bytes; `app.media.sandbox` runs them in a child process.

Pillow decodes JPEG, PNG, WebP, AVIF and GIF, pi-heif adds HEIC. Measured beside libvips on
12 megapixel JPEGs both make the same number of images a CPU-second (WebP effort decides), and
this one needs no other decoder in the address space. Only decoded pixels travel to the output,
so EXIF, GPS, XMP, comments, scripts and appended archives have no way through.
"""

import base64
import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

# Every module Pillow would load on first need is loaded here: the sandbox forbids opening files.
import pi_heif  # type: ignore[import-untyped]
from PIL import (
    AvifImagePlugin,
    Image,
    ImageCms,
    MpoImagePlugin,  # noqa: F401  JPEGs of phones that hold a second picture
    TiffImagePlugin,  # noqa: F401  EXIF is read with it
    WebPImagePlugin,  # noqa: F401
)

from app.media import headers, thumbhash
from app.media.photo import FORMATS, WIDTHS, Format, Limits, Processed, Variant
from app.media.rejection import MediaRejected
from app.media.sniff import HEAD_BYTES, check_photo_type

Image.preinit()
# One core an image; more threads would only hide the cost and reserve address space.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1
pi_heif.options.DECODE_THREADS = 1
pi_heif.register_heif_opener()
Image.MAX_IMAGE_PIXELS = None  # `_checked` refuses by our own limit, on the header

_HEIGHT_MAX = 16_383  # the tallest picture WebP can hold
_OPENERS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/avif": "AVIF",
    "image/heic": "HEIF",
    "image/gif": "GIF",
}
_UPRIGHT = {  # EXIF orientation → what turns the picture upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_EXIF_ORIENTATION = 0x0112
_SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def process(data: bytes, declared_type: str, limits: Limits) -> Processed:
    """All variants of an uploaded photo, widest first; raises MediaRejected."""
    source = _checked(data, declared_type, limits)
    with _decoder_errors():
        turn = _decode(source, WIDTHS[0])
        width, height = _upright_size(source.original_size, turn)
        variants: list[Variant] = []
        picture = source.image
        for picture in _resized(source.image, turn, (width, height), WIDTHS):
            variants += [_encoded(picture, kind) for kind in FORMATS]
        return Processed(width, height, _placeholder(picture), tuple(variants))


def resize(data: bytes, declared_type: str, width: int, kind: Format, limits: Limits) -> Variant:
    """One variant `width` pixels wide (never wider than the source); raises MediaRejected."""
    source = _checked(data, declared_type, limits)
    with _decoder_errors():
        turn = _decode(source, width)
        size = _upright_size(source.original_size, turn)
        (picture,) = _resized(source.image, turn, size, (width,))
        return _encoded(picture, kind)


@dataclass(slots=True)
class _Source:
    """An opened, not yet decoded picture and its size before orientation."""

    image: Image.Image
    original_size: tuple[int, int]
    media_type: str


def _checked(data: bytes, declared_type: str, limits: Limits) -> _Source:
    """Everything that can be refused without decoding a pixel."""
    if len(data) > limits.bytes_max:
        limit_mb = limits.bytes_max / 1_048_576
        raise MediaRejected("too_large", f"The file is larger than {limit_mb:.0f} MB.")
    media_type = check_photo_type(data[:HEAD_BYTES], declared_type)
    frames = 1
    if media_type == "image/webp":
        _check_pixels(headers.webp_size(data), limits)
    elif media_type == "image/gif":
        frames = headers.gif_frames(data, limits.frames_max)
    with _decoder_errors():
        image = Image.open(io.BytesIO(data), formats=[_OPENERS[media_type]])
        if media_type != "image/gif":  # Pillow would walk the GIF once more
            frames = getattr(image, "n_frames", 1)
    _check_pixels(image.size, limits)
    if frames > limits.frames_max:
        raise MediaRejected(
            "too_many_frames", f"The animation has more than {limits.frames_max} frames."
        )
    return _Source(image, image.size, media_type)


def _check_pixels(size: tuple[int, int], limits: Limits) -> None:
    width, height = size
    if width * height > limits.pixels_max:
        raise MediaRejected(
            "too_many_pixels",
            f"The picture is {width} x {height} pixels;"
            f" {limits.pixels_max / 1_000_000:g} megapixels are the limit.",
        )
    if not width or not height:
        raise MediaRejected("decode_failed", "The picture has no pixels.")


def _decode(source: _Source, width_wanted: int) -> Image.Transpose | None:
    """Loads the pixels (the first frame's) and tells what turns them upright.

    A JPEG is decoded at 1/2, 1/4 or 1/8 when that is still large enough: most of the saving.
    """
    image = source.image
    if source.media_type == "image/jpeg":
        turn = _UPRIGHT.get(_orientation(image))
        upright = _upright_size(image.size, turn)
        image.draft(None, _upright_size(_fitted(upright, width_wanted), turn))
        image.load()
        return turn
    image.load()  # first: in a PNG the orientation may stand behind the pixels
    return _UPRIGHT.get(_orientation(image))


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_EXIF_ORIENTATION, 1))
    except Exception:  # damaged EXIF is no reason to refuse a photo that decodes
        return 1


def _upright_size(size: tuple[int, int], turn: Image.Transpose | None) -> tuple[int, int]:
    swaps = turn in (
        Image.Transpose.TRANSPOSE,
        Image.Transpose.ROTATE_270,
        Image.Transpose.TRANSVERSE,
        Image.Transpose.ROTATE_90,
    )
    return (size[1], size[0]) if swaps else size


def _fitted(size: tuple[int, int], width_wanted: int) -> tuple[int, int]:
    """`size` scaled down to `width_wanted`, and to what the formats can hold; never up."""
    width, height = size
    scale = min(1.0, width_wanted / width, _HEIGHT_MAX / height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _resized(
    image: Image.Image,
    turn: Image.Transpose | None,
    size: tuple[int, int],
    widths: tuple[int, ...],
) -> Iterator[Image.Image]:
    """Clean upright sRGB pictures at `widths`, each made from the one before.

    Turning and colour conversion happen once, on the first and already small picture.
    """
    done = (0, 0)
    for wanted in widths:
        target = _fitted(size, wanted)
        if target == done:
            continue  # the source is narrower than both widths
        if done == (0, 0):
            image = _scalable(image)
            profile = image.info.get("icc_profile")
            image = image.resize(_upright_size(target, turn), Image.Resampling.LANCZOS)
            image = _clean_rgb(image, profile)
            if turn is not None:
                image = image.transpose(turn)
        else:
            image = image.resize(target, Image.Resampling.LANCZOS)
        done = target
        yield image


def _scalable(image: Image.Image) -> Image.Image:
    """`image` in a mode that can be interpolated: no palettes, no 16 or 32 bits a pixel."""
    if image.mode in ("1", "P", "PA") or "transparency" in image.info:
        return image.convert("RGBA")
    if image.mode.startswith("I;16"):
        image = image.convert("I")
    if image.mode == "I":
        return image.point(lambda value: value * (1 / 257)).convert("L")
    if image.mode == "F":
        return image.convert("L")
    return image


def _clean_rgb(image: Image.Image, profile: object) -> Image.Image:
    """Opaque sRGB without anything attached; transparency becomes white."""
    if image.mode in ("RGBA", "LA"):
        alpha = image.getchannel("A")
        opaque = Image.new("RGB", image.size, "white")
        opaque.paste(image.convert("RGB"), mask=alpha)
        image = opaque
    if isinstance(profile, bytes) and profile:
        image = _to_srgb(image, profile)
    if image.mode != "RGB":
        image = image.convert("RGB")
    image.info = {}  # or the encoders would carry profile, comment and the like over
    return image


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    try:
        source = ImageCms.getOpenProfile(io.BytesIO(profile))
        if image.mode == "RGB" and "sRGB" in ImageCms.getProfileDescription(source):
            return image
        return ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB") or image
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image  # a broken or foreign profile: better its colours slightly off than no photo


def _encoded(picture: Image.Image, kind: Format) -> Variant:
    out = io.BytesIO()
    if kind == "webp":
        # Effort 2 of 6: half the time of the default for files 4 % larger.
        picture.save(out, "WEBP", quality=80, method=2)
    else:
        picture.save(out, "JPEG", quality=82, progressive=True, optimize=True)
    width, height = picture.size
    return Variant(str(width), width, height, kind, out.getvalue())


def _placeholder(picture: Image.Image) -> str:
    width, height = picture.size
    scale = min(1.0, thumbhash.SIDE_MAX / max(width, height))
    small = picture.resize(
        (max(1, round(width * scale)), max(1, round(height * scale))), Image.Resampling.BOX
    )
    return base64.b64encode(thumbhash.encode(*small.size, small.tobytes())).decode()


_TRUNCATED_WORDS = ("truncat", "end of file", "unexpected end", "premature", "incomplete")


@contextmanager
def _decoder_errors() -> Iterator[None]:
    """Decoders raise whatever they like on damaged input: here all of it becomes MediaRejected.

    Their words decide only between two codes; the uploader never sees them.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # damaged EXIF and the like: not ours to log
            yield
    except MediaRejected:
        raise
    except MemoryError as error:
        raise MediaRejected("memory_limit", "This picture needs too much memory.") from error
    except Exception as error:
        words = str(error).lower()
        if isinstance(error, EOFError) or any(word in words for word in _TRUNCATED_WORDS):
            raise MediaRejected("truncated", "The file ends before the picture does.") from error
        raise MediaRejected(
            "decode_failed", "The file is damaged and cannot be read as a picture."
        ) from error
