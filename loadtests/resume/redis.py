"""The Redis of a private stack, killed and started again by its supervisor."""

import asyncio
from collections.abc import Awaitable, Callable

from infra.local import hold
from infra.local.layout import Layout
from infra.local.state import ProcessRow, read_state

_BACK_S = 60.0


def restarter(layout: Layout) -> Callable[[], Awaitable[None]]:
    """SIGKILL, and a wait until the successor answers."""

    async def restart() -> None:
        before = _row(layout).identity
        hold.hold(layout, "redis")
        hold.release(layout, "redis")
        async with asyncio.timeout(_BACK_S):
            while True:
                row = _row(layout)
                if row.identity not in (None, before) and row.state == "running":
                    return
                await asyncio.sleep(0.02)

    return restart


def _row(layout: Layout) -> ProcessRow:
    return next(row for row in read_state(layout).processes if row.name == "redis")
