"""The end of a story: what goes, what is kept, for how long.

Nothing that matters waits for this: a read that comes after the end finds nothing, by the clock of
the database. The TTL index deletes the story; `sweep` does the same sooner or should that fail,
and then sees to the media: a story that is kept gets a copy with files of its own, and the files
of the story itself go.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from app import clock, ids
from app.media import service as media
from app.stories import queries

if TYPE_CHECKING:
    from app.resources import Resources
    from app.settings import Settings

Raw = dict[str, Any]
_BATCH = 200
_CLOCKS_APART = timedelta(minutes=15)
_LOST_AFTER_MS = 86_400_000


def gone_at(settings: "Settings", story: Raw) -> datetime:
    """Until when what people did with the story is kept."""
    expires_at: datetime = story["expires_at"]
    return expires_at + timedelta(seconds=settings.stories.insights_s)


@dataclass(frozen=True, slots=True)
class Swept:
    """How many of each kind one sweep dealt with."""

    expired: int
    ended: int
    forgotten: int


async def sweep(resources: "Resources") -> Swept:
    """One pass, at most 200 of each kind; any number may run at a time, and what one leaves
    half-done the next finishes. Raises Unavailable or the drivers' errors."""
    mongo = resources.mongo
    # The bound, by our clock, is there for the index; the database's clock decides.
    due = {"expires_at": {"$lt": clock.now() + _CLOCKS_APART}, **queries.ENDED}
    expired = [row["_id"] async for row in mongo.stories.find(due, {"_id": 1}).limit(_BATCH)]
    if expired:
        await mongo.stories.delete_many({"_id": {"$in": expired}, **queries.ENDED})
    ended = await mongo.story_records.find({"ended": False, **due}).to_list(_BATCH)
    for record in ended:
        await _end(resources, record)
    past = {"gone_at": {"$lt": clock.now() - _CLOCKS_APART}}
    forgotten = [
        row["_id"] async for row in mongo.story_records.find(past, {"_id": 1}).limit(_BATCH)
    ]
    if forgotten:
        await mongo.counts.delete_many({"_id": {"$in": forgotten}})
        await mongo.story_records.delete_many({"_id": {"$in": forgotten}})
    return Swept(len(expired), len(ended), len(forgotten))


async def _end(resources: "Resources", record: Raw) -> None:
    change: Raw = {"ended": True}
    kept_medium = ""
    if record["kept"] and record["deleted_at"] is None:
        kept = await keep(resources, record)
        if kept is not None:
            kept_medium = kept["media"]["media_id"]
    else:
        # What it showed goes; who made it, when, and what was asked stays for insights.
        change |= {"overlays": [], "mentions": [], "media.variants": [], "media.thumbhash": None}
    await media.withdraw(resources, record["_id"], keep=kept_medium)
    await resources.mongo.story_records.update_one({"_id": record["_id"]}, {"$set": change})


async def keep(resources: "Resources", record: Raw) -> Raw | None:
    """The record with media of its own, which stay when the story's go; None when there is
    nothing (left) to keep. A repeat finds the copy of the first time."""
    original_id: str = record["media"]["media_id"]
    copy_id = ids.derived_id("media", ids.id_ms(record["_id"]), f"kept:{record['_id']}")
    if original_id == copy_id:
        return record
    documents = await media.by_ids(resources, [original_id])
    document = documents.get(original_id)
    if document is None or document["status"] != "ready":
        return None
    fields = {
        "attached_to": record["_id"],
        "audience": record["audience"],
        "origin": record.get("origin"),
    }
    await media.copy(resources, document, record["author_id"], copy_id, fields)
    written = await resources.mongo.story_records.update_one(
        {"_id": record["_id"], "kept": True, "deleted_at": None},
        {"$set": {"media.media_id": copy_id}},
    )
    if written.matched_count == 0:  # deleted meanwhile
        await media.withdraw(resources, record["_id"])
        return None
    return {**record, "media": {**record["media"], "media_id": copy_id}}


async def release_lost_media(resources: "Resources") -> int:
    """Give up media of stories that were never stored: the process died between claiming the
    medium and storing the story, and nobody repeated the request within a day."""
    now = ids.now_ms()
    window = {
        "$gte": ids.lowest_id("story", now - 2 * _LOST_AFTER_MS),
        "$lt": ids.lowest_id("story", now - _LOST_AFTER_MS),
    }
    claimed: list[str] = await resources.mongo.media.distinct(
        "attached_to", {"attached_to": window, "status": {"$ne": "deleted"}}
    )
    stored = resources.mongo.story_records.find({"_id": {"$in": claimed}}, {"_id": 1})
    lost = set(claimed) - {row["_id"] async for row in stored}
    for story_id in lost:
        await media.withdraw(resources, story_id)
    return len(lost)
