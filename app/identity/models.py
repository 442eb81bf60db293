"""Accounts, their sessions, and the answers kept for repeated requests."""

from datetime import datetime
from typing import Any, ClassVar

from beanie import Document
from pydantic import BaseModel
from pymongo import ASCENDING, IndexModel


class Avatar(BaseModel):
    media_id: str
    version: int


class User(Document):
    """A person. Shard key: `_id` (hashed); log-in by name or email asks all shards, rarely.

    Counts of followers, following and posts stand in `counts`, so that counting changes no
    user document and causes no change event.
    """

    id: str  # type: ignore[assignment]
    username: str
    email: str
    password_hash: str
    full_name: str = ""
    bio: str = ""
    avatar: Avatar | None = None
    avatars: int = 0
    """How many they have had: the version of the newest."""
    is_verified: bool = False
    is_private: bool = False
    hides_activity: bool = False
    """Others don't see when they are active, nor they when others are."""
    created_at: datetime

    class Settings:
        name = "users"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("username", ASCENDING)], unique=True),
            IndexModel([("email", ASCENDING)], unique=True),
        ]


class Session(Document):
    """One device's log-in. Shard key: `user_id`. Gone by TTL when its refresh token is."""

    id: str  # type: ignore[assignment]
    user_id: str
    refresh_hash: str
    """SHA-256 of the one refresh token that is good now."""
    before_hash: str | None = None
    """Of the one before it, which it followed at `renewed_at`."""
    renewed_at: datetime | None = None
    user_agent: str = ""
    address: str = ""
    created_at: datetime
    last_used_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None

    class Settings:
        name = "sessions"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("user_id", ASCENDING), ("last_used_at", ASCENDING)]),
            IndexModel([("refresh_hash", ASCENDING)], unique=True),
            IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
        ]


class KeptAnswer(Document):
    """The claim on an idempotency key, and later the first answer. Shard key: `_id`."""

    id: str  # type: ignore[assignment]
    body_hash: str
    seed: str
    seed_ms: int
    claimed_at: datetime
    status: int | None = None
    answer: bytes | None = None

    class Settings:
        name = "kept_answers"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("claimed_at", ASCENDING)], expireAfterSeconds=86_400),
        ]
