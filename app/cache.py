"""Redis as a cache: every call may fail, and then the caller asks MongoDB instead.

After a failure the cache rests for a second (a breaker), so that a Redis that hangs or is
gone costs one short time-out, not one for each request. Keys that should have been written or
dropped meanwhile are owed: they are deleted before the cache is used again.
"""

import asyncio
import logging
import time
import zlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

from redis.asyncio import Redis
from redis.exceptions import RedisError

from app.batch import Batch

T = TypeVar("T")
log = logging.getLogger(__name__)

_REST_S = 1.0
_TIMEOUT_S = 0.5
_OWED_MAX = 50_000
_TOMBSTONE = b""
_TOMBSTONE_MS = 3000


@lru_cache(maxsize=20_000)
def person_tag(user_id: str) -> str:
    """The hash tag of all keys of one person: 256 groups, so that a script that serves many
    people (fan-out) can take those of one group in one call, on a cluster too."""
    return f"{{u{zlib.crc32(user_id.encode()) & 255}}}"


class Cache:
    def __init__(self, redis: "Redis", batch: Batch) -> None:
        self.redis = redis
        self._batch = batch
        self._rest_until = 0.0
        self._owed: set[str] = set()

    @property
    def resting(self) -> bool:
        return time.monotonic() < self._rest_until

    @property
    def ready(self) -> bool:
        """Whether it may be read right now: it is not away, and owes nothing."""
        return not self._owed and time.monotonic() >= self._rest_until

    async def attempt(
        self, call: Callable[["Redis"], Awaitable[T]], default: T, owes: Iterable[str] = ()
    ) -> T:
        """What `call(redis)` gives, or `default` when Redis is away or too slow; then the keys
        that it `owes` are deleted once Redis is back."""
        if not self.resting:
            try:
                async with asyncio.timeout(_TIMEOUT_S):
                    if self._owed:
                        await self._settle()
                    return await call(self.redis)
            except (RedisError, OSError, TimeoutError) as error:
                self._rest(error)
        self._owe(owes)
        return default

    def _owe(self, keys: Iterable[str]) -> None:
        if len(self._owed) < _OWED_MAX:
            self._owed.update(keys)

    async def ask(self, call: Callable[[], Awaitable[T]], default: T) -> T:
        """Like `attempt`, for a call that bounds its own time (`app.batch`)."""
        if self.resting:
            return default
        if self._owed:
            return await self.attempt(lambda _: call(), default)
        try:
            return await call()
        except (RedisError, OSError, TimeoutError) as error:
            self._rest(error)
            return default

    def _rest(self, error: Exception) -> None:
        self._rest_until = time.monotonic() + _REST_S
        log.warning("cache away, asking the database instead: %r", error)

    async def _settle(self) -> None:
        owed = list(self._owed)
        async with self.redis.pipeline(transaction=False) as pipe:
            for key in owed:
                pipe.unlink(key)
            await pipe.execute()
        self._owed.difference_update(owed)

    async def get(self, key: str) -> bytes | None:
        """The value; None when absent or just invalidated."""
        value: bytes | None = await self.ask(lambda: self._batch.call("GET", key), None)
        return value or None

    async def get_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """The values, in order; None where absent."""
        nothing: list[bytes | None] = [None] * len(keys)
        return await self.ask(lambda: self._batch.calls(*(("GET", key) for key in keys)), nothing)

    async def get_fields(self, key: str, names: Sequence[str]) -> list[bytes | None]:
        """These fields of a hash, in order; None where absent."""
        nothing: list[bytes | None] = [None] * len(names)
        return await self.ask(lambda: self._batch.call("HMGET", key, *names), nothing)

    async def fill(self, key: str, value: bytes, ttl_s: int) -> None:
        """Store what was read from the database, unless someone wrote or invalidated since."""
        await self.fill_many({key: value}, ttl_s)

    async def fill_many(self, values: Mapping[str, bytes], ttl_s: int) -> None:
        """The same for several keys."""
        commands = [("SET", key, value, "EX", ttl_s, "NX") for key, value in values.items()]
        nothing: list[object] = []
        await self.ask(lambda: self._batch.calls(*commands), nothing)

    async def put(self, key: str, value: bytes, ttl_s: int) -> None:
        """Write through."""
        await self.attempt(lambda redis: redis.set(key, value, ex=ttl_s), None, owes=[key])

    async def put_field(self, key: str, field: str, value: str, ttl_s: int) -> None:
        """Write one field of a hash through."""
        commands = (("HSET", key, field, value), ("EXPIRE", key, ttl_s))
        done: list[object] = await self.ask(lambda: self._batch.calls(*commands), [])
        if not done:
            self._owe([key])

    async def fill_fields(self, key: str, values: Mapping[str, str], ttl_s: int) -> int:
        """Store fields of a hash that were read from the database, unless someone wrote them
        since; how many fields it has now (0 when Redis is away)."""
        commands = [("HSETNX", key, field, value) for field, value in values.items()]
        more = (("EXPIRE", key, ttl_s), ("HLEN", key))
        answers: list[int] = await self.ask(lambda: self._batch.calls(*commands, *more), [0])
        return answers[-1]

    async def drop(self, *keys: str) -> None:
        """Delete the keys."""

        async def write(redis: "Redis") -> None:
            async with redis.pipeline(transaction=False) as pipe:
                for key in keys:
                    pipe.unlink(key)
                await pipe.execute()

        await self.attempt(write, None, owes=keys)

    async def invalidate(self, *keys: str) -> None:
        """Drop the keys, and for three seconds refuse `fill`: a read that began before the
        write must not put the old value back."""

        async def write(redis: "Redis") -> None:
            async with redis.pipeline(transaction=False) as pipe:
                for key in keys:
                    pipe.set(key, _TOMBSTONE, px=_TOMBSTONE_MS)
                await pipe.execute()

        await self.attempt(write, None, owes=keys)
