"""A whole Glimpse to break, and the experiment around each fault."""

import asyncio
import os
import re
import secrets
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
import pytest

from app.resources import Resources, open_resources
from app.settings import load_settings
from infra.local import hold
from infra.local.state import ProcessRow, read_state
from tests.faults.invariants import settle, violations
from tests.faults.load import Load
from tests.fixtures.full_stack import CHEAP_PASSWORDS, UNLIMITED, FullStack, full_stack

BACK_S = 60.0


@dataclass
class Lab:
    stack: FullStack
    resources: Resources
    seed: int
    long: bool

    def rows(self, role: str) -> list[ProcessRow]:
        return [row for row in read_state(self.stack.layout).processes if row.role == role]

    async def kill(self, role: str, which: int = 0) -> None:
        """SIGKILL one process of the role; the supervisor starts it again. It is stopped for a
        moment before, so that it dies with work in hand: what it waited for has been given to
        it, and what it is asked has not been answered."""
        rows = self.rows(role)
        row = rows[which % len(rows)]
        if row.identity is not None:
            os.killpg(row.identity.pid, signal.SIGSTOP)
            await asyncio.sleep(0.5)
            os.killpg(row.identity.pid, signal.SIGKILL)

    def restarts(self) -> int:
        return sum(row.restarts for row in read_state(self.stack.layout).processes)

    def hold(self, name: str) -> None:
        hold.hold(self.stack.layout, name)

    def release(self, name: str) -> None:
        hold.release(self.stack.layout, name)

    async def _audited(self) -> list[str]:
        """What the gateway nodes that run now have counted against themselves."""
        wrong = []
        async with httpx.AsyncClient() as http:
            for row in self.rows("gateway"):
                answer = await http.get(f"http://127.0.0.1:{row.port}/metrics")
                counted = re.findall(
                    r"^glimpse_(events_(?:lost|duplicated))\S* (\d+)", answer.text, re.M
                )
                assert len(counted) == 2, answer.text
                wrong += [f"{row.name}: {name} {n}" for name, n in counted if n != "0"]
        return wrong

    async def all_back(self) -> None:
        deadline = time.monotonic() + BACK_S
        while not read_state(self.stack.layout).all_running:
            assert time.monotonic() < deadline, "not all processes came back"
            await asyncio.sleep(0.05)

    async def run(self, fault: Callable[[Load], Awaitable[None]], name: str) -> list[str]:
        """Load, the fault in the midst of it, a moment more of load, quiet: what is wrong."""
        load = Load(self.stack.url, self.seed)
        before = self.restarts()
        try:
            async with load:
                await asyncio.sleep(2.0)
                await fault(load)
                await self.all_back()
                await asyncio.sleep(2.0)
            took_s = await settle(self.resources, load)
            found = await violations(self.resources, load) + await self._audited()
            restarts = self.restarts() - before
            acts = ", ".join(f"{n} {what}" for what, n in sorted(load.ledger.acts.items()))
            print(
                f"\n{name} (seed {self.seed}): {acts}; repeated after {dict(load.ledger.refusals)};"
                f" {sum(r.resumes for r in load.readers)} resumes,"
                f" {sum(len(r.resyncs) for r in load.readers)} resyncs,"
                f" {restarts} processes started again; quiet after {took_s:.1f} s"
            )
            return found
        finally:
            await load.close()


@pytest.fixture(scope="package")
def broken_stack() -> Iterator[FullStack]:
    with full_stack(UNLIMITED | CHEAP_PASSWORDS) as stack:
        yield stack


@asynccontextmanager
async def _lab(stack: FullStack, config: pytest.Config) -> AsyncIterator[Lab]:
    seed = config.getoption("--fault-seed")
    settings = load_settings(stack.environment)
    async with open_resources(settings) as resources:
        yield Lab(
            stack,
            resources,
            secrets.randbelow(1_000_000) if seed is None else seed,
            bool(config.getoption("--long")),
        )


@pytest.fixture
async def lab(broken_stack: FullStack, request: pytest.FixtureRequest) -> AsyncIterator[Lab]:
    async with _lab(broken_stack, request.config) as opened:
        yield opened
