"""Rules, reads and writes of notifications."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pymongo.errors import DuplicateKeyError

from app import clock, cursor as cursors, ids
from app.graph import queries as graph
from app.graph.models import pair
from app.notifications.models import Kind
from app.notifications.views import Notifications, notification_views
from app.operation import Context
from app.posts.views import pagination

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]
UNREAD_SHOWN_MAX = 999
_READS_KEPT = 20


async def unread(resources: "Resources", user_id: str) -> int:
    """How many are unread, up to UNREAD_SHOWN_MAX."""
    return int(
        await resources.mongo.notifications.count_documents(
            {"recipient_id": user_id, "is_read": False}, limit=UNREAD_SHOWN_MAX
        )
    )


async def wanted(resources: "Resources", recipient: str, actor: str) -> bool:
    """Whether `recipient` should hear of what `actor` did: not of oneself, nor across a block,
    nor of someone muted."""
    if recipient == actor or await graph.blocked_between(resources, recipient, actor):
        return False
    muted = await resources.mongo.mutes.find_one({"_id": pair(recipient, actor)}, {"_id": 1})
    return muted is None


async def note(
    resources: "Resources",
    cause: str,
    recipient: str,
    kind: Kind,
    actor: str,
    post_id: str | None = None,
    comment_id: str | None = None,
) -> Raw | None:
    """Store a notification once; the raw row when this cause made it (also when it is run
    again), None when another cause did before, or the recipient should not hear of it."""
    if not await wanted(resources, recipient, actor):
        return None
    key = f"{kind}:{comment_id or post_id or ''}:{actor}"
    row = {
        "_id": ids.new_id("ntf"),
        "kind": kind,
        "actor_id": actor,
        "post_id": post_id,
        "comment_id": comment_id,
        "cause": cause,
        "is_read": False,
        "created_at": clock.now(),
    }
    place = {"recipient_id": recipient, "key": key}
    with suppress(DuplicateKeyError):  # the same event runs twice at once; the row is there
        await resources.mongo.notifications.update_one(place, {"$setOnInsert": row}, upsert=True)
    stored: Raw | None = await resources.mongo.notifications.find_one(place)
    return stored if stored is not None and stored["cause"] == cause else None


async def retract(resources: "Resources", recipient: str, key: str) -> bool:
    """Forget a notification whose cause was taken back (unliked, unfollowed)."""
    result = await resources.mongo.notifications.delete_one({"recipient_id": recipient, "key": key})
    return bool(result.deleted_count)


async def forget_between(resources: "Resources", one: str, other: str) -> None:
    """Forget what the two did to each other: there is a block."""
    for recipient, actor in ((one, other), (other, one)):
        await resources.mongo.notifications.delete_many(
            {"recipient_id": recipient, "actor_id": actor}
        )


async def forget_post(resources: "Resources", post_id: str) -> list[str]:
    """Forget what was about a deleted post; whose unread count changed."""
    return await _forget(resources, {"post_id": post_id})


async def forget_comment(resources: "Resources", comment_id: str) -> list[str]:
    """Forget what was about a deleted comment; whose unread count changed."""
    return await _forget(resources, {"comment_id": comment_id})


async def _forget(resources: "Resources", about: Raw) -> list[str]:
    notifications = resources.mongo.notifications
    recipients: list[str] = await notifications.distinct(
        "recipient_id", {**about, "is_read": False}
    )
    await notifications.delete_many(about)
    return recipients


async def page(ctx: Context, cursor: str | None, limit: int) -> Notifications:
    """One's notifications, newest first."""
    resources = ctx.resources
    secret = resources.settings.auth.secret
    query: Raw = {"recipient_id": ctx.user_id}
    if cursor is not None:
        [last] = cursors.decode(secret, "notifications", cursor)
        query["_id"] = {"$lt": last}
    rows = await resources.mongo.notifications.find(query).sort("_id", -1).to_list(limit + 1)
    following = None
    if len(rows) > limit:
        rows = rows[:limit]
        following = cursors.encode(secret, "notifications", [rows[-1]["_id"]])
    return {
        "notifications": await notification_views(resources, ctx.user_id, rows),
        "unread": await unread(resources, ctx.user_id),
        "pagination": pagination(following),
    }


async def read(ctx: Context, notification_ids: list[str] | None) -> int:
    """Mark these (None: all) as read; how many are left unread."""
    notifications = ctx.resources.mongo.notifications
    query: Raw = {"recipient_id": ctx.user_id, "is_read": False}
    if notification_ids is not None:
        query["_id"] = {"$in": notification_ids}
    rows = notifications.find(query, {"_id": 1}).sort("_id", -1).limit(UNREAD_SHOWN_MAX)
    marked = [row["_id"] async for row in rows]
    if marked:
        await notifications.update_many(
            {"recipient_id": ctx.user_id, "_id": {"$in": marked}}
            if notification_ids is not None
            else {**query, "_id": {"$lte": marked[0]}},
            {"$set": {"is_read": True}},
        )
        act = {"at": clock.now(), "ids": marked}
        await ctx.resources.mongo.notification_state.update_one(
            {"_id": ctx.user_id},
            {"$push": {"reads": {"$each": [act], "$slice": -_READS_KEPT}}},
            upsert=True,
        )
    return await unread(ctx.resources, ctx.user_id)


async def lately_read(resources: "Resources", user_id: str) -> list[str]:
    """Ids read by the newest acts. Naming some again is harmless, leaving one out would not be."""
    state = await resources.mongo.notification_state.find_one({"_id": user_id})
    acts = state["reads"] if state else []
    return list(dict.fromkeys(read_id for act in acts for read_id in act["ids"]))
