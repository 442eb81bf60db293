"""A place in the oplog: the one clock that the relay, the streams and the counters share.

A change's cluster time is (seconds, increment); all changes of one transaction have the same
one, so `place` counts them. The same place is written in two ways: as a stream entry id
`<seconds × 1000>-<increment × 1,000,000 + place>`, whose first part is milliseconds as Redis
expects (trimming by age works), and as an event id `evt_<seconds>_<increment>_<place>`.
"""

from datetime import UTC, datetime
from typing import NamedTuple

PLACES = 1_000_000
"""Places in one cluster time. A transaction holds far fewer changes (60 s of life); a
recovery numbers what it re-emits with them. increment × PLACES stays below 2**53, so that
Lua's doubles compare entry ids exactly."""


class Position(NamedTuple):
    seconds: int
    increment: int
    place: int = 0

    @property
    def entry_id(self) -> str:
        assert 0 <= self.place < PLACES, f"place {self.place} of {self.seconds}.{self.increment}"
        return f"{self.seconds * 1000}-{self.increment * PLACES + self.place}"

    @property
    def event_id(self) -> str:
        return f"evt_{self.seconds}_{self.increment}_{self.place}"

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.seconds, UTC)

    @classmethod
    def of_entry(cls, entry_id: str | bytes) -> "Position":
        """The position a stream entry id stands for; `0-0` is ORIGIN."""
        text = entry_id.decode() if isinstance(entry_id, bytes) else entry_id
        milliseconds, _, sequence = text.partition("-")
        increment, place = divmod(int(sequence or 0), PLACES)
        return cls(int(milliseconds) // 1000, increment, place)


ORIGIN = Position(0, 0, 0)
"""Before everything."""
