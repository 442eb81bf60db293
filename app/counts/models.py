"""The counters, how far they have read, and which subjects to count again."""

from datetime import datetime
from typing import Any, ClassVar

from beanie import Document
from pymongo import ASCENDING, DESCENDING, IndexModel


class Count(Document):
    """The counts of one subject: a person, a post, a comment or a story. Shard key: `_id` (hashed).

    `revision` grows with every change, so that a recount can tell that nothing came between.
    """

    id: str  # type: ignore[assignment]
    followers: int = 0
    following: int = 0
    posts: int = 0
    likes: int = 0
    comments: int = 0
    replies: int = 0
    shares: int = 0
    views: int = 0
    reactions: int = 0
    revision: int = 0
    changed_at: datetime

    class Settings:
        name = "counts"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("changed_at", ASCENDING)]),
            IndexModel([("followers", DESCENDING)]),
        ]


class CounterOffset(Document):
    """The last entry of a partition whose effect stands in `counts`. Shard key: `_id`."""

    id: int  # type: ignore[assignment]
    entry_id: str

    class Settings:
        name = "counter_offsets"


class Recount(Document):
    """A subject to count again; `*`: all, from `after` on. Shard key: `_id`."""

    id: str  # type: ignore[assignment]
    after: str = ""
    asked_at: datetime

    class Settings:
        name = "recounts"
