"""Counters: what happened becomes numbers, each event once, and the numbers go out live.

No consumer group delivers here. The place in each partition is stored in MongoDB, beside the
counts, and both change in one transaction that compares the place first. So it does not
matter how often an entry is read, by how many processes, or how late one of them wakes up.
"""

import asyncio
import logging
import time
from collections.abc import Coroutine, Mapping
from typing import Any

from app import faults, wire
from app.counts import queries, service
from app.counts.rules import deltas_of, fold, subjects_of
from app.events import Event, UnknownEvent, decode
from app.lease import Lease
from app.position import Position
from app.resources import Resources
from workers.leading import lead
from workers.metrics import Counter, Gauge
from workers.runtime import FAILED, LAG, PROCESSED, Role, lag_s
from workers.weather import Weather

log = logging.getLogger(__name__)
NAME = "counters"

BATCHES = Counter("glimpse_counters_batches_total", "Transactions that applied counts.")
MOVED = Counter("glimpse_counters_moved_total", "Batches another process had applied already.")
BATCH_EVENTS = Gauge("glimpse_counters_batch_events", "Events in the newest batch.")

_ENTRIES_MAX = 1000
_GATHER_S = 0.1
"""An event that comes alone is counted at once; then this long is gathered for the next."""
_PUBLISH_S = 0.25
_AGAIN_S = 2.0
_REPORT_S = 1.0
_REPORT_ALL_EVERY = 5
_BLOCK_MS = 500

Batch = dict[int, list[tuple[Position, dict[bytes, bytes]]]]


class Counting:
    """The leader's work, for one term."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._weather = Weather(resources, NAME)
        self._offsets: dict[int, Position] = {}
        self._reported: dict[int, Position] = {}
        self._touched: set[str] = set()
        self._touched_any = asyncio.Event()
        self._next_at = 0.0

    async def count(self) -> None:
        """Read and apply, until cancelled."""
        while True:
            try:
                if not self._offsets:
                    self._offsets = await service.offsets(self._resources)
                batch = await self._gather()
                if batch:
                    await self._apply(batch)
            except service.OffsetMoved:
                MOVED.add()
                self._offsets = {}
            except Exception as error:
                if not faults.is_outage(error):
                    raise
                FAILED.add(role=NAME)
                # What the transaction came to is unknown: the stored offsets tell.
                self._offsets = {}
                self._weather.report(error)
                await self._weather.wait()

    async def _gather(self) -> Batch:
        bus, offsets = self._resources.bus, dict(self._offsets)
        share = _ENTRIES_MAX // 4
        batch = await bus.read_after(offsets, share, _BLOCK_MS)
        wait_s = self._next_at - time.monotonic()
        if batch and wait_s > 0 and sum(map(len, batch.values())) < _ENTRIES_MAX:
            await asyncio.sleep(wait_s)
            batch = await bus.read_after(offsets, share, None)
        self._next_at = time.monotonic() + _GATHER_S
        return batch

    async def _apply(self, batch: Batch) -> None:
        happened: list[Event] = []
        recounts: set[str] = set()
        for entries in batch.values():
            for position, fields in entries:
                try:
                    event = decode(fields[b"e"])
                except (UnknownEvent, KeyError) as error:
                    await self._bury(position, fields, error)
                    continue
                if b"r" in fields:
                    recounts.update(subjects_of(event))
                elif deltas_of(event):
                    happened.append(event)
        moved = {p: (self._offsets[p], entries[-1][0]) for p, entries in batch.items()}
        deltas = fold(happened)
        await service.apply(self._resources, moved, deltas, recounts)
        for p, (_, new) in moved.items():
            self._offsets[p] = new
        count = sum(map(len, batch.values()))
        BATCHES.add()
        BATCH_EVENTS.set(count)
        PROCESSED.add(count, role=NAME)
        if deltas:
            self._touched.update(deltas)
            self._touched_any.set()

    async def _bury(
        self, position: Position, fields: Mapping[bytes, bytes], error: Exception
    ) -> None:
        log.error("counters cannot read %s: %r", position.event_id, error)
        await self._resources.bus.bury(
            NAME, position.event_id, fields.get(b"e", b""), repr(error), 1, position.seconds * 1000
        )

    async def publish(self) -> None:
        """Send the new values of what moved, at most every quarter of a second."""
        while True:
            await self._touched_any.wait()
            self._touched_any.clear()
            touched, self._touched = self._touched, set()
            try:
                await self._publish(touched)
            except Exception as error:
                if not faults.is_outage(error):
                    raise
                # They are as good later, and the next change brings them anyway.
                self._touched |= touched
                self._touched_any.set()
                log.warning("counters: not published: %r", error)
                await asyncio.sleep(_AGAIN_S)
            await asyncio.sleep(_PUBLISH_S)

    async def _publish(self, touched: set[str]) -> None:
        counts = await queries.stored(self._resources, touched)
        await queries.remember(self._resources, counts)
        await service.mark_popular(
            self._resources, {i: c for i, c in counts.items() if i.startswith("usr_")}
        )
        for subject_id, c in counts.items():
            if subject_id.startswith("post_"):
                post = wire.post_counts(c.likes, c.comments, c.shares)
                await self._resources.live.publish(wire.post_topic(subject_id), "post.counts", post)
            elif subject_id.startswith("story_"):
                story = wire.story_counts(c.views, c.reactions, c.replies)
                topic = wire.story_topic(subject_id)
                await self._resources.live.publish(topic, "story.counts", story)

    async def report(self) -> None:
        """Tell the streams how far the counters are, so that trimming and the checkpoint move on;
        now and then all of it, since an emptied Redis has forgotten."""
        turn = 0
        while True:
            await asyncio.sleep(_REPORT_S)
            turn += 1
            offsets = dict(self._offsets)
            news = {
                p: at
                for p, at in offsets.items()
                if turn % _REPORT_ALL_EVERY == 0 or self._reported.get(p) != at
            }
            try:
                if news:
                    await self._resources.bus.set_delivered(NAME, news)
                    self._reported |= news
                LAG.set(lag_s(await self._resources.bus.progress([NAME])), role=NAME)
            except Exception as error:
                if not faults.is_outage(error):
                    raise
                log.warning("counters: not reported: %r", error)


async def counters(resources: Resources, stop: asyncio.Event) -> None:
    """Count while this process holds the lease. The lease only spares double work: that each
    event counts once is the transaction's doing."""

    def work(_: Lease) -> list[Coroutine[Any, Any, None]]:
        counting = Counting(resources)
        return [counting.count(), counting.publish(), counting.report()]

    await lead(resources, NAME, stop, work)


ROLE = Role(NAME, background=(counters,))
