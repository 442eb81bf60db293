"""What an event adds to which counter, and which rows a counter counts. Pure."""

from collections.abc import Iterable
from typing import Any

from app import events
from app.events import Event

Deltas = dict[str, dict[str, int]]
"""Subject → counter → difference."""


def deltas_of(event: Event) -> list[tuple[str, str, int]]:
    """(subject, counter, +1 or -1) for each counter the event moves."""
    match event:
        case events.FollowCreated(actor_id=actor, target_id=target):
            return [(target, "followers", 1), (actor, "following", 1)]
        case events.FollowDeleted(actor_id=actor, target_id=target):
            return [(target, "followers", -1), (actor, "following", -1)]
        case events.PostPublished(author_id=author):
            return [(author, "posts", 1)]
        case events.PostWithdrawn(author_id=author, was_visible=True):
            return [(author, "posts", -1)]
        case events.LikeCreated(post_id=post):
            return [(post, "likes", 1)]
        case events.LikeDeleted(post_id=post):
            return [(post, "likes", -1)]
        case events.CommentCreated(post_id=post, parent_comment_id=parent):
            return [(post, "comments", 1), *([(parent, "replies", 1)] if parent else [])]
        case events.CommentDeleted(post_id=post, parent_comment_id=parent):
            return [(post, "comments", -1), *([(parent, "replies", -1)] if parent else [])]
        case events.CommentLikeCreated(comment_id=comment):
            return [(comment, "likes", 1)]
        case events.CommentLikeDeleted(comment_id=comment):
            return [(comment, "likes", -1)]
        case events.StoryViewed(story_id=story):
            return [(story, "views", 1)]
        case events.StoryViewForgotten(story_id=story):
            return [(story, "views", -1)]
        case events.StoryReacted(story_id=story):
            return [(story, "reactions", 1)]
        case events.StoryUnreacted(story_id=story):
            return [(story, "reactions", -1)]
        case events.MessageSent(story_id=str(story), answers=answers):
            return [(story, "replies" if answers else "shares", 1)]
        case events.MessageUnsent(story_id=str(story), answers=answers):
            return [(story, "replies" if answers else "shares", -1)]
        case events.MessageSent(post_id=str(post)):
            return [(post, "shares", 1)]
        case events.MessageUnsent(post_id=str(post)):
            return [(post, "shares", -1)]
        case _:
            return []


def fold(happened: Iterable[Event]) -> Deltas:
    """The sum of what the events add. A subject whose events cancel out stays, with no counters:
    it was moved, and its revision has to say so, else a recount that read the rows between the
    two would take its number for the newest."""
    total: Deltas = {}
    for event in happened:
        for subject, counter, difference in deltas_of(event):
            counters = total.setdefault(subject, {})
            counters[counter] = counters.get(counter, 0) + difference
    return {s: {c: n for c, n in counters.items() if n} for s, counters in total.items()}


def subjects_of(event: Event) -> list[str]:
    return [subject for subject, _, _ in deltas_of(event)]


ROWS: dict[str, tuple[tuple[str, str, str, dict[str, Any]], ...]] = {
    "usr": (
        ("followers", "follows", "followee_id", {}),
        ("following", "follows", "follower_id", {}),
        ("posts", "posts", "author_id", {"status": "published"}),
    ),
    "post": (
        ("likes", "likes", "post_id", {}),
        ("comments", "comments", "post_id", {"deleted_at": None}),
        ("shares", "messages", "post_id", {"deleted_at": None}),
    ),
    "cmt": (
        ("likes", "comment_likes", "comment_id", {}),
        ("replies", "comments", "parent_comment_id", {"deleted_at": None}),
    ),
    "story": (
        ("views", "story_views", "story_id", {}),
        ("reactions", "story_reactions", "story_id", {}),
        ("replies", "messages", "story.story_id", {"story.kind": "reply", "deleted_at": None}),
        ("shares", "messages", "story.story_id", {"story.kind": "share", "deleted_at": None}),
    ),
}
"""Kind of subject → (counter, collection, the field that names the subject, further filter)."""
