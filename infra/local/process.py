"""One supervised process: started, probed until ready, restarted with backoff, stopped."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from infra.local.child import Child
from infra.local.identity import Identity, identify, signal_group
from infra.local.logs import Log
from infra.local.state import ProcessRow, ProcessState

Probe = Callable[[], Awaitable[bool]]
"""Answers whether the service can do its work now; an OSError counts as no."""

BACKOFF_FIRST_S = 0.1
BACKOFF_MAX_S = 5.0
HEALTHY_S = 10.0
"""Alive this long, a process has earned a quick restart again."""
PROBE_INTERVAL_S = 0.05

_LEASH = str(Path(__file__).with_name("leash.py"))


def leashed(command: tuple[str, ...]) -> tuple[str, ...]:
    """The command line that runs `command` as a child that ends with this process."""
    leash = (sys.executable, "-I", "-S", _LEASH)
    return (*leash, str(os.getpid()), str(int(signal.SIGTERM)), *command)


@dataclass(frozen=True, slots=True)
class Service:
    """What to run and how to know that it is ready."""

    role: str
    name: str
    command: tuple[str, ...]
    ready: Probe
    port: int | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    grace_s: float = 10.0
    """SIGKILL this long after SIGTERM."""
    folder: Path | None = None
    """Working folder; None: the supervisor's."""
    leftovers: tuple[Path, ...] = ()
    """Files it leaves behind outside its folders: removed when it has ended."""


class Process:
    """Keeps one service alive until `stop`. Not started before `run` is a running task."""

    def __init__(
        self,
        service: Service,
        log: Log,
        changed: Callable[[], None] = lambda: None,
        is_held: Callable[[], bool] = lambda: False,
    ) -> None:
        self.service = service
        self._is_held = is_held
        self.state: ProcessState = "stopped"
        self.restarts = 0
        self.identity: Identity | None = None
        self.is_ready = asyncio.Event()
        self._log = log
        self._changed = changed
        self._stopping = asyncio.Event()

    @property
    def row(self) -> ProcessRow:
        pid = self.identity.pid if self.identity else None
        return ProcessRow(
            role=self.service.role,
            name=self.service.name,
            pid=pid,
            state=self.state,
            restarts=self.restarts,
            port=self.service.port,
            identity=self.identity,
        )

    async def run(self) -> None:
        """Start, and start again whenever it ends, until `stop`."""
        backoff_s = BACKOFF_FIRST_S
        try:
            while not self._stopping.is_set():
                began = time.monotonic()
                ending = await self._live()
                if self._stopping.is_set():
                    break
                if time.monotonic() - began >= HEALTHY_S:
                    backoff_s = BACKOFF_FIRST_S
                self._note(f"ended ({ending}); starting again in {backoff_s:.1f} s")
                self._enter("backoff")
                if await self._stopped_within(backoff_s):
                    break
                backoff_s = min(backoff_s * 2, BACKOFF_MAX_S)
                self.restarts += 1
        finally:
            # Also when this task is cancelled: no child outlives its supervisor.
            if self.identity is not None:
                signal_group(self.identity.pid, signal.SIGKILL)
            self.identity = None
            for path in self.service.leftovers:
                path.unlink(missing_ok=True)
            self._enter("stopped")
            self._log.close()

    def stop(self) -> None:
        """Ask for the end: SIGTERM, and SIGKILL after the grace; `run` returns when it is over."""
        self._stopping.set()

    async def _live(self) -> str:
        """One life of the process; returns how it ended."""
        service = self.service
        self._enter("starting")
        environment = {**os.environ, **service.environment}
        try:
            child = Child(leashed(service.command), environment, service.folder, self._log.feed)
        except OSError as error:
            return f"did not start: {error}"
        self.identity = identify(child.pid)
        self._changed()
        probing = asyncio.create_task(self._probe())
        try:
            code = await self._until_ended(child)
        finally:
            # What it started must not go on beside its successor.
            signal_group(child.pid, signal.SIGKILL)
            probing.cancel()
            child.close()
            self.identity = None
            self.is_ready.clear()
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    async def _until_ended(self, child: Child) -> int:
        ended = asyncio.ensure_future(child.wait())
        stopping = asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({ended, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                # Only the process itself: it winds down what it started in its own order.
                child.send(signal.SIGTERM)
                await asyncio.wait({ended}, timeout=self.service.grace_s)
            if not ended.done():
                signal_group(child.pid, signal.SIGKILL)
            return await ended
        finally:
            stopping.cancel()
            ended.cancel()

    async def _probe(self) -> None:
        while True:
            try:
                if await self.service.ready():
                    break
            except (OSError, TimeoutError):
                pass
            await asyncio.sleep(PROBE_INTERVAL_S)
        self.is_ready.set()
        self._enter("running")

    def _note(self, text: str) -> None:
        self._log.line(f"-- {self.service.name} {text}".encode())

    def _enter(self, state: ProcessState) -> None:
        self.state = state
        self._changed()

    async def _stopped_within(self, seconds: float) -> bool:
        """Wait out the backoff, and longer while it is held; true when `stop` came first."""
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), seconds)
            if self._stopping.is_set() or not self._is_held():
                return self._stopping.is_set()
            seconds = PROBE_INTERVAL_S
