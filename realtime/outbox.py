"""What waits for a connection that reads slower than it is written to. Bounded.

An ephemeral message replaces the waiting one of its key, (topic, type). When the bound is hit,
ephemeral messages go first; when only durable ones are left, the connection is hopeless.
"""

from collections.abc import Hashable

Mark = tuple[str, int]
"""What a frame means to the numbering: an event (`""`, its seq), or a resync (epoch, seq)."""


class Outbox:
    __slots__ = ("_bytes", "_bytes_max", "_frames", "_live", "_marks", "_messages_max", "_next")

    def __init__(self, messages_max: int, bytes_max: int) -> None:
        self._messages_max = messages_max
        self._bytes_max = bytes_max
        self._frames: dict[Hashable, bytes] = {}
        """In the order they go out: by number, or by the key of an ephemeral message."""
        self._live: dict[Hashable, None] = {}
        self._marks: dict[Hashable, Mark] = {}
        self._bytes = 0
        self._next = 0

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def size_bytes(self) -> int:
        return self._bytes

    def put(self, frame: bytes, mark: Mark | None = None) -> bool:
        """False: there is no room even without ephemeral messages."""
        self._frames[self._next] = frame
        if mark is not None:
            self._marks[self._next] = mark
        self._next += 1
        self._bytes += len(frame)
        return self._make_room()

    def put_live(self, topic: str, type: str, frame: bytes) -> None:
        key = (topic, type)
        waiting = self._frames.get(key)
        if waiting is not None:
            self._bytes -= len(waiting)
        self._frames[key] = frame
        self._live[key] = None
        self._bytes += len(frame)
        self._make_room()

    def _make_room(self) -> bool:
        while self._full and self._live:
            oldest = next(iter(self._live))
            del self._live[oldest]
            self._bytes -= len(self._frames.pop(oldest))
        return not self._full

    @property
    def _full(self) -> bool:
        return len(self._frames) > self._messages_max or self._bytes > self._bytes_max

    def take(self, size_bytes: int) -> tuple[bytes, list[Mark]]:
        """The next frames, together about `size_bytes` long, and their marks; empty when
        nothing waits."""
        taken: list[bytes] = []
        marks: list[Mark] = []
        while self._frames and size_bytes > 0:
            key = next(iter(self._frames))
            frame = self._frames.pop(key)
            self._live.pop(key, None)
            self._bytes -= len(frame)
            size_bytes -= len(frame)
            taken.append(frame)
            mark = self._marks.pop(key, None)
            if mark is not None:
                marks.append(mark)
        return b"".join(taken), marks
