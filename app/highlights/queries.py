"""Reads of highlights."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]


async def raw(resources: "Resources", highlight_id: str) -> Raw | None:
    return await resources.mongo.highlights.find_one({"_id": highlight_id})


async def of_owner(resources: "Resources", owner_id: str) -> list[Raw]:
    """In their order (`app.highlights.service` bounds them)."""
    rows = resources.mongo.highlights.find({"owner_id": owner_id})
    return await rows.sort([("place", 1), ("_id", 1)]).to_list(None)
