"""The rules from change to event, row by row."""

from typing import Any

import pytest

from app import events
from app.change_rules import RULES, event_of
from app.events import Event
from app.position import ORIGIN, PLACES, Position

NOW = "2026-11-20T09:00:00Z"  # the rules only look whether it is there
POST = {"author_id": "usr_a"}
COMMENT = {"post_id": "post_1", "author_id": "usr_a", "parent_comment_id": "cmt_0"}

MESSAGE = {"conversation_id": "conv_1", "author_id": "usr_a", "post_id": "post_1"}


def change(
    collection: str,
    operation: str,
    id: str,
    document: dict[str, Any] | None = None,
    updated: dict[str, Any] | None = None,
    removed: list[str] | None = None,
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "ns": {"db": "glimpse", "coll": collection},
        "operationType": operation,
        "documentKey": {"_id": id},
    }
    if operation != "delete":
        made["fullDocument"] = document
    if operation == "update":
        made["updateDescription"] = {"updatedFields": updated or {}, "removedFields": removed or []}
    return made


def insert(collection: str, id: str, **document: Any) -> dict[str, Any]:
    return change(collection, "insert", id, document)


def update(
    collection: str, id: str, document: dict[str, Any] | None, **updated: Any
) -> dict[str, Any]:
    return change(collection, "update", id, document, updated)


def delete(collection: str, id: str) -> dict[str, Any]:
    return change(collection, "delete", id)


def post(now: str, **updated: Any) -> dict[str, Any]:
    return change("posts", "update", "post_1", {**POST, "status": now}, updated)


def conversation(**updated: Any) -> dict[str, Any]:
    return change("conversations", "update", "conv_1", {}, updated)


TABLE: list[tuple[dict[str, Any], Event | None]] = [
    # people
    (insert("users", "usr_a", username="ana"), None),
    (update("users", "usr_a", {}, bio="hi"), events.UserUpdated("usr_a", privacy=False)),
    (update("users", "usr_a", {}, **{"avatar.version": 2}), events.UserUpdated("usr_a")),
    (update("users", "usr_a", {}, is_private=True), events.UserUpdated("usr_a", privacy=True)),
    (update("users", "usr_a", {}, password_hash="x"), None),
    (update("users", "usr_a", {}, hides_activity=True), events.ActivityShown("usr_a")),
    (change("users", "update", "usr_a", {}, removed=["avatar"]), events.UserUpdated("usr_a")),
    (change("users", "replace", "usr_a", {}), events.UserUpdated("usr_a", privacy=True)),
    # sessions
    (insert("sessions", "ses_1", user_id="usr_a", revoked_at=None), None),
    (update("sessions", "ses_1", {"user_id": "usr_a"}, last_used_at=NOW), None),
    (
        update("sessions", "ses_1", {"user_id": "usr_a"}, revoked_at=NOW),
        events.SessionRevoked("usr_a", "ses_1"),
    ),
    (delete("sessions", "ses_1"), None),
    # graph
    (insert("follows", "usr_a:usr_b"), events.FollowCreated("usr_a", "usr_b")),
    (
        insert("follows", "usr_a:usr_b", accepted=True),
        events.FollowCreated("usr_a", "usr_b", accepted=True),
    ),
    (delete("follows", "usr_a:usr_b"), events.FollowDeleted("usr_a", "usr_b")),
    (insert("follow_requests", "usr_a:usr_b"), events.FollowRequested("usr_a", "usr_b")),
    (delete("follow_requests", "usr_a:usr_b"), events.FollowRequestDeleted("usr_a", "usr_b")),
    (insert("blocks", "usr_a:usr_b"), events.BlockCreated("usr_a", "usr_b")),
    (delete("blocks", "usr_a:usr_b"), events.BlockDeleted("usr_a", "usr_b")),
    (insert("mutes", "usr_a:usr_b"), events.MuteCreated("usr_a", "usr_b")),
    (insert("restricts", "usr_a:usr_b"), events.RestrictCreated("usr_a", "usr_b")),
    (delete("mutes", "usr_a:usr_b"), events.MuteDeleted("usr_a", "usr_b")),
    # lists of people to show things to
    (
        insert("audience_members", "usr_a:close:usr_b"),
        events.AudienceChanged("usr_b", "usr_a", "close"),
    ),
    (
        delete("audience_members", "usr_a:list_1:usr_b"),
        events.AudienceChanged("usr_b", "usr_a", "list_1"),
    ),
    # stories
    (insert("stories", "story_1", author_id="usr_a", status="pending"), None),
    (
        insert("stories", "story_1", author_id="usr_a", status="live"),
        events.StoryPublished("story_1", "usr_a"),
    ),
    (
        update("stories", "story_1", {"author_id": "usr_a"}, status="live"),
        events.StoryPublished("story_1", "usr_a"),
    ),
    (update("stories", "story_1", {"author_id": "usr_a"}, duration=3), None),
    (update("stories", "story_1", None, status="live"), None),  # gone meanwhile
    (delete("stories", "story_1"), events.StoryGone("story_1")),
    (insert("story_records", "story_1", author_id="usr_a", deleted_at=None), None),
    (update("story_records", "story_1", {"author_id": "usr_a"}, ended=True), None),
    (
        update("story_records", "story_1", {"author_id": "usr_a"}, deleted_at=NOW),
        events.StoryDeleted("story_1"),
    ),
    (insert("story_views", "story_1:usr_b"), events.StoryViewed("story_1", "usr_b")),
    (update("story_views", "story_1:usr_b", {}, forward=2), None),
    (delete("story_views", "story_1:usr_b"), events.StoryViewForgotten("story_1", "usr_b")),
    (insert("story_reactions", "story_1:usr_b"), events.StoryReacted("story_1", "usr_b")),
    (update("story_reactions", "story_1:usr_b", {}, reaction="x"), None),
    (delete("story_reactions", "story_1:usr_b"), events.StoryUnreacted("story_1", "usr_b")),
    (
        insert("story_answers", "story_1:stk_1:usr_b"),
        events.StoryAnswered("story_1", "usr_b", "stk_1"),
    ),
    (delete("story_answers", "story_1:stk_1:usr_b"), None),
    (
        insert("messages", "msg_1", **MESSAGE, story={"story_id": "story_1", "kind": "reply"}),
        events.MessageSent("conv_1", "msg_1", "usr_a", "post_1", "story_1", answers=True),
    ),
    # media
    (insert("media", "media_2", owner_id="usr_a", status="ready", copy_of="media_1"), None),
    (insert("media", "media_1", owner_id="usr_a", status="pending"), None),
    (
        insert("media", "media_1", owner_id="usr_a", status="uploaded"),
        events.MediaUploaded("media_1", "usr_a"),
    ),
    (
        update("media", "media_1", {"owner_id": "usr_a"}, status="uploaded"),
        events.MediaUploaded("media_1", "usr_a"),
    ),
    (
        update("media", "media_1", {"owner_id": "usr_a", "kind": "video"}, status="uploaded"),
        events.VideoUploaded("media_1", "usr_a"),
    ),
    (update("media", "media_1", {"owner_id": "usr_a"}, status="processing"), None),
    (
        update("media", "media_1", {"owner_id": "usr_a"}, status="ready"),
        events.MediaReady("media_1", "usr_a"),
    ),
    (
        update("media", "media_1", {"owner_id": "usr_a"}, status="failed"),
        events.MediaFailed("media_1", "usr_a"),
    ),
    (update("media", "media_1", {"owner_id": "usr_a", "status": "ready"}, attempts=2), None),
    (update("media", "media_1", None, status="ready"), None),  # gone meanwhile
    # posts
    (insert("posts", "post_1", **POST, status="pending"), None),
    (
        insert("posts", "post_1", **POST, status="published"),
        events.PostPublished("post_1", "usr_a"),
    ),
    (
        post("published", status="published", status_from="pending"),
        events.PostPublished("post_1", "usr_a"),
    ),
    (
        post("published", status="published", status_from="archived"),
        events.PostPublished("post_1", "usr_a", returned=True),
    ),
    (
        # What it was when it happened counts, not what it is when looked up.
        post("deleted", status="published", status_from="pending"),
        events.PostPublished("post_1", "usr_a"),
    ),
    (
        post("archived", status="archived", status_from="published"),
        events.PostWithdrawn("post_1", "usr_a", deleted=False),
    ),
    (
        post("deleted", status="deleted", status_from="published"),
        events.PostWithdrawn("post_1", "usr_a", deleted=True),
    ),
    (
        post("deleted", status="deleted", status_from="archived"),
        events.PostWithdrawn("post_1", "usr_a", deleted=True, was_visible=False),
    ),
    (
        post("deleted", status="deleted", status_from="pending"),
        events.PostWithdrawn("post_1", "usr_a", deleted=True, was_visible=False),
    ),
    (post("published", caption="new"), events.PostUpdated("post_1", "usr_a")),
    (post("published", comments_disabled=True), events.PostUpdated("post_1", "usr_a")),
    (post("published", **{"media.0.alt_text": "a"}), events.PostUpdated("post_1", "usr_a")),
    (post("pending", **{"media.0.status": "ready"}), None),
    (post("archived", caption="new"), None),
    (post("published", deleted_at=None), None),
    (delete("posts", "post_1"), None),
    # likes and comments
    (insert("likes", "post_1:usr_a"), events.LikeCreated("post_1", "usr_a")),
    (update("likes", "post_1:usr_a", {}, reaction="love"), None),
    (delete("likes", "post_1:usr_a"), events.LikeDeleted("post_1", "usr_a")),
    (
        insert("comments", "cmt_1", **COMMENT),
        events.CommentCreated("cmt_1", "post_1", "usr_a", "cmt_0"),
    ),
    (
        update("comments", "cmt_1", COMMENT, deleted_at=NOW),
        events.CommentDeleted("cmt_1", "post_1", "usr_a", "cmt_0"),
    ),
    (
        update("comments", "cmt_1", COMMENT, held=False),
        events.CommentApproved("cmt_1", "post_1", "usr_a", "cmt_0"),
    ),
    (update("comments", "cmt_1", COMMENT, text="x"), None),
    (delete("comments", "cmt_1"), None),
    (insert("comment_likes", "cmt_1:usr_a"), events.CommentLikeCreated("cmt_1", "usr_a")),
    (delete("comment_likes", "cmt_1:usr_a"), events.CommentLikeDeleted("cmt_1", "usr_a")),
    # notifications
    (insert("notification_state", "usr_a"), events.NotificationsRead("usr_a")),
    (update("notification_state", "usr_a", {}, reads=[]), events.NotificationsRead("usr_a")),
    (delete("notification_state", "usr_a"), None),
    # conversations
    (insert("conversations", "conv_1"), events.ConversationChanged("conv_1")),
    (conversation(name="Sea"), events.ConversationChanged("conv_1")),
    (conversation(inbox=["usr_a"], last_id="msg_1"), events.ConversationChanged("conv_1")),
    (conversation(**{"members.usr_b": {"unread": 0}}), events.ConversationChanged("conv_1")),
    (conversation(**{"members.usr_b.is_admin": True}), events.ConversationChanged("conv_1")),
    (
        change("conversations", "update", "conv_1", {}, {"inbox": []}, ["members.usr_b"]),
        events.ConversationChanged("conv_1", left_id="usr_b"),
    ),
    (
        conversation(declined=["usr_b"], **{"members.usr_b.declined_at": NOW}),
        events.ConversationChanged("conv_1", only_id="usr_b"),
    ),
    (
        conversation(
            **{"members.usr_b.read_up_to": "msg_1", "members.usr_b.delivered_up_to": "msg_1"}
        ),
        events.MarksMoved("conv_1", "usr_b", read=True),
    ),
    (
        conversation(
            **{"members.usr_b.delivered_up_to": "msg_1", "members.usr_c.delivered_up_to": "msg_1"}
        ),
        events.MarksMoved("conv_1", "usr_b usr_c", read=False),
    ),
    (conversation(last_id="msg_1", turns=2, **{"members.usr_b.unread": 1}), None),
    (delete("conversations", "conv_1"), None),
    (
        insert("messages", "msg_1", **MESSAGE),
        events.MessageSent("conv_1", "msg_1", "usr_a", "post_1"),
    ),
    (
        update("messages", "msg_1", MESSAGE, text="x", edited_at=NOW),
        events.MessageUpdated("conv_1", "msg_1", "usr_a", "post_1"),
    ),
    (
        update("messages", "msg_1", MESSAGE, **{"reactions.usr_b": "🔥"}),
        events.MessageUpdated("conv_1", "msg_1", "usr_a", "post_1"),
    ),
    (
        change("messages", "update", "msg_1", MESSAGE, {}, ["reactions.usr_b"]),
        events.MessageUpdated("conv_1", "msg_1", "usr_a", "post_1"),
    ),
    (
        update("messages", "msg_1", MESSAGE, text="", deleted_at=NOW),
        events.MessageUnsent("conv_1", "msg_1", "usr_a", "post_1"),
    ),
    (update("messages", "msg_1", MESSAGE, ref=None), None),
    (delete("messages", "msg_1"), None),
    # not watched, and not a change of a document
    (insert("counts", "post_1", likes=1), None),
    ({"ns": {"db": "glimpse", "coll": "posts"}, "operationType": "drop"}, None),
]


@pytest.mark.parametrize(("given", "expected"), TABLE)
def test_what_a_change_means(given: dict[str, Any], expected: Event | None) -> None:
    assert event_of(given) == expected


def test_every_event_of_the_catalogue_has_a_cause() -> None:
    # One is made only by what gave up, for an operator to put back.
    caused = set(events.CATALOGUE.values()) - {events.PushWanted}
    assert {type(event) for _, event in TABLE if event} == caused
    assert {given["ns"]["coll"] for given, event in TABLE if event} == set(RULES)


def test_events_survive_the_stream() -> None:
    for _, event in TABLE:
        if event:
            assert events.decode(events.encode(event)) == event


def test_positions_are_ordered_like_their_entry_ids() -> None:
    rising = [
        ORIGIN,
        Position(1, 1, 0),
        Position(1, 1, PLACES - 1),
        Position(1, 2, 0),
        Position(2, 1, 0),
        Position(1_795_145_804, 2**32 - 1, PLACES - 1),
    ]
    pairs = [tuple(map(int, p.entry_id.split("-"))) for p in rising]
    assert rising == sorted(rising)
    assert pairs == sorted(set(pairs))
    assert [Position.of_entry(p.entry_id) for p in rising] == rising
    assert pairs[-1][1] < 2**53  # exact in a Lua number
    assert Position(3, 4, 5).event_id == "evt_3_4_5"
