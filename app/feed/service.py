"""What workers do to feeds: push, backfill, remove."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from app import clock
from app.audience import list_of, of_list
from app.feed.timeline import Entry
from app.graph import queries as graph
from app.graph.keys import relations_key
from app.graph.relations import PUSHED_AFTER_PROMOTION_S
from app.graph.service import graph_changed
from app.identity import queries as people
from app.posts import fragments, marks
from app.posts.queries import listed_ids, meant_for, published_by, published_ids
from app.wire import post_topic

if TYPE_CHECKING:
    from app.resources import Resources

_BACKFILL = 50


@dataclass(frozen=True, slots=True)
class Delivery:
    """A post and some of the people whose home feed it belongs to."""

    entry: Entry
    recipients: list[str]
    listeners: list[str]
    """Recipients who are also told live: all but the author and those who muted them."""
    shared: bytes | None
    """The post as JSON, the same for all; None when each has links of their own."""


async def is_private(resources: "Resources", user_id: str) -> bool:
    card = (await people.cards(resources, [user_id])).get(user_id)
    return card is None or bool(card.get("is_private"))


async def is_published(resources: "Resources", post_id: str) -> bool:
    found = await resources.mongo.posts.find_one({"_id": post_id, "status": "published"})
    return found is not None


async def is_announced(resources: "Resources", post_id: str) -> bool:
    """Whether the post is pulled at read time and announced on its author's topic: not when it
    is for a list, whose people are pushed to."""
    post = await resources.mongo.posts.find_one({"_id": post_id}, {"author_id": 1, "audience": 1})
    if post is None or list_of(post["audience"]):
        return False
    return await graph.popular_since(resources, post["author_id"]) is not None


async def audience(resources: "Resources", post_id: str) -> AsyncIterator[list[str]]:
    """The post's author, then all followers it is for, in chunks; whatever its status."""
    post = await resources.mongo.posts.find_one({"_id": post_id}, {"author_id": 1, "audience": 1})
    if post is not None:
        async for chunk in _audience(resources, post):
            yield chunk


async def _audience(resources: "Resources", post: dict[str, Any]) -> AsyncIterator[list[str]]:
    author_id: str = post["author_id"]
    yield [author_id]
    if list_id := list_of(post["audience"]):
        members = await graph.list_members(resources, author_id, list_id)
        yield sorted(await graph.followers_among(resources, author_id, members))
        return
    async for chunk in graph.follower_chunks(resources, author_id):
        yield chunk


async def _pushed_audience(
    resources: "Resources", post: dict[str, Any]
) -> AsyncIterator[list[str]]:
    """Those a post is pushed to: everyone, or the author alone when followers pull.

    For a while after an author became popular both happens: some followers' cached relations
    don't name the author as one to pull yet.
    """
    author_id: str = post["author_id"]
    since = await graph.popular_since(resources, author_id)
    grace = timedelta(seconds=PUSHED_AFTER_PROMOTION_S)
    if not list_of(post["audience"]) and since is not None and clock.now() - since > grace:
        yield [author_id]
        return
    async for chunk in _audience(resources, post):
        yield chunk


async def deliveries(resources: "Resources", post_id: str) -> AsyncIterator[Delivery]:
    """The post's pushed audience in chunks; nothing when it is not published (any more)."""
    post = await resources.mongo.posts.find_one({"_id": post_id, "status": "published"})
    if post is None:
        return
    author_id: str = post["author_id"]
    made = await fragments.make(resources, [post])
    if not made:
        return
    shared = None
    if not made[0].restricted:
        # An event tells of what has just changed, which this process may have in mind as it was.
        resources.memory.shared.drop(post_id)
        [shared] = await fragments.encode(resources, "", made, {})
    muters = await graph.muters(resources, author_id)
    entry = (clock.ms(post["published_at"]), post_id)
    async for chunk in _pushed_audience(resources, post):
        listeners = [user_id for user_id in chunk if user_id not in muters]
        yield Delivery(entry, chunk, listeners, shared)


async def encoded_for(resources: "Resources", viewer: str, post_id: str) -> bytes | None:
    """The post as JSON for one viewer; None when it is not published any more."""
    found = (await fragments.load(resources, [post_id], frozenset({post_id}))).get(post_id)
    if found is None:
        return None
    marked = await marks.of_posts(resources, viewer, [post_id])
    return (await fragments.encode(resources, viewer, [found], marked))[0]


async def push(resources: "Resources", delivery: Delivery) -> int:
    """Into the recipients' cached feeds; how many have one."""
    return await resources.timeline.push(delivery.recipients, delivery.entry)


async def _newest_of(
    resources: "Resources", author_id: str, limit: int, viewer: str = ""
) -> list[Entry]:
    """With `viewer`, a follower: what is meant for them."""
    chosen = await meant_for(resources, viewer, [author_id]) if viewer else None
    found = await published_by(resources, [author_id], None, limit, meant_for=chosen)
    return [(at_ms, post_id) for post_id, at_ms in found]


async def followed(resources: "Resources", follower: str, followee: str) -> None:
    """Put the followee's newest posts into the follower's feed."""
    await resources.cache.invalidate(relations_key(follower))
    if not await graph.is_following(resources, follower, followee):
        return
    for entry in await _newest_of(resources, followee, _BACKFILL, follower):
        await resources.timeline.push([follower], entry)


async def unfollowed(resources: "Resources", follower: str, followee: str) -> None:
    """Take the followee's posts out of the follower's feed."""
    await resources.cache.invalidate(relations_key(follower))
    if await graph.is_following(resources, follower, followee):
        return  # followed again meanwhile
    newest = await _newest_of(resources, followee, resources.settings.feed.entries_max)
    await resources.timeline.remove([follower], [post_id for _, post_id in newest])


async def listed(resources: "Resources", owner_id: str, list_id: str, user_id: str) -> None:
    """Someone was put on a list, or taken off it: what is for it comes into their feed, or goes
    from it and from what may be replayed to them."""
    newest = await listed_ids(resources, owner_id, of_list(list_id), _BACKFILL)
    if await graph.is_listed(resources, owner_id, list_id, user_id):
        if await graph.is_following(resources, user_id, owner_id):
            for post_id, at_ms in newest:
                await resources.timeline.push([user_id], (at_ms, post_id))
        return
    await resources.timeline.remove([user_id], [post_id for post_id, _ in newest])
    for post_id, _ in newest:
        await resources.live.withdraw([user_id], post_id)


async def privacy_changed(resources: "Resources", user_id: str) -> None:
    """The account went public or private: links in cached posts and open topics follow."""
    await graph_changed(resources, user_id)
    async for post_ids in published_ids(resources, user_id):
        for post_id in post_ids:
            resources.memory.posts.drop(post_id)
            resources.memory.shared.drop(post_id)
        await resources.live.recheck_topics([post_topic(post_id) for post_id in post_ids])
