"""A server under measurement: processes on one core, what they use, and how they are ended."""

import contextlib
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.local.process import leashed
from loadtests.crowd import cpu_s, pss_kib
from loadtests.peers.client import Publisher, Talk

_START_S = 30
_END_S = 8


@dataclass(frozen=True, slots=True)
class Running:
    """A server that takes connections."""

    pid: int
    port: int
    talk: Talk
    publisher: Publisher | None
    back_port: int = 0
    """Where those who were dropped come back, when that is another node."""
    back_pid: int = 0
    tokens: Sequence[str] = ()
    send_all: Callable[[int], None] | None = None
    """So many durable messages to everyone; None: the publisher's."""
    queries: Callable[[], int] | None = None
    """Operations the database has run so far."""

    def cpu_s(self) -> float:
        return sum(cpu_s(pid) for pid in family(self.pid))

    def pss_kib(self) -> int:
        return sum(pss_kib(pid) for pid in family(self.pid))


@dataclass(frozen=True, slots=True)
class Target:
    """A column of the table."""

    name: str
    version: Callable[[], str]
    """Installs it, if need be. Raises Absent."""
    start: Callable[[bool], contextlib.AbstractContextManager[Running]]
    """True: for the storm, with the means to resume and, where there can be, a second node."""
    heartbeat_s: int = 0
    """How often it asks an idle client whether it lives; 0: never, as it comes."""


def family(pid: int) -> list[int]:
    """The process and those it has started, which live."""
    found = [pid]
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found += family(int(child))
    return found


@contextmanager
def spawned(
    core: int,
    command: Sequence[str],
    port: int,
    log: Path,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Iterator[int]:
    """`command` on that core, once something listens on `port`; its pid. It ends with the
    block, or with this process, however that ends."""
    with log.open("ab") as output:
        child = subprocess.Popen(
            leashed(("taskset", "-c", str(core), *command)),
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(child, port, log)
        yield child.pid
    finally:
        child.terminate()
        try:
            child.wait(_END_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _wait(child: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline and child.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    last = log.read_text(errors="replace").strip().rpartition("\n")[2]
    raise RuntimeError(f"it did not start: {last}")
