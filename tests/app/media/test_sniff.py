import pytest

from app.media.rejection import MediaRejected
from app.media.sniff import canonical_type, check_photo_type, sniff
from tests.app.media.samples import HEIC, encoded, photo

_TINY = photo(size=(32, 32))
_REAL = {
    "image/jpeg": encoded(_TINY, "JPEG"),
    "image/png": encoded(_TINY, "PNG"),
    "image/webp": encoded(_TINY, "WEBP"),
    "image/avif": encoded(_TINY, "AVIF"),
    "image/gif": encoded(_TINY, "GIF"),
    "image/heic": HEIC.read_bytes(),
}


@pytest.mark.parametrize("media_type", _REAL)
def test_real_files(media_type: str) -> None:
    assert sniff(_REAL[media_type][:64]) == media_type


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", "video/mp4"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "video/quicktime"),
        (b"\x1aE\xdf\xa3\x93B\x86", "video/webm"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "image/avif"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "image/heic"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", None),
        (b"%PDF-1.7", None),
        (b"RIFF\0\0\0\0WAVEfmt ", None),
        (b"\0\0\0\x02ftyp", None),
        (b"", None),
    ],
)
def test_others(head: bytes, expected: str | None) -> None:
    assert sniff(head) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("IMAGE/JPG", "image/jpeg"), ("image/heif", "image/heic"), ("image/png; q=1", "image/png")],
)
def test_canonical_type(name: str, expected: str) -> None:
    assert canonical_type(name) == expected


@pytest.mark.parametrize("declared", _REAL)
@pytest.mark.parametrize("real", _REAL)
def test_every_lie_is_told_apart(real: str, declared: str) -> None:
    if real == declared:
        assert check_photo_type(_REAL[real][:64], declared) == real
        return
    with pytest.raises(MediaRejected) as caught:
        check_photo_type(_REAL[real][:64], declared)
    assert caught.value.code == "type_mismatch"


@pytest.mark.parametrize(
    ("head", "declared", "code"),
    [
        (b"", "image/jpeg", "truncated"),
        (b"<svg onload=alert(1)>", "image/svg+xml", "unsupported_type"),
        (b"<svg onload=alert(1)>", "image/png", "unsupported_type"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", "video/mp4", "unsupported_type"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", "image/avif", "type_mismatch"),
    ],
)
def test_refusals(head: bytes, declared: str, code: str) -> None:
    with pytest.raises(MediaRejected) as caught:
        check_photo_type(head, declared)
    assert caught.value.code == code
    assert caught.value.message.endswith(".")
