"""Every durable event: what the relay makes of a change in MongoDB, and workers consume.

An event says that something happened and names it by id; whoever needs more reads the
current state, so a late or repeated event can do no harm. `id` is the change's place in the
oplog, the same at every delivery. Partition and order: events with the same `key` land in
one stream, in the order of their changes.
"""

# long: every durable event stands on this one page

import zlib
from dataclasses import dataclass, fields
from typing import Any, ClassVar, TypeVar, get_type_hints

import orjson

ROLES = ("fanout", "counters", "notify", "images", "transcode", "push")
"""Roles that read the event streams; each has one consumer group of its own name."""


@dataclass(frozen=True, slots=True)
class Event:
    type: ClassVar[str]

    @property
    def key(self) -> str:
        """The aggregate whose events stay in order."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class _OfUser(Event):
    user_id: str

    @property
    def key(self) -> str:
        return self.user_id


@dataclass(frozen=True, slots=True)
class UserUpdated(_OfUser):
    """Profile fields changed; `privacy` when the account went public or private."""

    type = "user.updated"
    privacy: bool = False


@dataclass(frozen=True, slots=True)
class ActivityShown(_OfUser):
    """The person changed whether others see when they are active."""

    type = "user.activity_shown"


@dataclass(frozen=True, slots=True)
class SessionRevoked(_OfUser):
    type = "session.revoked"
    session_id: str


@dataclass(frozen=True, slots=True)
class _OfPair(Event):
    """`actor_id` did something to `target_id`; ordered by the target."""

    actor_id: str
    target_id: str

    @property
    def key(self) -> str:
        return self.target_id


@dataclass(frozen=True, slots=True)
class FollowCreated(_OfPair):
    type = "follow.created"
    accepted: bool = False
    """It was a request that the target accepted."""


@dataclass(frozen=True, slots=True)
class FollowDeleted(_OfPair):
    type = "follow.deleted"


@dataclass(frozen=True, slots=True)
class FollowRequested(_OfPair):
    type = "follow_request.created"


@dataclass(frozen=True, slots=True)
class FollowRequestDeleted(_OfPair):
    """Accepted, declined or withdrawn."""

    type = "follow_request.deleted"


@dataclass(frozen=True, slots=True)
class BlockCreated(_OfPair):
    type = "block.created"


@dataclass(frozen=True, slots=True)
class BlockDeleted(_OfPair):
    type = "block.deleted"


@dataclass(frozen=True, slots=True)
class MuteCreated(_OfPair):
    type = "mute.created"


@dataclass(frozen=True, slots=True)
class MuteDeleted(_OfPair):
    type = "mute.deleted"


@dataclass(frozen=True, slots=True)
class RestrictCreated(_OfPair):
    type = "restrict.created"


@dataclass(frozen=True, slots=True)
class AudienceChanged(_OfUser):
    """The person was put on a list of the owner's, or taken off it."""

    type = "audience.changed"
    owner_id: str
    list_id: str


@dataclass(frozen=True, slots=True)
class _OfMedia(Event):
    media_id: str
    owner_id: str

    @property
    def key(self) -> str:
        return self.media_id


@dataclass(frozen=True, slots=True)
class MediaUploaded(_OfMedia):
    """A photo's bytes are in object storage and wait for processing (again, after a retry)."""

    type = "media.uploaded"


@dataclass(frozen=True, slots=True)
class VideoUploaded(_OfMedia):
    """As `MediaUploaded`, of a video: other work, for other workers."""

    type = "media.video_uploaded"


@dataclass(frozen=True, slots=True)
class MediaReady(_OfMedia):
    type = "media.ready"


@dataclass(frozen=True, slots=True)
class MediaFailed(_OfMedia):
    type = "media.failed"


@dataclass(frozen=True, slots=True)
class _OfPost(Event):
    post_id: str
    author_id: str

    @property
    def key(self) -> str:
        return self.post_id


@dataclass(frozen=True, slots=True)
class PostPublished(_OfPost):
    """Visible from now on: all its media are ready, or it came back from the archive."""

    type = "post.published"
    returned: bool = False
    """It came back from the archive: no notifications."""


@dataclass(frozen=True, slots=True)
class PostUpdated(_OfPost):
    type = "post.updated"


@dataclass(frozen=True, slots=True)
class PostWithdrawn(_OfPost):
    """Deleted or archived; no longer visible to others."""

    type = "post.withdrawn"
    deleted: bool = True
    was_visible: bool = True
    """False when an archived or a pending post was deleted: it counted for nothing before."""


@dataclass(frozen=True, slots=True)
class _OfStory(Event):
    story_id: str

    @property
    def key(self) -> str:
        return self.story_id


@dataclass(frozen=True, slots=True)
class StoryPublished(_OfStory):
    """Live from now on: its medium is ready."""

    type = "story.published"
    author_id: str


@dataclass(frozen=True, slots=True)
class StoryGone(_OfStory):
    """No longer live: expired or deleted. Whose it was stands in its record."""

    type = "story.gone"


@dataclass(frozen=True, slots=True)
class StoryDeleted(_OfStory):
    """Deleted by its author, while it lived or from the archive."""

    type = "story.deleted"


@dataclass(frozen=True, slots=True)
class _OfStoryAndUser(_OfStory):
    user_id: str


@dataclass(frozen=True, slots=True)
class StoryViewed(_OfStoryAndUser):
    """Seen by the person, for the first time."""

    type = "story.viewed"


@dataclass(frozen=True, slots=True)
class StoryViewForgotten(_OfStoryAndUser):
    """Long after the story's end: what was kept for insights goes."""

    type = "story.view_forgotten"


@dataclass(frozen=True, slots=True)
class StoryReacted(_OfStoryAndUser):
    type = "story.reacted"


@dataclass(frozen=True, slots=True)
class StoryUnreacted(_OfStoryAndUser):
    type = "story.unreacted"


@dataclass(frozen=True, slots=True)
class StoryAnswered(_OfStoryAndUser):
    """The person answered a sticker."""

    type = "story.answered"
    sticker_id: str


@dataclass(frozen=True, slots=True)
class LikeCreated(Event):
    type = "like.created"
    post_id: str
    user_id: str

    @property
    def key(self) -> str:
        return self.post_id


@dataclass(frozen=True, slots=True)
class LikeDeleted(Event):
    type = "like.deleted"
    post_id: str
    user_id: str

    @property
    def key(self) -> str:
        return self.post_id


@dataclass(frozen=True, slots=True)
class _OfComment(Event):
    comment_id: str
    post_id: str
    author_id: str
    parent_comment_id: str | None

    @property
    def key(self) -> str:
        return self.post_id


@dataclass(frozen=True, slots=True)
class CommentCreated(_OfComment):
    type = "comment.created"


@dataclass(frozen=True, slots=True)
class CommentApproved(_OfComment):
    """It was held, and is for everyone from now on."""

    type = "comment.approved"


@dataclass(frozen=True, slots=True)
class CommentDeleted(_OfComment):
    type = "comment.deleted"


@dataclass(frozen=True, slots=True)
class CommentLikeCreated(Event):
    type = "comment_like.created"
    comment_id: str
    user_id: str

    @property
    def key(self) -> str:
        return self.comment_id


@dataclass(frozen=True, slots=True)
class CommentLikeDeleted(Event):
    type = "comment_like.deleted"
    comment_id: str
    user_id: str

    @property
    def key(self) -> str:
        return self.comment_id


@dataclass(frozen=True, slots=True)
class NotificationsRead(_OfUser):
    """The person's read state moved, on one of their devices."""

    type = "notifications.read"


@dataclass(frozen=True, slots=True)
class _OfConversation(Event):
    conversation_id: str

    @property
    def key(self) -> str:
        return self.conversation_id


@dataclass(frozen=True, slots=True)
class ConversationChanged(_OfConversation):
    """Made, renamed, its members changed, or a member moved it to another folder."""

    type = "conversation.changed"
    left_id: str = ""
    """Who is no longer a member."""
    only_id: str = ""
    """The one person whom it concerns: they declined, and nobody else is told."""


@dataclass(frozen=True, slots=True)
class MarksMoved(_OfConversation):
    """Members have read further, or were sent more."""

    type = "conversation.marks"
    user_ids: str
    """Whose marks, parted by spaces."""
    read: bool


@dataclass(frozen=True, slots=True)
class _OfMessage(_OfConversation):
    message_id: str
    author_id: str
    post_id: str | None = None
    """The post it shares."""
    story_id: str | None = None
    """The story that it answers, or shares."""
    answers: bool = False
    """It answers the story."""


@dataclass(frozen=True, slots=True)
class MessageSent(_OfMessage):
    type = "message.sent"


@dataclass(frozen=True, slots=True)
class MessageUpdated(_OfMessage):
    """Edited, reacted to, or its photo is ready."""

    type = "message.updated"


@dataclass(frozen=True, slots=True)
class MessageUnsent(_OfMessage):
    type = "message.unsent"


@dataclass(frozen=True, slots=True)
class PushWanted(_OfUser):
    """A push that was given up is to be tried again. No change causes it: it only stands in
    dead letters, so that an operator can put it back."""

    type = "push.wanted"
    job_id: str


CATALOGUE: dict[str, type[Event]] = {
    kind.type: kind
    for kind in (
        UserUpdated,
        ActivityShown,
        SessionRevoked,
        FollowCreated,
        FollowDeleted,
        FollowRequested,
        FollowRequestDeleted,
        BlockCreated,
        BlockDeleted,
        MuteCreated,
        MuteDeleted,
        RestrictCreated,
        AudienceChanged,
        MediaUploaded,
        VideoUploaded,
        MediaReady,
        MediaFailed,
        PostPublished,
        PostUpdated,
        PostWithdrawn,
        StoryPublished,
        StoryGone,
        StoryDeleted,
        StoryViewed,
        StoryViewForgotten,
        StoryReacted,
        StoryUnreacted,
        StoryAnswered,
        LikeCreated,
        LikeDeleted,
        CommentCreated,
        CommentApproved,
        CommentDeleted,
        CommentLikeCreated,
        CommentLikeDeleted,
        NotificationsRead,
        ConversationChanged,
        MarksMoved,
        MessageSent,
        MessageUpdated,
        MessageUnsent,
        PushWanted,
    )
}

E = TypeVar("E", bound=Event)
_FIELDS = {kind: tuple(f.name for f in fields(kind)) for kind in CATALOGUE.values()}
_HINTS = {kind: get_type_hints(kind) for kind in CATALOGUE.values()}


class UnknownEvent(ValueError):
    """An entry that is not of the catalogue: poison, to be dead-lettered at once."""


def stream_key(partition: int) -> str:
    return f"events:{{{partition}}}"


def partition_of(event: Event, partitions: int) -> int:
    return zlib.crc32(event.key.encode()) % partitions


def encode(event: Event) -> bytes:
    return orjson.dumps(
        {"type": event.type} | {name: getattr(event, name) for name in _FIELDS[type(event)]}
    )


def decode(data: bytes) -> Event:
    """The event; raises UnknownEvent when it is not exactly one of the catalogue."""
    try:
        raw: dict[str, Any] = orjson.loads(data)
        kind = CATALOGUE[raw.pop("type")]
        event = kind(**raw)
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise UnknownEvent(f"not an event of the catalogue: {data[:200]!r}") from error
    for name in _FIELDS[kind]:
        value = getattr(event, name)
        expected = _HINTS[kind][name]
        if not isinstance(value, expected):
            raise UnknownEvent(f"{kind.type}.{name}: {value!r} is not {expected}")
    return event
