"""A pool of warm child processes that process pictures under memory, CPU and wall limits.

    async with ImageSandbox(settings.media) as sandbox:
        photo = await sandbox.process(path, "image/jpeg")

A child that crashes, hangs or runs out is killed and replaced; the caller gets MediaRejected
with the reason, never another child's damage.
"""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

from app.media.frames import HEAD_BYTES_MAX, frame_head
from app.media.photo import Format, Limits, Processed, Variant
from app.media.rejection import MediaRejected
from app.settings import Media

_JOBS_MAX = 500  # a child's life: bounds what a leaking decoder can pile up
_BODY_BYTES_MAX = 64 * 1024 * 1024  # all variants of the largest photo stay far below
_START_TIMEOUT_S = 20
_DEATH_TIMEOUT_S = 2
_READ_BUFFER_BYTES = 1 << 20

# Buffers of a few MB come and go: keeping them instead of returning each to the kernel saves
# its page faults, some 5 % of an image. One arena, so that address space stays what is used.
_MEMORY_REUSE = {
    "MALLOC_ARENA_MAX": "1",
    "MALLOC_MMAP_THRESHOLD_": str(64 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(64 << 20),
    "PILLOW_BLOCKS_MAX": "8",
}


class SandboxBusy(Exception):
    """So many pictures wait already that another would only time out: ask again later."""


class SandboxBroken(RuntimeError):
    """The child failed for a reason that is ours, not the picture's: repair and try again."""


class _Child:
    """One process and how many jobs it has done."""

    def __init__(
        self, process: Process, stdin: asyncio.StreamWriter, stdout: asyncio.StreamReader
    ) -> None:
        self.process = process
        self.jobs = 0
        self._stdin = stdin
        self._stdout = stdout

    @classmethod
    async def start(cls, memory_mb: int) -> "_Child":
        root = str(Path(__file__).parents[2])
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "app.media.sandbox_child",
            str(memory_mb),
            stdin=PIPE,
            stdout=PIPE,
            limit=_READ_BUFFER_BYTES,
            # A Ctrl-C in the terminal is for us: a draining worker lets its pictures finish.
            start_new_session=True,
            cwd=root,
            # Nothing of ours: the parent's environment holds keys.
            env={"PYTHONPATH": root, "PYTHONDONTWRITEBYTECODE": "1", **_MEMORY_REUSE},
        )
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("pipes were asked for")
        return cls(process, process.stdin, process.stdout)

    async def ask(self, head: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        """Sends one job and reads its answer; EOFError or ConnectionError: the child died."""
        stdin, stdout = self._stdin, self._stdout
        self.jobs += 1
        stdin.writelines((frame_head({**head, "bytes": len(body)}), body))
        await stdin.drain()
        size = int.from_bytes(await stdout.readexactly(4), "big")
        if size > HEAD_BYTES_MAX:
            raise EOFError("answer out of bounds")
        answer: dict[str, Any] = orjson.loads(await stdout.readexactly(size))
        if not 0 <= answer["bytes"] <= _BODY_BYTES_MAX:
            raise EOFError("answer out of bounds")
        return answer, await stdout.readexactly(answer["bytes"])

    async def death(self) -> int:
        """The return code of a process that ended by itself."""
        with suppress(TimeoutError):
            # Not killed at once: `kill` would take the exit status away from `wait`.
            async with asyncio.timeout(_DEATH_TIMEOUT_S):
                return await self.process.wait()
        await self.end()
        return -1

    async def end(self) -> None:
        """Kills the process if it still runs."""
        if self.process.returncode is None:
            with suppress(ProcessLookupError):
                self.process.kill()
        await self.process.wait()
        self._stdin.close()


class ImageSandbox:
    """At most `children` pictures at a time, `waiting_max` in line; children start on demand."""

    def __init__(self, settings: Media, *, children: int = 2, waiting_max: int = 64) -> None:
        self._limits = asdict(
            Limits(bytes_max=settings.image_bytes_max, pixels_max=settings.image_pixels_max)
        )
        self._timeout_s = settings.image_timeout_s
        self._memory_mb = settings.image_memory_mb
        self._slots = asyncio.Semaphore(children)
        self._waiting = 0
        self._waiting_max = waiting_max
        self._idle: list[_Child] = []
        self._busy: set[_Child] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for child in (*self._idle, *self._busy):
            await child.end()
        self._idle.clear()
        self._busy.clear()

    @property
    def pids(self) -> list[int]:
        """Process ids of the living children."""
        return [child.process.pid for child in (*self._idle, *self._busy)]

    async def process(self, source: Path | bytes, declared_type: str) -> Processed:
        """All variants of an upload; raises MediaRejected, or SandboxBusy."""
        answer, body = await self._run({"op": "process", "type": declared_type}, source)
        return Processed(
            answer["width"], answer["height"], answer["thumbhash"], _variants(answer, body)
        )

    async def resize(
        self, source: Path | bytes, declared_type: str, width: int, kind: Format
    ) -> Variant:
        """One picture `width` pixels wide, never wider than the source; errors as `process`."""
        head = {"op": "resize", "type": declared_type, "width": width, "format": kind}
        answer, body = await self._run(head, source)
        return _variants(answer, body)[0]

    async def _run(
        self, head: dict[str, Any], source: Path | bytes
    ) -> tuple[dict[str, Any], bytes]:
        if self._waiting >= self._waiting_max:
            raise SandboxBusy(f"{self._waiting} pictures are waiting")
        self._waiting += 1
        try:
            await self._slots.acquire()
        finally:
            self._waiting -= 1
        try:
            # Read only once it is our turn, so that waiting costs no memory.
            data = source if isinstance(source, bytes) else await self._read(source)
            answer, body = await self._ask(
                {**head, "cpu_s": self._timeout_s, "limits": self._limits}, data
            )
        finally:
            self._slots.release()
        if not answer["ok"]:
            raise MediaRejected(answer["code"], answer["message"])
        return answer, body

    async def _read(self, path: Path) -> bytes:
        def read() -> bytes:
            with path.open("rb") as file:
                # One byte over the limit is enough for the child to refuse it.
                return file.read(self._limits["bytes_max"] + 1)

        return await asyncio.to_thread(read)

    async def _ask(self, head: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
        child = self._idle.pop() if self._idle else await _Child.start(self._memory_mb)
        self._busy.add(child)
        allowed_s = self._timeout_s + (_START_TIMEOUT_S if child.jobs == 0 else 0)
        try:
            async with asyncio.timeout(allowed_s):
                answer, body = await child.ask(head, data)
        except TimeoutError:
            raise MediaRejected("time_limit", "Processing this picture took too long.") from None
        except (EOFError, ConnectionError, orjson.JSONDecodeError, KeyError, TypeError):
            raise _verdict(await child.death()) from None
        else:
            if answer.get("code") != "memory_limit" and child.jobs < _JOBS_MAX:
                self._idle.append(child)
            return answer, body
        finally:  # also when the caller was cancelled: a child with half a job is no use
            self._busy.discard(child)
            if child not in self._idle:
                await child.end()


_CRASHES = {signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL}


def _verdict(code: int) -> MediaRejected | SandboxBroken:
    """Why a child ended in the middle of a job, from its return code."""
    if code == -signal.SIGXCPU:
        return MediaRejected("time_limit", "Processing this picture took too long.")
    if code == -signal.SIGKILL:  # not by us: the kernel had no memory left
        return MediaRejected("memory_limit", "This picture needs too much memory.")
    if -code in _CRASHES:
        return MediaRejected(
            "decode_failed", "The file is damaged and cannot be read as a picture."
        )
    return SandboxBroken(f"the image child ended with code {code}")


def _variants(answer: dict[str, Any], body: bytes) -> tuple[Variant, ...]:
    found, at = [], 0
    for facts in answer["variants"]:
        end = at + facts["bytes"]
        found.append(
            Variant(facts["name"], facts["width"], facts["height"], facts["format"], body[at:end])
        )
        at = end
    return tuple(found)
