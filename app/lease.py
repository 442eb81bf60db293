"""A lease: of many processes, one at a time holds a name (the relay, the schedule).

Kept in MongoDB, so that it works with Redis down, and judged by the server's clock (`$$NOW`),
so that clocks far apart do no harm. `term` grows with every new holder: whatever the holder
writes elsewhere carries it, and an old term is refused there.

Shard key of `leases`: `_id`.
"""

import asyncio
import logging
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from app import faults, ids

if TYPE_CHECKING:
    from motor.motor_asyncio import AsyncIOMotorDatabase

log = logging.getLogger(__name__)
COLLECTION = "leases"
LIFE_S = 2.5
"""With renewal every LIFE_S / 3 and standbys asking as often, another takes over within 3.4 s."""


class LeaseLost(Exception):
    """Someone else may hold the name now: stop at once."""


class Lease:
    """`await acquire()` until it says True; then keep `await hold(stop)` running beside the work, which
    calls `check()` before each write."""

    def __init__(
        self, mongo: "AsyncIOMotorDatabase[dict[str, Any]]", name: str, life_s: float = LIFE_S
    ) -> None:
        self._leases = mongo[COLLECTION]
        self._name = name
        self._owner = ids.new_id("own")
        self._life_s = life_s
        self._held_until = 0.0
        self.term = 0

    async def acquire(self) -> bool:
        """Take the lease if it is free; True when this process holds it now."""
        with suppress(DuplicateKeyError):
            # Apart from the update, since an upsert may not compare with the server's clock.
            await self._leases.update_one(
                {"_id": self._name},
                {"$setOnInsert": {"owner": "", "term": 0, "expires_at": None}},
                upsert=True,
            )
        free = {"$or": [{"$expr": {"$lt": ["$expires_at", "$$NOW"]}}, {"owner": self._owner}]}
        return await self._extend({"_id": self._name, **free}, new_term=True)

    async def renew(self) -> None:
        """Raises LeaseLost when someone else took it."""
        mine = {"_id": self._name, "owner": self._owner, "term": self.term}
        if not await self._extend(mine, new_term=False):
            self._held_until = 0.0
            raise LeaseLost(self._name)

    async def _extend(self, free: dict[str, Any], new_term: bool) -> bool:
        asked_at = time.monotonic()
        change: dict[str, Any] = {
            "owner": self._owner,
            "expires_at": {"$add": ["$$NOW", int(self._life_s * 1000)]},
        }
        if new_term:
            change["term"] = {"$add": ["$term", 1]}
        found = await self._leases.find_one_and_update(
            free, [{"$set": change}], return_document=ReturnDocument.AFTER
        )
        if found is None:
            return False
        self.term = int(found["term"])
        self._held_until = asked_at + self._life_s
        return True

    @property
    def held(self) -> bool:
        """Judged from when the last renewal was asked for: earlier than the server judges."""
        return time.monotonic() < self._held_until

    def check(self) -> None:
        if not self.held:
            raise LeaseLost(self._name)

    async def wait(self, stop: asyncio.Event) -> bool:
        """Stand by until the lease is this process's; False when told to stop first."""
        while not stop.is_set():
            try:
                if await self.acquire():
                    log.info("%s: leading, term %d", self._name, self.term)
                    return True
            except Exception as error:
                if not faults.is_outage(error):
                    raise
                log.warning("%s: no lease yet: %r", self._name, error)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._life_s / 3):
                    await stop.wait()
        return False

    async def hold(self) -> None:
        """Renew until cancelled; raises LeaseLost when it could not in time."""
        while True:
            await asyncio.sleep(self._life_s / 3)
            try:
                async with asyncio.timeout(self._life_s):
                    await self.renew()
            except Exception as error:
                if isinstance(error, LeaseLost):
                    raise
                if not (faults.is_outage(error) or isinstance(error, TimeoutError)):
                    raise
                self.check()

    async def release(self) -> None:
        """Let the next one in at once."""
        self._held_until = 0.0
        with suppress(Exception):  # it runs out by itself
            await self._leases.update_one(
                {"_id": self._name, "owner": self._owner},
                [{"$set": {"expires_at": {"$subtract": ["$$NOW", 1]}}}],
            )
