"""Events on their way to the user: each once, in order, and how far the user has come.

Two places in the log are told apart. `received` is what has arrived, and where a reconnect of
this process goes on. `handled` is what the user has done with, and what is acknowledged and
kept for a later process: what waits here when a process dies is delivered again.
"""

import asyncio
from collections import OrderedDict, deque
from typing import Any

from realtime.client.received import ClientError, Event, Resync

IDS_MAX = 1024
WAITING_MAX = 4096
Point = tuple[str, int]
"""(epoch, seq): everything up to `seq` is had."""


class Inbox:
    def __init__(self, point: Point | None) -> None:
        self.received = point
        self.handled = point
        self.repeats = 0
        """Events that came again and were passed over."""
        self._waiting: deque[tuple[Event | Resync | None, Point]] = deque()
        self._held: Point | None = None
        self._ids: OrderedDict[str, None] = OrderedDict()
        self._ended: ClientError | None = None
        self._news = asyncio.Event()

    # From the connection

    def place(self, point: Point) -> None:
        """A place that nothing leads up to: the first welcome's."""
        self.received = point
        self._put(None, point)

    def resync(self, reason: str, point: Point) -> None:
        """What comes next is counted from here, not from what was missed."""
        self.received = point
        self._put(Resync(reason), point)

    def event(self, raw: dict[str, Any]) -> bool:
        """False: there is one missing before it, and it was not taken."""
        assert self.received is not None, "events come after a welcome"
        epoch, seq = self.received
        if raw["seq"] > seq + 1:
            return False
        if raw["seq"] == seq + 1:
            self.received = (epoch, raw["seq"])
        if raw["id"] in self._ids:
            self.repeats += 1
            self._put(None, self.received)
            return True
        self._ids[raw["id"]] = None
        if len(self._ids) > IDS_MAX:
            self._ids.popitem(last=False)
        void = raw["type"] == "void"
        self._put(
            None if void else Event(raw["seq"], raw["id"], raw["type"], raw["ts"], raw["data"]),
            self.received,
        )
        return True

    def end(self, error: ClientError) -> None:
        """Raised to the user after what waits."""
        self._ended = error
        self._news.set()

    @property
    def crowded(self) -> bool:
        return len(self._waiting) > WAITING_MAX // 4

    def _put(self, message: Event | Resync | None, point: Point) -> None:
        if len(self._waiting) >= WAITING_MAX:
            self._waiting.clear()
            message = Resync("behind")
        self._waiting.append((message, point))
        if self._held is None:
            self._pass_over()
        self._news.set()

    # To the user

    async def take(self) -> Event | Resync:
        """The next; whoever asks for it has done with the one before."""
        while True:
            self.done()
            if self._waiting:
                message, self._held = self._waiting.popleft()
                assert message is not None, "places without a message are passed over"
                return message
            if self._ended is not None:
                raise self._ended
            self._news.clear()
            await self._news.wait()

    def done(self) -> None:
        if self._held is not None:
            self.handled, self._held = self._held, None
        self._pass_over()

    def _pass_over(self) -> None:
        while self._waiting and self._waiting[0][0] is None:
            self.handled = self._waiting.popleft()[1]
