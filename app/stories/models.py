"""Stories: the live ones, what is remembered of each, and what people did with them."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from beanie import Document
from pydantic import BaseModel, Field
from pymongo import ASCENDING, DESCENDING, IndexModel

from app.posts.models import PostMedia

StoryStatus = Literal["pending", "live"]


class Sequence(BaseModel):
    """A client's name for stories that belong together, and the place of this one, from 0. Two
    can't have the same place, so no sequence grows beyond its limit."""

    id: str
    place: int


class Origin(BaseModel):
    """The story that this one shows again. Who may not see that one doesn't see this one."""

    story_id: str
    author_id: str
    audience: str


class _Content(Document):
    """What a story shows."""

    id: str  # type: ignore[assignment]
    author_id: str
    audience: str
    media: PostMedia
    duration: float
    """Seconds that it is shown for."""
    overlays: list[dict[str, Any]] = Field(default_factory=list)
    """As `app.stories.scene` has them; a mention has the `user_id` instead of the name."""
    filter: str = "none"
    stickers: list[dict[str, Any]] = Field(default_factory=list)
    """As `app.stories.scene` has them, with their `sticker_id`."""
    mentions: list[str] = Field(default_factory=list)
    allow_repost: bool = True
    allow_replies: bool = True
    origin: Origin | None = None
    sequence: Sequence | None = None
    created_at: datetime
    expires_at: datetime
    """Both by the clock of the database, which is the one that every read asks."""


class Story(_Content):
    """A story that lives. Shard key: `author_id` (hashed): a tray asks for authors.

    `pending` until its medium is ready. The TTL index (or the sweep, or its author) deletes it,
    and the deletion is an event like any other; what is needed after that stands in the record.
    """

    status: StoryStatus

    class Settings:
        name = "stories"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("author_id", ASCENDING), ("_id", ASCENDING)]),
            IndexModel(
                [
                    ("author_id", ASCENDING),
                    ("sequence.id", ASCENDING),
                    ("sequence.place", ASCENDING),
                ],
                unique=True,
                partialFilterExpression={"sequence.id": {"$type": "string"}},
            ),
            IndexModel([("media.media_id", ASCENDING)]),
            IndexModel(
                [("origin.story_id", ASCENDING)],
                partialFilterExpression={"origin.story_id": {"$type": "string"}},
            ),
            IndexModel([("expires_at", ASCENDING)], expireAfterSeconds=0),
        ]


class StoryRecord(_Content):
    """What outlives the story: for the archive for good (`kept`), else until `gone_at`, 14 days
    after its end, for insights. Written in one transaction with the story. Shard key:
    `author_id`."""

    kept: bool = True
    ended: bool = False
    """Its end was dealt with: its own media are gone, a kept one has a copy."""
    deleted_at: datetime | None = None
    """By its author, before its time."""
    gone_at: datetime | None = None

    class Settings:
        name = "story_records"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("author_id", ASCENDING), ("kept", ASCENDING), ("_id", DESCENDING)]),
            IndexModel([("ended", ASCENDING), ("expires_at", ASCENDING)]),
            IndexModel(
                [("origin.story_id", ASCENDING)],
                partialFilterExpression={"origin.story_id": {"$type": "string"}},
            ),
            # A day later than the sweep, which also forgets the counts.
            IndexModel([("gone_at", ASCENDING)], expireAfterSeconds=86_400),
        ]


class StoryView(Document):
    """`_id` is `<story>:<viewer>`: one row a person, however often they look. Shard key:
    `story_id`. Gone 14 days after the story's end."""

    id: str  # type: ignore[assignment]
    story_id: str
    viewer_id: str
    seen_at: datetime
    gone_at: datetime
    impressions: int = 1
    forward: int = 0
    back: int = 0
    exits: int = 0

    class Settings:
        name = "story_views"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("story_id", ASCENDING), ("seen_at", DESCENDING), ("_id", DESCENDING)]),
            IndexModel([("gone_at", ASCENDING)], expireAfterSeconds=0),
        ]


class StoryReaction(Document):
    """`_id` is `<story>:<user>`. Shard key: `story_id`."""

    id: str  # type: ignore[assignment]
    story_id: str
    user_id: str
    author_id: str
    reaction: str
    created_at: datetime
    gone_at: datetime

    class Settings:
        name = "story_reactions"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("story_id", ASCENDING), ("created_at", DESCENDING)]),
            IndexModel([("gone_at", ASCENDING)], expireAfterSeconds=0),
        ]


class StoryAnswer(Document):
    """`_id` is `<story>:<sticker>:<user>`: a second answer is impossible. Shard key:
    `story_id`."""

    id: str  # type: ignore[assignment]
    story_id: str
    sticker_id: str
    user_id: str
    choice: int | None = None
    text: str | None = None
    value: float | None = None
    key: str
    """The request's own id: its repeat finds the answer that it gave."""
    created_at: datetime
    gone_at: datetime

    class Settings:
        name = "story_answers"
        indexes: ClassVar[list[Any]] = [
            IndexModel(
                [("story_id", ASCENDING), ("sticker_id", ASCENDING), ("created_at", DESCENDING)]
            ),
            IndexModel([("gone_at", ASCENDING)], expireAfterSeconds=0),
        ]


class StoryPull(Document):
    """An author with too many followers to push to, whom trays ask for until a month after their
    last story's end. Shard key: `_id`."""

    id: str  # type: ignore[assignment]
    since: datetime
    until: datetime

    class Settings:
        name = "story_pulls"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("until", ASCENDING)], expireAfterSeconds=0),
        ]
