"""The reader of the change stream.

`Changes` reads the database's change stream from a position on, as a queue that a slow consumer
keeps short; it hands out positions, so that the caller can begin again at any of them. What a
change means is said in `change_rules.py`.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from bson import Timestamp
from pymongo import AsyncMongoClient, ReadPreference
from pymongo.errors import OperationFailure
from pymongo.read_concern import ReadConcern

from app import lease
from app.change_rules import NEEDED, RULES, Document, event_of
from app.ending import end
from app.events import Event
from app.position import Position
from app.settings import Mongo

log = logging.getLogger(__name__)

HEARTBEAT = "relay"
"""The lease whose renewals come through the stream: the position moves on while all is quiet."""
_QUEUE_MAX = 5000
_WAIT_MS = 1000
# History lost, fatal stream error, position fallen off the log, token not usable.
_LOST_CODES = {286, 280, 136, 260}


class HistoryLost(Exception):
    """The oplog no longer reaches back to the position asked for."""


@dataclass(frozen=True, slots=True)
class Change:
    position: Position
    event: Event | None
    """None: a heartbeat, or nothing anyone waits for."""
    at: datetime
    heartbeat: bool = False


class Changes:
    """`async with Changes(settings.mongo, start) as changes: await changes.batch(...)`.

    Everything from `start` on, that position included, in order. Raises HistoryLost.
    """

    def __init__(self, settings: Mongo, start: Position) -> None:
        self._settings = settings
        self._start = start
        self._queue: asyncio.Queue[Change] = asyncio.Queue(_QUEUE_MAX)
        self._last = (0, 0)
        self._place = 0

    async def __aenter__(self) -> Self:
        # The driver's own asyncio client: motor would send every change through a thread.
        self._client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
            self._settings.url,
            tz_aware=True,
            serverSelectionTimeoutMS=3000,
            connectTimeoutMS=3000,
            socketTimeoutMS=15_000,
        )
        self._reader = asyncio.create_task(self._read(), name="change stream")
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            await end([self._reader])
            await asyncio.gather(self._reader, return_exceptions=True)
        finally:
            await self._client.close()

    async def batch(self, size_max: int, wait_s: float) -> list[Change]:
        """What has come, at most `size_max`; waits up to `wait_s` for the first."""
        if self._queue.empty():
            getter = asyncio.ensure_future(self._queue.get())
            try:
                await asyncio.wait(
                    {getter, self._reader}, timeout=wait_s, return_when=asyncio.FIRST_COMPLETED
                )
                found = [getter.result()] if getter.done() else []
            finally:
                getter.cancel()
            if not found and self._reader.done():
                self._reader.result()  # raises what ended it
                raise HistoryLost("the change stream ended")
        else:
            found = []
        while len(found) < size_max and not self._queue.empty():
            found.append(self._queue.get_nowait())
        return found

    async def _read(self) -> None:
        database = self._client.get_database(
            self._settings.database,
            read_concern=ReadConcern("majority"),
            read_preference=ReadPreference.PRIMARY,
        )
        try:
            async with await database.watch(
                _pipeline(),
                full_document="updateLookup",
                start_at_operation_time=Timestamp(self._start.seconds, self._start.increment),
                batch_size=1000,
                max_await_time_ms=_WAIT_MS,
            ) as stream:
                async for change in stream:
                    await self._queue.put(self._change(change))
        except OperationFailure as error:
            if error.code in _LOST_CODES:
                raise HistoryLost(str(error)) from error
            raise

    def _change(self, change: Document) -> Change:
        time = change["clusterTime"]
        self._place = self._place + 1 if (time.time, time.inc) == self._last else 0
        self._last = (time.time, time.inc)
        position = Position(time.time, time.inc, self._place)
        at = change.get("wallTime") or position.at
        if change["operationType"] == "invalidate":
            log.error("the database was dropped; the change stream is over")
            return Change(position, None, at)
        heartbeat = change["ns"]["coll"] == lease.COLLECTION
        return Change(position, None if heartbeat else event_of(change), at, heartbeat)


def _pipeline() -> list[dict[str, Any]]:
    # Only what the rules read leaves the server: no password hash, no text.
    kept = {f"fullDocument.{name}": 1 for name in NEEDED}
    names = ("operationType", "clusterTime", "wallTime", "ns", "documentKey", "updateDescription")
    watched: list[dict[str, Any]] = [
        {
            "ns.coll": {"$in": sorted(RULES)},
            "operationType": {"$in": ["insert", "update", "replace", "delete"]},
            # A bulk import would hold up everything behind it.
            "fullDocument.imported": {"$ne": True},
        },
        {"ns.coll": lease.COLLECTION, "documentKey._id": HEARTBEAT, "operationType": "update"},
        {"operationType": "invalidate"},
    ]
    return [{"$match": {"$or": watched}}, {"$project": dict.fromkeys(names, 1) | kept}]


async def position_now(settings: Mongo) -> Position:
    """The cluster's time now: everything acknowledged before the call is at or below it."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(
        settings.url, serverSelectionTimeoutMS=3000
    )
    try:
        async with client.start_session() as session:
            await client.get_database(settings.database).command("ping", session=session)
            time = session.operation_time
    finally:
        await client.close()
    if time is None:
        raise RuntimeError("MongoDB tells no cluster time: change streams need a replica set")
    return Position(time.time, time.inc)
