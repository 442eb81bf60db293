"""Videos in, clean videos out; and everything that only calls itself one is refused."""

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import pytest

from app.media import ffmpeg, video
from app.media.rejection import MediaRejected
from app.media.sandbox import SandboxBroken
from app.media.video import Made
from app.settings import Media
from tests.app.media.clips import FFMPEG, clip, described, made
from tests.app.media.samples import encoded, opened, photo

PLACE = "+48.8584+002.2945/"


async def transcoded(
    data: bytes, declared: str = "video/mp4", settings: Media | None = None
) -> tuple[Made, bytes, list[float]]:
    """What was made, the file, and the progress that was told."""
    told: list[float] = []

    async def tell(share: float) -> None:
        told.append(share)

    with TemporaryFile() as source, TemporaryFile() as sink:
        source.write(data)
        source.flush()
        done = await video.transcode(settings or Media(), source, declared, sink, tell)
        sink.seek(0)
        return done, sink.read(), told


async def refused(data: bytes, declared: str = "video/mp4", **settings: Any) -> str:
    with pytest.raises(MediaRejected) as caught:
        await transcoded(data, declared, replace(Media(), **settings))
    assert caught.value.message.endswith(".")
    return caught.value.code


async def test_a_phone_video_comes_out_upright_and_without_its_place() -> None:
    tagged = ("-metadata", f"location={PLACE}", "-metadata", "title=Secret", "-codec", "copy")
    turned = ("-display_rotation", "90", "-i", "pipe:0", *tagged)
    source = made(*turned, source=clip(), extension="mov")
    assert PLACE.encode() in source
    assert "rotation of 90" in described(source)
    done, data, told = await transcoded(source, "video/quicktime")
    assert (done.width, done.height) == (180, 320)
    assert done.duration_s == pytest.approx(2, abs=0.1)
    assert opened(done.picture).size == (180, 320)
    said = described(data)
    assert "Video: h264 (High)" in said
    assert "yuv420p" in said
    assert "Audio: aac" in said
    assert "rotation" not in said
    for trace in (PLACE.encode(), b"Secret", b"\xa9xyz"):
        assert trace not in data
    assert data.index(b"moov") < data.index(b"mdat")  # plays before all of it is there
    assert told == sorted(told)
    assert 0 < told[-1] <= 1


WEBM = ("-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus")
KINDS: dict[str, tuple[Callable[[], bytes], str, tuple[int, int]]] = {
    "webm": (lambda: clip("webm", "320x180", 1, 25, *WEBM), "video/webm", (320, 180)),
    "quicktime": (lambda: clip("mov", "320x180", 1), "video/quicktime", (320, 180)),
    "a name that phones mix up": (lambda: clip("mp4", "320x180", 1), "video/quicktime", (320, 180)),
    "wide": (lambda: clip("mp4", "2560x1080", 0.2), "video/mp4", (1920, 810)),
    "tall": (lambda: clip("mp4", "1200x2400", 0.2), "video/mp4", (960, 1920)),
    "small and odd": (
        lambda: clip("mp4", "161x91", 0.2, 25, "-pix_fmt", "yuv444p"),
        "video/mp4",
        (160, 90),
    ),
    "no sound": (lambda: clip("mp4", "320x180", 1, sound=False), "video/mp4", (320, 180)),
    "pixels that are not square": (
        lambda: clip("mp4", "320x180", 0.2, 25, "-vf", "setsar=1/2"),
        "video/mp4",
        (160, 180),
    ),
}


@pytest.mark.parametrize("name", KINDS)
async def test_the_right_size_from_any_container(name: str) -> None:
    make, declared, size = KINDS[name]
    done, data, _ = await transcoded(make(), declared)
    assert (done.width, done.height) == size
    assert f"{size[0]}x{size[1]}" in described(data)


async def test_a_fast_video_is_made_no_faster_than_screens() -> None:
    _, data, _ = await transcoded(clip("mp4", "160x90", 1.5, 120))
    assert " 60 fps" in described(data)


def _behind(head: bytes, text: str) -> bytes:
    return head + b"\n" + text.encode()


MP4_HEAD = b"\0\0\0\x18ftypmp42\0\0\0\0isommp42"
CONCAT = "ffconcat version 1.0\nfile /etc/hostname\n"
PLAYLIST = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/hostname\n#EXT-X-ENDLIST\n"
WRONG: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "nothing": (lambda: b"", "video/mp4", "truncated"),
    "a photo": (lambda: encoded(photo(), "JPEG"), "video/mp4", "type_mismatch"),
    "a photo that says so": (lambda: encoded(photo(), "JPEG"), "image/jpeg", "unsupported_type"),
    "another container": (lambda: clip("mp4", "320x180", 1), "video/webm", "type_mismatch"),
    "cut off": (lambda: clip()[:-3000], "video/mp4", "truncated"),
    "cut off in the middle": (lambda: clip()[:20_000], "video/mp4", "truncated"),
    "webm cut off": (
        lambda: clip("webm", "320x180", 1, 25, *WEBM)[:-2000],
        "video/webm",
        "truncated",
    ),
    "noise": (lambda: MP4_HEAD + bytes(range(256)) * 40, "video/mp4", "truncated"),
    "ffconcat": (CONCAT.encode, "video/mp4", "unsupported_type"),
    "a playlist": (PLAYLIST.encode, "video/mp4", "unsupported_type"),
    "ffconcat behind a head": (lambda: _behind(MP4_HEAD, CONCAT), "video/mp4", "truncated"),
    "a playlist behind a head": (
        lambda: _behind(b"\x1aE\xdf\xa3", PLAYLIST),
        "video/webm",
        "decode_failed",
    ),
    "a codec that we don't take": (
        lambda: clip("mkv", "320x180", 0.2, 25, "-c:v", "ffv1"),
        "video/webm",
        "unsupported_codec",
    ),
    "sound only": (
        lambda: made("-f", "lavfi", "-i", "sine=duration=1"),
        "video/mp4",
        "decode_failed",
    ),
    "a dot": (lambda: clip("mp4", "8x8", 0.2, sound=False), "video/mp4", "decode_failed"),
    "too fast": (lambda: clip("mp4", "64x64", 2, 300), "video/mp4", "too_many_frames"),
}


@pytest.mark.parametrize("name", WRONG)
async def test_what_is_wrong_is_told(name: str) -> None:
    make, declared, code = WRONG[name]
    assert await refused(make(), declared) == code


async def test_bounds() -> None:
    assert await refused(clip("mp4", "64x64", 4, 5), video_duration_max_s=2) == "too_long"
    assert await refused(clip(), video_pixels_max=319 * 180) == "too_many_pixels"


async def test_a_list_of_files_opens_none_of_them(tmp_path: Path) -> None:
    """Should the first bytes ever not tell: the input may be read through its descriptor alone."""
    (tmp_path / "other.mp4").write_bytes(clip())
    listing = tmp_path / "list"
    listing.write_text(f"ffconcat version 1.0\nfile '{tmp_path}/other.mp4'\n")

    async def heard(piece: bytes) -> None:
        raise AssertionError(piece)

    ending = ("-c", "copy", "-f", "framecrc", "pipe:1")
    reading = video.reading(Media(), "concat")
    with listing.open("rb") as source, pytest.raises(MediaRejected):
        await ffmpeg.run(Media(), (*reading, *ending), source, heard)
    # Left to itself, ffmpeg opens the file.
    bare = [FFMPEG, "-v", "error", "-f", "concat", "-safe", "0", "-i", str(listing), *ending]
    opened_too = subprocess.run(bare, capture_output=True).stdout  # noqa: ASYNC221
    assert opened_too.count(b"\n") > 50


def _program(path: Path, script: str) -> str:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


async def test_it_is_confined_and_ended_in_time(tmp_path: Path) -> None:
    said = tmp_path / "said"
    report = f"(env; cat /proc/self/limits) > {said}; exec sleep 60"
    settings = replace(Media(), ffmpeg=_program(tmp_path / "slow", report), video_timeout_s=2)

    async def heard(piece: bytes) -> None:
        raise AssertionError(piece)

    with TemporaryFile() as source, pytest.raises(MediaRejected) as caught:
        await ffmpeg.run(settings, (), source, heard)
    assert caught.value.code == "time_limit"
    lines = said.read_text()
    assert "GLIMPSE" not in lines
    assert "HOME=" not in lines
    limits = {
        line[:26].strip(): line[26:].split()[0] for line in lines.splitlines() if "Max " in line
    }
    assert limits["Max address space"] == str(settings.video_memory_mb << 20)
    assert limits["Max cpu time"] == str(2 * ffmpeg.THREADS)
    assert limits["Max core file size"] == "0"
    assert int(limits["Max open files"]) < 64


async def test_what_is_not_the_videos_fault_is_not_blamed_on_it() -> None:
    with pytest.raises(SandboxBroken):
        await transcoded(clip(), settings=replace(Media(), ffmpeg="/no/such/ffmpeg"))
