"""What a socket waits on, small: asyncio's Queue and Event are made for many waiters and cost
three KiB a connection, most of it empty deques. Here one task waits.
"""

import asyncio
from typing import Any


class Gate:
    """As `asyncio.Event`, for one waiter."""

    __slots__ = ("_open", "_waiter")

    def __init__(self) -> None:
        self._open = False
        self._waiter: asyncio.Future[None] | None = None

    def is_set(self) -> bool:
        return self._open

    def set(self) -> None:
        self._open = True
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def clear(self) -> None:
        self._open = False

    async def wait(self) -> bool:
        while not self._open:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return True


class Inbox:
    """As `asyncio.Queue`, for one reader."""

    __slots__ = ("_items", "_some")

    def __init__(self) -> None:
        self._items: list[Any] = []
        self._some = Gate()

    def empty(self) -> bool:
        return not self._items

    def put_nowait(self, item: Any) -> None:
        self._items.append(item)
        self._some.set()

    async def get(self) -> Any:
        while not self._items:
            self._some.clear()
            await self._some.wait()
        return self._items.pop(0)
