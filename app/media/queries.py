"""Reads of media. Raw documents, as for posts."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.errors import NotFound

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]


def not_found() -> NotFound:
    return NotFound("There is no such upload.", "media_not_found")


async def own(resources: "Resources", owner_id: str, media_id: str) -> Raw:
    """The person's own medium; NotFound for another's, a deleted one, or none."""
    medium = await resources.mongo.media.find_one(
        {"_id": media_id, "owner_id": owner_id, "status": {"$ne": "deleted"}}
    )
    if medium is None:
        raise not_found()
    return medium


async def owners(resources: "Resources", media_ids: Iterable[str]) -> dict[str, str]:
    """Whose they are, of those that were not deleted."""
    rows = resources.mongo.media.find(
        {"_id": {"$in": list(media_ids)}, "status": {"$ne": "deleted"}}, {"owner_id": 1}
    )
    return {row["_id"]: row["owner_id"] async for row in rows}


async def by_id(resources: "Resources", media_id: str) -> Raw | None:
    return await resources.mongo.media.find_one({"_id": media_id})


async def by_ids(resources: "Resources", media_ids: list[str]) -> dict[str, Raw]:
    """Those that exist, by id."""
    found = resources.mongo.media.find({"_id": {"$in": media_ids}})
    return {medium["_id"]: medium async for medium in found}


async def shown(resources: "Resources", media_id: str) -> Raw | None:
    """What serving its files needs, of a ready medium."""
    return await resources.mongo.media.find_one(
        {"_id": media_id, "status": "ready"},
        {
            "owner_id": 1,
            "kind": 1,
            "variants": 1,
            "attached_to": 1,
            "audience": 1,
            "restricted": 1,
            "origin": 1,
            "expires_at": 1,
            "now": "$$NOW",
        },
    )


async def in_conversation(resources: "Resources", user_id: str, conversation_id: str) -> bool:
    """Whether the person may see the photos of a conversation: is one of its members."""
    found = await resources.mongo.conversations.find_one(
        {"_id": conversation_id, "member_ids": user_id}, {"_id": 1}
    )
    return found is not None


async def abandoned(resources: "Resources", before: datetime, count: int) -> list[Raw]:
    """Up to `count` media made before `before` that nothing shows."""
    found = resources.mongo.media.find(
        {"attached_to": None, "created_at": {"$lt": before}, "status": {"$ne": "deleted"}}
    )
    return await found.sort("created_at", 1).to_list(count)


async def stalled(resources: "Resources", before: datetime, count: int) -> list[Raw]:
    """Up to `count` media whose processing made no progress since `before`."""
    found = resources.mongo.media.find(
        {"status": {"$in": ["uploaded", "processing"]}, "updated_at": {"$lt": before}}
    )
    return await found.to_list(count)


async def deleted(resources: "Resources", before: datetime, count: int) -> list[Raw]:
    """Up to `count` deleted media, made before `before`, whose objects may still be there."""
    found = resources.mongo.media.find({"status": "deleted", "created_at": {"$lt": before}})
    return await found.to_list(count)


async def with_originals(resources: "Resources", before: datetime, count: int) -> list[Raw]:
    """Up to `count` ready media, unchanged since `before`, whose original was not removed."""
    found = resources.mongo.media.find(
        {"original_stored": True, "updated_at": {"$lt": before}, "status": "ready"},
        {"media_key": 1},
    )
    return await found.to_list(count)
