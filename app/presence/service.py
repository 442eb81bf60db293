"""Rules and writes of presence: the person's choice, and when they were last active."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pymongo import UpdateOne
from typing_extensions import TypedDict

from app.operation import Context
from app.presence import queries

if TYPE_CHECKING:
    from app.resources import Resources


class PresenceSettings(TypedDict):
    visible: bool
    """Others see when one is active, and one sees when they are."""


async def get(ctx: Context) -> PresenceSettings:
    return {"visible": await queries.visible(ctx.resources, ctx.user_id)}


async def update(ctx: Context, visible: bool) -> PresenceSettings:
    """The change stream does the rest: who watches is looked at again, on every node."""
    await ctx.resources.mongo.users.update_one(
        {"_id": ctx.user_id}, {"$set": {"hides_activity": not visible}}
    )
    return {"visible": visible}


async def keep_last_active(resources: "Resources", at_ms: Mapping[str, int]) -> None:
    """Store when these people were last active; never moves back."""
    updates = [
        UpdateOne(
            {"_id": user_id},
            {"$max": {"last_active_at": datetime.fromtimestamp(ms / 1000, UTC)}},
            upsert=True,
        )
        for user_id, ms in at_ms.items()
    ]
    if updates:
        await resources.mongo.activity.bulk_write(updates, ordered=False)
