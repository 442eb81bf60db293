"""Small caches inside one process: bounded, short-lived, for what may lag by a second."""

import time
from collections import OrderedDict
from collections.abc import Iterable
from typing import Any, Generic, TypeVar

V = TypeVar("V")


class TtlCache(Generic[V]):
    """At most `size_max` values, each good for `ttl_s`; the one used last longest ago goes first."""

    def __init__(self, size_max: int, ttl_s: float) -> None:
        self._size_max = size_max
        self._ttl_s = ttl_s
        self._values: OrderedDict[str, tuple[float, V]] = OrderedDict()

    def get(self, key: str) -> V | None:
        found = self._values.get(key)
        if found is None or found[0] < time.monotonic():
            return None
        return found[1]

    def split(self, keys: Iterable[str]) -> tuple[dict[str, V], list[str]]:
        """(what is here, which keys are missing)."""
        now = time.monotonic()
        here: dict[str, V] = {}
        missing: list[str] = []
        for key in keys:
            found = self._values.get(key)
            if found is None or found[0] < now:
                missing.append(key)
            else:
                here[key] = found[1]
        return here, missing

    def put(self, key: str, value: V) -> None:
        self._values[key] = (time.monotonic() + self._ttl_s, value)
        self._values.move_to_end(key)
        while len(self._values) > self._size_max:
            self._values.popitem(last=False)

    def drop(self, key: str) -> None:
        self._values.pop(key, None)


class Memory:
    """Every such cache of a process, by what it holds."""

    RECENT_MAX = 60

    def __init__(self) -> None:
        self.posts: TtlCache[Any] = TtlCache(20_000, 1.0)
        """post id → `app.posts.fragments.Fragment`, or False when there is no such post."""
        self.people: TtlCache[bytes] = TtlCache(50_000, 2.0)
        """user id → the person inside another object, as JSON."""
        self.counts: TtlCache[bytes] = TtlCache(50_000, 0.5)
        """post id → its counters, as JSON."""
        self.recent: TtlCache[Any] = TtlCache(2000, 1.0)
        """popular author's id → their newest RECENT_MAX entries (`app.feed.timeline.Entry`)."""
        self.media: TtlCache[Any] = TtlCache(20_000, 1.0)
        """media id → `app.media.access.Shown`, or False when there is nothing to show."""
