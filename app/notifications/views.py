"""Notifications as the API shows them."""

from typing import TYPE_CHECKING, Any

from typing_extensions import TypedDict

from app import clock
from app.graph import queries as graph
from app.identity import queries as people
from app.identity.views import UserView, user_view
from app.operation import Pagination
from app.posts import access, fragments
from app.stories import access as story_access, queries as story_queries
from app.stories.shown import cover

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]


class PostCard(TypedDict):
    post_id: str
    thumbnail: str | None
    thumbhash: str | None


class StoryCard(TypedDict):
    story_id: str
    user_id: str
    """Whose it is."""
    thumbnail: str | None
    thumbhash: str | None
    is_live: bool


class CommentCard(TypedDict):
    comment_id: str
    text: str


class NotificationView(TypedDict):
    notification_id: str
    kind: str
    actors: list[UserView]
    actor_count: int
    post: PostCard | None
    comment: CommentCard | None
    story: StoryCard | None
    conversation_id: str | None
    """Of unread messages: where they are."""
    is_read: bool
    created_at: str
    updated_at: str


class Notifications(TypedDict):
    notifications: list[NotificationView]
    unread: int
    pagination: Pagination


class MutedPost(PostCard):
    user: UserView
    caption: str


class MutedPosts(TypedDict):
    posts: list[MutedPost]
    pagination: Pagination


async def muted_views(resources: "Resources", viewer: str, post_ids: list[str]) -> list[MutedPost]:
    """Those of them that the viewer may see, in their order."""
    visible = await access.visible_among(resources, viewer, post_ids)
    posts = await fragments.load(resources, visible)
    cards = await people.cards(resources, {post.author_id for post in posts.values()})
    return [
        {
            **_post_card(resources, viewer, post),
            "user": user_view(cards[post.author_id]),
            "caption": post.post["caption"],
        }
        for post_id in post_ids
        if (post := posts.get(post_id)) is not None and post.author_id in cards
    ]


async def notification_views(
    resources: "Resources", recipient: str, rows: list[Raw]
) -> list[NotificationView]:
    """Groups (raw) as their recipient sees them; those about what is gone or out of their sight
    are left out, and so are people with a block between: the groups themselves change a moment
    after a block."""
    actors = {actor for row in rows for actor in row["actors"]}
    cards = await people.cards(resources, actors)
    blocked = await graph.blocked_among(resources, recipient, actors)
    post_ids = list({row["post_id"] for row in rows if row.get("post_id")})
    visible = await access.visible_among(resources, recipient, post_ids) if post_ids else set()
    posts = await fragments.load(resources, visible)
    stories = await _story_cards(
        resources, recipient, {row["story_id"] for row in rows if row.get("story_id")}
    )
    comment_ids = [row["comment_id"] for row in rows if row.get("comment_id")]
    comments = {
        comment["_id"]: comment
        async for comment in resources.mongo.comments.find(
            {"_id": {"$in": comment_ids}, "deleted_at": None}, {"text": 1, "author_id": 1}
        )
    }
    views: list[NotificationView] = []
    for row in rows:
        post = posts.get(row.get("post_id") or "")
        comment = comments.get(row.get("comment_id") or "")
        story = stories.get(row.get("story_id") or "")
        gone = (row.get("post_id") and post is None) or (row.get("story_id") and story is None)
        if row.get("comment_id") and (comment is None or comment["author_id"] in blocked):
            # Of several comments the newest may be gone for a moment; the others stand.
            gone, comment = gone or row["kind"] != "comment" or row["actor_count"] < 2, None
        shown = [a for a in row["actors"] if a in cards and a not in blocked]
        if gone or not shown:
            continue
        hidden = len(set(row["actors"]) & blocked)
        views.append(
            {
                "notification_id": row["_id"],
                "kind": row["kind"],
                "actors": [user_view(cards[actor]) for actor in shown],
                "actor_count": max(len(shown), row["actor_count"] - hidden),
                "post": _post_card(resources, recipient, post) if post else None,
                "comment": (
                    {"comment_id": comment["_id"], "text": comment["text"][:200]}
                    if comment
                    else None
                ),
                "story": story,
                "conversation_id": row.get("conversation_id"),
                "is_read": row["is_read"],
                "created_at": clock.iso(row["created_at"]),
                "updated_at": clock.iso(row["updated_at"]),
            }
        )
    return views


async def _story_cards(
    resources: "Resources", recipient: str, story_ids: set[str]
) -> dict[str, StoryCard]:
    """Those that the recipient may see or, when they are over, was meant to; without a picture
    then."""
    if not story_ids:
        return {}
    known = await story_queries.remembered(resources, list(story_ids))
    cards: dict[str, StoryCard] = {}
    owners = await people.cards(resources, {story["author_id"] for story in known.values()})
    for story in await story_access.visible_among(resources, recipient, known.values()):
        author, live = story["author_id"], not story["has_ended"]
        if author not in owners:
            continue
        shown = cover(resources, recipient, owners[author], story) if live else None
        cards[story["_id"]] = {
            "story_id": story["_id"],
            "user_id": author,
            "thumbnail": shown["url"] if shown else None,
            "thumbhash": shown["thumbhash"] if shown else None,
            "is_live": live,
        }
    return cards


def _post_card(resources: "Resources", recipient: str, fragment: fragments.Fragment) -> PostCard:
    return {
        "post_id": fragment.post["_id"],
        **fragments.thumbnail(resources, recipient, fragment),
    }
