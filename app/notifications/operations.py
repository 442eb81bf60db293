"""What the outside may call of notifications."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from app.notifications import preferences, service
from app.notifications.preferences import PreferencesParam, PreferencesView
from app.notifications.service import PostMuted
from app.notifications.views import MutedPosts, Notifications
from app.operation import Context, Nothing, PageParams, Params, operation


class Read(Params):
    ids: list[Annotated[str, Field(max_length=64)]] | None = Field(
        None, max_length=200, description="Left out: all of them."
    )


class PostId(Params):
    post_id: str = Field(min_length=1, max_length=64)


class Unread(TypedDict):
    unread: int


@operation("notifications.list", "GET", "/notifications")
async def page(ctx: Context, params: PageParams) -> Notifications:
    """What happened, newest first."""
    return await service.page(ctx, params.cursor, params.limit)


@operation("notifications.read", "POST", "/notifications/read")
async def read(ctx: Context, params: Read) -> Unread:
    """Mark as read, on all devices; but messages, which are read in their conversation."""
    return {"unread": await service.read(ctx, params.ids)}


@operation("notifications.preferences", "GET", "/notifications/preferences")
async def get_preferences(ctx: Context, params: Nothing) -> PreferencesView:
    """What one wants to hear of, by kind and channel."""
    return await preferences.get(ctx)


@operation("notifications.set_preferences", "PUT", "/notifications/preferences")
async def put_preferences(ctx: Context, params: PreferencesParam) -> PreferencesView:
    """Change what one wants to hear of; what is left out stays."""
    return await preferences.put(ctx, params)


@operation("posts.is_muted", "GET", "/posts/{post_id}/mute")
async def is_post_muted(ctx: Context, params: PostId) -> PostMuted:
    """Whether one muted a post."""
    return await service.is_post_muted(ctx, params.post_id)


@operation("posts.mute", "POST", "/posts/{post_id}/mute")
async def mute_post(ctx: Context, params: PostId) -> PostMuted:
    """Hear no more of what happens to a post."""
    return await service.mute_post(ctx, params.post_id)


@operation("posts.unmute", "DELETE", "/posts/{post_id}/mute")
async def unmute_post(ctx: Context, params: PostId) -> PostMuted:
    """Hear of a post again."""
    return await service.unmute_post(ctx, params.post_id)


@operation("posts.muted", "GET", "/me/muted-posts")
async def muted_posts(ctx: Context, params: PageParams) -> MutedPosts:
    """Posts one hears nothing of."""
    return await service.muted_posts(ctx, params.cursor, params.limit)


OPERATIONS = [
    page,
    read,
    get_preferences,
    put_preferences,
    is_post_muted,
    mute_post,
    unmute_post,
    muted_posts,
]
