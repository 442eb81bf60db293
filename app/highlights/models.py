"""Highlights."""

from datetime import datetime
from typing import Any, ClassVar

from beanie import Document
from pydantic import Field
from pymongo import ASCENDING, IndexModel


class Highlight(Document):
    """A named, ordered choice of one's stories. Shard key: `owner_id`.

    Each story keeps its own audience: who could not see it does not see it here.
    """

    id: str  # type: ignore[assignment]
    owner_id: str
    name: str
    story_ids: list[str] = Field(default_factory=list)
    """In the order in which they are shown."""
    cover_id: str | None = None
    """The story whose picture is the cover; None: the first one's."""
    place: int = 0
    """Among the owner's highlights, the lowest first."""
    created_at: datetime
    updated_at: datetime

    class Settings:
        name = "highlights"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("owner_id", ASCENDING), ("place", ASCENDING), ("_id", ASCENDING)]),
            IndexModel([("story_ids", ASCENDING)]),
        ]
