"""A topic's watchers on one node, and what they are told. Updates of one loop turn go out in one
write."""

import asyncio
from collections.abc import Iterable, Sequence

from app.live import TopicUpdate
from realtime import frames
from realtime.connection import Connection
from realtime.frames import frame
from realtime.line import Line, write_all
from realtime.metrics import Metrics

_NEVER = -1


class Room:
    __slots__ = (
        "_flush_due",
        "_lines",
        "_lines_at",
        "_metrics",
        "_others",
        "_pending",
        "ready",
        "task",
        "topic",
        "watchers",
    )

    def __init__(self, topic: str, metrics: Metrics) -> None:
        self.topic = topic
        self._metrics = metrics
        self.watchers: set[Connection] = set()
        self.task: asyncio.Task[None] | None = None
        self.ready = asyncio.Event()
        """Updates come from now on (or as soon as Redis is back)."""
        self._pending: list[tuple[str, bytes, str]] = []
        self._flush_due = False
        self._lines: Sequence[Line] = ()
        self._others: Sequence[Connection] = ()
        self._lines_at = _NEVER
        """By the count of flow changes: with another, both lists are out of date."""

    async def open(self) -> None:
        """Updates are being kept from here on; they are taken after this."""

    def close(self) -> None:
        """Nobody watches any more."""

    def welcome(self, connection: Connection) -> None:
        """It has been told that it watches now."""

    def add(self, connection: Connection) -> None:
        self.watchers.add(connection)
        self._lines_at = _NEVER

    def discard(self, connection: Connection) -> None:
        self.watchers.discard(connection)
        self._lines_at = _NEVER

    def take(self, update: TopicUpdate) -> None:
        self._pending.append((update.type, frame(update.message), update.about))
        if not self._flush_due:
            self._flush_due = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._flush_due = False
        pending, self._pending = self._pending, []
        together = pending[0][1] if len(pending) == 1 else b"".join(f for _, f, _ in pending)
        if any(about for _, _, about in pending):
            others: Iterable[Connection] = self.watchers
        else:
            if self._lines_at != self._metrics.flow_changes_total:
                self._sort()
            others = self._others
            write_all(self._lines, together)
        squeezed = b""
        shown = {about for _, _, about in pending if about}
        for connection in others:
            if connection.blocked or not shown.isdisjoint(connection.hidden):
                self._one_by_one(connection, pending)
                continue
            if connection.squeezes:
                squeezed = squeezed or b"".join(frames.squeezed(data) for _, data, _ in pending)
            try:
                connection.write(squeezed if connection.squeezes else together)
            except RuntimeError:
                connection.shut()
        self._metrics.updates_delivered_total += len(self.watchers) * len(pending)

    def _sort(self) -> None:
        """Most take the same bytes, at once: looking at each of them every time would cost more
        than all else that is done here."""
        plain = [c for c in self.watchers if not c.blocked and not c.squeezes]
        self._lines = [connection.socket.line() for connection in plain]
        self._others = list(self.watchers.difference(plain))
        self._lines_at = self._metrics.flow_changes_total

    def _one_by_one(self, connection: Connection, pending: list[tuple[str, bytes, str]]) -> None:
        for type_, data, about in pending:
            if about not in connection.hidden:
                connection.send_live(self.topic, type_, data)
