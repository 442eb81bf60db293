"""The Redis of a private stack: killed, started again, and made to lose its newest writes."""

import asyncio
import os
from pathlib import Path

from redis.asyncio import Redis

from infra.local import hold
from infra.local.layout import Layout
from infra.local.state import ProcessRow, read_state

_BACK_S = 60.0
_STILL_S = 0.1


class BrittleRedis:
    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._remembered = 0

    async def restart(self) -> None:
        """SIGKILL, and a wait until the successor answers. What it had answered is in its file:
        while a sync is slow it would be in memory alone, and this would be `fall_back`."""
        await self._written()
        await self._down()
        await self._up()

    async def remember(self) -> None:
        """What was written by now is what `fall_back` leaves."""
        size = -1
        while size != (size := self._file().stat().st_size):  # noqa: ASYNC110  a file, too
            await asyncio.sleep(_STILL_S)
        self._remembered = size

    async def fall_back(self) -> None:
        """As when a machine dies with writes that had not reached the disk."""
        await self._down()
        os.truncate(self._file(), self._remembered)
        await self._up()

    async def _written(self) -> None:
        async with Redis(port=self._row().port or 0) as redis, asyncio.timeout(_BACK_S):
            while (await redis.info("persistence"))["aof_buffer_length"]:  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    def _file(self) -> Path:
        return self._layout.store("redis") / "appendonly.aof"

    async def _down(self) -> None:
        self._before = self._row().identity
        hold.hold(self._layout, "redis")
        async with asyncio.timeout(_BACK_S):
            while self._row().identity == self._before:  # noqa: ASYNC110  a file tells it
                await asyncio.sleep(0.02)

    async def _up(self) -> None:
        hold.release(self._layout, "redis")
        async with asyncio.timeout(_BACK_S):
            while True:
                row = self._row()
                if row.identity not in (None, self._before) and row.state == "running":
                    return
                await asyncio.sleep(0.02)

    def _row(self) -> ProcessRow:
        processes = read_state(self._layout).processes
        return next(row for row in processes if row.name == "redis")
