"""Who follows, asked to follow, blocked or muted whom.

`_id` is the pair `<actor>:<target>`, so a duplicate is impossible and a deletion names both.
"""

from datetime import datetime
from typing import Any, ClassVar

from beanie import Document
from pymongo import ASCENDING, DESCENDING, IndexModel


def pair(actor_id: str, target_id: str) -> str:
    return f"{actor_id}:{target_id}"


class Follow(Document):
    """Shard key: `followee_id` (hashed): fan-out reads all followers of one person from one
    shard. The few people one follows are gathered from all."""

    id: str  # type: ignore[assignment]
    follower_id: str
    followee_id: str
    created_at: datetime
    accepted: bool = False
    """It began as a request that the followee accepted."""
    imported: bool = False
    """One of many stored at once, counted by whoever did: its making causes no event."""

    class Settings:
        name = "follows"
        indexes: ClassVar[list[Any]] = [
            IndexModel(
                [("followee_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)]
            ),
            IndexModel(
                [("follower_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)]
            ),
        ]


class FollowRequest(Document):
    """Shard key: `target_id` (hashed): the inbox of requests is the hot read."""

    id: str  # type: ignore[assignment]
    requester_id: str
    target_id: str
    created_at: datetime

    class Settings:
        name = "follow_requests"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("target_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)]),
            IndexModel([("requester_id", ASCENDING)]),
        ]


class Block(Document):
    """Shard key: `_id` (hashed); both directions are asked by id."""

    id: str  # type: ignore[assignment]
    blocker_id: str
    blocked_id: str
    created_at: datetime

    class Settings:
        name = "blocks"
        indexes: ClassVar[list[Any]] = [
            IndexModel(
                [("blocker_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)]
            ),
            IndexModel([("blocked_id", ASCENDING)]),
        ]


class Mute(Document):
    """Posts and stories of the muted person stay out of the muter's sight, and what they do out
    of their notifications. Shard key: `muter_id`."""

    id: str  # type: ignore[assignment]
    muter_id: str
    muted_id: str
    created_at: datetime

    class Settings:
        name = "mutes"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("muter_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)]),
            IndexModel([("muted_id", ASCENDING)]),
        ]


class Restrict(Document):
    """New comments of the restricted person under the restricter's posts are seen by these two
    alone until approved; and they don't see when the restricter is active, types, or how far
    they have read. Shard key: `_id` (hashed)."""

    id: str  # type: ignore[assignment]
    restricter_id: str
    restricted_id: str
    created_at: datetime

    class Settings:
        name = "restricts"
        indexes: ClassVar[list[Any]] = [IndexModel([("restricter_id", ASCENDING)])]


class Popular(Document):
    """People with more followers than are pushed to; kept by the counters. Shard key: `_id`."""

    id: str  # type: ignore[assignment]
    since: datetime

    class Settings:
        name = "popular"


class AudienceList(Document):
    """A named choice of people to show things to. Shard key: `owner_id`. The list of close
    friends has no document: it is there from the beginning."""

    id: str  # type: ignore[assignment]
    owner_id: str
    name: str
    created_at: datetime

    class Settings:
        name = "audience_lists"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("owner_id", ASCENDING), ("name", ASCENDING)], unique=True),
        ]


def member_key(owner_id: str, list_id: str, user_id: str) -> str:
    return f"{owner_id}:{list_id}:{user_id}"


class AudienceMember(Document):
    """Someone on a list (`app.audience.CLOSE`: of close friends). `_id` is
    `<owner>:<list>:<user>`, so that a deletion names all three. Shard key: `_id` (hashed)."""

    id: str  # type: ignore[assignment]
    owner_id: str
    list_id: str
    user_id: str
    created_at: datetime

    class Settings:
        name = "audience_members"
        indexes: ClassVar[list[Any]] = [
            IndexModel(
                [
                    ("owner_id", ASCENDING),
                    ("list_id", ASCENDING),
                    ("created_at", DESCENDING),
                    ("_id", DESCENDING),
                ]
            ),
            IndexModel([("user_id", ASCENDING), ("owner_id", ASCENDING)]),
        ]
