"""A comment as the API shows it."""

from typing import TYPE_CHECKING, Any

from typing_extensions import TypedDict

from app import clock
from app.counts import queries as counts
from app.graph.models import pair
from app.identity import queries as people
from app.identity.views import UserView, user_view
from app.operation import Pagination

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]


class CommentView(TypedDict):
    comment_id: str
    post_id: str
    user: UserView
    text: str
    mentions: list[str]
    """Usernames."""
    parent_comment_id: str | None
    likes_count: int
    replies_count: int
    is_liked: bool
    is_held: bool
    """Waits for approval; told to the post's author alone."""
    created_at: str


class Comments(TypedDict):
    comments: list[CommentView]
    pagination: Pagination


async def comment_views(
    resources: "Resources", viewer: str, comments: list[Raw]
) -> list[CommentView]:
    """Raw comments as `viewer` sees them (empty: as everyone does), in order."""
    ids = [comment["_id"] for comment in comments]
    wanted = {comment["author_id"] for comment in comments}
    wanted.update(user_id for comment in comments for user_id in comment["mentions"])
    cards = await people.cards(resources, wanted)
    numbers = await counts.counts_of(resources, ids)
    liked: set[str] = set()
    if viewer:
        rows = resources.mongo.comment_likes.find(
            {"_id": {"$in": [pair(comment_id, viewer) for comment_id in ids]}}, {"comment_id": 1}
        )
        liked = {row["comment_id"] async for row in rows}
    return [
        {
            "comment_id": comment["_id"],
            "post_id": comment["post_id"],
            "user": user_view(cards[comment["author_id"]]),
            "text": comment["text"],
            "mentions": [cards[m]["username"] for m in comment["mentions"] if m in cards],
            "parent_comment_id": comment.get("parent_comment_id"),
            "likes_count": numbers[comment["_id"]].likes,
            "replies_count": numbers[comment["_id"]].replies,
            "is_liked": comment["_id"] in liked,
            "is_held": viewer == comment["post_author_id"] and comment.get("held", False),
            "created_at": clock.iso(comment["created_at"]),
        }
        for comment in comments
        if comment["author_id"] in cards
    ]
