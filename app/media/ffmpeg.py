"""Runs ffmpeg confined (`app.media.confine`), on open files: it is never told a name that it
could open something else by.

Input is descriptor 0 (`fd:`), which it may read from and seek in. What it makes goes to stdout,
or to `SINK`, the second file's descriptor.
"""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

import imageio_ffmpeg

from app.media import confine
from app.media.rejection import Code, MediaRejected
from app.media.sandbox import SandboxBroken
from app.settings import Media

Heard = Callable[[bytes], Awaitable[None]]
"""Gets what ffmpeg writes to stdout, piece by piece. Raising ends ffmpeg and comes through."""

SINK = "{sink}"
"""Among the arguments: stands for the name of the file to write."""

THREADS = min(8, os.cpu_count() or 1)
_SINK_BYTES_MAX = 1 << 30
_PIECE_BYTES = 65_536
_TAIL_BYTES = 8192
_LAUNCHER = confine.__file__

# What ffmpeg says, and what that means. The first that is found counts.
_REASONS: tuple[tuple[str, Code, str], ...] = (
    (
        "not on whitelist",
        "unsupported_codec",
        "Videos may be H.264, HEVC, VP8, VP9, AV1 or MPEG-4, with AAC, MP3, Opus or Vorbis sound.",
    ),
    ("Cannot allocate memory", "memory_limit", "This video needs too much memory."),
    ("max pixel count", "too_many_pixels", "The picture of this video is too large."),
    ("matches no streams", "decode_failed", "There is no picture in this file."),
    ("moov atom not found", "truncated", "The file ends before the video does."),
    ("corrupt input packet", "truncated", "The file ends before the video does."),
    ("ended prematurely", "truncated", "The file ends before the video does."),
)


def program(settings: Media) -> str:
    """The path of the ffmpeg that runs: the setting's, or the one that came with our wheels."""
    return settings.ffmpeg or str(imageio_ffmpeg.get_ffmpeg_exe())


async def run(
    settings: Media,
    arguments: tuple[str, ...],
    source: IO[bytes],
    heard: Heard,
    sink: IO[bytes] | None = None,
) -> None:
    """To the end, within the settings' time and memory. `source` is written out (flushed) and
    not read through Python, whose buffer would not know that its place moves.

    Raises MediaRejected with what the source is to blame for, SandboxBroken for the rest.
    """
    os.lseek(source.fileno(), 0, os.SEEK_SET)
    process = await _start(settings, arguments, source, sink)
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        async with asyncio.timeout(settings.video_timeout_s), asyncio.TaskGroup() as group:
            said = group.create_task(_tail(process.stderr))
            while piece := await process.stdout.read(_PIECE_BYTES):
                await heard(piece)
            code = await process.wait()
    except TimeoutError:
        raise MediaRejected("time_limit", "Processing this video took too long.") from None
    except BaseExceptionGroup as group_error:  # of `heard` alone: the tail does not raise
        raise group_error.exceptions[0] from None
    finally:
        await _end(process)
    _judge(code, said.result())


async def _start(
    settings: Media, arguments: tuple[str, ...], source: IO[bytes], sink: IO[bytes] | None
) -> Process:
    kept = [] if sink is None else [sink.fileno()]
    named = [f"/proc/self/fd/{kept[0]}" if text == SINK else text for text in arguments]
    limits = (
        os.getpid(),
        settings.video_memory_mb,
        settings.video_timeout_s * THREADS,
        _SINK_BYTES_MAX,
    )
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        "-S",
        _LAUNCHER,
        *map(str, limits),
        program(settings),
        *named,
        stdin=source.fileno(),
        stdout=PIPE,
        stderr=PIPE,
        pass_fds=kept,
        start_new_session=True,  # a Ctrl-C in the terminal is for us
        cwd=Path("/"),
        env={},  # nothing of ours: the parent's environment holds keys
    )


async def _tail(stream: asyncio.StreamReader) -> str:
    """The end of what it said; all is read, so that it never waits for us."""
    said = b""
    while piece := await stream.read(_PIECE_BYTES):
        said = (said + piece)[-_TAIL_BYTES:]
    return said.decode(errors="replace")


async def _end(process: Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _judge(code: int, said: str) -> None:
    """Raises for what went wrong, if anything did."""
    if said.startswith(confine.FAILED) or code == -signal.SIGTERM:
        raise SandboxBroken(said[:500] or f"ffmpeg was ended ({code})")
    if code == -signal.SIGXCPU:
        raise MediaRejected("time_limit", "Processing this video took too long.")
    if code == -signal.SIGXFSZ:
        raise MediaRejected("too_large", "This video would become too large.")
    if code == -signal.SIGKILL:  # not by us: the kernel had no memory left, or time was up
        raise MediaRejected("memory_limit", "This video needs too much memory.")
    for words, reason, message in _REASONS:
        # An end that came too early is an error to us even where ffmpeg carries on.
        if words in said and (code != 0 or reason == "truncated"):
            raise MediaRejected(reason, message)
    if code != 0:
        raise MediaRejected("decode_failed", "The file is damaged and cannot be read as a video.")
