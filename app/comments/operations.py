"""What the outside may call of comments."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from app.comments import service
from app.comments.views import Comments, CommentView
from app.operation import Context, PageParams, Params, operation
from app.posts import access as posts

IdText = Annotated[str, Field(min_length=1, max_length=64)]


class Create(Params):
    post_id: IdText
    text: str = Field(min_length=1, max_length=2200)
    parent_comment_id: IdText | None = None


class OfPost(PageParams):
    post_id: IdText


class CommentId(Params):
    id: IdText


class OfComment(PageParams):
    id: IdText


class LikedComment(TypedDict):
    comment_id: str
    likes_count: int


@operation("comments.create", "POST", "/posts/{post_id}/comments", status=201)
async def create(ctx: Context, params: Create) -> CommentView:
    """Comment on a post, or reply to a comment."""
    return await service.create(ctx, params.post_id, params.text, params.parent_comment_id)


@operation("comments.list", "GET", "/posts/{post_id}/comments")
async def of_post(ctx: Context, params: OfPost) -> Comments:
    """A post's comments, newest first."""
    await posts.visible_post(ctx.resources, ctx.user_id, params.post_id)
    return await service.page(ctx, params.post_id, None, params.cursor, params.limit)


@operation("comments.replies", "GET", "/comments/{id}/replies")
async def replies(ctx: Context, params: OfComment) -> Comments:
    """Replies to a comment, oldest first."""
    comment = await service.visible_comment(ctx.resources, ctx.user_id, params.id)
    return await service.page(ctx, comment["post_id"], params.id, params.cursor, params.limit)


@operation("comments.approve", "POST", "/comments/{id}/approve")
async def approve(ctx: Context, params: CommentId) -> CommentView:
    """Show the comment of someone whom one restricted to everyone."""
    return await service.approve(ctx, params.id)


@operation("comments.like", "POST", "/comments/{id}/like", limit="likes")
async def like(ctx: Context, params: CommentId) -> LikedComment:
    """Like a comment."""
    return {"comment_id": params.id, "likes_count": await service.like(ctx, params.id)}


@operation("comments.unlike", "DELETE", "/comments/{id}/like", limit="likes")
async def unlike(ctx: Context, params: CommentId) -> LikedComment:
    """Take a comment's like back."""
    return {"comment_id": params.id, "likes_count": await service.unlike(ctx, params.id)}


@operation("comments.delete", "DELETE", "/comments/{id}", status=204)
async def delete(ctx: Context, params: CommentId) -> None:
    """Delete a comment of one's own, or under one's own post."""
    await service.delete(ctx, params.id)


OPERATIONS = [create, of_post, replies, approve, like, unlike, delete]
