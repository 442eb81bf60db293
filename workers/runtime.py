"""What every role shares: read, run in order, acknowledge after the effect, retry, dead-letter.

A role declares what it wants, and a handler that may be run more than once for one event:

    async def handle(event_id: str, event: Event, resources: Resources) -> None: ...

    ROLE = Role("fanout", handle, events=frozenset({PostPublished, PostWithdrawn}))

Events with the same `event.key` run one after another in their order; different keys run side
by side, up to `concurrency`. A handler that raises is run again after a pause, and after
`bus.deliveries_max` deliveries the event goes to the role's dead letters. An error that means
"a store is away" (`app.faults`) is not the event's fault: the worker pauses until the store
is back, and no delivery is used up.
"""

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app import faults, ids
from app.bus import Progress
from app.ending import end
from app.events import Event, UnknownEvent, decode
from app.group import Entry, Group
from workers.hand import Hand, Held
from workers.metrics import Counter, Gauge
from workers.weather import Weather

if TYPE_CHECKING:
    from app.resources import Resources

log = logging.getLogger(__name__)

Handler = Callable[[str, Event, "Resources"], Awaitable[None]]
BatchHandler = Callable[[Sequence[tuple[str, Event]], "Resources"], Awaitable[None]]
Background = Callable[["Resources", asyncio.Event], Awaitable[None]]
"""A loop beside the handler; returns soon after the event is set. Its death ends the process."""

PROCESSED = Counter("glimpse_worker_processed_total", "Events done.")
FAILED = Counter("glimpse_worker_failed_total", "Handler runs that raised.")
DEAD = Counter("glimpse_worker_dead_total", "Events moved to the dead letters.")
TRIMMED = Counter("glimpse_worker_trimmed_total", "Pending entries whose content was trimmed.")
CLAIMED = Counter("glimpse_worker_claimed_total", "Entries taken over from another consumer.")
IN_HAND = Gauge("glimpse_worker_in_hand", "Entries read and not yet acknowledged.")
PENDING = Gauge("glimpse_worker_pending", "Entries delivered to the role and unacknowledged.")
LAG = Gauge("glimpse_worker_lag_seconds", "Age of the oldest event the role has not finished.")

_BLOCK_MS = 1000
_FORGOTTEN_S = 3.0
_RETRY_FIRST_S, _RETRY_MAX_S = 0.1, 10.0
_OUTAGES_MAX = 50
"""Outages one event may report while the stores answer probes, before it counts as failed."""
_OUTAGE_PAUSE_MAX_S = 5.0
DRAIN_S = 10.0


@dataclass(frozen=True, slots=True)
class Role:
    """`events`: the types the handler gets; others are acknowledged unseen. A run that takes
    longer than `timeout_s` has failed. With `batch_handler` instead of `handler`, up to `batch_max` events come at once, in order, one
    batch at a time; when a batch fails its events are given again one by one, and the next
    batch does not wait for them."""

    name: str
    handler: Handler | None = None
    events: frozenset[type[Event]] = frozenset()
    concurrency: int = 64
    batch_handler: BatchHandler | None = None
    batch_max: int = 200
    timeout_s: float = 120
    background: tuple[Background, ...] = ()

    @property
    def reads(self) -> bool:
        return self.handler is not None or self.batch_handler is not None


class Worker:
    """One process's share of one role. `await run(stop)` works until the event is set, then
    drains; whatever it could not finish is handed back for others to claim at once."""

    def __init__(self, role: Role, resources: "Resources", drain_s: float = DRAIN_S) -> None:
        assert role.reads, f"{role.name} handles no events"
        self.role = role
        self._resources = resources
        self._bounds = resources.settings.bus
        self._drain_s = drain_s
        # New at every start: what a dead process left is claimed, never mistaken for one's own.
        self.group = Group(resources.redis, self._bounds, role.name, ids.new_id("wrk"))
        self.weather = Weather(resources, role.name)
        size_max = role.batch_max * 2 if role.batch_handler else role.concurrency * 4
        self.hand = Hand(self.group, size_max, self._bounds.claim_idle_ms)
        self._lanes: dict[str, deque[Held]] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(1 if role.batch_handler else role.concurrency)
        self._stopping = asyncio.Event()
        self._turn = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`. Raises only what a bug raises."""
        idle_s = self._bounds.claim_idle_ms / 1000
        async with asyncio.TaskGroup() as self._tasks:
            side = [
                self._tasks.create_task(loop)
                for loop in (
                    self._every(0, self.hand.acknowledge_next),
                    self._every(idle_s / 3, self.hand.keep),
                    self._every(idle_s / 10, self._claim),
                    self._every(_FORGOTTEN_S, self._remember),
                    self._every(3, self._measure),
                    self._every(60, self._tidy),
                )
            ]
            reader = self._tasks.create_task(self._read())
            await stop.wait()
            self._stopping.set()
            self.hand.wake()
            await reader
            await self._finish_in_hand()
            await end(side)
            await self._leave()
            await self.weather.close()

    # Reading

    async def _read(self) -> None:
        while not self._stopping.is_set():
            await self._guarded(self._read_more)

    async def _read_more(self) -> None:
        free = self.hand.free
        if free <= 0:
            await self.hand.room()
            return
        await self._fair_or_stopping()
        if self._stopping.is_set():
            return
        # COUNT is for each stream. Rarely are all of them full at once: a quarter of the room each
        # lets one busy stream use it, and overfills the hand fourfold at worst.
        streams, count, block_ms = self.group.streams, max(1, free // 4), _BLOCK_MS
        if len(self.hand) and free < len(streams):
            # Busy, and fewer places than streams: some of them in turn.
            self._turn = (self._turn + free) % len(streams)
            streams = (streams[self._turn :] + streams[: self._turn])[:free]
            count, block_ms = 1, 50
        self._accept(await self.group.read(streams, count, block_ms))

    def _accept(self, entries: Sequence[Entry]) -> None:
        wanted: list[Held] = []
        for entry in entries:
            held = self.hand.take(entry)
            if held is None:
                continue
            if entry.data is None:
                TRIMMED.add(role=self.role.name)
                self.hand.finish(held)
                continue
            try:
                held.event = decode(entry.data)
            except UnknownEvent as error:
                self._spawn(self._bury(held, repr(error), entry.deliveries))
                continue
            if type(held.event) in self.role.events:
                wanted.append(held)
            else:
                self.hand.finish(held)
        if self.role.batch_handler:
            size = self.role.batch_max
            for start in range(0, len(wanted), size):
                self._spawn(self._run_batch(wanted[start : start + size]))
            return
        for held in wanted:
            assert held.event is not None
            lane = self._lanes.get(held.event.key)
            if lane is None:
                self._lanes[held.event.key] = deque([held])
                self._spawn(self._run_lane(held.event.key))
            else:
                lane.append(held)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = self._tasks.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    # Running

    async def _run_lane(self, key: str) -> None:
        lane = self._lanes[key]
        while lane:
            await self._run(lane[0])
            lane.popleft()
        del self._lanes[key]

    async def _run_batch(self, batch: Sequence[Held]) -> None:
        # What was delivered before may be what took its worker down: alone, with its count.
        suspects = [held for held in batch if held.entry.deliveries > 1]
        batch = [held for held in batch if held.entry.deliveries == 1]
        async with self._slots:  # fair, so batches run in the order they were read
            while batch:
                await self.weather.wait()
                batch = [held for held in batch if not self._lost(held)]
                try:
                    await self._handle(batch)
                except Exception as error:
                    FAILED.add(role=self.role.name)
                    if not faults.is_outage(error):
                        log.warning(
                            "%s: a batch of %d failed: %r", self.role.name, len(batch), error
                        )
                        break
                    self.weather.report(error)
                    await asyncio.sleep(_RETRY_FIRST_S)
                else:
                    self._succeed(batch)
                    batch = []
        for held in [*batch, *suspects]:
            await self._run(held)

    async def _handle(self, batch: Sequence[Held]) -> None:
        pairs = [(held.entry.event_id, held.event) for held in batch if held.event is not None]
        async with asyncio.timeout(self.role.timeout_s):
            if self.role.handler is None:
                assert self.role.batch_handler is not None
                await self.role.batch_handler(pairs, self._resources)
                return
            for event_id, event in pairs:
                await self.role.handler(event_id, event, self._resources)

    async def _run(self, held: Held) -> None:
        """Run one event to its end: done, dead, or given up to whoever claimed it."""
        deliveries, outages = held.entry.deliveries, 0
        if deliveries > self._bounds.deliveries_max:
            # Everyone who had it vanished: likely it takes its worker down.
            await self._bury(held, "its deliveries ended without an answer", deliveries - 1)
            return
        while True:
            await self.weather.wait()
            if self._lost(held):
                return
            try:
                async with self._slots:  # not while it waits for its next try
                    await self._handle([held])
            except Exception as error:
                FAILED.add(role=self.role.name)
                if faults.is_outage(error) and outages < _OUTAGES_MAX:
                    outages += 1
                    self.weather.report(error)
                    await asyncio.sleep(min(_OUTAGE_PAUSE_MAX_S, 0.05 * 2 ** min(outages, 10)))
                    continue
                log.warning(
                    "%s failed on %s, delivery %d", self.role.name, held.entry.event_id,
                    deliveries, exc_info=True,
                )  # fmt: skip
                if deliveries >= self._bounds.deliveries_max or isinstance(error, UnknownEvent):
                    await self._bury(held, repr(error), deliveries)
                    return
                deliveries, outages = deliveries + 1, 0
                await self._record(held, deliveries)
                pause = min(_RETRY_MAX_S, _RETRY_FIRST_S * 4.0 ** (deliveries - 2))
                await asyncio.sleep(pause * random.uniform(0.5, 1))
            else:
                self._succeed([held])
                return

    def _succeed(self, batch: Sequence[Held]) -> None:
        PROCESSED.add(len(batch), role=self.role.name)
        for held in batch:
            self.hand.finish(held)

    def _lost(self, held: Held) -> bool:
        if not held.lost(self._bounds.claim_idle_ms):
            return False
        self.hand.drop(held)
        return True

    async def _record(self, held: Held, deliveries: int) -> None:
        try:
            await self.group.keep({held.entry.stream: [held.entry.id]}, deliveries)
        except Exception as error:  # only the count is lost
            if not faults.is_outage(error):
                raise

    async def _bury(self, held: Held, error: str, deliveries: int) -> None:
        entry = held.entry
        first_ms = int(entry.id.partition("-")[0])
        while True:  # it may not be acknowledged before it is kept
            await self.weather.wait()
            try:
                await self._resources.bus.bury(
                    self.role.name, entry.event_id, entry.data or b"", error, deliveries, first_ms
                )
                break
            except Exception as failure:
                if not faults.is_outage(failure):
                    raise
                self.weather.report(failure)
        DEAD.add(role=self.role.name)
        log.error("%s gave up on %s: %s", self.role.name, entry.event_id, error)
        self.hand.finish(held)

    # Beside the reading

    async def _claim(self) -> None:
        """Take over what others left."""
        if self._may_take():
            share = max(1, self.hand.free // 4)
            taken = await self.group.claim(self.hand.ids, self._bounds.claim_idle_ms, share)
            CLAIMED.add(len(taken), role=self.role.name)
            self._accept(taken)

    async def _remember(self) -> None:
        """Take what Redis delivered to this worker in an answer that never arrived."""
        if self._may_take():
            self._accept(await self.group.forgotten(self.hand.ids, self.hand.free))

    def _may_take(self) -> bool:
        return self.hand.free > 0 and self.weather.fair and not self._stopping.is_set()

    async def _measure(self) -> None:
        IN_HAND.set(len(self.hand), role=self.role.name)
        progress = await self._resources.bus.progress([self.role.name])
        PENDING.set(sum(p.pending for p in progress), role=self.role.name)
        LAG.set(lag_s(progress), role=self.role.name)

    async def _tidy(self) -> None:
        await self.group.tidy()

    # Ending

    async def _finish_in_hand(self) -> None:
        if self._running:
            await asyncio.wait(self._running, timeout=self._drain_s)
        await end(list(self._running))

    async def _leave(self) -> None:
        try:
            async with asyncio.timeout(3):
                await self.hand.acknowledge()
                await self.hand.release()
                await self.group.tidy(leaving=True)
        except Exception as error:  # the rest is claimed a little later then
            log.warning("%s could not hand back its work: %r", self.role.name, error)

    # Loops

    async def _every(self, seconds: float, step: Callable[[], Awaitable[None]]) -> None:
        while True:
            await self._guarded(step)
            await asyncio.sleep(seconds)

    async def _guarded(self, step: Callable[[], Awaitable[None]]) -> None:
        try:
            await step()
        except Exception as error:
            if not faults.is_outage(error):
                raise
            self.weather.report(error)
            await self._fair_or_stopping()

    async def _fair_or_stopping(self) -> None:
        if self.weather.fair:
            return
        waits = {asyncio.ensure_future(w) for w in (self.weather.wait(), self._stopping.wait())}
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()


def lag_s(progress: Sequence[Progress]) -> float:
    """Seconds since the oldest unfinished event; 0 when all is done."""
    oldest = min((p.oldest.seconds for p in progress if p.oldest), default=None)
    return 0.0 if oldest is None else max(0.0, time.time() - oldest)
