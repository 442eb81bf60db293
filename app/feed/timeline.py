"""The cached home feed: one sorted set per person, post id by time of publication.

A set is complete or absent. While it is built it holds a sentinel `building:<token>`, when it
is complete the sentinel `built`; both sort above all posts. Fan-out writes into sets that
exist and leaves absent ones absent: the next read builds them from MongoDB. Whoever changes
the graph deletes the set; a build that runs meanwhile finds its token gone and throws its
result away.
"""

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from app.batch import BatchedScript, Begun
from app.bus import is_cluster
from app.graph.keys import home_key, relations_key
from app.posts.marks import marks_key, touched_key

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from app.batch import Batch
    from app.settings import Feed

SENTINEL_SCORE = 9_007_199_254_740_991
NEWEST_SCORE = SENTINEL_SCORE - 1
_KEYS_PER_CALL = 500

# Everything that a page of the feed takes of the viewer's own keys, in one round trip. Two long
# strings: a hundred small ones cost the driver more than all the rest of the page.
_READ = """
if not redis.call('ZSCORE', KEYS[1], 'built') then return false end
redis.call('EXPIRE', KEYS[1], ARGV[3])
local rows = redis.call('ZREVRANGEBYSCORE', KEYS[1], ARGV[1], '-inf', 'WITHSCORES', 'LIMIT', 0, ARGV[2])
local fields = {}
for i = 1, #rows, 2 do
  fields[i] = 'l' .. rows[i]
  fields[i + 1] = 's' .. rows[i]
end
local marks = {}
if #fields > 0 then marks = redis.call('HMGET', KEYS[3], unpack(fields)) end
for i = 1, #fields do marks[i] = marks[i] or '?' end
return {
  table.concat(rows, ' '), table.concat(marks),
  redis.call('GET', KEYS[2]) or '', redis.call('SMEMBERS', KEYS[4])
}
"""

# A set that only has the new entry was absent: it must not look like a feed.
_PUSH = """
local written = 0
local cap = tonumber(ARGV[3])
for i = 1, #KEYS do
  redis.call('ZADD', KEYS[i], ARGV[1], ARGV[2])
  local size = redis.call('ZCARD', KEYS[i])
  if size == 1 then
    redis.call('DEL', KEYS[i])
  else
    written = written + 1
    if size > cap then redis.call('ZREMRANGEBYRANK', KEYS[i], 0, size - cap - 1) end
  end
end
return written
"""

_REMOVE = """
for i = 1, #KEYS do redis.call('ZREM', KEYS[i], unpack(ARGV)) end
return #KEYS
"""

_FINISH = """
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
for i = 4, #ARGV, 2 do redis.call('ZADD', KEYS[1], ARGV[i], ARGV[i + 1]) end
redis.call('ZADD', KEYS[1], ARGV[2], 'built')
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
"""


Entry = tuple[int, str]
"""(published at in ms, post id). Plain tuples: a page makes some thirty of them."""


class Slice(NamedTuple):
    """Entries in order, newest first, with what else the viewer's keys held."""

    entries: list[Entry]
    marks: str
    """For `app.posts.marks.fields` of the entries' posts: 1, 0 or, unknown, ?."""
    relations: bytes
    touched: frozenset[str]


class Timeline:
    def __init__(self, redis: "Redis", batch: "Batch", settings: "Feed") -> None:
        self._redis = redis
        self._settings = settings
        self._cluster = is_cluster(redis)
        self._read = BatchedScript(batch, _READ)
        self._push: Any = redis.register_script(_PUSH)
        self._remove: Any = redis.register_script(_REMOVE)
        self._finish: Any = redis.register_script(_FINISH)

    def begin_read(self, viewer: str, score_max: int, limit: int) -> Begun:
        """For `read`."""
        return self._read.begin(
            [home_key(viewer), relations_key(viewer), marks_key(viewer), touched_key(viewer)],
            [score_max, limit, self._settings.ttl_s],
        )

    async def read(
        self, viewer: str, score_max: int, limit: int, begun: Begun | None = None
    ) -> Slice | None:
        """Up to `limit` entries from `score_max` (ms, inclusive) on; None when not built."""
        answer = await (begun or self.begin_read(viewer, score_max, limit)).answer()
        if answer is None:
            return None
        rows = answer[0].decode().split()
        entries = list(zip(map(int, rows[1::2]), rows[::2], strict=True))
        touched = frozenset(post_id.decode() for post_id in answer[3])
        return Slice(entries, answer[1].decode(), answer[2], touched)

    async def begin(self, viewer: str) -> str:
        """Mark the set as being built, so that fan-out writes into it; the token."""
        token = f"building:{secrets.token_hex(6)}"
        async with self._redis.pipeline(transaction=False) as pipe:
            pipe.zadd(home_key(viewer), {token: SENTINEL_SCORE})
            pipe.expire(home_key(viewer), 60)
            await pipe.execute()
        return token

    async def finish(self, viewer: str, token: str, entries: Sequence[Entry]) -> bool:
        """Write the entries; False when the graph changed meanwhile and they were dropped."""
        arguments: list[Any] = [token, SENTINEL_SCORE, self._settings.ttl_s]
        for entry in entries:
            arguments += entry
        return bool(await self._finish(keys=[home_key(viewer)], args=arguments))

    async def push(self, user_ids: Sequence[str], entry: Entry) -> int:
        """Add to the feeds of these people; how many have one. Repeats change nothing."""
        arguments = [*entry, self._settings.entries_max + 1]
        return sum(await self._for_groups(self._push, user_ids, arguments))

    async def remove(self, user_ids: Sequence[str], post_ids: Sequence[str]) -> None:
        if post_ids:
            await self._for_groups(self._remove, user_ids, list(post_ids))

    async def _for_groups(
        self, script: Any, user_ids: Sequence[str], arguments: list[Any]
    ) -> list[int]:
        keys = [home_key(user_id) for user_id in user_ids]
        groups = _by_slot(keys) if self._cluster else [keys]
        async with self._redis.pipeline(transaction=False) as pipe:
            for group in groups:
                for start in range(0, len(group), _KEYS_PER_CALL):
                    await script(
                        keys=group[start : start + _KEYS_PER_CALL], args=arguments, client=pipe
                    )
            return list(await pipe.execute())


def _by_slot(keys: Sequence[str]) -> list[list[str]]:
    """The keys by hash tag: on a cluster one call may not span slots. Elsewhere it would only
    make many small calls of a few large ones."""
    groups: dict[str, list[str]] = {}
    for key in keys:
        groups.setdefault(key.partition("}")[0], []).append(key)
    return list(groups.values())
