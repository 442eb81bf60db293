"""Acts that were acknowledged, and the devices that must see each of them.

An event may overtake the acknowledgement of its own cause, so either can come first. No I/O.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Act:
    acknowledged_at: float | None = None
    began_at: float = 0.0
    waiting: set[int] = field(default_factory=set)
    early: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Missing:
    act: str
    person: int
    began_at: float


class Ledger:
    """Acts by id; people by number. All times are of one monotonic clock, in seconds."""

    def __init__(self) -> None:
        self._acts: dict[str, _Act] = {}
        self.expected = 0
        """Deliveries that acknowledged acts must cause."""

    def acknowledged(
        self, act_id: str, must_see: Iterable[int], began_at: float, now: float
    ) -> list[float]:
        """`must_see`: who was connected, or could resume, before the act was sent. The seconds
        that those waited who have seen it already: 0 each, it came before the answer."""
        act = self._acts.setdefault(act_id, _Act())
        act.acknowledged_at, act.began_at = now, began_at
        people = set(must_see)
        self.expected += len(people)
        act.waiting = people - act.early.keys()
        early = len(people) - len(act.waiting)
        act.early.clear()
        if not act.waiting:
            del self._acts[act_id]
        return [0.0] * early

    def seen(self, act_id: str, person: int, now: float) -> float | None:
        """The person's device was told; seconds since the acknowledgement, once known."""
        act = self._acts.get(act_id)
        if act is None or act.acknowledged_at is None:
            # Perhaps not acknowledged yet; perhaps seen by all who had to (then nobody asks).
            self._acts.setdefault(act_id, _Act()).early[person] = now
            return None
        if person not in act.waiting:
            return None
        act.waiting.discard(person)
        if not act.waiting:
            del self._acts[act_id]
        return now - act.acknowledged_at

    def missing(self) -> list[Missing]:
        """What was acknowledged and not seen."""
        return [
            Missing(act_id, person, act.began_at)
            for act_id, act in self._acts.items()
            if act.acknowledged_at is not None
            for person in act.waiting
        ]
