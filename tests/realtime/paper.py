"""Redis and transports on paper, for properties of what stands between them.

`PaperLogs` answers as the people's logs do, out of plain lists; `PaperSocket` takes bytes as a
transport does, and remembers the messages.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from app.personlog import Entry, Registered, Standing

KEPT = 6
"""Events a log holds."""


@dataclass
class Log:
    epoch: str
    events: list[str] = field(default_factory=list)
    """Ids; the event of number n stands at n - 1."""


def tail(event_id: str) -> bytes:
    return orjson.dumps({"id": event_id, "type": "x", "ts": "now", "data": {}})[1:]


class PaperLogs:
    """As `PersonLogs`, for one node."""

    renew_ms = 60_000

    def __init__(self) -> None:
        self.logs: dict[str, Log] = {}
        self.history: dict[str, Log] = {}
        """Every numbering there ever was, by its epoch."""
        self._epochs = 0
        self.meanwhile: Callable[[], None] = lambda: None
        """What happens while an answer is on its way."""

    def log(self, user_id: str) -> Log:
        if user_id not in self.logs:
            self._epochs += 1
            log = Log(f"epoch{self._epochs}")
            self.logs[user_id] = self.history[log.epoch] = log
        return self.logs[user_id]

    def append(self, user_id: str, event_id: str) -> tuple[str, int]:
        """(epoch, seq); an event that stands there keeps its number."""
        log = self.log(user_id)
        if event_id not in log.events:
            log.events.append(event_id)
        return log.epoch, log.events.index(event_id) + 1

    def _after(self, log: Log, after: int) -> list[Entry] | None:
        if after < len(log.events) - KEPT:
            return None
        numbered = enumerate(log.events[after:], after + 1)
        return [Entry(seq, event_id, tail(event_id)) for seq, event_id in numbered]

    def register(self, user_id: str, resume: tuple[str, int] | None) -> Registered:
        log = self.log(user_id)
        seq = len(log.events)
        if resume is None:
            return Registered("fresh", log.epoch, seq, [], [])
        if resume[0] != log.epoch or resume[1] > seq:
            return Registered("epoch", log.epoch, seq, [], [])
        missed = self._after(log, resume[1])
        if missed is None:
            return Registered("trimmed", log.epoch, seq, [], [])
        return Registered("resumed", log.epoch, seq, missed, [])

    async def read(
        self, wanted: Sequence[tuple[str, int]]
    ) -> list[tuple[str, int, list[Entry] | None]]:
        found: list[tuple[str, int, list[Entry] | None]] = []
        for user_id, after in wanted:
            log = self.logs.get(user_id)
            if log is None:
                found.append(("", 0, None))
            else:
                found.append((log.epoch, len(log.events), self._after(log, after)))
        self.meanwhile()
        return found

    async def renew(self, node: str, people: Sequence[Standing]) -> list[tuple[str, int, bool]]:
        found = []
        for person in people:
            log = self.log(person.user_id)
            so = log.epoch == person.epoch and person.seq <= len(log.events)
            found.append((log.epoch, len(log.events), so))
        self.meanwhile()
        return found

    async def leave(self, *_: object) -> None:
        return None


class PaperSocket:
    """As `GatewaySocket`; `held` while the peer reads nothing."""

    def __init__(self, deflates: bool = False) -> None:
        self.deflates = deflates
        self.messages: list[dict[str, Any]] = []
        self.flow: Callable[[bool], None] = lambda blocked: None
        self.leave: Any = None
        self.open = True
        self.heard = self.read_paused = False
        self.writable = asyncio.Event()
        self.writable.set()

    def write(self, data: bytes) -> None:
        assert self.open, "written to after the end"
        assert self.writable.is_set(), "written to although the peer reads nothing"
        while data:
            at = {126: 4, 127: 10}.get(data[1], 2)
            size = data[1] if at == 2 else int.from_bytes(data[2:at], "big")
            self.messages.append(orjson.loads(data[at : at + size]))
            data = data[at + size :]

    def hold(self) -> None:
        self.writable.clear()
        self.flow(True)

    def release(self) -> None:
        self.writable.set()
        self.flow(False)

    def end(self, code: int, reason: str, last: bytes = b"") -> None:
        self.open = False

    def abort(self) -> None:
        self.open = False
