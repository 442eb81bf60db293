"""The event streams in Redis: the only module that writes to a stream (XADD).

Only the relay publishes events, in the order of the oplog, under explicit ids. So each
partition is always a prefix of what happened, and two checks inside Redis keep it so: the
marker key names the newest relay's term (an older relay is refused), and the stream's last
id may not be below what this relay has published (else Redis lost something, and appending
would leave a hole). Both come back as exceptions, and the relay reads again from its
checkpoint; entries already there are skipped by their ids.
"""

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from app.events import ROLES, Event, encode, partition_of, stream_key
from app.position import ORIGIN, Position
from app.settings import Bus as BusSettings

if TYPE_CHECKING:
    from redis.asyncio import Redis

DEAD_LENGTH_MAX = 10_000
"""Dead letters kept for each role; the oldest go first."""

_OPEN = """
local held = tonumber(redis.call('GET', KEYS[2]) or '0')
if held > tonumber(ARGV[1]) then return 'fenced' end
redis.call('SET', KEYS[2], ARGV[1])
for i = 2, #ARGV do redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[i], '0', 'MKSTREAM') end
local info = redis.call('XINFO', 'STREAM', KEYS[1])
for i = 1, #info, 2 do
  if info[i] == 'last-generated-id' then return info[i + 1] end
end
"""

# Answers 'reset', 'fenced', or how many entries were new.
_PUBLISH = """
local held = tonumber(redis.call('GET', KEYS[2]) or '0')
local term = tonumber(ARGV[1])
if held > term then return 'fenced' end
local info = redis.pcall('XINFO', 'STREAM', KEYS[1])
if held < term or info.err then return 'reset' end
local function parts(id)
  local ms, seq = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(seq)
end
local last_ms, last_seq
for i = 1, #info, 2 do
  if info[i] == 'last-generated-id' then last_ms, last_seq = parts(info[i + 1]) end
end
local ms, seq = parts(ARGV[2])
if last_ms < ms or (last_ms == ms and last_seq < seq) then return 'reset' end
local added = 0
for i = 3, #ARGV, 3 do
  ms, seq = parts(ARGV[i])
  if ms > last_ms or (ms == last_ms and seq > last_seq) then
    if ARGV[i + 2] == '' then
      redis.call('XADD', KEYS[1], ARGV[i], 'e', ARGV[i + 1])
    else
      redis.call('XADD', KEYS[1], ARGV[i], 'e', ARGV[i + 1], 'r', ARGV[i + 2])
    end
    last_ms, last_seq = ms, seq
    added = added + 1
  end
end
return added
"""


class BusReset(Exception):
    """Redis was emptied or fell back behind what was published: read again from the checkpoint."""


class BusFenced(Exception):
    """A newer relay holds the streams; this one must stop."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    position: Position
    event: Event
    reemitted: bool = False
    """Rebuilt from the collections after a gap in the oplog, not read from a change: counters
    count the subject again instead of adding to it."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one role is in one partition."""

    partition: int
    role: str
    tip: Position
    """The newest entry ever added."""
    delivered: Position
    pending: int
    oldest: Position | None
    """The oldest entry this role has not finished; None when it is done with all."""


def marker_key(partition: int) -> str:
    return f"{stream_key(partition)}:term"


def dead_key(role: str) -> str:
    return f"dead:{role}"


def retry_key(role: str) -> str:
    """Dead letters put back by an operator: read by this role only."""
    return f"retry:{role}"


def is_cluster(redis: "Redis") -> bool:
    """True for a RedisCluster, which has one pool a node."""
    return not hasattr(redis, "connection_pool")


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


class Bus:
    """What the relay, the schedule and the operator do with the streams. Reading as a member
    of a role's group is `app.group.Group`."""

    def __init__(self, redis: "Redis", settings: BusSettings) -> None:
        self.redis = redis
        self.settings = settings
        self._tips: dict[int, Position] = {}
        self._term = 0

    @property
    def partitions(self) -> range:
        return range(self.settings.partitions)

    # The relay's side

    async def open(self, term: int, roles: Sequence[str] = ROLES) -> None:
        """Take the streams over for the relay with `term`; creates what is missing.

        Raises BusFenced when a newer term has them.
        """
        async with self.redis.pipeline(transaction=False) as pipe:
            for p in self.partitions:
                pipe.eval(_OPEN, 2, stream_key(p), marker_key(p), str(term), *roles)
            answers = await pipe.execute()
        if b"fenced" in answers:
            raise BusFenced(f"term {term} is over")
        self._term = term
        self._tips = {
            p: Position.of_entry(answer) for p, answer in zip(self.partitions, answers, strict=True)
        }

    async def publish(self, batch: Iterable[Outgoing]) -> int:
        """Append in the given order; the number of entries that were new.

        Repeats are skipped. An empty batch only checks. Raises BusReset or BusFenced; part of
        the batch may have been added then, which a repeat from the checkpoint sorts out.
        """
        arguments: dict[int, list[str | bytes]] = {}
        tips: dict[int, Position] = {}
        for item in batch:
            p = partition_of(item.event, self.settings.partitions)
            arguments.setdefault(p, []).extend(
                (item.position.entry_id, encode(item.event), "1" if item.reemitted else "")
            )
            tips[p] = item.position
        touched = list(arguments) or list(self.partitions)
        async with self.redis.pipeline(transaction=False) as pipe:
            for p in touched:
                expected = self._tips.get(p, ORIGIN).entry_id
                rest: Any = arguments.get(p, [])
                pipe.eval(
                    _PUBLISH, 2, stream_key(p), marker_key(p), str(self._term), expected, *rest
                )
            answers = await pipe.execute()
        if b"fenced" in answers:
            raise BusFenced(f"term {self._term} is over")
        if b"reset" in answers:
            raise BusReset("the streams fell behind what was published")
        for p, tip in tips.items():
            # A refused repeat is below the tip; the tip never goes back.
            self._tips[p] = max(tip, self._tips.get(p, ORIGIN))
        return sum(int(answer) for answer in answers)

    @property
    def tips(self) -> dict[int, Position]:
        """The newest entry of each partition that this process knows of, as publisher."""
        return dict(self._tips)

    # Everyone's side

    async def progress(
        self,
        roles: Sequence[str] | None = None,
        elsewhere: Mapping[str, Mapping[int, Position]] | None = None,
    ) -> list[Progress]:
        """How far each of `roles` is in each partition; None: all known ones, and whatever group
        is there besides. A stream or group that is missing counts as nothing delivered, unless
        `elsewhere` (role → partition → position) knows better."""
        async with self.redis.pipeline(transaction=False) as pipe:
            for p in self.partitions:
                pipe.xinfo_stream(stream_key(p))
                pipe.xinfo_groups(stream_key(p))
            answers = await pipe.execute(raise_on_error=False)
        _raise_unless_missing(answers)
        found: list[Progress] = []
        filled: set[int] = set()
        for p in self.partitions:
            stream, groups = answers[2 * p], answers[2 * p + 1]
            missing = isinstance(stream, Exception)
            tip = ORIGIN if missing else Position.of_entry(stream["last-generated-id"])
            if not missing and stream["length"]:
                filled.add(p)
            by_name = {} if isinstance(groups, Exception) else _by_name(groups)
            for role in roles or [*ROLES, *(name for name in by_name if name not in ROLES)]:
                group = by_name.get(role)
                delivered = Position.of_entry(group["last-delivered-id"]) if group else ORIGIN
                delivered = max(delivered, (elsewhere or {}).get(role, {}).get(p, ORIGIN))
                pending = int(group["pending"]) if group else 0
                found.append(Progress(p, role, tip, delivered, pending, None))
        return await self._with_oldest(found, filled)

    async def _with_oldest(self, found: list[Progress], filled: set[int]) -> list[Progress]:
        """Ask for the oldest pending and the oldest unread entry, where there may be some."""
        asked: list[Progress] = []
        async with self.redis.pipeline(transaction=False) as pipe:
            for item in found:
                stream = stream_key(item.partition)
                if item.pending:
                    pipe.xpending(stream, item.role)
                    asked.append(item)
                if item.delivered < item.tip and item.partition in filled:
                    pipe.xrange(stream, min=f"({item.delivered.entry_id}", count=1)
                    asked.append(item)
            answers = await pipe.execute(raise_on_error=False) if asked else []
        _raise_unless_missing(answers)
        oldest: dict[tuple[int, str], Position] = {}
        for item, answer in zip(asked, answers, strict=True):
            if isinstance(answer, dict):
                at = Position.of_entry(answer["min"]) if answer["min"] else None
            elif isinstance(answer, list) and answer:
                at = Position.of_entry(answer[0][0])
            else:  # gone since the first question: nothing is certain
                at = item.delivered
            if at is not None:
                key = (item.partition, item.role)
                oldest[key] = min(at, oldest.get(key, at))
        return [replace(p, oldest=oldest.get((p.partition, p.role))) for p in found]

    async def read_after(
        self, after: Mapping[int, Position], count: int, block_ms: int | None
    ) -> dict[int, list[tuple[Position, dict[bytes, bytes]]]]:
        """Entries after the given positions, by partition, without a group (counters): up to
        `count` of each. Without `block_ms`, what is there now."""
        streams = {stream_key(p): position.entry_id for p, position in after.items()}
        by_key = {stream_key(p): p for p in after}
        parts = [{s: at} for s, at in streams.items()] if is_cluster(self.redis) else [streams]
        # A call may not span slots: on a cluster each waits on a connection of its own.
        calls: list[Any] = [self.redis.xread(part, count, block_ms) for part in parts]  # type: ignore[arg-type]
        return {
            by_key[_text(key)]: [(Position.of_entry(entry), fields) for entry, fields in entries]
            for answer in await asyncio.gather(*calls)
            for key, entries in answer or []
        }

    async def set_delivered(self, role: str, positions: Mapping[int, Position]) -> None:
        """Report progress kept elsewhere as that of the role's group, so that trimming and the
        relay's checkpoint see it. A missing group is created."""
        async with self.redis.pipeline(transaction=False) as pipe:
            for p, position in positions.items():
                pipe.xgroup_create(stream_key(p), role, id="0", mkstream=True)
                pipe.xgroup_setid(stream_key(p), role, id=position.entry_id)
            answers = await pipe.execute(raise_on_error=False)
        for answer in answers:
            if isinstance(answer, Exception) and "BUSYGROUP" not in str(answer):
                raise answer

    async def trim(self, bounds: Mapping[int, Position]) -> int:
        """Drop the entries below each partition's bound; how many went."""
        async with self.redis.pipeline(transaction=False) as pipe:
            for p, bound in bounds.items():
                pipe.xtrim(stream_key(p), minid=bound.entry_id, approximate=False)
            answers = await pipe.execute()
        return sum(int(answer) for answer in answers)

    async def is_filling_up(self) -> bool:
        """True above 80 % of `maxmemory`. (Of a cluster's many memories nothing is known.)"""
        if is_cluster(self.redis):
            return False
        memory: Any = await self.redis.info("memory")
        return bool(memory["maxmemory"]) and memory["used_memory"] > 0.8 * memory["maxmemory"]

    async def append(self, stream: str, fields: Mapping[bytes, bytes], length_max: int) -> str:
        """One entry in a stream of another kind (a gateway node's), cut near `length_max`."""
        encodable: Any = dict(fields)
        return _text(await self.redis.xadd(stream, encodable, maxlen=length_max, approximate=True))

    # Dead letters

    async def bury(
        self, role: str, event_id: str, data: bytes, error: str, deliveries: int, first_ms: int
    ) -> str:
        """Keep what `role` could not do; the dead letter's id."""
        return await self.append(
            dead_key(role),
            {
                b"id": event_id.encode(),
                b"e": data,
                b"error": error[:4000].encode("utf-8", "replace"),
                b"deliveries": str(deliveries).encode(),
                b"first_ms": str(first_ms).encode(),
                b"dead_ms": str(time.time_ns() // 1_000_000).encode(),
            },
            DEAD_LENGTH_MAX,
        )

    async def revive(self, role: str, event_id: str, data: bytes) -> None:
        """Give `role`, and no other, the event once more."""
        await self.append(retry_key(role), {b"id": event_id.encode(), b"e": data}, DEAD_LENGTH_MAX)


def _raise_unless_missing(answers: Iterable[Any]) -> None:
    for answer in answers:
        if isinstance(answer, Exception) and not (
            "no such key" in str(answer) or "NOGROUP" in str(answer)
        ):
            raise answer


def _by_name(groups: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    return {_text(group["name"]): group for group in groups}
