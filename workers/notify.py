"""Notify: who should hear of what happened, stored for later and pushed now.

Also what watchers of a post see arrive (comments), and the ends of sessions. A repeated event
finds the notification it made before and pushes it again under the same id.
"""

from app import wire
from app.comments import service as comments
from app.comments.views import comment_views
from app.events import (
    BlockCreated,
    BlockDeleted,
    CommentCreated,
    CommentDeleted,
    CommentLikeCreated,
    CommentLikeDeleted,
    Event,
    FollowCreated,
    FollowDeleted,
    FollowRequestDeleted,
    FollowRequested,
    LikeCreated,
    LikeDeleted,
    MediaFailed,
    MediaReady,
    NotificationsRead,
    PostPublished,
    PostWithdrawn,
    SessionRevoked,
)
from app.graph import queries as graph
from app.identity import queries as people
from app.identity.views import user_view
from app.media import service as media
from app.media.views import media_view
from app.messages import service as message_service
from app.notifications import service as notifications
from app.notifications.models import Kind
from app.notifications.views import notification_views
from app.posts import access, queries as posts, service as post_service
from app.resources import Resources
from workers import messages
from workers.runtime import Role
from workers.unread import tell_unread


async def handle(event_id: str, event: Event, resources: Resources) -> None:
    match event:
        case LikeCreated():
            await _liked(event_id, event, resources)
        case LikeDeleted():
            post = await posts.raw(resources, event.post_id)
            if post is not None:
                key = f"like:{event.post_id}:{event.user_id}"
                await _retract(resources, post["author_id"], key)
        case CommentCreated():
            await _commented(event_id, event, resources)
        case CommentDeleted():
            gone: wire.CommentGone = {
                "comment_id": event.comment_id,
                "parent_comment_id": event.parent_comment_id,
            }
            topic = wire.post_topic(event.post_id)
            await resources.live.publish(topic, "comment.deleted", gone)
            for recipient in await notifications.forget_comment(resources, event.comment_id):
                await tell_unread(resources, [recipient])
        case CommentLikeCreated():
            comment = await comments.raw(resources, event.comment_id)
            if comment is not None and comment["deleted_at"] is None:
                await _notify(
                    event_id,
                    resources,
                    comment["author_id"],
                    "comment_like",
                    event.user_id,
                    comment["post_id"],
                    event.comment_id,
                )
        case CommentLikeDeleted():
            comment = await comments.raw(resources, event.comment_id)
            if comment is not None:
                key = f"comment_like:{event.comment_id}:{event.user_id}"
                await _retract(resources, comment["author_id"], key)
        case PostPublished():
            await _published(event_id, event, resources)
        case PostWithdrawn():
            if event.deleted:
                for recipient in await notifications.forget_post(resources, event.post_id):
                    await tell_unread(resources, [recipient])
            await messages.post_withdrawn(event, resources)
        case FollowCreated():
            await _followed(event_id, event, resources)
        case FollowDeleted():
            await _unfollowed(event_id, event, resources)
        case FollowRequested():
            await _requested(event_id, event, resources)
        case FollowRequestDeleted():
            await _retract(resources, event.target_id, f"follow_request::{event.actor_id}")
        case BlockCreated():
            await notifications.forget_between(resources, event.actor_id, event.target_id)
            await messages.block_changed(event_id, event, resources)
        case BlockDeleted():
            await messages.block_changed(event_id, event, resources)
        case MediaReady() | MediaFailed():
            await _media_settled(event_id, event, resources)
        case NotificationsRead():
            read = await notifications.lately_read(resources, event.user_id)
            left = await notifications.unread(resources, event.user_id)
            push = wire.notification_read(event_id, read, left)
            await resources.live.push([event.user_id], push)
            await tell_unread(resources, [event.user_id])
        case SessionRevoked():
            await resources.live.revoke_session(event.user_id, event.session_id)
        case _:
            await messages.handle(event_id, event, resources)


async def _retract(resources: Resources, recipient: str, key: str) -> None:
    if await notifications.retract(resources, recipient, key):
        await tell_unread(resources, [recipient])


async def _notify(
    event_id: str,
    resources: Resources,
    recipient: str,
    kind: Kind,
    actor: str,
    post_id: str | None = None,
    comment_id: str | None = None,
) -> None:
    row = await notifications.note(resources, event_id, recipient, kind, actor, post_id, comment_id)
    if row is None:
        return
    views = await notification_views(resources, recipient, [row])
    if not views:
        return  # what it was about is gone already
    left = await notifications.unread(resources, recipient)
    about = tuple(word for word in (actor, post_id, comment_id) if word)
    # One event may notify several people, and one person of two things: the row's id parts them.
    cause = f"{event_id}.{row['_id']}"
    await resources.live.push(
        [recipient], wire.notification_new(cause, dict(views[0]), left, about)
    )
    await tell_unread(resources, [recipient])


async def _liked(event_id: str, event: LikeCreated, resources: Resources) -> None:
    post = await posts.raw(resources, event.post_id)
    if post is None or post["status"] != "published":
        return
    if not await posts.is_liked(resources, event.post_id, event.user_id):
        return  # taken back meanwhile
    await _notify(event_id, resources, post["author_id"], "like", event.user_id, event.post_id)


async def _commented(event_id: str, event: CommentCreated, resources: Resources) -> None:
    """One notification a person: a reply before a mention before a comment on one's post."""
    comment = await comments.raw(resources, event.comment_id)
    post = await posts.raw(resources, event.post_id)
    if comment is None or comment["deleted_at"] is not None or post is None:
        return
    if comment.get("held"):
        return  # between two people until the post's author approves
    for view in await comment_views(resources, "", [comment]):
        topic = wire.post_topic(event.post_id)
        await resources.live.publish(topic, "comment.new", dict(view), about=event.author_id)
    kinds: dict[str, Kind] = {post["author_id"]: "comment"}
    kinds |= dict.fromkeys(comment["mentions"], "mention")
    if comment.get("reply_to_user_id"):
        kinds[comment["reply_to_user_id"]] = "reply"
    for recipient, kind in kinds.items():
        if await access.may_see(resources, recipient, post):
            await _notify(
                event_id,
                resources,
                recipient,
                kind,
                event.author_id,
                event.post_id,
                event.comment_id,
            )


async def _published(event_id: str, event: PostPublished, resources: Resources) -> None:
    post = await posts.raw(resources, event.post_id)
    if event.returned or post is None or post["status"] != "published":
        return
    tagged = {tag["user_id"] for item in post["media"] for tag in item.get("tags", [])}
    kinds: dict[str, Kind] = dict.fromkeys(tagged, "tag")
    kinds |= dict.fromkeys(post["mentions"], "mention")
    for recipient, kind in kinds.items():
        if await access.may_see(resources, recipient, post):
            await _notify(event_id, resources, recipient, kind, event.author_id, event.post_id)


async def _followed(event_id: str, event: FollowCreated, resources: Resources) -> None:
    if not await graph.is_following(resources, event.actor_id, event.target_id):
        return
    if not event.accepted:
        await _notify(event_id, resources, event.target_id, "follow", event.actor_id)
        return
    target = (await people.cards(resources, [event.target_id])).get(event.target_id)
    if target is not None:
        push = wire.follow_accepted(event_id, user_view(target))
        await resources.live.push([event.actor_id], push)
    await _notify(event_id, resources, event.actor_id, "follow_accepted", event.target_id)


async def _unfollowed(event_id: str, event: FollowDeleted, resources: Resources) -> None:
    """Each hears that the other is no longer follower or followed; not across a block."""
    await _retract(resources, event.target_id, f"follow::{event.actor_id}")
    if await graph.blocked_between(resources, event.actor_id, event.target_id):
        return
    cards = await people.cards(resources, [event.actor_id, event.target_id])
    for one, other in ((event.actor_id, event.target_id), (event.target_id, event.actor_id)):
        if other in cards:
            push = wire.follow_removed(event_id, user_view(cards[other]))
            await resources.live.push([one], push)


async def _requested(event_id: str, event: FollowRequested, resources: Resources) -> None:
    if not await graph.has_requested(resources, event.actor_id, event.target_id):
        return
    if await graph.blocked_between(resources, event.actor_id, event.target_id):
        return
    cards = await people.cards(resources, [event.actor_id])
    if event.actor_id in cards:
        push = wire.follow_requested(event_id, user_view(cards[event.actor_id]))
        await resources.live.push([event.target_id], push)
    await _notify(event_id, resources, event.target_id, "follow_request", event.actor_id)


async def _media_settled(
    event_id: str, event: MediaReady | MediaFailed, resources: Resources
) -> None:
    """The upload's post is published when this was its last medium; the uploader is told."""
    await message_service.media_settled(resources, event.media_id)
    showing = await post_service.media_settled(resources, event.media_id)
    medium = (await media.by_ids(resources, [event.media_id])).get(event.media_id)
    if medium is None:
        return
    post_id = showing[0]["_id"] if showing else None
    view = media_view(resources.settings, medium)
    if medium["status"] == "ready":
        ready: wire.MediaReady = {
            "media_id": event.media_id,
            "variants": view["variants"],
            "thumbhash": medium["thumbhash"],
            "width": medium["width"],
            "height": medium["height"],
        }
        if post_id is not None:
            ready["post_id"] = post_id
        push = wire.media_ready(event_id, event.media_id, ready)
    elif medium["status"] == "failed":
        reason = medium["reason"]["message"]
        push = wire.media_failed(event_id, event.media_id, reason, post_id)
    else:
        return  # tried again meanwhile; that attempt will tell
    await resources.live.push([event.owner_id], push)


ROLE = Role(
    "notify",
    handle,
    events=frozenset(
        {
            LikeCreated,
            LikeDeleted,
            CommentCreated,
            CommentDeleted,
            CommentLikeCreated,
            CommentLikeDeleted,
            PostPublished,
            PostWithdrawn,
            FollowCreated,
            FollowDeleted,
            FollowRequested,
            FollowRequestDeleted,
            BlockCreated,
            BlockDeleted,
            MediaReady,
            MediaFailed,
            NotificationsRead,
            SessionRevoked,
        }
    )
    | messages.EVENTS,
)
