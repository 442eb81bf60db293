"""Dead letters, for the operator: what a role gave up on, and what to do about it.

The functions behind `glimpse dead list|show|retry|drop`. They raise KeyError for a letter
that is not there.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.bus import dead_key
from app.counts import service as counts
from app.counts.rules import subjects_of
from app.events import ROLES, UnknownEvent, decode
from app.resources import Resources

ALL = "all"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    role: str
    id: str
    """Its id among the role's dead letters."""
    event_id: str
    type: str
    """Of the event; `?` when it cannot be read."""
    data: str
    """The event as it stood in the stream."""
    error: str
    deliveries: int
    first_at: datetime
    dead_at: datetime


def _letter(role: str, letter_id: bytes, fields: dict[bytes, bytes]) -> DeadLetter:
    data = fields.get(b"e", b"")
    try:
        kind = decode(data).type
    except UnknownEvent:
        kind = "?"

    def when(name: bytes) -> datetime:
        return datetime.fromtimestamp(int(fields.get(name, b"0")) / 1000, UTC)

    return DeadLetter(
        role=role,
        id=letter_id.decode(),
        event_id=fields.get(b"id", b"").decode(),
        type=kind,
        data=data.decode("utf-8", "replace"),
        error=fields.get(b"error", b"").decode("utf-8", "replace"),
        deliveries=int(fields.get(b"deliveries", b"0")),
        first_at=when(b"first_ms"),
        dead_at=when(b"dead_ms"),
    )


async def list_dead(
    resources: Resources, role: str | None = None, limit: int = 100
) -> list[DeadLetter]:
    """The newest letters of one role, or of each."""
    found: list[DeadLetter] = []
    for name in [role] if role else ROLES:
        rows: Any = await resources.redis.xrevrange(dead_key(name), count=limit)
        found += [_letter(name, letter_id, fields) for letter_id, fields in rows]
    return sorted(found, key=lambda letter: letter.dead_at, reverse=True)[:limit]


async def show_dead(resources: Resources, role: str, letter_id: str) -> DeadLetter:
    """One letter, whole."""
    rows: Any = await resources.redis.xrange(dead_key(role), min=letter_id, max=letter_id)
    if not rows:
        raise KeyError(f"{role} has no dead letter {letter_id}")
    return _letter(role, *rows[0])


async def _chosen(resources: Resources, role: str, letter_id: str) -> list[DeadLetter]:
    if letter_id != ALL:
        return [await show_dead(resources, role, letter_id)]
    rows: Any = await resources.redis.xrange(dead_key(role))
    return [_letter(role, one, fields) for one, fields in rows]


async def retry_dead(resources: Resources, role: str, letter_id: str) -> int:
    """Give the event (or, with `all`, each of them) to this role once more, with its deliveries
    at zero; how many. For the counters: count again what it is about."""
    letters = await _chosen(resources, role, letter_id)
    for letter in letters:
        data = letter.data.encode()
        if role == "counters":
            # Its place in the order has passed, and counting it late could count it twice.
            await counts.request_recount(resources, subjects_of(decode(data)))
        else:
            await resources.bus.revive(role, letter.event_id, data)
        # After it was put back: dying in between leaves it twice, not lost.
        await resources.redis.xdel(dead_key(role), letter.id)
    return len(letters)


async def drop_dead(resources: Resources, role: str, letter_id: str) -> int:
    """Forget a letter, or, with `all`, all of the role's; how many."""
    letters = await _chosen(resources, role, letter_id)
    if letters:
        await resources.redis.xdel(dead_key(role), *(letter.id for letter in letters))
    return len(letters)
