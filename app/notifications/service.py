"""Rules, reads and writes of notifications.

`heard` is the one way in: it compares an act with its own row in the database (a like, a
comment, a follow), whatever the event was that led to the question. So events may come twice,
late, or in any order.
"""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pymongo.errors import DuplicateKeyError
from typing_extensions import TypedDict

from app import clock, paging
from app.graph import queries as graph
from app.graph.models import pair
from app.notifications import groups
from app.notifications.acts import Act, done_at
from app.notifications.models import PostMute
from app.notifications.views import (
    MutedPosts,
    Notifications,
    NotificationView,
    muted_views,
    notification_views,
)
from app.operation import Context
from app.posts import access
from app.posts.views import pagination

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]
UNREAD_SHOWN_MAX = 999
_READS_KEPT = 20
_NOT_MESSAGES: Raw = {"kind": {"$ne": "message"}}


class PostMuted(TypedDict):
    post_id: str
    is_muted: bool


async def unread(resources: "Resources", user_id: str) -> int:
    """How many are unread, up to UNREAD_SHOWN_MAX. Without messages, which have a count of
    their own: nothing is counted on two badges."""
    return int(
        await resources.mongo.notification_groups.count_documents(
            {"recipient_id": user_id, "is_read": False, **_NOT_MESSAGES}, limit=UNREAD_SHOWN_MAX
        )
    )


# Acts


async def heard(resources: "Resources", act: Act, news: bool = True) -> set[str]:
    """Make the stored acts agree with whether this one stands; the groups that changed.

    Without `news` a group that changes stays read.
    """
    at = await done_at(resources, act)
    if at is None:
        return await groups.drop(resources, {"_id": act.id})
    changed = await groups.put(resources, act, at, news)
    if changed and await done_at(resources, act) is None:
        # It was taken back while it was stored, and that event may have been dealt with before.
        await groups.drop(resources, {"_id": act.id})
    return changed


async def forget_between(resources: "Resources", one: str, other: str) -> set[str]:
    """Forget what the two did to each other: there is a block."""
    changed: set[str] = set()
    for recipient, actor in ((one, other), (other, one)):
        changed |= await groups.drop(resources, {"recipient_id": recipient, "actor_id": actor})
    return changed


async def forget_post(resources: "Resources", post_id: str) -> set[str]:
    """Forget what was about a deleted post."""
    await resources.mongo.post_mutes.delete_many({"post_id": post_id})
    return await groups.drop(resources, {"post_id": post_id})


async def forget_story(resources: "Resources", story_id: str) -> set[str]:
    """Forget what was about a story that its author deleted."""
    return await groups.drop(resources, {"story_id": story_id})


async def forget_comment(resources: "Resources", comment_id: str) -> set[str]:
    """Forget what was about a deleted comment."""
    return await groups.drop(resources, {"comment_id": comment_id})


async def conversation_moved(
    resources: "Resources", user_id: str, conversation_id: str
) -> set[str]:
    """A member read on, left, or can no longer read something: what is left unread. No news."""
    rows = resources.mongo.notification_acts.find(
        {"recipient_id": user_id, "conversation_id": conversation_id}
    )
    changed: set[str] = set()
    for row in await rows.to_list(None):
        changed |= await heard(resources, Act.of_row(row), news=False)
    return changed


async def rebuild(resources: "Resources", user_id: str) -> None:
    """Compute all of a person's notifications again, without telling them: the times of what
    was done were changed (a demo that is made to look weeks old)."""
    acts = resources.mongo.notification_acts
    changed: set[str] = set()
    for row in await acts.find({"recipient_id": user_id}).to_list(None):
        changed |= await heard(resources, Act.of_row(row), news=False)
    for group_id in changed:
        computed = await groups.compute(resources, group_id)
        if computed is not None:
            await groups.finish(resources, computed)


# Reading


async def view(resources: "Resources", row: Raw) -> NotificationView | None:
    """A group as its recipient sees it now; None when there is nothing to see."""
    views = await notification_views(resources, row["recipient_id"], [row])
    return views[0] if views else None


async def fit_to_send(resources: "Resources", row: Raw) -> NotificationView | None:
    """A group as it may leave the house (push, email): without blocked and muted people, and
    not about a muted post."""
    recipient = row["recipient_id"]
    if row["post_id"] and await mutes_post(resources, recipient, row["post_id"]):
        return None
    out = await silenced(resources, recipient, row["actors"])
    actors = [actor for actor in row["actors"] if actor not in out]
    count = row["actor_count"] - len(out)
    return await view(resources, {**row, "actors": actors, "actor_count": count})


async def page(ctx: Context, cursor: str | None, limit: int) -> Notifications:
    """One's notifications, those that changed last first."""
    resources = ctx.resources
    rows, following = await paging.by_time(
        resources,
        "notification_groups",
        {"recipient_id": ctx.user_id, "actor_count": {"$gt": 0}},
        "updated_at",
        "notifications",
        cursor,
        limit,
    )
    return {
        "notifications": await notification_views(resources, ctx.user_id, rows),
        "unread": await unread(resources, ctx.user_id),
        "pagination": pagination(following),
    }


async def read(ctx: Context, notification_ids: list[str] | None) -> int:
    """Mark these (None: all) as read; how many are left unread. Messages are read in their
    conversation: who only saw that there are some may not be shown as having read them."""
    notifications = ctx.resources.mongo.notification_groups
    query: Raw = {"recipient_id": ctx.user_id, "is_read": False, **_NOT_MESSAGES}
    if notification_ids is not None:
        query["_id"] = {"$in": notification_ids}
    rows = notifications.find(query, {"updated_at": 1}).sort("updated_at", -1)
    found = [row async for row in rows.limit(UNREAD_SHOWN_MAX)]
    if found:
        # A group that grew since is not what was seen: it stays unread.
        seen = {**query, "updated_at": {"$lte": found[0]["updated_at"]}}
        await notifications.update_many(seen, {"$set": {"is_read": True}})
        act = {"at": clock.now(), "ids": [row["_id"] for row in found]}
        await ctx.resources.mongo.notification_state.update_one(
            {"_id": ctx.user_id},
            {"$push": {"reads": {"$each": [act], "$slice": -_READS_KEPT}}},
            upsert=True,
        )
    return await unread(ctx.resources, ctx.user_id)


async def lately_read(resources: "Resources", user_id: str) -> list[str]:
    """Ids read by the newest acts that are still read. Naming some again is harmless, leaving
    one out would not be; one that grew since is unread again and may not be named."""
    state = await resources.mongo.notification_state.find_one({"_id": user_id})
    named = {read_id for act in (state["reads"] if state else []) for read_id in act["ids"]}
    unread_again = await resources.mongo.notification_groups.distinct(
        "_id", {"_id": {"$in": list(named)}, "recipient_id": user_id, "is_read": False}
    )
    return sorted(named.difference(unread_again))


# Muting


async def mute_post(ctx: Context, post_id: str) -> PostMuted:
    """Hear no more of what happens to a post; what was heard stays."""
    await access.visible_post(ctx.resources, ctx.user_id, post_id)
    row = PostMute(
        id=pair(ctx.user_id, post_id),
        user_id=ctx.user_id,
        post_id=post_id,
        created_at=clock.now(),
    )
    with suppress(DuplicateKeyError):  # muted already
        await row.insert()
    return {"post_id": post_id, "is_muted": True}


async def unmute_post(ctx: Context, post_id: str) -> PostMuted:
    await ctx.resources.mongo.post_mutes.delete_one({"_id": pair(ctx.user_id, post_id)})
    return {"post_id": post_id, "is_muted": False}


async def is_post_muted(ctx: Context, post_id: str) -> PostMuted:
    await access.visible_post(ctx.resources, ctx.user_id, post_id)
    return {"post_id": post_id, "is_muted": await mutes_post(ctx.resources, ctx.user_id, post_id)}


async def mutes_post(resources: "Resources", user_id: str, post_id: str) -> bool:
    found = await resources.mongo.post_mutes.find_one({"_id": pair(user_id, post_id)}, {"_id": 1})
    return found is not None


async def muted_posts(ctx: Context, cursor: str | None, limit: int) -> MutedPosts:
    """Posts one muted and may still see, the newest post first."""
    mine = {"_id": {"$gt": pair(ctx.user_id, ""), "$lt": pair(ctx.user_id, "post`")}}
    rows, following = await paging.by_id(
        ctx.resources, "post_mutes", mine, f"muted:{ctx.user_id}", cursor, limit
    )
    posts = [row["post_id"] for row in rows]
    return {
        "posts": await muted_views(ctx.resources, ctx.user_id, posts),
        "pagination": pagination(following),
    }


async def silenced(resources: "Resources", user_id: str, actors: list[str]) -> set[str]:
    """Those of `actors` whom the person muted, or with a block between: nothing of theirs may
    be sent to the person."""
    muted = {pair(user_id, actor): actor for actor in actors}
    rows = resources.mongo.mutes.find({"_id": {"$in": list(muted)}}, {"_id": 1})
    found = {muted[row["_id"]] async for row in rows}
    return found | await graph.blocked_among(resources, user_id, actors)
