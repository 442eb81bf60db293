"""Posts, likes, saves and collections."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from beanie import Document
from pydantic import BaseModel, Field
from pymongo import ASCENDING, DESCENDING, IndexModel

from app.media.models import Reason, Variant

PostStatus = Literal["pending", "published", "archived", "deleted"]


class Tag(BaseModel):
    """A person marked in a photo; x and y from 0 to 1, from the top left."""

    user_id: str
    x: float
    y: float


class Location(BaseModel):
    name: str
    lat: float | None = None
    lng: float | None = None


class PostMedia(BaseModel):
    """One item, with a copy of what showing it takes: reading a post asks one document."""

    media_id: str
    type: Literal["photo", "video"]
    alt_text: str = ""
    tags: list[Tag] = Field(default_factory=list)
    status: Literal["uploaded", "processing", "ready", "failed"]
    reason: Reason | None = None
    width: int | None = None
    height: int | None = None
    thumbhash: str | None = None
    duration: float | None = None
    variants: list[Variant] = Field(default_factory=list)


class Post(Document):
    """Shard key: `author_id` (hashed), so that a profile grid and a pulled feed ask one shard
    for each author; by id alone all shards are asked, which the post cache makes rare.

    `pending` until all media are ready; `archived` is seen by its author alone; `deleted`
    stays for a while, so that late events find what they speak of, and is then swept.
    """

    id: str  # type: ignore[assignment]
    author_id: str
    status: PostStatus
    status_from: PostStatus | None = None
    """The status before the last change: tells a first publication from a return."""
    caption: str = ""
    hashtags: list[str] = Field(default_factory=list)
    mentions: list[str] = Field(default_factory=list)
    """User ids."""
    media: list[PostMedia]
    location: Location | None = None
    audience: str = "public"
    comments_disabled: bool = False
    created_at: datetime
    published_at: datetime | None = None
    edited_at: datetime | None = None
    deleted_at: datetime | None = None

    class Settings:
        name = "posts"
        indexes: ClassVar[list[Any]] = [
            IndexModel(
                [
                    ("author_id", ASCENDING),
                    ("status", ASCENDING),
                    ("published_at", DESCENDING),
                    ("_id", DESCENDING),
                ]
            ),
            IndexModel([("media.media_id", ASCENDING)]),
            IndexModel(
                [("deleted_at", ASCENDING)],
                partialFilterExpression={"deleted_at": {"$type": "date"}},
            ),
        ]


class Like(Document):
    """`_id` is `<post>:<user>`. Shard key: `post_id` (hashed): one shard holds a post's likes."""

    id: str  # type: ignore[assignment]
    post_id: str
    user_id: str
    reaction: str = "like"
    created_at: datetime

    class Settings:
        name = "likes"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("post_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)]),
        ]


class Save(Document):
    """`_id` is `<user>:<post>`. Shard key: `user_id`."""

    id: str  # type: ignore[assignment]
    user_id: str
    post_id: str
    collection_ids: list[str] = Field(default_factory=list)
    created_at: datetime

    class Settings:
        name = "saves"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("user_id", ASCENDING), ("created_at", DESCENDING), ("_id", DESCENDING)]),
            IndexModel(
                [
                    ("user_id", ASCENDING),
                    ("collection_ids", ASCENDING),
                    ("created_at", DESCENDING),
                    ("_id", DESCENDING),
                ]
            ),
        ]


class Collection(Document):
    """A named set of saved posts. Shard key: `owner_id`."""

    id: str  # type: ignore[assignment]
    owner_id: str
    name: str
    created_at: datetime

    class Settings:
        name = "collections"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("owner_id", ASCENDING), ("name", ASCENDING)], unique=True),
        ]
