"""Which process a pid means: a pid alone may belong to a stranger by the time it is read."""

import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Identity:
    """A process for certain: its pid, and when it was started since which boot.

    Not its command line, which some programs rewrite (Redis does).
    """

    pid: int
    started: int
    """Clock ticks since boot, field 22 of /proc/PID/stat."""
    boot: str


def started_at(pid: int) -> int | None:
    """When the kernel started `pid`; None when there is no such process or it is a zombie."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    # The command name stands in parentheses and may hold anything, so count from the last one.
    fields = text.rpartition(")")[2].split()
    return None if fields[0] in ("Z", "X") else int(fields[19])


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def identify(pid: int) -> Identity:
    """The identity of a process that was just started."""
    return Identity(pid, started_at(pid) or 0, _boot())


def is_alive(who: Identity) -> bool:
    """Whether exactly this process still runs."""
    return started_at(who.pid) == who.started and _boot() == who.boot


def signal_group(pid: int, number: signal.Signals) -> None:
    """Signal a child of ours and what it started: each child leads a group of its own."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def end_all(leftovers: Iterable[Identity], grace_s: float) -> list[Identity]:
    """End the processes that are exactly these; SIGTERM, then SIGKILL. Returns those found."""
    found = [who for who in leftovers if is_alive(who)]
    for who in found:
        signal_group(who.pid, signal.SIGTERM)
    deadline = time.monotonic() + grace_s
    while time.monotonic() < deadline and any(is_alive(who) for who in found):
        time.sleep(0.02)
    for who in found:
        if is_alive(who):
            signal_group(who.pid, signal.SIGKILL)
    while any(is_alive(who) for who in found):
        time.sleep(0.02)
    return found
