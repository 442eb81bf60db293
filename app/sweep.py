"""What was deleted softly goes for good after a while, with all that hangs on it.

Kept until then so that late events find what they speak of. Rows first, the post or comment
itself on a later run: by then its rows' own events have been counted.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from app import clock

if TYPE_CHECKING:
    from app.resources import Resources

GRACE = timedelta(days=7)
_PAGE = 200


def deleted_before(moment: datetime) -> dict[str, Any]:
    """The query. With the type said, it implies the filter of the partial index, and reads that;
    without, MongoDB reads everything."""
    return {"deleted_at": {"$type": "date", "$lt": moment}}


async def sweep_posts(resources: "Resources", grace: timedelta = GRACE) -> int:
    """Remove posts deleted longer ago than `grace`; how many are gone for good."""
    mongo = resources.mongo
    due = {"status": "deleted", **deleted_before(clock.now() - grace)}
    posts = [row["_id"] async for row in mongo["posts"].find(due, {"_id": 1}).limit(_PAGE)]
    empty: list[str] = []
    for post_id in posts:
        comments = [
            row["_id"] async for row in mongo["comments"].find({"post_id": post_id}, {"_id": 1})
        ]
        removed = 0
        for collection in ("likes", "saves", "notification_acts", "notification_groups"):
            removed += (await mongo[collection].delete_many({"post_id": post_id})).deleted_count
        removed += await _remove_comments(resources, comments)
        if not removed:
            empty.append(post_id)
    if empty:
        await mongo["posts"].delete_many({"_id": {"$in": empty}, "status": "deleted"})
        await mongo["counts"].delete_many({"_id": {"$in": empty}})
    return len(empty)


async def sweep_comments(resources: "Resources", grace: timedelta = GRACE) -> int:
    """Remove comments deleted longer ago than `grace` that nobody's reply hangs on."""
    mongo = resources.mongo
    due = deleted_before(clock.now() - grace)
    rows = await mongo["comments"].find(due, {"post_id": 1}).limit(_PAGE).to_list(None)
    ids = [row["_id"] for row in rows]
    held = await mongo["comments"].distinct(
        "parent_comment_id",
        {
            "post_id": {"$in": list({row["post_id"] for row in rows})},
            "parent_comment_id": {"$in": ids},
            "deleted_at": None,
        },
    )
    return await _remove_comments(resources, [i for i in ids if i not in set(held)])


async def sweep_messages(resources: "Resources", grace: timedelta = GRACE) -> int:
    """Remove what is left of messages unsent longer ago than `grace`."""
    mongo = resources.mongo
    due = deleted_before(clock.now() - grace)
    ids = [row["_id"] async for row in mongo["messages"].find(due, {"_id": 1}).limit(_PAGE)]
    if not ids:
        return 0
    return (await mongo["messages"].delete_many({"_id": {"$in": ids}})).deleted_count


async def _remove_comments(resources: "Resources", ids: list[str]) -> int:
    if not ids:
        return 0
    mongo = resources.mongo
    await mongo["comment_likes"].delete_many({"comment_id": {"$in": ids}})
    await mongo["counts"].delete_many({"_id": {"$in": ids}})
    return (await mongo["comments"].delete_many({"_id": {"$in": ids}})).deleted_count
