"""Conversations and their messages."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from beanie import Document
from pydantic import BaseModel, Field
from pymongo import ASCENDING, DESCENDING, IndexModel

from app.posts.models import PostMedia

Folder = Literal["inbox", "requests"]


class Member(BaseModel):
    """A member's place in a conversation. Ids of messages are empty before the first."""

    joined_at: datetime
    since: str
    """Messages below this id came before them and are not theirs to see."""
    is_admin: bool = False
    read_up_to: str = ""
    delivered_up_to: str = ""
    unread: int = 0
    """Messages of others after `read_up_to`, kept exact by the transactions that move either."""
    declined_at: datetime | None = None
    turns: int = 0
    """Changes of this place that nobody else may notice."""


class Conversation(Document):
    """Two people, or a group. Shard key: `_id` (hashed): a message touches one document here;
    a list of conversations asks all shards, each for one page.

    A member stands in `inbox`, in `requests`, in `declined`, or in none of them: the other one
    of a pair whom nothing was written to yet, and who does not see it.
    """

    id: str  # type: ignore[assignment]
    kind: Literal["direct", "group"]
    name: str = ""
    created_by: str
    created_at: datetime
    member_ids: list[str]
    """In the order in which they came."""
    members: dict[str, Member]
    inbox: list[str] = Field(default_factory=list)
    requests: list[str] = Field(default_factory=list)
    declined: list[str] = Field(default_factory=list)
    unread_by: list[str] = Field(default_factory=list)
    """Members whose `unread` is not 0."""
    last_id: str
    """The newest message's; before the first one, the lowest id of the time it was made."""
    last_author_id: str | None = None
    turns: int = 0
    """Changes that all members may notice (`app.messages.turn`)."""

    class Settings:
        name = "conversations"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("inbox", ASCENDING), ("last_id", DESCENDING)]),
            IndexModel([("requests", ASCENDING), ("last_id", DESCENDING)]),
            IndexModel([("unread_by", ASCENDING)]),
            IndexModel([("member_ids", ASCENDING)]),
        ]


class StoryQuote(BaseModel):
    """A story that a message answers or shares; it may be over when the message is read."""

    story_id: str
    author_id: str
    kind: Literal["reply", "share"]


class Message(Document):
    """Shard key: `conversation_id`: a conversation is read from one shard.

    Ids grow in the order in which the messages of a conversation were stored, whatever clocks
    say. `key` is the request's own id: its repeat is refused as a duplicate.
    """

    id: str  # type: ignore[assignment]
    conversation_id: str
    key: str
    author_id: str
    text: str = ""
    media: PostMedia | None = None
    post_id: str | None = None
    """A shared post. Stays when the message is unsent: the share is then counted off."""
    story: StoryQuote | None = None
    """Stays when the message is unsent, as `post_id` does."""
    reply_to: str | None = None
    reactions: dict[str, str] = Field(default_factory=dict)
    """User id → emoji."""
    ref: str | None = None
    """The author's name for it, given back to them alone."""
    created_at: datetime
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    words: list[str] = Field(default_factory=list)
    """What it is found by (`app.messages.words`); nothing once it is unsent."""

    class Settings:
        name = "messages"
        indexes: ClassVar[list[Any]] = [
            IndexModel([("conversation_id", ASCENDING), ("_id", DESCENDING)]),
            IndexModel(
                [("conversation_id", ASCENDING), ("words", ASCENDING), ("_id", DESCENDING)],
                name="words",
            ),
            # Holds those alone that were stored before there was search (`app.messages.wordless`).
            IndexModel(
                [("words", ASCENDING), ("_id", ASCENDING)],
                name="wordless",
                partialFilterExpression={"words": None},
            ),
            IndexModel([("conversation_id", ASCENDING), ("key", ASCENDING)], unique=True),
            # Not `$type`: the planner sees no string in it that a query might ask for.
            IndexModel(
                [("post_id", ASCENDING), ("_id", DESCENDING)],
                name="of_post",
                partialFilterExpression={"post_id": {"$gt": ""}},
            ),
            IndexModel(
                [("post_id", ASCENDING), ("author_id", ASCENDING), ("_id", ASCENDING)],
                name="of_post_by_author",
                partialFilterExpression={"post_id": {"$gt": ""}},
            ),
            IndexModel(
                [("story.story_id", ASCENDING)],
                partialFilterExpression={"story.story_id": {"$type": "string"}},
            ),
            IndexModel(
                [("media.media_id", ASCENDING)],
                name="of_medium",
                partialFilterExpression={"media.media_id": {"$gt": ""}},
            ),
            IndexModel(
                [("deleted_at", ASCENDING)],
                partialFilterExpression={"deleted_at": {"$type": "date"}},
            ),
        ]
