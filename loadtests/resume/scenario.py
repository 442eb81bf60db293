"""What may come between a device and its events: the table that every server is tried with.

Each line is played like this. Devices look on, see some events, and lose their connection in
the line's own way; `missed` events come while they are away; they come back while `meanwhile`
more are on their way, and look on again. What they were handed, in all, is then compared with
what was pushed (`tally.py`).
"""

from dataclasses import dataclass
from enum import Enum


class Harm(Enum):
    CUT = "its transport is cut"
    TERMINATED = "its node gets SIGTERM"
    KILLED = "its node gets SIGKILL"
    REDIS_KILLED = "Redis gets SIGKILL and is started again"
    REDIS_FALLS_BACK = "Redis dies, and has lost its newest writes when it is back"
    REDIS_EMPTIED = "Redis is emptied"
    NONE = "nothing at all, for an hour"


class Point(Enum):
    """Where a device says that it was."""

    OWN = "where it was"
    FOREIGN = "in a numbering that never was"
    AHEAD = "further than anyone has been"


class Return(Enum):
    ONCE = "once"
    AGAIN = "again: the first answer is lost on its way"
    TWICE = "twice at the same moment, as two devices"


RESUMED = "resumed"
"""The server says that nothing was missed. Its other words are reasons to reload."""
LOG_EVENTS = 256
"""What a log holds; servers that can be told are told."""


@dataclass(frozen=True, slots=True)
class Scenario:
    name: str
    harm: Harm
    says: frozenset[str]
    """What Glimpse may say to a device that was away, or to one that stays; none: nothing. A
    server with another protocol may ask for a reload more often."""
    missed: int = 6
    meanwhile: int = 4
    stays: bool = False
    """Its transport is not cut: it is connected all the time."""
    elsewhere: bool = False
    """Comes back to another node."""
    point: Point = Point.OWN
    comes_back: Return = Return.ONCE
    hour: bool = False
    """Played with lives shortened a thousandfold: an hour takes seconds."""

    @property
    def leaves(self) -> bool:
        return not self.stays


def _line(name: str, harm: Harm, *says: str, **more: object) -> Scenario:
    return Scenario(name, harm, frozenset(says), **more)  # type: ignore[arg-type]


SCENARIOS = (
    _line("transport cut", Harm.CUT, RESUMED),
    _line("back on another node", Harm.CUT, RESUMED, elsewhere=True),
    _line("SIGTERM of the node", Harm.TERMINATED, RESUMED, elsewhere=True),
    _line("SIGKILL of the node", Harm.KILLED, RESUMED, elsewhere=True),
    _line("resumed again, answer lost", Harm.CUT, RESUMED, elsewhere=True, comes_back=Return.AGAIN),
    _line("resumed twice at once", Harm.CUT, RESUMED, elsewhere=True, comes_back=Return.TWICE),
    _line("as much as the log holds", Harm.CUT, RESUMED, missed=LOG_EVENTS, meanwhile=0),
    _line("log trimmed", Harm.CUT, "trimmed", missed=LOG_EVENTS + 44, elsewhere=True),
    _line("wrong epoch", Harm.CUT, "epoch", point=Point.FOREIGN),
    _line("ahead of the numbering", Harm.CUT, "epoch", point=Point.AHEAD, elsewhere=True),
    _line("Redis restarted", Harm.REDIS_KILLED, RESUMED, "expired", "epoch", elsewhere=True),
    _line("Redis falls back", Harm.REDIS_FALLS_BACK, "epoch", elsewhere=True),
    _line("Redis emptied", Harm.REDIS_EMPTIED, "expired", "epoch", elsewhere=True),
    _line("Redis restarted, connected", Harm.REDIS_KILLED, stays=True),
    _line("Redis falls back, connected", Harm.REDIS_FALLS_BACK, "epoch", stays=True),
    _line("an hour away", Harm.CUT, "expired", hour=True),
    _line("an hour idle, connected", Harm.NONE, stays=True, hour=True),
)
