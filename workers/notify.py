"""Notify: who should hear of what happened, stored for later and pushed now.

Also what watchers of a post see arrive (comments), and the ends of sessions. An event only says
which act to look at; acts are kept in groups that grow and shrink (`app.notifications.groups`).
A group is told of at once, and while it goes on changing once a second.
"""

import asyncio
import logging

from app import faults, wire
from app.comments import service as comments
from app.comments.views import comment_views
from app.events import (
    BlockCreated,
    BlockDeleted,
    CommentApproved,
    CommentCreated,
    CommentDeleted,
    CommentLikeCreated,
    CommentLikeDeleted,
    ConversationChanged,
    Event,
    FollowCreated,
    FollowDeleted,
    FollowRequestDeleted,
    FollowRequested,
    LikeCreated,
    LikeDeleted,
    MarksMoved,
    MediaFailed,
    MediaReady,
    MessageSent,
    MessageUnsent,
    NotificationsRead,
    PostPublished,
    PostWithdrawn,
    SessionRevoked,
    StoryDeleted,
    StoryPublished,
    StoryReacted,
    StoryUnreacted,
)
from app.graph import queries as graph
from app.identity import queries as people
from app.identity.views import user_view
from app.media import service as media
from app.media.views import media_view
from app.messages import service as message_service
from app.notifications import groups, service as notifications
from app.notifications.acts import Act
from app.notifications.models import Kind
from app.posts import queries as posts, service as post_service
from app.push import outbox
from app.resources import Resources
from app.stories import queries as stories
from workers import messages
from workers.runtime import Role
from workers.unread import tell_unread

log = logging.getLogger(__name__)
_DUE_EVERY_S = 0.25
_DUE_AT_ONCE = 50


async def handle(event_id: str, event: Event, resources: Resources) -> None:
    match event:
        case LikeCreated() | LikeDeleted():
            post = await posts.raw(resources, event.post_id)
            if post is not None:
                act = Act(post["author_id"], "like", event.user_id, event.post_id)
                await _heard(resources, act)
        case CommentCreated() | CommentApproved():
            await _commented(event, resources)
        case CommentDeleted():
            gone: wire.CommentGone = {
                "comment_id": event.comment_id,
                "parent_comment_id": event.parent_comment_id,
            }
            topic = wire.post_topic(event.post_id)
            await resources.live.publish(topic, "comment.deleted", gone)
            await _tell(resources, await notifications.forget_comment(resources, event.comment_id))
        case CommentLikeCreated() | CommentLikeDeleted():
            comment = await comments.raw(resources, event.comment_id)
            if comment is not None:
                to, post_id = comment["author_id"], comment["post_id"]
                act = Act(to, "comment_like", event.user_id, post_id, event.comment_id)
                await _heard(resources, act)
        case PostPublished():
            await _published(event, resources)
        case PostWithdrawn():
            if event.deleted:
                await _tell(resources, await notifications.forget_post(resources, event.post_id))
            await messages.post_withdrawn(event, resources)
        case StoryPublished():
            await _told(event, resources)
        case StoryDeleted():
            await _tell(resources, await notifications.forget_story(resources, event.story_id))
        case StoryReacted() | StoryUnreacted():
            record = await stories.record(resources, event.story_id)
            if record is not None:
                to, story_id = record["author_id"], event.story_id
                act = Act(to, "story_reaction", event.user_id, story_id=story_id)
                await _heard(resources, act)
        case FollowCreated():
            await _followed(event_id, event, resources)
        case FollowDeleted():
            await _unfollowed(event_id, event, resources)
        case FollowRequested():
            await _requested(event_id, event, resources)
        case FollowRequestDeleted():
            await _heard(resources, Act(event.target_id, "follow_request", event.actor_id))
        case BlockCreated():
            one, other = event.actor_id, event.target_id
            await _tell(resources, await notifications.forget_between(resources, one, other))
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
            await _talked(event, resources)


async def _heard(resources: Resources, act: Act) -> None:
    """An act was done or taken back: its group, and what its recipient sees of it."""
    await _tell(resources, await notifications.heard(resources, act))


async def _tell(resources: Resources, group_ids: set[str]) -> None:
    """Tell of groups that changed, but of those that were told of just now: their turn comes."""
    for group_id in await groups.rested(resources, group_ids):
        await tell(resources, group_id)


async def tell(resources: Resources, group_id: str) -> None:
    """Compute a group that changed, and tell its recipient: on the screen now, and if need be
    by push. May be cut off anywhere: the group stays marked until the end."""
    computed = await groups.compute(resources, group_id)
    if computed is None:
        return
    recipient = computed.row["recipient_id"]
    view = await notifications.view(resources, computed.row)
    left = await notifications.unread(resources, recipient)
    if view is not None:
        actors = computed.row["actors"]
        names = ("post_id", "comment_id", "conversation_id", "story_id")
        others = [computed.row.get(name) for name in names]
        about = tuple(word for word in (*actors, *others) if word)
        make = (
            wire.notification_new
            if computed.first
            else wire.notification_updated
            if computed.grew
            else wire.notification_shrunk
        )
        push = make(computed.version, dict(view), left, about)
        await resources.live.push([recipient], push)
        for actor in await notifications.silenced(resources, recipient, actors):
            # A block that came between the look and the push found nothing to withdraw.
            await resources.live.withdraw([recipient], actor)
        # A message is pushed with its words, by whoever saw it sent.
        if computed.grew and computed.row["kind"] != "message":
            await outbox.add(resources, recipient, computed.row["kind"], group_id)
    elif not computed.first:
        gone = wire.notification_deleted(computed.version, group_id, left)
        await resources.live.push([recipient], gone)
    await tell_unread(resources, [recipient])
    await groups.finish(resources, computed)


async def tell_due(resources: Resources, stop: asyncio.Event) -> None:
    """Groups whose turn comes later, and those that a worker left behind when it died."""
    while not stop.is_set():
        found: list[str] = []
        try:
            found = await groups.due(resources, _DUE_AT_ONCE)
            for group_id in found:
                await tell(resources, group_id)
        except Exception as error:
            if not faults.is_outage(error):
                # It stays marked, so it is tried again; the others have their turn before.
                log.exception("a group could not be told of")
            await asyncio.sleep(1)
        if not found:
            await asyncio.sleep(_DUE_EVERY_S)


async def _commented(event: CommentCreated | CommentApproved, resources: Resources) -> None:
    """One notification a person: a reply before a mention before a comment on one's post. Who
    approved a comment knows of it."""
    comment = await comments.raw(resources, event.comment_id)
    post = await posts.raw(resources, event.post_id)
    if comment is None or comment["deleted_at"] is not None or post is None:
        return
    if comment.get("held"):
        return  # between two people until the post's author approves
    top = await comments.raw(resources, event.parent_comment_id or "")
    if top is None or not top.get("held"):  # what answers a held one shows with it
        for view in await comment_views(resources, "", [comment]):
            topic = wire.post_topic(event.post_id)
            await resources.live.publish(topic, "comment.new", dict(view), about=event.author_id)
    kinds: dict[str, Kind] = {post["author_id"]: "comment"}
    kinds |= dict.fromkeys(comment["mentions"], "mention")
    if comment.get("reply_to_user_id"):
        kinds[comment["reply_to_user_id"]] = "reply"
    if isinstance(event, CommentApproved):
        kinds.pop(post["author_id"], None)
    for to, kind in kinds.items():
        act = Act(to, kind, event.author_id, event.post_id, event.comment_id)
        await _heard(resources, act)


async def _talked(event: Event, resources: Resources) -> None:
    """Unread messages, and shares. Told when they are due, a second later: of what is read at
    once nobody is told."""
    match event:
        case MessageSent() | MessageUnsent():
            for act in await messages.acts(event, resources):
                await notifications.heard(resources, act)
            post = await posts.raw(resources, event.post_id) if event.post_id else None
            if post is not None:
                act = Act(post["author_id"], "share", event.author_id, event.post_id)
                await _heard(resources, act)
        case MarksMoved(read=True):
            for user in event.user_ids.split(" "):
                await notifications.conversation_moved(resources, user, event.conversation_id)
        case ConversationChanged() if event.left_id:
            await notifications.conversation_moved(resources, event.left_id, event.conversation_id)


async def _published(event: PostPublished, resources: Resources) -> None:
    post = await posts.raw(resources, event.post_id)
    if event.returned or post is None or post["status"] != "published":
        return
    tagged = {tag["user_id"] for item in post["media"] for tag in item.get("tags", [])}
    kinds: dict[str, Kind] = dict.fromkeys(tagged, "tag")
    kinds |= dict.fromkeys(post["mentions"], "mention")
    for to, kind in kinds.items():
        await _heard(resources, Act(to, kind, event.author_id, event.post_id))


async def _told(event: StoryPublished, resources: Resources) -> None:
    record = await stories.record(resources, event.story_id)
    for to in record["mentions"] if record is not None else ():
        act = Act(to, "story_mention", event.author_id, story_id=event.story_id)
        await _heard(resources, act)


async def _followed(event_id: str, event: FollowCreated, resources: Resources) -> None:
    if not await graph.is_following(resources, event.actor_id, event.target_id):
        return
    if not event.accepted:
        await _heard(resources, Act(event.target_id, "follow", event.actor_id))
        return
    target = (await people.cards(resources, [event.target_id])).get(event.target_id)
    if target is not None:
        push = wire.follow_accepted(event_id, user_view(target))
        await resources.live.push([event.actor_id], push)
    await _heard(resources, Act(event.actor_id, "follow_accepted", event.target_id))


async def _unfollowed(event_id: str, event: FollowDeleted, resources: Resources) -> None:
    """Each hears that the other is no longer follower or followed; not across a block."""
    await _heard(resources, Act(event.target_id, "follow", event.actor_id))
    await _heard(resources, Act(event.actor_id, "follow_accepted", event.target_id))
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
    await _heard(resources, Act(event.target_id, "follow_request", event.actor_id))


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
            CommentApproved,
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
            StoryDeleted,
            StoryPublished,
            StoryReacted,
            StoryUnreacted,
        }
    )
    | messages.EVENTS,
    background=(tell_due,),
)
