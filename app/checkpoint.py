"""How far the relay is, kept in MongoDB (collection `relay`; shard key `_id`).

`position` is where a relay begins to read: behind what every role has finished, so that an
emptied Redis is refilled. `seen` is how far this relay has published, with the newest entry
of each partition: a role that reached these has had everything up to `seen`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from pymongo.errors import DuplicateKeyError

from app.changes import position_now
from app.position import ORIGIN, Position

if TYPE_CHECKING:
    from motor.motor_asyncio import AsyncIOMotorDatabase

    from app.settings import Settings

    Database = AsyncIOMotorDatabase[dict[str, Any]]

COLLECTION = "relay"
_ID = "checkpoint"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    position: Position
    seen: Position = ORIGIN
    tips: Mapping[int, Position] | None = None
    gap_since: datetime | None = None
    """The oplog was lost from here on, and what was re-emitted is not finished by all yet."""


async def load(mongo: "Database") -> Checkpoint | None:
    """The checkpoint; None before the first start."""
    found = await mongo[COLLECTION].find_one({"_id": _ID})
    if found is None:
        return None
    return Checkpoint(
        Position(*found["position"]),
        Position(*found["seen"]),
        {int(p): Position.of_entry(tip) for p, tip in found["tips"].items()},
        found["gap_since"],
    )


async def save(mongo: "Database", checkpoint: Checkpoint, term: int) -> bool:
    """False when a newer relay has saved one: this one is over."""
    tips = {str(p): tip.entry_id for p, tip in (checkpoint.tips or {}).items()}
    values: dict[str, Any] = {
        "position": list(checkpoint.position[:2]),
        "seen": list(checkpoint.seen[:2]),
        "tips": tips,
        "gap_since": checkpoint.gap_since,
        "term": term,
    }
    try:
        await mongo[COLLECTION].update_one(
            {"_id": _ID, "term": {"$lte": term}}, {"$set": values}, upsert=True
        )
    except DuplicateKeyError:
        return False
    return True


async def begin(mongo: "Database", settings: "Settings") -> None:
    """Make the first checkpoint, of now, when there is none: run before anything is stored, so
    that the relay's first start misses nothing."""
    if await load(mongo) is None:
        await save(mongo, Checkpoint(await position_now(settings.mongo)), term=0)
