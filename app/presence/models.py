"""When people were last active, for when Redis does not know."""

from datetime import datetime

from beanie import Document


class Activity(Document):
    """A person. Shard key: `_id` (hashed). Written when they go, at most once in a few minutes;
    a collection of its own, since a change of a user document is an event."""

    id: str  # type: ignore[assignment]
    last_active_at: datetime

    class Settings:
        name = "activity"
