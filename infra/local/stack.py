"""The whole stack: start in order, supervise, stop in the reverse order."""

import asyncio
import os
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from infra.local import hold, secrets
from infra.local.caddyfile import Listen
from infra.local.identity import end_all, identify
from infra.local.layout import CHECKOUT, Layout, layout_of
from infra.local.logs import Log
from infra.local.ports import PortBook, public_port
from infra.local.process import Process, Service
from infra.local.services import ROLES, Plan, plan
from infra.local.state import StackState, read_state, take_lock, write_state

START_TIMEOUT_S = 120
PREPARE_TIMEOUT_S = 60
CRASHES_MAX = 4
"""A process that ended this often before it was ever ready will not get better by itself."""
LEFTOVER_GRACE_S = 5.0


class StartError(RuntimeError):
    """The stack did not come up; the message says which part, and what it printed last."""


@dataclass(frozen=True, slots=True)
class Options:
    """What to start, and where."""

    data: Path | None = None
    """The folder for data, logs and state; None: `.glimpse` in the checkout."""
    port: int = 0
    """The public port; 0 chooses a free one."""
    lan: bool = False
    """Whether the public port is open to the network, not only to this machine."""
    only: frozenset[str] = frozenset(ROLES)
    console: bool = False
    """Whether the processes' lines are printed besides being written to their files."""


class Stack:
    """`async with Stack(options) as stack`: everything is ready inside, and stopped after.

    Raises AlreadyRunningError, PortTakenError, BinaryMissingError or StartError on entry.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.layout: Layout = layout_of(options.data)
        self.url = ""
        self.environment: dict[str, str] = {}
        """The GLIMPSE_* variables with which a process joins this stack."""
        self.processes: list[Process] = []
        self.failure = ""
        self._tiers: list[list[Process]] = []
        self._tasks: dict[Process, asyncio.Task[None]] = {}
        self._ports = PortBook({})
        self._ready = False
        self._listening = False

    async def __aenter__(self) -> Self:
        self.layout.make()
        self._lock = take_lock(self.layout.lock)
        try:
            before = read_state(self.layout)
            self._clean(before)
            planned = self._plan(before)
            await self._start(planned)
        except BaseException as error:
            self.failure = str(error)
            await self.stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Stop tier by tier: who takes requests first, who holds data last."""
        self._ready = False
        for tier in reversed(self._tiers):
            for process in tier:
                process.stop()
            await asyncio.gather(*(self._tasks[process] for process in tier))
        self._tiers.clear()
        self._write()
        self._lock.close()

    def _clean(self, before: StackState) -> None:
        """End what a killed supervisor left behind; only processes that are exactly those."""
        names = {row.identity: row.name for row in before.processes if row.identity}
        for who in end_all(names, LEFTOVER_GRACE_S):
            print(f"ended {names[who]} ({who.pid}), left by a supervisor that was killed")
        hold.release_all(self.layout)

    def _plan(self, before: StackState) -> Plan:
        options = self.options
        self._ports = PortBook(before.ports)
        listen = Listen(port=0, lan=options.lan)
        if "proxy" in options.only:
            port = public_port(options.port, listen.host)
            listen = Listen(port=port, lan=options.lan)
            self._ports.taken["proxy"] = port
            self.url = f"http://localhost:{port}"
        made = secrets.load_or_make(self.layout)
        planned = plan(self.layout, self._ports, made, options.only, listen)
        self.environment = planned.environment
        return planned

    async def _start(self, planned: Plan) -> None:
        tiers = [(tier, [self._process(service) for service in tier]) for tier in planned.tiers]
        self.processes = [process for _, tier in tiers for process in tier]
        for services, tier in tiers:
            if services is planned.edges and planned.needs_preparing:
                await self._prepare()
            self._tiers.append(tier)
            for process in tier:
                self._tasks[process] = asyncio.create_task(process.run(), name=process.service.name)
            await self._until_ready(tier)
        self._ready = True
        self._write()

    def _process(self, service: Service) -> Process:
        log = Log(service.name, self.layout.log(service.name), self.options.console)
        return Process(service, log, self._write, lambda: hold.is_held(self.layout, service.name))

    async def _until_ready(self, tier: list[Process]) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        for process in tier:
            while not process.is_ready.is_set():
                late = time.monotonic() > deadline
                failed = next((p for p in tier if p.restarts >= CRASHES_MAX), None)
                if failed or late:
                    raise StartError(self._why(failed or process, late))
                with suppress(TimeoutError):
                    await asyncio.wait_for(process.is_ready.wait(), 0.2)

    def _why(self, process: Process, late: bool) -> str:
        name = process.service.name
        what = f"was not ready after {START_TIMEOUT_S} s" if late else "ends as soon as it starts"
        return f"{name} {what}; the end of {self.layout.log(name)}:\n{_tail(self.layout.log(name))}"

    async def _prepare(self) -> None:
        """Collections, indexes, bucket: the product makes them, in a process of its own."""
        log = Log("prepare", self.layout.log("prepare"), self.options.console)
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "infra.local.prepare"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, **self.environment},
            cwd=CHECKOUT,
        )
        try:
            output, _ = await asyncio.wait_for(child.communicate(), PREPARE_TIMEOUT_S)
        except BaseException:
            child.kill()
            raise
        log.feed(output)
        log.close()
        if child.returncode != 0:
            path = self.layout.log("prepare")
            raise StartError(f"preparing the stores failed; the end of {path}:\n{_tail(path)}")

    def _write(self) -> None:
        write_state(
            self.layout,
            StackState(
                supervisor=identify(os.getpid()),
                url=self.url,
                ready=self._ready,
                failure=self.failure,
                ports=self._ports.taken,
                environment=self.environment,
                processes=tuple(process.row for process in self.processes),
            ),
        )


def _tail(path: Path, lines: int = 12) -> str:
    try:
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return "(it printed nothing)"
