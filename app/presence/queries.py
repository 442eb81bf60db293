"""Reads of presence."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app import clock

if TYPE_CHECKING:
    from app.resources import Resources


async def last_active(resources: "Resources", user_ids: Iterable[str]) -> dict[str, int]:
    """When these people were last active, in ms, of those that it is kept of."""
    rows = resources.mongo.activity.find({"_id": {"$in": list(user_ids)}})
    return {row["_id"]: clock.ms(row["last_active_at"]) async for row in rows}


async def visible(resources: "Resources", user_id: str) -> bool:
    """Whether the person lets others see when they are active."""
    row = await resources.mongo.users.find_one({"_id": user_id}, {"hides_activity": 1})
    return not (row or {}).get("hides_activity", False)
