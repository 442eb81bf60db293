"""Where people are connected, as the gateway nodes tell each other: one small hash a person.

    h:<holder>  when this claim ends, in ms; a holder is one life of a node, `<node>/<boot>`
    seen        when they were last active, in ms, written when they go
    kept        the same, as it was last handed over to be stored for good

Beside them stands the register of holders, scored by when each is given up for dead. A person is
online while a holder that lives claims them: so a node that was killed takes its people with it by
ceasing to renew one entry, and nothing has to be undone. Claims only end by themselves where a
leave was lost. Redis' own clock is used throughout, since the nodes' may differ.

Each change of who holds a person publishes their whole hash on their topic, in the same step: what
watchers hear is in the order of what happened, and hearing it twice does no harm.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from redis.asyncio import Redis
from redis.exceptions import NoScriptError

from app.broadcast import channel
from app.bus import is_cluster
from app.cache import person_tag
from app.wire import presence_topic

HOLDERS_KEY = "presence:holders"
_CLAIM_MS = 30 * 60_000
RENEW_S = 600.0
"""How often a node confirms a claim."""
_RECORD_MS = 7 * 86_400_000
_FORGET_MS = 86_400_000
"""So long a dead holder tells when its people were last active."""
_KEEP_MS = 300_000
"""`seen` is stored for good at most this often."""
_CALLS_MAX = 250

_NOW = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
"""
_TELL = """
local function tell()
  redis.call('PUBLISH', ARGV[3], '\\n' .. cjson.encode(redis.call('HGETALL', KEYS[1])))
end
"""
# KEYS: record. ARGV: holder, life of a record, channel, life of a claim.
_CLAIM = (
    _NOW
    + _TELL
    + """
local held = redis.call('HGETALL', KEYS[1])
for i = 1, #held, 2 do
  if string.sub(held[i], 1, 2) == 'h:' and tonumber(held[i + 1]) < now then
    redis.call('HDEL', KEYS[1], held[i])
  end
end
local new = redis.call('HSET', KEYS[1], 'h:' .. ARGV[1], string.format('%d', now + ARGV[4]))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
if new == 1 then tell() end
return new
"""
)
# KEYS: record. ARGV: holder, life of a record, channel, ms since they went, ms between two
# keepings. → when they went if that is to be kept, else 0
_RELEASE = (
    _NOW
    + _TELL
    + """
local went, kept = now - ARGV[4], 0
local held = redis.call('HDEL', KEYS[1], 'h:' .. ARGV[1])
if went > tonumber(redis.call('HGET', KEYS[1], 'seen') or 0) then
  redis.call('HSET', KEYS[1], 'seen', string.format('%d', went))
end
if went - tonumber(redis.call('HGET', KEYS[1], 'kept') or 0) >= tonumber(ARGV[5]) then
  redis.call('HSET', KEYS[1], 'kept', string.format('%d', went))
  kept = went
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
if held == 1 then tell() end
return kept
"""
)
# KEYS: holders. ARGV: holder, ms to live, ms until forgotten. → {was known, holder, ms left, …}
_BEAT = (
    _NOW
    + """
local known = redis.call('ZSCORE', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
local found = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for i = 2, #found, 2 do found[i] = string.format('%d', found[i] - now) end
return {known and 1 or 0, unpack(found)}
"""
)


# KEYS: record. ARGV: life of a record, seen.
_FILL = """
if redis.call('HSETNX', KEYS[1], 'seen', ARGV[2]) == 1 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
end
return 0
"""


def record_key(user_id: str) -> str:
    return f"{person_tag(user_id)}:{user_id}:presence"


@dataclass(frozen=True, slots=True)
class Record:
    """Of one person."""

    holders: Mapping[str, int]
    """Holder → when its claim ends, in ms."""
    seen_ms: int = 0


NOBODY = Record({})


def decode(payload: bytes) -> Record:
    """From what was published."""
    return _record(orjson.loads(payload))


def _record(flat: Sequence[Any]) -> Record:
    holders, seen = {}, 0
    for name, value in zip(flat[::2], flat[1::2], strict=True):
        if name.startswith("h:"):
            holders[name[2:]] = int(value)
        elif name == "seen":
            seen = int(value)
    return Record(holders, seen)


class Records:
    """Calls in batches. Raises redis-py's errors when Redis is away."""

    def __init__(self, redis: "Redis", holder: str, life_ms: int) -> None:
        self._redis = redis
        self._cluster = is_cluster(redis)
        self._holder = holder
        self._life_ms = life_ms
        self._claim = redis.register_script(_CLAIM)
        self._release = redis.register_script(_RELEASE)
        self._beat = redis.register_script(_BEAT)
        self._fill = redis.register_script(_FILL)

    async def claim(self, user_ids: Sequence[str]) -> None:
        """These people are here (still)."""
        calls = [(record_key(u), [*self._head(u), _CLAIM_MS]) for u in user_ids]
        await self._run(self._claim, calls)

    async def release(self, gone: Mapping[str, int]) -> dict[str, int]:
        """These people went, so many ms ago. → when, for those of whom it is to be kept."""
        calls = [(record_key(u), [*self._head(u), ago, _KEEP_MS]) for u, ago in gone.items()]
        answers = await self._run(self._release, calls)
        return {u: int(at) for u, at in zip(gone, answers, strict=True) if int(at)}

    def _head(self, user_id: str) -> list[Any]:
        return [self._holder, _RECORD_MS, channel(presence_topic(user_id))]

    async def beat(self, life_ms: int | None = None) -> tuple[bool, dict[str, int]]:
        """This holder lives (so long). → (was that known; holder → ms it has left)."""
        args: list[Any] = [self._holder, self._life_ms if life_ms is None else life_ms, _FORGET_MS]
        known, *flat = await self._beat(keys=[HOLDERS_KEY], args=args)
        names = (name.decode() for name in flat[::2])
        return bool(known), dict(zip(names, map(int, flat[1::2]), strict=True))

    async def read(self, user_ids: Iterable[str]) -> list[Record | None]:
        """In order; None where nothing is known."""
        async with self._redis.pipeline(transaction=False) as pipe:
            for user_id in user_ids:
                pipe.hgetall(record_key(user_id))
            answers = await pipe.execute()
        return [
            _record([part.decode() for pair in answer.items() for part in pair]) if answer else None
            for answer in answers
        ]

    async def fill(self, seen_ms: Mapping[str, int]) -> None:
        """What was read from the database, where nothing is known; 0: nothing there either."""
        calls = [(record_key(u), [_RECORD_MS, ms]) for u, ms in seen_ms.items()]
        await self._run(self._fill, calls)

    async def _run(self, script: Any, calls: Sequence[tuple[str, list[Any]]]) -> list[Any]:
        if self._cluster:  # its pipelines refuse scripts
            return [await script(keys=[key], args=args) for key, args in calls]
        answers: list[Any] = []
        for start in range(0, len(calls), _CALLS_MAX):
            some = calls[start : start + _CALLS_MAX]
            try:
                answers += await self._pipelined(script.sha, some)
            except NoScriptError:
                await self._redis.script_load(script.script)
                answers += await self._pipelined(script.sha, some)
        return answers

    async def _pipelined(self, sha: str, calls: Sequence[tuple[str, list[Any]]]) -> list[Any]:
        async with self._redis.pipeline(transaction=False) as pipe:
            for key, args in calls:
                pipe.evalsha(sha, 1, key, *args)
            answers: list[Any] = await pipe.execute()
        return answers
