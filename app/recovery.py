"""After a gap in the oplog: what the collections still tell about the time that is missing.

Every row made (or visibly changed) since then becomes an event again. Deletions of rows leave
no trace; counters are counted again, and what is shown is checked when it is read.
"""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from app import events
from app.change_rules import RULES, Row
from app.events import Event

if TYPE_CHECKING:
    from motor.motor_asyncio import AsyncIOMotorDatabase

CLOCKS_APART = timedelta(minutes=10)
"""Rows carry the clocks of the processes that wrote them."""

Made = Callable[[dict[str, Any]], Event | None]


def _as_inserted(collection: str) -> Made:
    rule = RULES[collection]
    return lambda row: rule(Row("insert", str(row["_id"]), row, {}))


def _published(row: dict[str, Any]) -> Event | None:
    if row["status"] != "published":
        return None
    return events.PostPublished(row["_id"], row["author_id"], row.get("status_from") == "archived")


def _changed(row: dict[str, Any]) -> Event | None:
    visible = row["status"] == "published"
    return events.PostUpdated(row["_id"], row["author_id"]) if visible else None


def _withdrawn(row: dict[str, Any]) -> Event | None:
    return events.PostWithdrawn(row["_id"], row["author_id"])


def _comment_deleted(row: dict[str, Any]) -> Event | None:
    return events.CommentDeleted(
        row["_id"], row["post_id"], row["author_id"], row.get("parent_comment_id")
    )


def _revoked(row: dict[str, Any]) -> Event | None:
    return events.SessionRevoked(row["user_id"], row["_id"])


def _of_message(kind: type[events.MessageUpdated] | type[events.MessageUnsent]) -> Made:
    return lambda row: kind(
        row["conversation_id"],
        row["_id"],
        row["author_id"],
        row.get("post_id"),
        (row.get("story") or {}).get("story_id"),
        (row.get("story") or {}).get("kind") == "reply",
    )


def _story_gone(row: dict[str, Any]) -> Event:
    # Of one that is still there nothing comes of it: whoever hears of it looks.
    return events.StoryGone(row["_id"])


def _story_deleted(row: dict[str, Any]) -> Event:
    return events.StoryDeleted(row["_id"])


SOURCES: tuple[tuple[str, str, Made], ...] = (
    ("follows", "created_at", _as_inserted("follows")),
    ("follow_requests", "created_at", _as_inserted("follow_requests")),
    ("blocks", "created_at", _as_inserted("blocks")),
    ("mutes", "created_at", _as_inserted("mutes")),
    ("restricts", "created_at", _as_inserted("restricts")),
    ("audience_members", "created_at", _as_inserted("audience_members")),
    ("media", "updated_at", _as_inserted("media")),
    ("posts", "published_at", _published),
    ("posts", "edited_at", _changed),
    ("posts", "deleted_at", _withdrawn),
    ("stories", "created_at", _as_inserted("stories")),
    ("story_records", "expires_at", _story_gone),
    ("story_records", "deleted_at", _story_deleted),
    ("story_views", "seen_at", _as_inserted("story_views")),
    ("story_reactions", "created_at", _as_inserted("story_reactions")),
    ("comments", "created_at", _as_inserted("comments")),
    ("comments", "deleted_at", _comment_deleted),
    ("likes", "created_at", _as_inserted("likes")),
    ("comment_likes", "created_at", _as_inserted("comment_likes")),
    ("sessions", "revoked_at", _revoked),
    ("conversations", "created_at", _as_inserted("conversations")),
    ("messages", "created_at", _as_inserted("messages")),
    ("messages", "edited_at", _of_message(events.MessageUpdated)),
    ("messages", "deleted_at", _of_message(events.MessageUnsent)),
)
"""(collection, the field that says when, row → event). Not all fields have an index: this is
read once after a disaster."""


async def events_since(
    mongo: "AsyncIOMotorDatabase[dict[str, Any]]", since: datetime
) -> AsyncIterator[Event]:
    """What happened since then, as far as it can still be told; some of it happened before."""
    for collection, field, made in SOURCES:
        async for row in mongo[collection].find({field: {"$gte": since - CLOCKS_APART}}):
            event = made(row)
            if event is not None:
                yield event
