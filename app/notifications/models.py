"""Notifications and each person's read state."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from beanie import Document
from pydantic import Field
from pymongo import ASCENDING, DESCENDING, IndexModel

Kind = Literal[
    "like",
    "comment",
    "reply",
    "mention",
    "tag",
    "comment_like",
    "follow",
    "follow_request",
    "follow_accepted",
]


class Notification(Document):
    """One thing that someone did and the recipient should know. Shard key: `recipient_id`.

    `key` names what was done, to what, by whom: the same act twice is one notification.
    """

    id: str  # type: ignore[assignment]
    recipient_id: str
    key: str
    kind: Kind
    actor_id: str
    post_id: str | None = None
    comment_id: str | None = None
    cause: str
    """The event that made it; the same event again finds its own work done."""
    is_read: bool = False
    created_at: datetime

    class Settings:
        name = "notifications"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("recipient_id", ASCENDING), ("key", ASCENDING)], unique=True),
            IndexModel([("recipient_id", ASCENDING), ("_id", DESCENDING)]),
            IndexModel(
                [("recipient_id", ASCENDING)],
                name="unread",
                partialFilterExpression={"is_read": False},
            ),
            IndexModel([("post_id", ASCENDING)]),
            IndexModel([("comment_id", ASCENDING)]),
            IndexModel([("created_at", ASCENDING)], expireAfterSeconds=90 * 86_400),
        ]


class NotificationState(Document):
    """`_id` is the user. Changes whenever they read on one device, to tell the others."""

    id: str  # type: ignore[assignment]
    reads: list[dict[str, Any]] = Field(default_factory=list)
    """The newest acts of reading: `{"at", "ids"}`."""

    class Settings:
        name = "notification_state"
