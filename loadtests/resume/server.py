"""A server process of a trial: started, terminated, killed, and started again."""

import asyncio
import os
import signal
from collections.abc import Sequence
from contextlib import suppress

import httpx

from infra.local.process import leashed
from loadtests.stage import CHECKOUT

START_S = 40.0
END_S = 20.0


class ServerProcess:
    """`command` must answer `/healthz` on `port`; it ends with this process in any case."""

    def __init__(self, command: Sequence[str], environment: dict[str, str], port: int) -> None:
        self._command = leashed(tuple(command))
        self._environment = environment
        self._child: asyncio.subprocess.Process | None = None
        self.port = port

    @property
    def runs(self) -> bool:
        return self._child is not None and self._child.returncode is None

    async def start(self) -> None:
        """Until it is ready."""
        self._child = await asyncio.create_subprocess_exec(
            *self._command, cwd=CHECKOUT, env={**os.environ, **self._environment}
        )
        async with httpx.AsyncClient() as http, asyncio.timeout(START_S):
            while self.runs:
                with suppress(httpx.TransportError):
                    answer = await http.get(f"http://127.0.0.1:{self.port}/healthz")
                    if answer.status_code == 200:
                        return
                await asyncio.sleep(0.05)
        raise RuntimeError(f"{self._command!r} did not start")

    async def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Until it has ended."""
        if self._child is None:
            return
        with suppress(ProcessLookupError):
            self._child.send_signal(number)
        try:
            await asyncio.wait_for(self._child.wait(), END_S)
        except TimeoutError:
            self._child.kill()
            await self._child.wait()
            raise
