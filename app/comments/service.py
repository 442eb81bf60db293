"""Rules, reads and writes of comments."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pymongo.errors import DuplicateKeyError

from app import clock, paging
from app.comments.models import Comment, CommentLike
from app.comments.views import Comments, CommentView, comment_views
from app.counts import queries as counts
from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.graph import queries as graph
from app.graph.models import pair
from app.operation import Context
from app.posts import access as posts, service as post_service
from app.posts.views import pagination

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]
LIKES_EXACT_MAX = 1000


async def raw(resources: "Resources", comment_id: str) -> Raw | None:
    """The stored comment, whoever asks."""
    found = await resources.mongo.comments.find_one({"_id": comment_id})
    return found and {"deleted_at": None, **found}


def _not_found() -> NotFound:
    return NotFound("This comment does not exist, or is not for you to see.", "comment_not_found")


async def visible_comment(resources: "Resources", viewer: str, comment_id: str) -> Raw:
    """The raw comment if its post is visible and no block stands between, else NotFound."""
    comment = await resources.mongo.comments.find_one({"_id": comment_id, "deleted_at": None})
    if comment is None or await graph.blocked_between(resources, viewer, comment["author_id"]):
        raise _not_found()
    if not await posts.may_see_post(resources, viewer, comment["post_id"]):
        raise _not_found()
    if comment.get("held") and viewer not in (comment["author_id"], comment["post_author_id"]):
        raise _not_found()
    return comment


async def create(ctx: Context, post_id: str, words: str, parent_id: str | None) -> CommentView:
    """Comment, or reply. NotFound for the post or the parent, Forbidden when comments are off."""
    resources = ctx.resources
    post = await posts.visible_post(resources, ctx.user_id, post_id)
    if post["status"] != "published":
        raise Forbidden("This post is not published.", "not_published")
    if post["comments_disabled"]:
        raise Forbidden("Comments are turned off for this post.", "comments_disabled")
    top, answered = None, None
    if parent_id is not None:
        parent = await visible_comment(resources, ctx.user_id, parent_id)
        if parent["post_id"] != post_id:
            raise Invalid.field("parent_comment_id", "That comment is under another post.")
        top = parent.get("parent_comment_id") or parent_id
        answered = parent["author_id"]
    comment = Comment(
        id=ctx.new_id("cmt"),
        post_id=post_id,
        post_author_id=post["author_id"],
        author_id=ctx.user_id,
        text=words,
        mentions=await post_service.mentioned(resources, ctx.user_id, words),
        parent_comment_id=top,
        reply_to_user_id=answered,
        held=await graph.is_restricted(resources, post["author_id"], ctx.user_id),
        created_at=clock.now(),
    )
    with suppress(DuplicateKeyError):  # the repeat of a request whose answer was lost
        await comment.insert()
    stored = await resources.mongo.comments.find_one({"_id": comment.id})
    if stored is None:
        raise Conflict("The comment was deleted meanwhile.", "comment_deleted")
    return (await comment_views(resources, ctx.user_id, [stored]))[0]


async def page(
    ctx: Context, post_id: str, parent_id: str | None, cursor: str | None, limit: int
) -> Comments:
    """Top comments, newest first; replies, oldest first. Without those of blocked people."""
    resources = ctx.resources
    shown: Raw = {"post_id": post_id, "parent_comment_id": parent_id, "deleted_at": None}
    shown["$or"] = [
        {"held": {"$ne": True}},
        {"author_id": ctx.user_id},
        {"post_author_id": ctx.user_id},
    ]
    rows, following = await paging.by_id(
        resources,
        "comments",
        shown,
        f"comments:{post_id}:{parent_id}",
        cursor,
        limit,
        oldest_first=parent_id is not None,
    )
    blocked = await graph.blocked_among(resources, ctx.user_id, {row["author_id"] for row in rows})
    rows = [row for row in rows if row["author_id"] not in blocked]
    return {
        "comments": await comment_views(resources, ctx.user_id, rows),
        "pagination": pagination(following),
    }


async def delete(ctx: Context, comment_id: str) -> None:
    """By its author or the author of the post. A top comment takes its replies with it."""
    comment = await visible_comment(ctx.resources, ctx.user_id, comment_id)
    if ctx.user_id not in (comment["author_id"], comment["post_author_id"]):
        raise Forbidden("Only its author and the author of the post may delete a comment.")
    await ctx.resources.mongo.comments.update_many(
        {
            "post_id": comment["post_id"],
            "deleted_at": None,
            "$or": [{"_id": comment_id}, {"parent_comment_id": comment_id}],
        },
        {"$set": {"deleted_at": clock.now()}},
    )


async def approve(ctx: Context, comment_id: str) -> CommentView:
    """Show a held comment to everyone; by the author of the post."""
    comment = await visible_comment(ctx.resources, ctx.user_id, comment_id)
    if ctx.user_id != comment["post_author_id"]:
        raise Forbidden("Only the author of the post may approve a comment.")
    await ctx.resources.mongo.comments.update_one({"_id": comment_id}, {"$set": {"held": False}})
    return (await comment_views(ctx.resources, ctx.user_id, [{**comment, "held": False}]))[0]


async def like(ctx: Context, comment_id: str) -> int:
    """The number of likes after it."""
    await visible_comment(ctx.resources, ctx.user_id, comment_id)
    row = CommentLike(
        id=pair(comment_id, ctx.user_id),
        comment_id=comment_id,
        user_id=ctx.user_id,
        created_at=clock.now(),
    )
    with suppress(DuplicateKeyError):  # liked already
        await row.insert()
    return await _likes_count(ctx.resources, comment_id)


async def unlike(ctx: Context, comment_id: str) -> int:
    await visible_comment(ctx.resources, ctx.user_id, comment_id)
    await ctx.resources.mongo.comment_likes.delete_one({"_id": pair(comment_id, ctx.user_id)})
    return await _likes_count(ctx.resources, comment_id)


async def _likes_count(resources: "Resources", comment_id: str) -> int:
    counted = (await counts.counts_of(resources, [comment_id]))[comment_id].likes
    if counted > LIKES_EXACT_MAX:
        return counted
    return int(
        await resources.mongo.comment_likes.count_documents(
            {"comment_id": comment_id}, limit=LIKES_EXACT_MAX + 1
        )
    )
