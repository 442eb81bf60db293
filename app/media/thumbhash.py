"""ThumbHash: a picture in about 25 bytes, shown blurred until the real one is there.

Written from the published description of the format (evanw.github.io/thumbhash): the
averages and the low frequencies of a cosine transform of luminance, yellow-blue and red-green,
quantised to four bits each. Opaque pictures only, since variants have no transparency.
"""

from math import cos, pi
from operator import mul

SIDE_MAX = 32
"""Pixels on the longer side that suffice: the format keeps 7 waves at most."""


def _channel(rows: list[list[float]], columns: int, lines: int) -> tuple[float, list[float], float]:
    """Average, quantisable low frequencies (-1 … 1) and their scale, of one channel.

    The transform is separable: first along every row, then down the columns.
    """
    width, height = len(rows[0]), len(rows)
    waves_x = [[cos(pi / width * n * (x + 0.5)) for x in range(width)] for n in range(columns)]
    waves_y = [[cos(pi / height * n * (y + 0.5)) for y in range(height)] for n in range(lines)]
    by_wave = [[sum(map(mul, row, wave)) for row in rows] for wave in waves_x]
    average, waves = 0.0, list[float]()
    for cy in range(lines):
        for cx in range(columns):
            if cx * lines >= columns * (lines - cy):
                break  # the corner of high frequencies is not kept
            value = sum(map(mul, by_wave[cx], waves_y[cy])) / (width * height)
            if cx or cy:
                waves.append(value)
            else:
                average = value
    scale = max(map(abs, waves), default=0.0)
    return average, [value / scale if scale else -1.0 for value in waves], scale


def encode(width: int, height: int, rgb: bytes) -> bytes:
    """The hash of an opaque picture: `rgb` holds width × height × 3 bytes, row by row.

    Meant for at most 32 × 32 pixels, about a millisecond. Raises ValueError on a wrong length.
    """
    if len(rgb) != width * height * 3 or not rgb:
        raise ValueError(f"expected {width}x{height}x3 bytes, got {len(rgb)}")
    luminance, yellow, red = [], [], []
    for start in range(0, len(rgb), width * 3):
        row = rgb[start : start + width * 3]
        pixels = list(zip(row[0::3], row[1::3], row[2::3], strict=True))
        luminance.append([(r + g + b) / 765 for r, g, b in pixels])
        yellow.append([((r + g) / 2 - b) / 255 for r, g, b in pixels])
        red.append([(r - g) / 255 for r, g, b in pixels])

    longest = max(width, height)
    columns = max(1, round(7 * width / longest))
    lines = max(1, round(7 * height / longest))
    l_dc, l_ac, l_scale = _channel(luminance, max(3, columns), max(3, lines))
    p_dc, p_ac, p_scale = _channel(yellow, 3, 3)
    q_dc, q_ac, q_scale = _channel(red, 3, 3)

    landscape = width > height
    head = (
        round(63 * l_dc)
        | round(31.5 + 31.5 * p_dc) << 6
        | round(31.5 + 31.5 * q_dc) << 12
        | round(31 * l_scale) << 18
    )
    shape = (
        (lines if landscape else columns)
        | round(63 * p_scale) << 3
        | round(63 * q_scale) << 9
        | landscape << 15
    )
    nibbles = [round(7.5 + 7.5 * value) for value in (*l_ac, *p_ac, *q_ac)]
    nibbles += [0] * (len(nibbles) % 2)
    packed = bytes(a | b << 4 for a, b in zip(nibbles[0::2], nibbles[1::2], strict=True))
    return head.to_bytes(3, "little") + shape.to_bytes(2, "little") + packed
