"""Small videos to try, made by the ffmpeg that comes with the wheel."""

import subprocess
from functools import cache

from app.media import ffmpeg
from app.settings import Media

FFMPEG = ffmpeg.program(Media())


@cache
def clip(
    extension: str = "mp4",
    size: str = "320x180",
    seconds: float = 2,
    rate: int = 25,
    *more: str,
    sound: bool = True,
) -> bytes:
    """A test picture, with a tone; `more` goes to ffmpeg before the output."""
    inputs = ["-f", "lavfi", "-i", f"testsrc2=size={size}:rate={rate}:duration={seconds}"]
    if sound:
        inputs += ["-f", "lavfi", "-i", f"sine=frequency=440:duration={seconds}"]
    speed = ["-preset", "ultrafast"] if extension in ("mp4", "mov") and not more else []
    return made(*inputs, "-pix_fmt", "yuv420p", *speed, *more, extension=extension)


def made(*arguments: str, extension: str = "mp4", source: bytes = b"") -> bytes:
    """What ffmpeg makes of this; a `source` is at `pipe:0`."""
    formats = {"mp4": "mp4", "mov": "mov", "webm": "webm", "mkv": "matroska"}
    # A container that is written in one go: its index stands at the front.
    flags = ["-movflags", "frag_keyframe+empty_moov"] if extension in ("mp4", "mov") else []
    command = [FFMPEG, "-v", "error", *arguments, *flags, "-f", formats[extension], "pipe:1"]
    return subprocess.run(command, input=source, capture_output=True, check=True).stdout


def described(data: bytes) -> str:
    """What ffmpeg says of a file: streams, metadata, side data."""
    command = [FFMPEG, "-hide_banner", "-f", "mov", "-i", "pipe:0"]
    return subprocess.run(command, input=data, capture_output=True).stderr.decode()
