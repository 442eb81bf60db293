"""One member of a role's consumer group: read, acknowledge, take over, hand back.

Reads all partitions in one call; on a cluster, where a call may not span slots, one call for
each. A missing group (a fresh or an emptied Redis) is created at the beginning of the stream,
whatever call notices it.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from redis.exceptions import ResponseError

from app.bus import is_cluster, retry_key
from app.events import stream_key
from app.position import Position

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from app.settings import Bus as BusSettings

# Only when nothing is pending: DELCONSUMER drops the consumer's pending entries.
_REMOVE = """
local consumers = redis.pcall('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])
if consumers.err then return 0 end
local removed = 0
for _, consumer in ipairs(consumers) do
  local c = {}
  for i = 1, #consumer, 2 do c[consumer[i]] = consumer[i + 1] end
  local wanted = c.name == ARGV[2] or (c.name ~= ARGV[3] and c.idle > tonumber(ARGV[4]))
  if wanted and c.pending == 0 then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], c.name)
    removed = removed + 1
  end
end
return removed
"""
_IDLE_FOREVER_MS = 10**9
_VANISHED_MS = 600_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One delivery of one entry."""

    stream: str
    id: str
    event_id: str
    data: bytes | None
    """The encoded event; None when it was trimmed away while pending."""
    deliveries: int = 1


Ids = Mapping[str, Sequence[str]]
"""Entry ids by stream."""


class Group:
    def __init__(self, redis: "Redis", settings: "BusSettings", role: str, consumer: str) -> None:
        self._redis = redis
        self.role = role
        self.consumer = consumer
        self._one_by_one = is_cluster(redis)
        self.streams: list[str] = [
            retry_key(role),
            *(stream_key(p) for p in range(settings.partitions)),
        ]

    async def ensure(self) -> None:
        """Create the group wherever it is missing, at the beginning of the stream."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for stream in self.streams:
                pipe.xgroup_create(stream, self.role, id="0", mkstream=True)
            answers = await pipe.execute(raise_on_error=False)
        for answer in answers:
            if isinstance(answer, Exception) and "BUSYGROUP" not in str(answer):
                raise answer

    async def read(self, streams: Sequence[str], count: int, block_ms: int) -> list[Entry]:
        """Up to `count` new entries of each stream; waits up to `block_ms` for the first."""
        if not self._one_by_one:
            return await self._read(streams, count, block_ms)
        parts = await asyncio.gather(*(self._read([s], count, block_ms) for s in streams))
        return [entry for part in parts for entry in part]

    async def _read(self, streams: Sequence[str], count: int, block_ms: int) -> list[Entry]:
        wanted: Any = dict.fromkeys(streams, ">")
        try:
            answer: Any = await self._redis.xreadgroup(
                self.role, self.consumer, wanted, count=count, block=block_ms
            )
        except ResponseError as error:
            if not _group_is_missing(error):
                raise
            await self.ensure()
            return []
        return [
            _entry(key.decode(), entry_id.decode(), fields, 1)
            for key, entries in answer or []
            for entry_id, fields in entries
        ]

    async def ack(self, ids: Ids) -> None:
        """Finish entries; revived ones are also removed from their stream."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for stream, some in ids.items():
                pipe.xack(stream, self.role, *some)
                if stream.startswith("retry:"):
                    pipe.xdel(stream, *some)
            await pipe.execute()

    async def claim(
        self, in_hand: Callable[[], Mapping[str, Sequence[str]]], idle_ms: int, count: int
    ) -> list[Entry]:
        """Entries that someone left for longer than `idle_ms`, now this consumer's: up to
        `count` of each stream."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for stream in self.streams:
                pipe.xautoclaim(stream, self.role, self.consumer, idle_ms, count=count, justid=True)
            answers: Any = await pipe.execute(raise_on_error=False)
        return await self._unheld(in_hand(), [_ids(answer) for answer in answers])

    async def forgotten(
        self, in_hand: Callable[[], Mapping[str, Sequence[str]]], count: int
    ) -> list[Entry]:
        """Entries that Redis has as delivered to this consumer, and that it does not hold: the
        answer was lost on the way. Asks `in_hand` after Redis, so that what was finished
        meanwhile is at worst done once more."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for stream in self.streams:
                pipe.xpending_range(
                    stream, self.role, "-", "+", 1000, consumername=self.consumer, idle=1000
                )
            answers: Any = await pipe.execute(raise_on_error=False)
        found = [_ids(answer)[:count] for answer in answers]
        return await self._unheld(in_hand(), found)

    async def _unheld(self, held: Ids, found: Sequence[Sequence[str]]) -> list[Entry]:
        entries: list[Entry] = []
        for stream, ids in zip(self.streams, found, strict=True):
            known = set(held.get(stream, ()))
            entries += await self._fetch(stream, [i for i in ids if i not in known])
        return entries

    async def _fetch(self, stream: str, ids: Sequence[str]) -> list[Entry]:
        """The contents of entries that are this consumer's, counted as one more delivery."""
        if not ids:
            return []
        # XAUTOCLAIM gives nothing to tell a trimmed entry by, and no count of deliveries.
        claimed: Any = await self._redis.xclaim(stream, self.role, self.consumer, 0, list(ids))
        pending: Any = await self._redis.xpending_range(
            stream, self.role, ids[0], ids[-1], 1000, consumername=self.consumer
        )
        contents = {i.decode(): fields for i, fields in claimed if i is not None}
        times = {row["message_id"].decode(): int(row["times_delivered"]) for row in pending}
        return [_entry(stream, i, contents.get(i), times[i]) for i in ids if i in times]

    async def keep(self, ids: Ids, deliveries: int | None = None) -> None:
        """Restart the idle clock of entries in hand, so that nobody claims them; with
        `deliveries`, also record how often they were tried."""
        await self._touch(ids, 0, deliveries)

    async def release(self, ids: Ids, deliveries: int) -> None:
        """Hand entries back: the next consumer that claims takes them at once, as if they had
        been delivered `deliveries` times."""
        await self._touch(ids, _IDLE_FOREVER_MS, deliveries)

    async def _touch(self, ids: Ids, idle_ms: int, deliveries: int | None) -> None:
        async with self._redis.pipeline(transaction=False) as pipe:
            for stream, some in ids.items():
                pipe.xclaim(
                    stream,
                    self.role,
                    self.consumer,
                    0,
                    list(some),
                    idle=idle_ms,
                    retrycount=deliveries,
                    justid=True,
                )
            await pipe.execute(raise_on_error=False)  # a missing group is noticed by the reader

    async def tidy(self, leaving: bool = False) -> int:
        """Remove consumers that vanished (and this one, when `leaving`) and have nothing
        pending; how many went."""
        own = self.consumer if leaving else ""
        async with self._redis.pipeline(transaction=False) as pipe:
            for stream in self.streams:
                pipe.eval(_REMOVE, 1, stream, self.role, own, self.consumer, str(_VANISHED_MS))
            answers = await pipe.execute(raise_on_error=False)
        return sum(answer for answer in answers if isinstance(answer, int))


def _entry(stream: str, entry_id: str, fields: Mapping[bytes, bytes] | None, times: int) -> Entry:
    fields = fields or {}
    given = fields.get(b"id")
    event_id = given.decode() if given else Position.of_entry(entry_id).event_id
    return Entry(stream, entry_id, event_id, fields.get(b"e"), times)


def _ids(answer: Any) -> list[str]:
    """Entry ids of an answer of XAUTOCLAIM or XPENDING, oldest first. A missing group has none;
    the reader will notice it."""
    if isinstance(answer, ResponseError) and _group_is_missing(answer):
        return []
    if isinstance(answer, Exception):
        raise answer
    return [(row["message_id"] if isinstance(row, dict) else row).decode() for row in answer]


def _group_is_missing(error: ResponseError) -> bool:
    return "NOGROUP" in str(error) or "no such key" in str(error)
