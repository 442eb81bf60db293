"""Acts that people are told of, the groups they are shown in, and each person's choices."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from beanie import Document
from pydantic import BaseModel, Field
from pymongo import ASCENDING, DESCENDING, IndexModel

Kind = Literal[
    "like",
    "comment",
    "reply",
    "mention",
    "tag",
    "share",
    "comment_like",
    "follow",
    "follow_request",
    "follow_accepted",
    "story_reaction",
    "story_mention",
    "message",
]
"""A new kind needs its row in `acts.RECORDED`, its sentence in `words`, its place in
`preferences`, and what it is in `tests/realtime/test_blocked.py`; each place fails without."""
_LIFE_S = 90 * 86_400


class NotificationAct(Document):
    """One thing that someone did and the recipient is told of. Shard key: `recipient_id`.

    `_id` is `<recipient>:<kind>:<thing>:<actor>`, so the same act twice is one row. The rows are
    what groups are computed from.
    """

    id: str  # type: ignore[assignment]
    recipient_id: str
    kind: Kind
    actor_id: str
    post_id: str | None = None
    comment_id: str | None = None
    story_id: str | None = None
    conversation_id: str | None = None
    group_id: str
    at: datetime
    """When it was done, as its own row says; not when it was heard of."""

    class Settings:
        name = "notification_acts"
        indexes: ClassVar[list[Any]] = [
            IndexModel(
                [("group_id", ASCENDING), ("actor_id", ASCENDING), ("at", DESCENDING)],
            ),
            IndexModel([("recipient_id", ASCENDING), ("actor_id", ASCENDING)]),
            IndexModel([("post_id", ASCENDING)]),
            IndexModel([("comment_id", ASCENDING)]),
            IndexModel(
                [("story_id", ASCENDING)],
                partialFilterExpression={"story_id": {"$gt": ""}},
            ),
            IndexModel(
                [("recipient_id", ASCENDING), ("conversation_id", ASCENDING)],
                partialFilterExpression={"conversation_id": {"$gt": ""}},
            ),
            IndexModel([("at", ASCENDING)], expireAfterSeconds=_LIFE_S),
        ]


class NotificationGroup(Document):
    """What is listed: acts of one kind on one subject, of one day. Shard key: `recipient_id`.

    All but `is_read` is computed from the acts. `version` changes with them; while `due_at` is
    set, the group is to be computed again and its recipient told.
    """

    id: str  # type: ignore[assignment]
    recipient_id: str
    kind: Kind
    post_id: str | None = None
    comment_id: str | None = None
    """Of a group of comments: the newest."""
    story_id: str | None = None
    conversation_id: str | None = None
    """Where the unread messages are."""
    actors: list[str] = Field(default_factory=list)
    """The newest few."""
    actor_count: int = 0
    """0: nothing was computed yet, and it is not listed."""
    is_read: bool = False
    created_at: datetime
    updated_at: datetime
    """The newest act's time: the list's order."""
    version: str
    due_at: datetime | None = None
    grew: bool = False
    """An act came since it was last told: unread again."""
    told: bool = False
    told_at: datetime | None = None

    class Settings:
        name = "notification_groups"
        indexes: ClassVar[list[Any]] = [
            IndexModel(
                [("recipient_id", ASCENDING), ("updated_at", DESCENDING), ("_id", DESCENDING)]
            ),
            IndexModel(
                [("recipient_id", ASCENDING), ("updated_at", DESCENDING)],
                name="unread",
                partialFilterExpression={"is_read": False},
            ),
            IndexModel(
                [("due_at", ASCENDING)],
                name="due",
                partialFilterExpression={"due_at": {"$exists": True}},
            ),
            IndexModel([("updated_at", ASCENDING)], expireAfterSeconds=_LIFE_S),
        ]


class NotificationState(Document):
    """`_id` is the user. Changes whenever they read on one device, to tell the others."""

    id: str  # type: ignore[assignment]
    reads: list[dict[str, Any]] = Field(default_factory=list)
    """The newest acts of reading: `{"at", "ids"}`."""

    class Settings:
        name = "notification_state"


class PostMute(Document):
    """`_id` is `<user>:<post>`: the person hears no more of what happens to the post.
    Shard key: `_id` (hashed)."""

    id: str  # type: ignore[assignment]
    user_id: str
    post_id: str
    created_at: datetime

    class Settings:
        name = "post_mutes"
        indexes: ClassVar[list[Any]] = [IndexModel([("post_id", ASCENDING)])]


class Channels(BaseModel):
    in_app: bool
    push: bool
    email: bool


class NotificationPreferences(Document):
    """`_id` is the user; what is left out is as by default. Shard key: `_id` (hashed)."""

    id: str  # type: ignore[assignment]
    kinds: dict[str, Channels] = Field(default_factory=dict)
    digest: Literal["off", "daily", "weekly"] = "off"
    digested: str = ""
    """The period of the newest digest that was dealt with."""

    class Settings:
        name = "notification_preferences"
        indexes: ClassVar[list[Any]] = [
            IndexModel(
                [("digest", ASCENDING), ("digested", ASCENDING), ("_id", ASCENDING)],
                partialFilterExpression={"digest": {"$in": ["daily", "weekly"]}},
            ),
        ]
