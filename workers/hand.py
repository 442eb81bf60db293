"""The entries a worker has in hand: bounded, kept fresh, acknowledged in batches."""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

from app.events import Event
from app.group import Entry, Group


@dataclass(slots=True)
class Held:
    entry: Entry
    event: Event | None = None
    fresh_at: float = field(default_factory=time.monotonic)
    """When Redis last restarted its idle clock."""

    def lost(self, claim_idle_ms: int) -> bool:
        """True when this process slept so long that others may have claimed the entry: they do
        it, and this one does no harm."""
        return (time.monotonic() - self.fresh_at) * 1000 > claim_idle_ms


class Hand:
    def __init__(self, group: Group, size_max: int, claim_idle_ms: int) -> None:
        self._group = group
        self._size_max = size_max
        self._claim_idle_ms = claim_idle_ms
        self._held: dict[tuple[str, str], Held] = {}
        self._done: dict[str, list[str]] = {}
        self._wanted = asyncio.Event()
        self._room = asyncio.Event()

    def __len__(self) -> int:
        return len(self._held)

    @property
    def free(self) -> int:
        return self._size_max - len(self._held)

    def take(self, entry: Entry) -> Held | None:
        """Hold the entry; None when it is in hand already."""
        place = (entry.stream, entry.id)
        if place in self._held:
            return None
        held = self._held[place] = Held(entry)
        return held

    def drop(self, held: Held) -> None:
        """Let go of an entry without finishing it: others have it."""
        self._held.pop((held.entry.stream, held.entry.id), None)
        self._room.set()

    def finish(self, held: Held) -> None:
        """Its effect is there: acknowledge it with the next batch. In hand until then, so
        that it is not taken for forgotten."""
        self._done.setdefault(held.entry.stream, []).append(held.entry.id)
        self._wanted.set()

    def ids(self) -> dict[str, list[str]]:
        """What is in hand, by stream."""
        return _by_stream(self._held.values())

    async def room(self) -> None:
        """Wait for something to be let go, or for `wake`."""
        self._room.clear()
        await self._room.wait()

    def wake(self) -> None:
        self._room.set()

    async def acknowledge_next(self) -> None:
        """Wait for something finished and acknowledge it, with what finishes right after."""
        await self._wanted.wait()
        await asyncio.sleep(0.002)
        await self.acknowledge()

    async def acknowledge(self) -> None:
        self._wanted.clear()
        done, self._done = self._done, {}
        if not done:
            return
        try:
            await self._group.ack(done)
        except BaseException:
            for stream, some in done.items():
                self._done.setdefault(stream, []).extend(some)
            self._wanted.set()
            raise
        for stream, some in done.items():
            for entry_id in some:
                self._held.pop((stream, entry_id), None)
        self._room.set()

    async def keep(self) -> None:
        """Restart the idle clock of all that is still this worker's: what it slept over
        belongs to others, and claiming it back would be wrong."""
        stamp = time.monotonic()
        mine = [held for held in self._held.values() if not held.lost(self._claim_idle_ms)]
        if not mine:
            return
        await self._group.keep(_by_stream(mine))
        for held in mine:
            held.fresh_at = stamp

    async def release(self) -> None:
        """Hand everything back for others to claim at once, as if never delivered here."""
        by_deliveries: dict[int, list[Held]] = {}
        for held in self._held.values():
            if not held.lost(self._claim_idle_ms):
                by_deliveries.setdefault(held.entry.deliveries, []).append(held)
        for deliveries, some in by_deliveries.items():
            await self._group.release(_by_stream(some), deliveries - 1)


def _by_stream(some: Iterable[Held]) -> dict[str, list[str]]:
    by_stream: dict[str, list[str]] = {}
    for held in some:
        by_stream.setdefault(held.entry.stream, []).append(held.entry.id)
    return by_stream
