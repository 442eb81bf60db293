"""Work that one process at a time does: under a lease, with others standing by."""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from app.bus import BusFenced
from app.ending import end
from app.lease import Lease, LeaseLost
from app.resources import Resources
from workers.metrics import Gauge

log = logging.getLogger(__name__)
LEADING = Gauge("glimpse_worker_leading", "1 in the process that holds the role's lease.")

Work = Callable[[Lease], Sequence[Coroutine[Any, Any, None]]]
"""The loops to run side by side, for one term of the lease."""


async def lead(resources: Resources, name: str, stop: asyncio.Event, work: Work) -> None:
    """Run `work` whenever the lease is this process's, until `stop`. Losing it ends the loops
    and stands by again; any other end of a loop is raised."""
    lease = Lease(resources.mongo, name)
    LEADING.set(0, role=name)
    while await lease.wait(stop):
        LEADING.set(1, role=name)
        tasks = [asyncio.ensure_future(part) for part in (*work(lease), lease.hold(), stop.wait())]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            LEADING.set(0, role=name)
            await end(tasks)
            results = await asyncio.gather(*tasks, return_exceptions=True)
            await lease.release()
        for error in results:
            if isinstance(error, LeaseLost | BusFenced):
                log.warning("%s: another may lead now: %r", name, error)
            elif isinstance(error, Exception):
                raise error
