"""An untrusted video in, a clean one out: H.264 and AAC in MP4, upright, no larger than 1080p
and never larger than the source, without metadata; and one picture of it.

ffmpeg is told the container (from the first bytes), so it never guesses one, and which
decoders and protocols it may use: a playlist under the name of a video is refused, and could
not open a file or an address if it were read.
"""

import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import IO

from app.media import ffmpeg
from app.media.rejection import MediaRejected
from app.media.sniff import HEAD_BYTES, check_video_type
from app.media.survey import Survey
from app.settings import Media

LONG_SIDE, SHORT_SIDE = 1920, 1080
RATE_MAX = 60
"""Pictures a second that are made."""
_SOURCE_RATE_MAX = 240
_PICTURE_BYTES_MAX = 16 * 1024 * 1024

_DEMUXERS = {"video/mp4": "mov", "video/quicktime": "mov", "video/webm": "matroska"}
_DECODERS = (
    "h264,hevc,vp8,vp9,libdav1d,av1,mpeg4,"
    "aac,mp3,mp3float,opus,libopus,vorbis,alac,pcm_s16le,pcm_s16be,pcm_s24le"
)
_ONLY_PICTURE_AND_SOUND = ("-map", "0:V:0", "-map", "0:a:0?")

# Into the box, whichever way it lies; pixels become square, sides even.
_BOX = (
    f"w='min(iw*sar,if(gte(iw*sar,ih),{LONG_SIDE},{SHORT_SIDE}))'"
    f":h='min(ih,if(gte(iw*sar,ih),{SHORT_SIDE},{LONG_SIDE}))'"
)
_SCALE = f"scale={_BOX}:force_original_aspect_ratio=decrease:force_divisible_by=2:reset_sar=1"

ENCODING = (
    *("-fps_mode", "vfr"),
    *("-c:v", "libx264", "-preset", "veryfast", "-crf", "23"),
    *("-profile:v", "high", "-pix_fmt", "yuv420p", "-maxrate", "5M", "-bufsize", "10M"),
    *("-c:a", "aac", "-b:a", "128k", "-ac", "2", "-ar", "48000"),
    *("-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"),
    *("-movflags", "+faststart", "-f", "mp4"),
)
"""How the output is made, after `filters`; `loadtests.bench_video` gives plain ffmpeg the same."""

Told = Callable[[float], Awaitable[None]]
"""Hears how much is done, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Made:
    """What is in the clean file. `picture` is a PNG of its size, for the poster."""

    width: int
    height: int
    duration_s: float
    picture: bytes


async def transcode(
    settings: Media, source: IO[bytes], declared_type: str, sink: IO[bytes], told: Told
) -> Made:
    """Read `source`, write `sink`; raises MediaRejected, or SandboxBroken."""
    head = os.pread(source.fileno(), HEAD_BYTES, 0)
    demuxer = _DEMUXERS[check_video_type(head, declared_type)]
    original = await _survey(settings, source, demuxer)
    progress = _Progress(original.duration_s, told)
    # A little over what the survey found: an endless one was refused there.
    until = ("-t", str(settings.video_duration_max_s + 1))
    telling = ("-progress", "pipe:1", "-stats_period", "0.25")
    arguments = (
        *reading(settings, demuxer),
        *telling,
        *_ONLY_PICTURE_AND_SOUND,
        *until,
        *filters(original.rate),
        *ENCODING,
    )
    await ffmpeg.run(settings, (*arguments, "-y", ffmpeg.SINK), source, progress.hear, sink)
    made = await _survey(settings, sink, "mov")
    picture = await _picture(settings, sink, made.duration_s)
    return Made(made.width, made.height, made.duration_s, picture)


def filters(rate: float) -> tuple[str, str]:
    """What is done to the pictures of a source that has `rate` of them a second."""
    return "-vf", _SCALE if rate <= RATE_MAX + 1 else f"fps={RATE_MAX},{_SCALE}"


def reading(settings: Media, demuxer: str) -> tuple[str, ...]:
    """What every run begins with: how it speaks, what it may do, and the input."""
    return (
        *("-hide_banner", "-nostdin", "-nostats", "-v", "error"),
        *("-max_alloc", str(512 << 20), "-threads", str(ffmpeg.THREADS)),
        *("-protocol_whitelist", "fd", "-format_whitelist", demuxer, "-f", demuxer),
        *("-codec_whitelist", _DECODERS, "-max_pixels", str(settings.video_pixels_max)),
        *("-fd", "0", "-i", "fd:"),
    )


async def _survey(settings: Media, file: IO[bytes], demuxer: str) -> Survey:
    survey = Survey(settings.video_duration_max_s, settings.video_pixels_max, _SOURCE_RATE_MAX)
    listing = ("-xerror", *_ONLY_PICTURE_AND_SOUND, "-c", "copy", "-f", "framecrc", "pipe:1")
    await ffmpeg.run(settings, (*reading(settings, demuxer), *listing), file, survey.hear)
    survey.check_end()
    return survey


async def _picture(settings: Media, file: IO[bytes], duration_s: float) -> bytes:
    """One frame from near the beginning, past what fades in."""
    at = min(1.0, duration_s / 10)
    found = bytearray()

    async def hear(piece: bytes) -> None:
        found.extend(piece)
        if len(found) > _PICTURE_BYTES_MAX:
            raise MediaRejected("too_large", "The picture of this video is too large.")

    one = ("-map", "0:V:0", "-ss", f"{at:.3f}", "-frames:v", "1", "-c:v", "png")
    ending = ("-f", "image2pipe", "pipe:1")
    await ffmpeg.run(settings, (*reading(settings, "mov"), *one, *ending), file, hear)
    if not found:
        raise MediaRejected("decode_failed", "There is no picture in this file.")
    return bytes(found)


class _Progress:
    """Reads `-progress`: lines of `key=value`, a block four times a second."""

    def __init__(self, duration_s: float, told: Told) -> None:
        self._duration_s = max(duration_s, 0.001)
        self._told = told
        self._rest = b""

    async def hear(self, piece: bytes) -> None:
        *lines, self._rest = (self._rest + piece).split(b"\n")
        self._rest = self._rest[-200:]
        for line in lines:
            key, _, value = line.partition(b"=")
            if key == b"out_time_us" and value.isdigit():
                await self._told(min(1.0, int(value) / 1_000_000 / self._duration_s))
