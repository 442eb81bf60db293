"""Fan-out: what a post or a change of the graph means for feeds, on disk and on screens.

Every step may run twice. A post is looked at again before anything is written, so a late
event can't bring back what was deleted.
"""

from app import wire
from app.events import (
    ActivityShown,
    AudienceChanged,
    BlockCreated,
    BlockDeleted,
    Event,
    FollowCreated,
    FollowDeleted,
    MuteCreated,
    MuteDeleted,
    PostPublished,
    PostUpdated,
    PostWithdrawn,
    RestrictCreated,
    UserUpdated,
)
from app.feed import service as feed
from app.graph import service as graph
from app.live import author_topic
from app.resources import Resources
from workers import stories
from workers.runtime import Role


async def handle(event_id: str, event: Event, resources: Resources) -> None:
    match event:
        case PostPublished():
            await _published(event_id, event, resources)
        case PostUpdated():
            await _updated(event_id, event, resources)
        case PostWithdrawn():
            await _withdrawn(event_id, event, resources)
        case FollowCreated():
            await feed.followed(resources, event.actor_id, event.target_id)
            await resources.live.recheck(event.actor_id)
        case FollowDeleted():
            await feed.unfollowed(resources, event.actor_id, event.target_id)
            await _lost_sight(resources, event.actor_id, event.target_id)
        case BlockCreated():
            # Again, in case the process that stored the block died before it got to this.
            await graph.sever(resources, event.actor_id, event.target_id)
            for one, other in (
                (event.actor_id, event.target_id),
                (event.target_id, event.actor_id),
            ):
                await feed.unfollowed(resources, one, other)
                await resources.live.withdraw([one], other)
                await resources.live.recheck(one)
        case BlockDeleted():
            await graph.graph_changed(resources, event.actor_id, event.target_id)
            await resources.live.recheck(event.actor_id)
            await resources.live.recheck(event.target_id)
        case MuteCreated():
            await graph.graph_changed(resources, event.actor_id)
            await resources.live.withdraw([event.actor_id], event.target_id)
            await resources.live.recheck(event.actor_id)
        case MuteDeleted():
            await graph.graph_changed(resources, event.actor_id)
            await resources.live.recheck(event.actor_id)
        case RestrictCreated():
            await resources.live.recheck(event.target_id)
        case AudienceChanged():
            await feed.listed(resources, event.owner_id, event.list_id, event.user_id)
            await resources.live.recheck(event.user_id)
        case UserUpdated(privacy=True):
            await feed.privacy_changed(resources, event.user_id)
            await resources.live.recheck_topics([wire.presence_topic(event.user_id)])
        case ActivityShown():
            await resources.live.recheck_topics([wire.presence_topic(event.user_id)])
            await resources.live.recheck(event.user_id)
    await stories.handle(event_id, event, resources)


async def _lost_sight(resources: Resources, viewer: str, author: str) -> None:
    """The viewer no longer follows: of a private account nothing may be shown any more."""
    if await feed.is_private(resources, author):
        await resources.live.withdraw([viewer], author)
    await resources.live.recheck(viewer)


async def _published(event_id: str, event: PostPublished, resources: Resources) -> None:
    async for delivery in feed.deliveries(resources, event.post_id):
        await feed.push(resources, delivery)
        if delivery.shared is not None:
            push = wire.post_new(event_id, delivery.shared, event.post_id, event.author_id)
            await resources.live.push(delivery.listeners, push)
            continue
        for viewer in await resources.live.logs.reachable(delivery.listeners):
            post = await feed.encoded_for(resources, viewer, event.post_id)
            if post is not None:
                push = wire.post_new(event_id, post, event.post_id, event.author_id)
                await resources.live.push([viewer], push)
    if await feed.is_announced(resources, event.post_id):
        hint = {"post_id": event.post_id, "author_id": event.author_id}
        await resources.live.publish(author_topic(event.author_id), "post.hint", hint)


async def _updated(event_id: str, event: PostUpdated, resources: Resources) -> None:
    async for delivery in feed.deliveries(resources, event.post_id):
        for viewer in await resources.live.logs.reachable(delivery.listeners):
            post = delivery.shared or await feed.encoded_for(resources, viewer, event.post_id)
            if post is not None:
                push = wire.post_updated(event_id, post, event.post_id, event.author_id)
                await resources.live.push([viewer], push)


async def _withdrawn(event_id: str, event: PostWithdrawn, resources: Resources) -> None:
    if await feed.is_published(resources, event.post_id):
        return  # it came back meanwhile; its return has an event of its own
    if not event.was_visible:
        return  # nobody was sent it
    push = wire.post_deleted(event_id, event.post_id, event.author_id)
    async for followers in feed.audience(resources, event.post_id):
        await resources.timeline.remove(followers, [event.post_id])
        await resources.live.push(followers, push)
    await resources.live.revoke_topic(wire.post_topic(event.post_id))


ROLE = Role(
    "fanout",
    handle,
    events=frozenset(
        {
            PostPublished,
            PostUpdated,
            PostWithdrawn,
            FollowCreated,
            FollowDeleted,
            BlockCreated,
            BlockDeleted,
            MuteCreated,
            MuteDeleted,
            RestrictCreated,
            AudienceChanged,
            UserUpdated,
            ActivityShown,
        }
    )
    | stories.EVENTS,
    background=(stories.tell_results,),
)
