"""Reads of many requests, asked together: what is asked while one is on its way goes into the
next.

Nothing is kept, so nothing is ever older than the request that asked. A query costs the driver
half a millisecond of Python however few rows it is about; shared by all who wait, a fraction.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

V = TypeVar("V")
Read = Callable[[list[str]], Awaitable[Mapping[str, V]]]
KEYS_MAX = 2000


class _Asked(NamedTuple, Generic[V]):
    keys: list[str]
    read: Read[V]
    future: "asyncio.Future[Mapping[str, V]]"


class Together(Generic[V]):
    def __init__(self, keys_max: int = KEYS_MAX) -> None:
        self._keys_max = keys_max
        self._waiting: deque[_Asked[V]] = deque()
        self._reader: asyncio.Task[None] | None = None

    async def many(self, keys: Iterable[str], read: Read[V]) -> dict[str, V]:
        """Values by key, from a `read` (any waiting caller's: they have to be alike) that begins
        after this call; keys that it leaves out are left out. Raises what it raises."""
        wanted = list(keys)
        if not wanted:
            return {}
        future: asyncio.Future[Mapping[str, V]] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Asked(wanted, read, future))
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._run())
        found = await future
        return {key: found[key] for key in wanted if key in found}

    async def _run(self) -> None:
        while self._waiting:
            taken: list[_Asked[V]] = []
            size = 0
            while self._waiting and (not taken or size < self._keys_max):
                taken.append(self._waiting.popleft())
                size += len(taken[-1].keys)
            keys = list(dict.fromkeys(key for asked in taken for key in asked.keys))
            try:
                found = await taken[0].read(keys)
            except Exception as error:  # whatever it is, it is the answer to all of them
                for asked in taken:
                    if not asked.future.done():
                        asked.future.set_exception(error)
                continue
            for asked in taken:
                if not asked.future.done():  # else its caller gave up
                    asked.future.set_result(found)


class Reads:
    """Every such of a process, by what is asked for."""

    def __init__(self) -> None:
        self.told: Together[Any] = Together()
        """user id → `app.stories.told.Told`; pair of follower and followee → True"""
        self.lists: Together[bool] = Together()
        """key of a member of a list → True"""
        self.counts: Together[Any] = Together()
        """id of a subject → `app.counts.queries.Counts`"""
        self.views: Together[bool] = Together()
        """pair of story and viewer → True"""
        self.likeable: Together[Any] = Together()
        """pair of viewer and post → the post, for `app.posts.access.likeable`"""
