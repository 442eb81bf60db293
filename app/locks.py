"""Locks by name inside one process: they spare work, and no correctness hangs on them."""

import asyncio
from weakref import WeakValueDictionary


class Locks:
    """`async with locks.of("conv_…"): …`. A lock is there as long as someone holds or awaits it."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def of(self, name: str) -> asyncio.Lock:
        lock = self._locks.get(name)
        if lock is None:
            lock = self._locks[name] = asyncio.Lock()
        return lock
