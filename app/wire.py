"""What goes over the socket by itself: the `data` of every event and topic update, and the
functions that make them. The one place where domain data becomes wire messages.

Ids are stable: they derive from the id of the change that caused the event, so every repeat,
node and device gives an event the same one. `about` names what the event shows; when someone
may no longer see one of these ids, the entry becomes `void` in their log.
"""

# long: everything that goes over the socket by itself stands on this one page

from collections.abc import Mapping
from typing import Any, NotRequired

from typing_extensions import TypedDict

from app import clock
from app.comments.views import CommentView
from app.identity.views import UserView
from app.live import Push
from app.media.views import VariantView
from app.messages.marks import Typing
from app.messages.models import Folder
from app.messages.views import ConversationView, MarkView, MessageView
from app.notifications.views import NotificationView
from app.posts.views import PostView
from app.stories.views import ResultsView, RingView

Post = Mapping[str, Any]
"""A PostView, for a recipient who has neither liked nor saved it."""
Notification = Mapping[str, Any]
"""A NotificationView."""


# Events


class PostDeleted(TypedDict):
    post_id: str


class MediaReady(TypedDict):
    media_id: str
    post_id: NotRequired[str]
    variants: list[VariantView]
    thumbhash: NotRequired[str | None]
    width: NotRequired[int | None]
    height: NotRequired[int | None]


class MediaFailed(TypedDict):
    media_id: str
    post_id: NotRequired[str]
    reason: str


class StoryNew(TypedDict):
    user: UserView
    story_id: str
    expires_at: str
    ring: RingView


class StorySeen(TypedDict):
    """Seen on one of the recipient's devices; `user_id` is the author, `ring` theirs."""

    story_id: str
    user_id: str
    ring: RingView


class StoryGone(TypedDict):
    """Expired or deleted; `ring` is what is left of the author's."""

    story_id: str
    user_id: str
    ring: RingView


class NotificationNew(TypedDict):
    notification: NotificationView
    unread: int


class NotificationUpdated(TypedDict):
    """A group grew; the notification replaces the one of the same id."""

    notification: NotificationView
    unread: int


class NotificationShrunk(TypedDict):
    """Of a group something was taken back; it stays where it stands."""

    notification: NotificationView
    unread: int


class NotificationDeleted(TypedDict):
    """All of it was taken back."""

    notification_id: str
    unread: int


class NotificationRead(TypedDict):
    ids: list[str] | None
    """None: all of them."""
    unread: int


class Follow(TypedDict):
    """Who asked, accepted, or went."""

    user: UserView


class MessageNew(TypedDict):
    conversation_id: str
    message_id: str
    folder: Folder | None
    """Where the recipient has the conversation."""
    unread: int
    """The recipient's, in this conversation."""
    version: int
    """Of the conversation, as `unread` was; the highest one tells."""
    message: MessageView


class MessageUpdated(TypedDict):
    """The message replaces the one of the same id."""

    conversation_id: str
    message_id: str
    message: MessageView


class MessageDeleted(TypedDict):
    conversation_id: str
    message_id: str
    unread: int
    version: int


class MessageRead(TypedDict):
    """How far those are who moved on, and what the recipient has left. Marks only grow."""

    conversation_id: str
    marks: list[MarkView]
    unread: int
    version: int


class ConversationRemoved(TypedDict):
    """The recipient left or was removed, or a block ended a conversation of two."""

    conversation_id: str


class SessionRevoked(TypedDict):
    session_id: str


class Void(TypedDict):
    """Nothing: it keeps the numbering dense."""


EVENTS: dict[str, Any] = {
    "post.new": PostView,
    "post.updated": PostView,
    "post.deleted": PostDeleted,
    "media.ready": MediaReady,
    "media.failed": MediaFailed,
    "story.new": StoryNew,
    "story.seen": StorySeen,
    "story.gone": StoryGone,
    "notification.new": NotificationNew,
    "notification.updated": NotificationUpdated,
    "notification.shrunk": NotificationShrunk,
    "notification.deleted": NotificationDeleted,
    "notification.read": NotificationRead,
    "follow.requested": Follow,
    "follow.accepted": Follow,
    "follow.removed": Follow,
    "message.new": MessageNew,
    "message.updated": MessageUpdated,
    "message.deleted": MessageDeleted,
    "message.read": MessageRead,
    "message.delivered": MessageRead,
    "conversation.updated": ConversationView,
    "conversation.removed": ConversationRemoved,
    "session.revoked": SessionRevoked,
    "void": Void,
}
"""Type → shape of `data`, for everything durable."""


# Topic updates


class PostCounts(TypedDict):
    likes: int
    comments: int
    shares: int


class CommentGone(TypedDict):
    comment_id: str
    parent_comment_id: str | None


class MediaProgress(TypedDict):
    percent: int
    stage: str


class Unread(TypedDict):
    notifications: int
    messages: int


class Presence(TypedDict):
    online: bool
    last_active_at: str | None
    """While online, the moment this was said; null when it is not known."""


class StoryCounts(TypedDict):
    views: int
    reactions: int
    replies: int


class PollResults(TypedDict):
    """What people have answered to one sticker, of any kind."""

    sticker_id: str
    kind: str
    results: ResultsView


class StoryHint(TypedDict):
    """A very popular author's new story (or the end of one): look at the tray again."""

    story_id: str
    user_id: str


class PostHint(TypedDict):
    """A popular author's new post: fetch it, or reload the feed."""

    post_id: str
    author_id: str


class Revoked(TypedDict):
    """The right to the topic has ended; no more of it will come."""


TOPICS: dict[str, dict[str, Any]] = {
    "post:{post_id}": {
        "post.counts": PostCounts,
        "comment.new": CommentView,
        "comment.deleted": CommentGone,
        "revoked": Revoked,
    },
    "conversation:{conversation_id}": {"typing": Typing, "revoked": Revoked},
    "presence:{user_id}": {"presence": Presence, "revoked": Revoked},
    "media:{media_id}": {"media.progress": MediaProgress, "revoked": Revoked},
    "story:{story_id}": {
        "story.counts": StoryCounts,
        "poll.results": PollResults,
        "revoked": Revoked,
    },
    "me": {"unread": Unread, "post.hint": PostHint, "story.hint": StoryHint},
}
"""Topic → type → shape of `data`, for everything ephemeral."""


# Making events. `cause` is the id of the stream entry that led to it.


def _push(
    cause: str, type: str, data: Any, about: tuple[str, ...] = (), voids: tuple[str, ...] = ()
) -> Push:
    return Push(f"{cause}.{type}", type, data, about, voids)


def post_new(cause: str, post: Post | bytes, post_id: str, author_id: str) -> Push:
    """To followers' home feeds. `post` may be encoded already."""
    return _push(cause, "post.new", post, about=(author_id, post_id))


def post_updated(cause: str, post: Post | bytes, post_id: str, author_id: str) -> Push:
    return _push(cause, "post.updated", post, about=(author_id, post_id))


def post_deleted(cause: str, post_id: str, author_id: str) -> Push:
    """Deleted, archived, or out of the recipient's sight; what stood in logs becomes void."""
    data: PostDeleted = {"post_id": post_id}
    return _push(cause, "post.deleted", data, about=(author_id,), voids=(post_id,))


def story_new(cause: str, data: StoryNew) -> Push:
    return _push(cause, "story.new", data, about=(data["user"]["user_id"], data["story_id"]))


def story_seen(cause: str, data: StorySeen) -> Push:
    return _push(cause, "story.seen", data, about=(data["user_id"], data["story_id"]))


def story_gone(cause: str, data: StoryGone) -> Push:
    """What stood in logs of it becomes void."""
    return _push(cause, "story.gone", data, about=(data["user_id"],), voids=(data["story_id"],))


def media_ready(cause: str, media_id: str, data: MediaReady) -> Push:
    return _push(cause, "media.ready", data, about=(media_id,))


def media_failed(cause: str, media_id: str, reason: str, post_id: str | None = None) -> Push:
    data: MediaFailed = {"media_id": media_id, "reason": reason}
    if post_id is not None:
        data["post_id"] = post_id
    return _push(cause, "media.failed", data, about=(media_id,))


def notification_new(
    cause: str, notification: Notification, unread: int, about: tuple[str, ...]
) -> Push:
    """`about`: the actors and what they did it to."""
    data = {"notification": notification, "unread": unread}
    return _push(cause, "notification.new", data, about=about)


def notification_updated(
    cause: str, notification: Notification, unread: int, about: tuple[str, ...]
) -> Push:
    data = {"notification": notification, "unread": unread}
    return _push(cause, "notification.updated", data, about=about)


def notification_shrunk(
    cause: str, notification: Notification, unread: int, about: tuple[str, ...]
) -> Push:
    data = {"notification": notification, "unread": unread}
    return _push(cause, "notification.shrunk", data, about=about)


def notification_deleted(cause: str, notification_id: str, unread: int) -> Push:
    data: NotificationDeleted = {"notification_id": notification_id, "unread": unread}
    return _push(cause, "notification.deleted", data)


def notification_read(cause: str, ids: list[str] | None, unread: int) -> Push:
    data: NotificationRead = {"ids": ids, "unread": unread}
    return _push(cause, "notification.read", data)


def follow_requested(cause: str, user: UserView) -> Push:
    return _follow(cause, "follow.requested", user)


def follow_accepted(cause: str, user: UserView) -> Push:
    return _follow(cause, "follow.accepted", user)


def follow_removed(cause: str, user: UserView) -> Push:
    return _follow(cause, "follow.removed", user)


def _follow(cause: str, type: str, user: UserView) -> Push:
    data: Follow = {"user": user}
    return _push(cause, type, data, about=(user["user_id"],))


def message_new(cause: str, data: MessageNew, about: tuple[str, ...]) -> Push:
    """`about`: the message, its conversation and whoever the event shows something of."""
    return _push(cause, "message.new", data, about=about)


def message_updated(cause: str, data: MessageUpdated, about: tuple[str, ...]) -> Push:
    return _push(cause, "message.updated", data, about=about)


def message_deleted(cause: str, data: MessageDeleted) -> Push:
    """Unsent; what stood in logs of it becomes void."""
    about = (data["conversation_id"],)
    return _push(cause, "message.deleted", data, about=about, voids=(data["message_id"],))


def message_marks(cause: str, data: MessageRead, *, read: bool) -> Push:
    about = (data["conversation_id"], *(mark["user_id"] for mark in data["marks"]))
    return _push(cause, "message.read" if read else "message.delivered", data, about=about)


def conversation_updated(cause: str, conversation: ConversationView) -> Push:
    people = {member["user_id"] for member in conversation["members"]}
    if conversation["last_message"]:
        people.add(conversation["last_message"]["user_id"])
    about = (conversation["conversation_id"], *sorted(people))
    return _push(cause, "conversation.updated", conversation, about=about)


def conversation_removed(cause: str, conversation_id: str) -> Push:
    data: ConversationRemoved = {"conversation_id": conversation_id}
    return _push(cause, "conversation.removed", data, voids=(conversation_id,))


def conversation_topic(conversation_id: str) -> str:
    return f"conversation:{conversation_id}"


def presence_topic(user_id: str) -> str:
    return f"presence:{user_id}"


def post_topic(post_id: str) -> str:
    return f"post:{post_id}"


def story_topic(story_id: str) -> str:
    return f"story:{story_id}"


def media_topic(media_id: str) -> str:
    return f"media:{media_id}"


def post_counts(likes: int, comments: int, shares: int) -> PostCounts:
    return {"likes": likes, "comments": comments, "shares": shares}


def story_counts(views: int, reactions: int, replies: int) -> StoryCounts:
    return {"views": views, "reactions": reactions, "replies": replies}


def presence(online: bool, last_active_ms: int) -> Presence:
    """`last_active_ms` 0: not known."""
    at = clock.iso_ms(last_active_ms) if last_active_ms else None
    return {"online": online, "last_active_at": at}
