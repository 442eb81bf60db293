"""Comments and their likes."""

from datetime import datetime
from typing import Any, ClassVar

from beanie import Document
from pydantic import Field
from pymongo import ASCENDING, DESCENDING, IndexModel


class Comment(Document):
    """Shard key: `post_id` (hashed): a conversation is read from one shard.

    Two levels are shown: a reply to a reply belongs to the same top comment
    (`parent_comment_id`) and names whom it answers (`reply_to_user_id`).
    """

    id: str  # type: ignore[assignment]
    post_id: str
    post_author_id: str
    author_id: str
    text: str
    mentions: list[str] = Field(default_factory=list)
    """User ids."""
    parent_comment_id: str | None = None
    reply_to_user_id: str | None = None
    held: bool = False
    """By someone whom the post's author restricted: seen by these two alone until approved."""
    created_at: datetime
    deleted_at: datetime | None = None

    class Settings:
        name = "comments"
        indexes: ClassVar[list[Any]] = [
            IndexModel(
                [
                    ("post_id", ASCENDING),
                    ("parent_comment_id", ASCENDING),
                    ("deleted_at", ASCENDING),
                    ("_id", DESCENDING),
                ]
            ),
            IndexModel(
                [("deleted_at", ASCENDING)],
                partialFilterExpression={"deleted_at": {"$type": "date"}},
            ),
        ]


class CommentLike(Document):
    """`_id` is `<comment>:<user>`. Shard key: `comment_id` (hashed)."""

    id: str  # type: ignore[assignment]
    comment_id: str
    user_id: str
    created_at: datetime

    class Settings:
        name = "comment_likes"
        indexes: ClassVar[list[Any]] = [IndexModel([("comment_id", ASCENDING)])]
