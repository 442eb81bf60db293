"""Whether the stores serve: the first outage closes a gate, a probe opens it again."""

import asyncio
import logging
import random
from typing import TYPE_CHECKING

from app import faults
from app.ending import end
from workers.metrics import Counter

if TYPE_CHECKING:
    from app.resources import Resources

log = logging.getLogger(__name__)
OUTAGES = Counter("glimpse_worker_outages_total", "Pauses because a store was away.")
_PAUSE_FIRST_S, _PAUSE_MAX_S = 0.1, 2.0


class Weather:
    """One for a process's role. Whoever meets an outage reports it and waits, with all others,
    until MongoDB and Redis can be written again."""

    def __init__(self, resources: "Resources", role: str) -> None:
        self._resources = resources
        self._role = role
        self._fair = asyncio.Event()
        self._fair.set()
        self._prober: asyncio.Task[None] | None = None

    @property
    def fair(self) -> bool:
        return self._fair.is_set()

    async def wait(self) -> None:
        await self._fair.wait()

    def report(self, error: BaseException) -> None:
        """An outage was met."""
        if not self._fair.is_set():
            return
        OUTAGES.add(role=self._role)
        log.warning("%s pauses: %r", self._role, error)
        self._fair.clear()
        self._prober = asyncio.create_task(self._probe(), name=f"{self._role} probe")

    async def _probe(self) -> None:
        pause = _PAUSE_FIRST_S
        while await faults.probe(self._resources):
            await asyncio.sleep(pause * random.uniform(0.5, 1))
            pause = min(pause * 2, _PAUSE_MAX_S)
        self._fair.set()

    async def close(self) -> None:
        if self._prober:
            await end([self._prober])
