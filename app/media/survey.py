"""What is in a video, from ffmpeg's list of its packets (`-c copy -f framecrc`): nothing is
decoded, so this costs what reading the file costs.

    #tb 0: 1/15360
    #media_type 0: video
    #dimensions 0: 640x360
    0,  -512,  0,  512,  8838, 0xd487f60d      stream, dts, pts, duration, bytes, checksum
"""

from fractions import Fraction

from app.media.rejection import MediaRejected

_LINE_BYTES_MAX = 65_536
_SIDE_MIN = 16
_SLACK_S = 1
_RATE_MEASURED_S = 1


class Survey:
    """Fed with the list as it comes; raises MediaRejected as soon as a bound is passed."""

    def __init__(self, duration_max_s: int, pixels_max: int, rate_max: int) -> None:
        self.width = 0
        self.height = 0
        self.frames = 0
        self._duration_max_s = duration_max_s
        self._pixels_max = pixels_max
        self._rate_max = rate_max
        self._picture = ""
        self._scales: dict[str, Fraction] = {}
        self._begin: Fraction | None = None
        self._end = Fraction(0)
        self._rest = b""

    @property
    def duration_s(self) -> float:
        """From the first picture or sound to the end of the last."""
        return 0.0 if self._begin is None else round(float(self._end - self._begin), 3)

    @property
    def rate(self) -> float:
        """Pictures a second, on average."""
        return self.frames / max(self.duration_s, _RATE_MEASURED_S)

    async def hear(self, piece: bytes) -> None:
        *lines, self._rest = (self._rest + piece).split(b"\n")
        if len(self._rest) > _LINE_BYTES_MAX:
            raise MediaRejected("decode_failed", "The file is damaged.")
        for line in lines:
            text = line.decode(errors="replace")
            if text.startswith("#"):
                self._head(text)
            elif text:
                self._packet(text)

    def check_end(self) -> None:
        """What can only be told of the whole; raises MediaRejected."""
        if self.frames == 0:
            raise MediaRejected("truncated", "There is no picture in this file.")
        if self.rate > self._rate_max:
            raise MediaRejected(
                "too_many_frames", f"A video has at most {self._rate_max} pictures a second."
            )

    def _head(self, text: str) -> None:
        name, _, value = text.partition(": ")
        what, _, stream = name.partition(" ")
        if what == "#tb":
            self._scales[stream] = Fraction(value)
        elif what == "#media_type" and value == "video":
            self._picture = stream
        elif what == "#dimensions":
            width, _, height = value.partition("x")
            self.width, self.height = int(width), int(height)
            self._check_size()

    def _check_size(self) -> None:
        if self.width * self.height > self._pixels_max:
            raise MediaRejected(
                "too_many_pixels",
                f"The picture is {self.width} x {self.height} pixels;"
                f" {self._pixels_max / 1_000_000:.1f} megapixels are the limit.",
            )
        if min(self.width, self.height) < _SIDE_MIN:
            raise MediaRejected("decode_failed", f"The picture is smaller than {_SIDE_MIN} pixels.")

    def _packet(self, text: str) -> None:
        stream, _dts, shown, length, *_ = text.split(",")
        if stream == self._picture:
            self.frames += 1
        try:
            begin = int(shown) * self._scales[stream]
            end = begin + int(length) * self._scales[stream]
        except ValueError:  # a packet without a time
            return
        begin = max(begin, Fraction(0))  # what is before zero is decoded, never shown
        self._begin = begin if self._begin is None else min(self._begin, begin)
        self._end = max(self._end, end)
        if self._end - self._begin > self._duration_max_s + _SLACK_S:
            raise MediaRejected(
                "too_long", f"A video has at most {self._duration_max_s / 60:g} minutes."
            )
