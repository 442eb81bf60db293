"""From a change in MongoDB to an event: the rule of every collection. Pure.

`event_of` is the entrance; a new collection whose changes mean something has its rule here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from app import events
from app.events import Event

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """One change, as the rules see it."""

    operation: str
    id: str
    document: Document
    """The document now (projected to `NEEDED`); empty after a delete."""
    updated: Document
    """Fields this update set, with their values at that time."""

    @property
    def inserted(self) -> bool:
        return self.operation == "insert"

    @property
    def deleted(self) -> bool:
        return self.operation == "delete"

    def touches(self, names: frozenset[str]) -> bool:
        """True when a field in `names`, or below one, changed."""
        return any(field.partition(".")[0] in names for field in self.updated)

    @property
    def pair(self) -> tuple[str, str]:
        first, _, second = self.id.partition(":")
        return first, second


_PROFILE = frozenset({"username", "full_name", "bio", "avatar", "is_private", "is_verified"})
_SHOWN_OF_POST = frozenset(
    {"caption", "hashtags", "mentions", "media", "location", "audience", "comments_disabled"}
    | {"edited_at"}
)
_UNSEEN = ("pending", "archived")
NEEDED = (
    "author_id", "owner_id", "user_id", "status", "status_from", "post_id",
    "parent_comment_id", "accepted", "imported", "deleted_at", "revoked_at",
    "conversation_id", "story", "copy_of", "kind",
)  # fmt: skip


def _user(row: Row) -> Event | None:
    if row.operation == "replace":
        return events.UserUpdated(row.id, privacy=True)  # nothing tells what changed
    if row.touches(_PROFILE):
        return events.UserUpdated(row.id, privacy="is_private" in row.updated)
    if "hides_activity" in row.updated:
        return events.ActivityShown(row.id)
    return None


def _session(row: Row) -> Event | None:
    if row.updated.get("revoked_at") is None or "user_id" not in row.document:
        return None
    return events.SessionRevoked(row.document["user_id"], row.id)


def _pairs(
    created: Callable[[Row], Event], deleted: Callable[[str, str], Event]
) -> Callable[[Row], Event | None]:
    def rule(row: Row) -> Event | None:
        if row.inserted:
            return created(row)
        return deleted(*row.pair) if row.deleted else None

    return rule


_FOLLOWS = _pairs(
    lambda row: events.FollowCreated(*row.pair, accepted=bool(row.document.get("accepted"))),
    events.FollowDeleted,
)


def _follow(row: Row) -> Event | None:
    # Whoever imported a whole graph also counted it, and it is no news to anyone.
    return None if row.inserted and row.document.get("imported") else _FOLLOWS(row)


def _restrict(row: Row) -> Event | None:
    # Its end gives nobody anything at once: who was shut out has to ask again.
    return events.RestrictCreated(*row.pair) if row.inserted else None


def _audience_member(row: Row) -> Event | None:
    if not (row.inserted or row.deleted):
        return None
    owner_id, list_id, user_id = row.id.split(":")
    return events.AudienceChanged(user_id, owner_id, list_id)


def _media(row: Row) -> Event | None:
    is_video = row.document.get("kind") == "video"
    kinds: dict[str, Callable[[str, str], Event]] = {
        "uploaded": events.VideoUploaded if is_video else events.MediaUploaded,
        "ready": events.MediaReady,
        "failed": events.MediaFailed,
    }
    status = row.document.get("status") if row.inserted else row.updated.get("status")
    kind = kinds.get(str(status))
    if kind is None or "owner_id" not in row.document or row.document.get("copy_of"):
        return None
    return kind(row.id, row.document["owner_id"])


def _post(row: Row) -> Event | None:
    author = row.document.get("author_id")
    if author is None:
        return None
    if row.inserted:
        published = row.document.get("status") == "published"
        return events.PostPublished(row.id, author) if published else None
    before = row.updated.get("status_from", row.document.get("status_from"))
    match row.updated.get("status"):
        case "published":
            return events.PostPublished(row.id, author, returned=before == "archived")
        case "archived" | "deleted" as status:
            return events.PostWithdrawn(
                row.id, author, deleted=status == "deleted", was_visible=before not in _UNSEEN
            )
        case _:
            visible = row.document.get("status") == "published"
            shown = visible and (row.operation == "replace" or row.touches(_SHOWN_OF_POST))
            return events.PostUpdated(row.id, author) if shown else None


def _story(row: Row) -> Event | None:
    if row.deleted:
        return events.StoryGone(row.id)
    if "author_id" not in row.document:
        return None
    status = row.document.get("status") if row.inserted else row.updated.get("status")
    return events.StoryPublished(row.id, row.document["author_id"]) if status == "live" else None


def _story_record(row: Row) -> Event | None:
    return events.StoryDeleted(row.id) if row.updated.get("deleted_at") else None


def _story_answer(row: Row) -> Event | None:
    if not row.inserted:
        return None
    story_id, sticker_id, user_id = row.id.split(":")
    return events.StoryAnswered(story_id, user_id, sticker_id)


def _comment(row: Row) -> Event | None:
    if "post_id" not in row.document:
        return None
    fields = (
        row.id,
        row.document["post_id"],
        row.document["author_id"],
        row.document.get("parent_comment_id"),
    )
    if row.inserted:
        return events.CommentCreated(*fields)
    if row.updated.get("held") is False:
        return events.CommentApproved(*fields)
    return events.CommentDeleted(*fields) if row.updated.get("deleted_at") else None


def _conversation(row: Row) -> Event | None:
    if row.deleted:
        return None
    if row.inserted:
        return events.ConversationChanged(row.id)
    changed, read, delivered, declined, left = False, "", [], "", ""
    for field, value in row.updated.items():
        match field.split("."):
            case [("name" | "inbox" | "requests" | "declined"), *_]:
                changed = True
            case ["members", user] if value is None:
                left = user
            case ["members", _]:
                changed = True
            case ["members", _, "is_admin"]:
                changed = True
            case ["members", user, "declined_at"]:
                declined = user
            case ["members", user, "read_up_to"]:
                read = user
            case ["members", user, "delivered_up_to"]:
                delivered.append(user)
    if changed or left:
        return events.ConversationChanged(row.id, left_id=left, only_id=declined)
    if read or delivered:
        return events.MarksMoved(row.id, user_ids=read or " ".join(delivered), read=bool(read))
    return None


_SHOWN_OF_MESSAGE = frozenset({"text", "media", "reactions"})


def _message(row: Row) -> Event | None:
    if "conversation_id" not in row.document:
        return None
    fields = (
        row.document["conversation_id"],
        row.id,
        row.document["author_id"],
        row.document.get("post_id"),
        (row.document.get("story") or {}).get("story_id"),
        (row.document.get("story") or {}).get("kind") == "reply",
    )
    if row.inserted:
        return events.MessageSent(*fields)
    if row.updated.get("deleted_at"):
        return events.MessageUnsent(*fields)
    return events.MessageUpdated(*fields) if row.touches(_SHOWN_OF_MESSAGE) else None


def _notification_state(row: Row) -> Event | None:
    return None if row.deleted else events.NotificationsRead(row.id)


RULES: dict[str, Callable[[Row], Event | None]] = {
    "users": _user,
    "sessions": _session,
    "follows": _follow,
    "follow_requests": _pairs(
        lambda row: events.FollowRequested(*row.pair), events.FollowRequestDeleted
    ),
    "blocks": _pairs(lambda row: events.BlockCreated(*row.pair), events.BlockDeleted),
    "mutes": _pairs(lambda row: events.MuteCreated(*row.pair), events.MuteDeleted),
    "restricts": _restrict,
    "audience_members": _audience_member,
    "media": _media,
    "posts": _post,
    "stories": _story,
    "story_records": _story_record,
    "story_views": _pairs(lambda row: events.StoryViewed(*row.pair), events.StoryViewForgotten),
    "story_reactions": _pairs(lambda row: events.StoryReacted(*row.pair), events.StoryUnreacted),
    "story_answers": _story_answer,
    "likes": _pairs(lambda row: events.LikeCreated(*row.pair), events.LikeDeleted),
    "comments": _comment,
    "comment_likes": _pairs(
        lambda row: events.CommentLikeCreated(*row.pair), events.CommentLikeDeleted
    ),
    "notification_state": _notification_state,
    "conversations": _conversation,
    "messages": _message,
}
"""Collection → rule. A collection that is not here causes no events."""


def event_of(change: Document) -> Event | None:
    """What a change stream document means; None: nothing anyone waits for."""
    rule = RULES.get(change["ns"]["coll"])
    if rule is None or change["operationType"] not in ("insert", "update", "replace", "delete"):
        return None
    description = change.get("updateDescription") or {}
    updated = dict.fromkeys(description.get("removedFields") or ())
    updated |= description.get("updatedFields") or {}
    return rule(
        Row(
            change["operationType"],
            str(change["documentKey"]["_id"]),
            change.get("fullDocument") or {},
            updated,
        )
    )
