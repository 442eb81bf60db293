"""Small caches inside one process: bounded, short-lived, for what may lag by a second."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeVar

V = TypeVar("V")


class TtlCache(Generic[V]):
    """At most `size_max` values, each good for `ttl_s`; the one stored longest ago goes first.

    A miss is loaded once, however many ask for it meanwhile.
    """

    def __init__(self, size_max: int, ttl_s: float) -> None:
        self._size_max = size_max
        self._ttl_s = ttl_s
        self._values: OrderedDict[str, tuple[float, V]] = OrderedDict()
        self._loading: dict[str, asyncio.Future[Mapping[str, V]]] = {}
        self.drops = 0
        """How often something was dropped: who `fill`s what they read themselves can tell."""

    def get(self, key: str) -> V | None:
        found = self._values.get(key)
        return None if found is None or found[0] < time.monotonic() else found[1]

    def all(self, keys: Sequence[str]) -> list[V] | None:
        """The values in order, if every one of them is here."""
        now, values = time.monotonic(), self._values
        found = [
            value[1] for key in keys if (value := values.get(key)) is not None and value[0] >= now
        ]
        return found if len(found) == len(keys) else None

    async def many(
        self, keys: Iterable[str], load: Callable[[list[str]], Awaitable[Mapping[str, V]]]
    ) -> dict[str, V]:
        """Values by key. `load` gets the missing keys and gives those that exist; it must
        raise, not hang. Keys it leaves out are absent, and are asked for again next time."""
        now = time.monotonic()
        found: dict[str, V] = {}
        missing: list[str] = []
        underway: dict[asyncio.Future[Mapping[str, V]], list[str]] = {}
        for key in keys:
            value = self._values.get(key)
            if value is not None and value[0] >= now:
                found[key] = value[1]
            elif key in self._loading:
                underway.setdefault(self._loading[key], []).append(key)
            else:
                missing.append(key)
        if missing:
            found |= await self._load(missing, load)
        for future, wanted in underway.items():
            loaded = await asyncio.shield(future)
            found |= {key: loaded[key] for key in wanted if key in loaded}
        return found

    async def _load(
        self, keys: list[str], load: Callable[[list[str]], Awaitable[Mapping[str, V]]]
    ) -> Mapping[str, V]:
        # A task of its own: the first who asks may go away, the others still wait for it.
        task = asyncio.ensure_future(load(keys))
        for key in keys:
            self._loading[key] = task
        task.add_done_callback(lambda done: self._loaded(keys, done))
        return await asyncio.shield(task)

    def _loaded(self, keys: list[str], done: "asyncio.Future[Mapping[str, V]]") -> None:
        current = {key for key in keys if self._loading.get(key) is done}
        for key in current:
            del self._loading[key]
        if done.cancelled() or done.exception() is not None:
            return
        # What is not current was dropped while it was loaded.
        self.fill({key: value for key, value in done.result().items() if key in current})

    def put(self, key: str, value: V) -> None:
        self.fill({key: value})

    def fill(self, found: Mapping[str, V]) -> None:
        """Put many at once."""
        values, until = self._values, time.monotonic() + self._ttl_s
        for key, value in found.items():
            values[key] = (until, value)
            values.move_to_end(key)
        while len(values) > self._size_max:
            values.popitem(last=False)

    def drop(self, key: str) -> None:
        """Forget it; a load that began before does not bring it back."""
        self.drops += 1
        self._values.pop(key, None)
        self._loading.pop(key, None)


class Memory:
    """Every such cache of a process, by what it holds."""

    RECENT_MAX = 60

    def __init__(self) -> None:
        self.posts: TtlCache[Any] = TtlCache(20_000, 0.5)
        """post id → `app.posts.fragments.Fragment`, or None when there is no such post."""
        self.made: TtlCache[Any] = TtlCache(20_000, 60.0)
        """post id → the Fragment as it was made last: good while the post is the same."""
        self.people: TtlCache[bytes] = TtlCache(50_000, 2.0)
        """user id → the person inside another object, as JSON."""
        self.shared: TtlCache[tuple[str, bytes]] = TtlCache(20_000, 0.5)
        """post id → its author, and all of its JSON but the viewer's marks; unrestricted only."""
        self.counts: TtlCache[bytes] = TtlCache(50_000, 0.5)
        """post id → its counters, as JSON."""
        self.media: TtlCache[Any] = TtlCache(20_000, 1.0)
        """media id → `app.media.access.Shown`."""
        self.stories: TtlCache[Any] = TtlCache(20_000, 0.25)
        """author's id → `app.stories.told.Told`."""
        self.items: TtlCache[Any] = TtlCache(20_000, 3600.0)
        """story id → `app.stories.items.Item`, which does not change."""
        self.recent: TtlCache[Any] = TtlCache(2000, 1.0)
        """popular author's id → their newest RECENT_MAX entries (`app.feed.timeline.Entry`)."""
