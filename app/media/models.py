"""Uploaded media."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from beanie import Document
from pydantic import BaseModel, Field
from pymongo import ASCENDING, IndexModel

Status = Literal["pending", "uploaded", "processing", "ready", "failed", "deleted"]
Kind = Literal["photo", "video"]


class Variant(BaseModel):
    """One rendition: file name `{name}.{ext}` under the medium's prefix in storage."""

    name: str
    ext: str
    width: int
    height: int
    size_bytes: int


class Reason(BaseModel):
    code: str
    message: str


class MediaOrigin(BaseModel):
    """A copy of what someone else showed to an audience: whoever fetches it has to be in that
    one too."""

    author_id: str
    audience: str


class Media(Document):
    """One uploaded photo or video. Shard key: `_id` (hashed): always asked for by id.

    `pending` (a link was given) → `uploaded` (the bytes are there) → `processing` → `ready`
    or `failed` (with the reason; may be retried) → `deleted` (with its post).
    """

    id: str  # type: ignore[assignment]
    owner_id: str
    media_key: str
    """What the client names in a post; the object key of the original."""
    kind: Kind = "photo"
    declared_type: str
    declared_size_bytes: int
    upload_id: str | None = None
    """Of a multipart upload, until it is complete."""
    original_stored: bool = True
    """The original may still be in storage: swept once its upload link has run out."""
    status: Status = "pending"
    reason: Reason | None = None
    width: int | None = None
    height: int | None = None
    thumbhash: str | None = None
    duration: float | None = None
    """Seconds, of a video."""
    variants: list[Variant] = Field(default_factory=list)
    attached_to: str | None = None
    """The post, the story, the user whose avatar it is, or `<conversation>:<key>` of the message;
    None: swept after a day."""
    audience: str = "public"
    """Of what it is in. When it is not for everyone, links name the viewer, and each fetch asks
    whether they may still see it."""
    origin: MediaOrigin | None = None
    expires_at: datetime | None = None
    """Of a story: to be fetched by its owner alone from then on, by the database's clock."""
    copy_of: str | None = None
    """The medium whose files were copied for this one: it needs no processing."""
    attempts: int = 0
    """How often processing began; a result counts only for the attempt it belongs to."""
    created_at: datetime
    updated_at: datetime

    class Settings:
        name = "media"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("media_key", ASCENDING)], unique=True),
            IndexModel([("attached_to", ASCENDING), ("created_at", ASCENDING)]),
            IndexModel([("status", ASCENDING), ("updated_at", ASCENDING)]),
            IndexModel(
                [("updated_at", ASCENDING)],
                name="originals",
                partialFilterExpression={"original_stored": True},
            ),
            IndexModel(
                [("expires_at", ASCENDING)],
                partialFilterExpression={"expires_at": {"$type": "date"}},
            ),
        ]
