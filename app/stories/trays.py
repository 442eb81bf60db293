"""Whose stories a person's tray may hold: a sorted set of authors, score: when their last ends.

Like a cached home feed (`app.feed.timeline`), a set is complete or absent: it holds the sentinel
`built`, or while it is made `building:<token>`. Fan-out adds an author to the sets that exist;
authors with many followers stand in it from the time it is made, whether they have stories or not.
It only narrows the search: every read asks whose stories live, and who may see them. So an author
too many costs a look, and none can be missing.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from app.batch import BatchedScript, Begun
from app.bus import is_cluster
from app.graph.keys import relations_key, tray_key

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from app.batch import Batch

TTL_S = 300
"""Not moved by reading: an author who gets many followers is written to the trays for longer than
this, so that every tray has been made anew by then."""
_BUILDING_S = 60
PULLED_UNTIL_MS = 9_007_199_254_740_000
_SENTINEL_SCORE = 9_007_199_254_740_991
_KEYS_PER_CALL = 500

_READ = """
if not redis.call('ZSCORE', KEYS[1], 'built') then return false end
return {redis.call('ZREVRANGE', KEYS[1], 1, -1), redis.call('GET', KEYS[2])}
"""

# A set that only has the new entry was absent: it must not look like a tray.
_PUSH = """
local written = 0
for i = 1, #KEYS do
  redis.call('ZADD', KEYS[i], 'GT', ARGV[1], ARGV[2])
  if redis.call('ZCARD', KEYS[i]) == 1 then
    redis.call('DEL', KEYS[i])
  else
    written = written + 1
  end
end
return written
"""

_FINISH = """
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
for i = 4, #ARGV, 2 do redis.call('ZADD', KEYS[1], 'GT', ARGV[i], ARGV[i + 1]) end
redis.call('ZADD', KEYS[1], ARGV[2], 'built')
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
"""


class Tray(NamedTuple):
    authors: list[str]
    relations: bytes
    """The viewer's cached record; empty when there is none."""


class Trays:
    def __init__(self, redis: "Redis", batch: "Batch") -> None:
        self._redis = redis
        self._batch = batch
        self._cluster = is_cluster(redis)
        self._read = BatchedScript(batch, _READ)
        self._push: Any = redis.register_script(_PUSH)
        self._finish = BatchedScript(batch, _FINISH)

    def begin_read(self, viewer: str) -> Begun:
        """For `read`."""
        return self._read.begin([tray_key(viewer), relations_key(viewer)], [])

    async def read(self, viewer: str, begun: Begun | None = None) -> Tray | None:
        """None when no tray was made."""
        found = await (begun or self.begin_read(viewer)).answer()
        if found is None:
            return None
        authors, record = found
        # The sentinel of a build that runs meanwhile is no author.
        named = [author.decode() for author in authors if not author.startswith(b"building:")]
        return Tray(named, record or b"")

    async def begin(self, viewer: str) -> str:
        """Mark the set as being made, so that fan-out writes into it; the token."""
        token = f"building:{secrets.token_hex(6)}"
        key = tray_key(viewer)
        await self._batch.calls(("ZADD", key, _SENTINEL_SCORE, token), ("EXPIRE", key, _BUILDING_S))
        return token

    async def finish(self, viewer: str, token: str, authors: Mapping[str, int]) -> bool:
        """Write the authors (→ until when, ms); False when whom the viewer follows changed
        meanwhile and they were dropped."""
        arguments: list[Any] = [token, _SENTINEL_SCORE, TTL_S]
        for author, until_ms in authors.items():
            arguments += [until_ms, author]
        return bool(await self._finish([tray_key(viewer)], arguments))

    async def push(self, viewers: Sequence[str], author: str, until_ms: int) -> int:
        """Add the author to these trays; how many there are. Repeats change nothing."""
        keys = [tray_key(viewer) for viewer in viewers]
        groups = _by_slot(keys) if self._cluster else [keys]
        async with self._redis.pipeline(transaction=False) as pipe:
            for group in groups:
                for start in range(0, len(group), _KEYS_PER_CALL):
                    await self._push(
                        keys=group[start : start + _KEYS_PER_CALL],
                        args=[until_ms, author],
                        client=pipe,
                    )
            return sum(await pipe.execute())

    async def drop(self, *viewers: str) -> None:
        async with self._redis.pipeline(transaction=False) as pipe:
            for viewer in viewers:
                pipe.unlink(tray_key(viewer))
            await pipe.execute()


def _by_slot(keys: Sequence[str]) -> list[list[str]]:
    groups: dict[str, list[str]] = {}
    for key in keys:
        groups.setdefault(key.partition("}")[0], []).append(key)
    return list(groups.values())
