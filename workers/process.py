"""One worker process: resources, signals, the monitor port, and the role's tasks.

SIGTERM and SIGINT drain and exit with 0. A task that dies by itself ends the process with
an error, and the supervisor starts it again.
"""

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable
from contextlib import AsyncExitStack

from app import faults
from app.ending import end
from app.resources import Resources, open_resources
from app.settings import Settings
from workers import metrics
from workers.runtime import Role, Worker

log = logging.getLogger(__name__)


async def run_role(role: Role, settings: Settings, host: str, port: int) -> None:
    """Serve `role` until a signal; `port` answers `/healthz`, `/readyz` and `/metrics`."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    opened: list[Resources] = []

    async def readiness() -> dict[str, str]:
        if not opened:
            return {"resources": "not open yet"}
        return await faults.probe(opened[0])

    server = await metrics.serve(host, port, readiness)
    async with AsyncExitStack() as stack, server:
        resources = await _open(stack, settings, stop)
        if resources is None:
            return
        opened.append(resources)
        try:
            await serve(role, resources, stop)
        except Exception:
            # A bug. Nothing is cleaned up that a kill would not leave behind as well, and the
            # supervisor starts this role again.
            log.critical("%s died", role.name, exc_info=True)
            logging.shutdown()
            os._exit(1)


async def _open(stack: AsyncExitStack, settings: Settings, stop: asyncio.Event) -> Resources | None:
    """The resources, however long MongoDB stays away; None when told to stop meanwhile."""
    pause = 0.2
    while not stop.is_set():
        try:
            return await stack.enter_async_context(open_resources(settings))
        except Exception as error:
            if not faults.is_outage(error):
                raise
            log.warning("waiting for the stores: %r", error)
            await asyncio.sleep(pause)
            pause = min(pause * 2, 3.0)
    return None


async def serve(role: Role, resources: Resources, stop: asyncio.Event) -> None:
    """Run the role's worker and loops until `stop`; the first that dies takes all with it."""
    loops = [_to_the_end(loop(resources, stop), stop) for loop in role.background]
    if role.reads:
        loops.append(Worker(role, resources).run(stop))
    tasks = [asyncio.create_task(loop) for loop in loops]
    log.info("%s serves", role.name)
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        await end(tasks)
    for task in tasks:
        if not task.cancelled():
            task.result()


async def _to_the_end(work: Awaitable[None], stop: asyncio.Event) -> None:
    await work
    if not stop.is_set():
        raise RuntimeError("a background loop ended by itself")
