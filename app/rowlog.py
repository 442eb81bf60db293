"""Rows that many people write, written together: those that come while a write is on its way go
into the next one.

Each is answered when it is stored. Thousands in a second are then a few dozen writes, and a
single one waits for nobody.
"""

import asyncio
from typing import TYPE_CHECKING, Any

from pymongo.errors import BulkWriteError

if TYPE_CHECKING:
    from motor.motor_asyncio import AsyncIOMotorCollection

Raw = dict[str, Any]
_BATCH_MAX = 500
_DUPLICATE = 11000


class RowLog:
    def __init__(self, collection: "AsyncIOMotorCollection[Raw]") -> None:
        self._collection = collection
        self._waiting: list[tuple[Raw, asyncio.Future[bool]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def add(self, row: Raw) -> bool:
        """Store the row; False when it is there already. Raises the driver's errors."""
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((row, future))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return await future

    async def _write(self) -> None:
        while self._waiting:
            taken, self._waiting = self._waiting[:_BATCH_MAX], self._waiting[_BATCH_MAX:]
            try:
                outcomes = await self._insert([row for row, _ in taken])
            except Exception as error:  # whatever it is, it is the answer to all of them
                outcomes = [error] * len(taken)
            for (_, future), outcome in zip(taken, outcomes, strict=True):
                if future.done():  # its caller gave up
                    continue
                if isinstance(outcome, Exception):
                    future.set_exception(outcome)
                else:
                    future.set_result(outcome)

    async def _insert(self, rows: list[Raw]) -> list[bool | Exception]:
        outcomes: list[bool | Exception] = [True] * len(rows)
        try:
            await self._collection.insert_many(rows, ordered=False)
        except BulkWriteError as error:
            if error.details.get("writeConcernErrors"):
                raise  # not known to be stored
            for wrong in error.details["writeErrors"]:
                outcomes[wrong["index"]] = False if wrong["code"] == _DUPLICATE else error
        return outcomes
