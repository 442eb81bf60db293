"""The child process that touches untrusted bytes: `python -m app.media.sandbox_child`.

Jobs come in on stdin and answers go out on stdout (`app.media.frames`).

It starts without the parent's environment, gives up the network where the kernel lets it, and
then can open nothing at all: the limit of descriptors stands at the three it has. Memory is
bounded once, CPU time job by job; wall time is the parent's to watch.
"""

import ctypes
import fcntl
import os
import resource
import sys
from contextlib import suppress
from typing import Any

from app.media import imaging
from app.media.frames import frame_head, read_frame
from app.media.photo import Limits, Variant
from app.media.rejection import MediaRejected

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000


def _widen_pipes() -> None:
    # 64 KiB a pipe would wake both sides forty times for one photo.
    for pipe in (0, 1):
        with suppress(OSError):  # refused above the user's quota: then slower, not wrong
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 1 << 20)


def _leave_the_network() -> None:
    # Refused in many containers; the descriptor limit below is what always holds.
    ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWUSER | _CLONE_NEWNET)


def _confine(memory_mb: int) -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_mb << 20, memory_mb << 20))
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))


def _allow_cpu(seconds: int) -> None:
    """Lets the kernel end this process `seconds` of CPU time from now (SIGXCPU)."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    until = int(used.ru_utime + used.ru_stime) + 1 + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))


def _variant_head(variant: Variant) -> dict[str, Any]:
    return {
        "name": variant.name,
        "width": variant.width,
        "height": variant.height,
        "format": variant.format,
        "bytes": len(variant.data),
    }


def _answer(head: dict[str, Any], body: bytes) -> tuple[dict[str, Any], tuple[bytes, ...]]:
    limits = Limits(**head["limits"])
    if head["op"] == "resize":
        variant = imaging.resize(body, head["type"], head["width"], head["format"], limits)
        facts: dict[str, Any] = {"variants": [_variant_head(variant)]}
        return facts, (variant.data,)
    done = imaging.process(body, head["type"], limits)
    facts = {
        "width": done.width,
        "height": done.height,
        "thumbhash": done.thumbhash,
        "variants": [_variant_head(variant) for variant in done.variants],
    }
    return facts, tuple(variant.data for variant in done.variants)


def main() -> None:
    """Serves jobs until stdin ends. A job that ran out of memory is the last one."""
    _widen_pipes()
    _leave_the_network()
    os.nice(5)  # photos may wait a little; requests on the same machine may not
    _confine(memory_mb=int(sys.argv[1]))
    jobs, answers = sys.stdin.buffer, sys.stdout.buffer
    while (frame := read_frame(jobs)) is not None:
        head, body = frame
        _allow_cpu(head["cpu_s"])
        exhausted = False
        try:
            facts, parts = _answer(head, body)
            facts |= {"ok": True, "bytes": sum(map(len, parts))}
        except (MediaRejected, MemoryError) as error:
            if isinstance(error, MemoryError):
                error = MediaRejected("memory_limit", "This picture needs too much memory.")
            exhausted = error.code == "memory_limit"
            facts = {"ok": False, "code": error.code, "message": error.message, "bytes": 0}
            parts = ()
        answers.write(frame_head(facts))
        for part in parts:
            answers.write(part)
        answers.flush()
        if exhausted:
            return
        del frame, body, parts


if __name__ == "__main__":
    main()
