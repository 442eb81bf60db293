"""The relay: changes in MongoDB become entries in the event streams, in order, each once.

One process leads (a lease in MongoDB, so Redis may be down); the others stand by. The leader
reads the change stream from the checkpoint and appends under ids made of the cluster time.
Whatever goes wrong, the answer is the same: begin again at the checkpoint; Redis refuses what
it has. So there is no state to repair, only a position.

The checkpoint stays behind what every role has finished, and some seconds behind the present
besides: a Redis that crashes may lose its last second, acknowledgements included.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Coroutine
from datetime import UTC, datetime
from typing import Any

from app import checkpoint, faults, recovery
from app.bus import BusReset, Outgoing
from app.changes import HEARTBEAT, Change, Changes, HistoryLost, position_now
from app.checkpoint import Checkpoint
from app.counts import service as counts
from app.events import Event
from app.lease import Lease, LeaseLost
from app.position import ORIGIN, PLACES, Position
from app.resources import Resources
from workers.leading import lead
from workers.metrics import Counter, Gauge
from workers.runtime import Role

log = logging.getLogger(__name__)

PUBLISHED = Counter("glimpse_relay_published_total", "Events appended to the streams.")
REFUSED = Counter("glimpse_relay_refused_total", "Events the streams had already.")
RESTARTS = Counter("glimpse_relay_restarts_total", "Times the relay began at its checkpoint.")
GAPS = Counter("glimpse_relay_gaps_total", "Times the oplog did not reach back.")
LAG = Gauge("glimpse_relay_lag_seconds", "Age of the newest change that was published.")
BEHIND = Gauge("glimpse_relay_checkpoint_age_seconds", "Age of the checkpoint.")

_BATCH_MAX = 1000
_CHECK_S = 1.0
"""How often a quiet relay asks whether the streams still hold what it published."""
_SAVE_S = 1.0
_BEHIND_S = 10
"""The checkpoint's distance from the present; an AOF flushed every second loses up to two."""


class Relay:
    """The leader's work, for one term."""

    def __init__(self, resources: Resources, lease: Lease) -> None:
        self._resources = resources
        self._bus = resources.bus
        self._lease = lease
        self._checkpoint: Checkpoint | None = None
        self._seen = ORIGIN
        self._at = datetime.now(UTC)
        self._gap: AsyncIterator[Event] | None = None
        self._gap_filled_at: Position | None = None
        self._checked_at = 0.0

    async def run(self) -> None:
        """Relay until cancelled; raises LeaseLost or BusFenced when another leads."""
        while True:
            RESTARTS.add()
            try:
                await self._from_checkpoint()
            except BusReset as error:
                log.warning("relay: %s; reading again from the checkpoint", error)
            except HistoryLost as error:
                await self._begin_gap(error)
            except Exception as error:
                if not faults.is_outage(error):
                    raise
                log.warning("relay waits: %r", error)
                await asyncio.sleep(0.3)
            self._lease.check()

    async def _from_checkpoint(self) -> None:
        # Until something was published again, nothing is known to be in the streams.
        self._seen = ORIGIN
        await self._bus.open(self._lease.term)
        start = await self._start()
        async with Changes(self._resources.settings.mongo, start) as changes:
            while True:
                await self._relay(await changes.batch(_BATCH_MAX, _CHECK_S / 2))

    async def _start(self) -> Position:
        mongo, settings = self._resources.mongo, self._resources.settings
        found = self._checkpoint = await checkpoint.load(mongo)
        now = await position_now(settings.mongo)
        if found is None or found.position > now:
            # Never started, or the database was put back to before the checkpoint.
            since = datetime.fromtimestamp(0, UTC) if found is None else now.at
            await self._mark_gap(since, now)
            self._open_gap(since)
            return now
        if found.gap_since is not None:
            self._open_gap(found.gap_since)
        if found.tips and len(found.tips) != settings.bus.partitions:
            # Keys move to other partitions, where the counters meet some events a second time.
            log.warning("relay: the number of partitions changed; all counters are counted again")
            await counts.request_recount(self._resources, None)
        return found.position

    # A gap in the oplog

    async def _begin_gap(self, error: HistoryLost) -> None:
        since = self._checkpoint.position.at if self._checkpoint else datetime.fromtimestamp(0, UTC)
        if self._checkpoint and self._checkpoint.gap_since:
            since = min(since, self._checkpoint.gap_since)
        log.critical(
            "relay: the oplog no longer reaches back to %s (%s). Everything newer is read from the "
            "collections, and all counters are counted again. Make the oplog larger, or keep the "
            "relay running.", since, error,
        )  # fmt: skip
        GAPS.add()
        await self._mark_gap(since, await position_now(self._resources.settings.mongo))

    async def _mark_gap(self, since: datetime, now: Position) -> None:
        await counts.request_recount(self._resources, None)
        marked = Checkpoint(now, gap_since=since)
        if not await checkpoint.save(self._resources.mongo, marked, self._lease.term):
            raise LeaseLost("a newer relay saved a checkpoint")
        self._checkpoint = marked

    def _open_gap(self, since: datetime) -> None:
        self._gap = recovery.events_since(self._resources.mongo, since)
        self._gap_filled_at = None

    async def _fill_gap(self, heartbeat: Position) -> None:
        """Publish what the collections tell, under the heartbeat's place in the order: no other
        event has its cluster time."""
        gap, place, total = self._gap, 0, 0
        assert gap is not None
        batch: list[Outgoing] = []
        async for event in gap:
            at = Position(heartbeat.seconds, heartbeat.increment, place)
            batch.append(Outgoing(at, event, reemitted=True))
            place += 1
            if len(batch) == _BATCH_MAX:
                total += await self._publish(batch)
                batch = []
            if place == PLACES:
                break  # the rest under the next heartbeat
        else:
            self._gap = None
            self._gap_filled_at = Position(heartbeat.seconds, heartbeat.increment, place)
        total += await self._publish(batch)
        log.warning("relay: %d events read from the collections", total)

    # Publishing

    async def _relay(self, changes: list[Change]) -> None:
        """Publish in order; a heartbeat is where a gap is filled."""
        batch: list[Outgoing] = []
        for change in changes:
            if change.event is not None:
                batch.append(Outgoing(change.position, change.event))
            elif change.heartbeat and self._gap is not None:
                await self._publish(batch)
                batch = []
                await self._fill_gap(change.position)
        if batch:
            await self._publish(batch)
        if time.monotonic() - self._checked_at > _CHECK_S:
            await self._publish([])
            self._checked_at = time.monotonic()
        if changes:
            self._seen, self._at = changes[-1].position, changes[-1].at
        LAG.set(max(0.0, (datetime.now(UTC) - self._at).total_seconds()))

    async def _publish(self, batch: list[Outgoing]) -> int:
        """Append, however long Redis is away. Raises BusReset when it came back with less."""
        pause = 0.05
        while True:
            self._lease.check()
            try:
                added = await self._bus.publish(batch)
            except Exception as error:
                if not faults.is_outage(error):
                    raise
                log.warning("relay waits for Redis: %r", error)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 1.0)
            else:
                PUBLISHED.add(added)
                REFUSED.add(len(batch) - added)
                return added

    # The checkpoint

    async def save(self) -> None:
        """Move the checkpoint on, until cancelled."""
        while True:
            await asyncio.sleep(_SAVE_S)
            try:
                await self._save_once()
            except Exception as error:
                if not faults.is_outage(error):
                    raise
                log.warning("relay: the checkpoint stays where it is: %r", error)

    async def _save_once(self) -> None:
        # Taken before asking the groups: all of it is in the streams they are asked about.
        before, seen, tips = self._checkpoint, self._seen, self._bus.tips
        if before is None or seen == ORIGIN:
            return
        progress = await self._bus.progress()
        if any(p.tip < tips[p.partition] for p in progress) or self._seen == ORIGIN:
            return  # emptied: an empty stream does not mean that all is done
        unfinished = [p.oldest for p in progress if p.oldest is not None]
        behind = Position(seen.seconds - _BEHIND_S, 0)  # by MongoDB's clock
        position = max(before.position, min(seen, behind, *unfinished))
        gap_since = before.gap_since
        if gap_since and self._gap_filled_at and position > self._gap_filled_at:
            gap_since = None
        saved = Checkpoint(position, seen, tips, gap_since)
        if not await checkpoint.save(self._resources.mongo, saved, self._lease.term):
            raise LeaseLost("a newer relay saved a checkpoint")
        self._checkpoint = saved
        BEHIND.set(max(0.0, time.time() - position.seconds))


async def relay(resources: Resources, stop: asyncio.Event) -> None:
    """Lead when the lease is free, stand by otherwise, until `stop`."""

    def work(lease: Lease) -> list[Coroutine[Any, Any, None]]:
        leader = Relay(resources, lease)
        return [leader.run(), leader.save()]

    await lead(resources, HEARTBEAT, stop, work)


ROLE = Role("relay", background=(relay,))
