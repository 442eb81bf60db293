import pytest

from app.media import thumbhash
from tests.app.media.samples import photo


# Compared once with an independent encoder of the same format, byte for byte.
@pytest.mark.parametrize(
    ("name", "size", "expected"),
    [
        ("chelsea.png", (32, 21), "5c49061582f65768b1e6a9ab784588850c77d47066"),
        ("rocket.jpg", (32, 21), "10e70515822d7766708997758788887676706e06e7"),
        ("camera.png", (32, 32), "20080e07008089889d9a77ad768768677887080000000000"),
    ],
)
def test_known_photos(name: str, size: tuple[int, int], expected: str) -> None:
    small = photo(name)
    small.thumbnail((32, 32))
    assert small.size == size
    assert thumbhash.encode(*size, small.tobytes()).hex() == expected


def test_one_pixel_and_extreme_shapes() -> None:
    assert len(thumbhash.encode(1, 1, b"\xff\x00\x00")) == 24
    for width, height in ((32, 1), (1, 32)):
        assert thumbhash.encode(width, height, bytes(width * height * 3))


def test_wrong_length() -> None:
    with pytest.raises(ValueError, match="expected 2x2x3"):
        thumbhash.encode(2, 2, bytes(11))
