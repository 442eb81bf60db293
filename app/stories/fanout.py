"""What workers do about stories: whose trays they come into, and who is told."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from app import clock
from app.audience import list_of, of_list
from app.counts import queries as counts
from app.graph import queries as graph
from app.stories import access, queries, rings, seen
from app.stories.ring import ring
from app.stories.trays import TTL_S
from app.stories.views import RingView

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]
_GRACE = timedelta(seconds=2 * TTL_S)
_MARK_LIFE = timedelta(days=30)
"""Beyond their last story: who tells one a week is not written to all trays again each time."""
_AT_ONCE = 200


async def live(resources: "Resources", story_id: str) -> Raw | None:
    story = await queries.by_id(resources, story_id)
    return story if story is not None and story["status"] == "live" else None


async def recipients(resources: "Resources", story: Raw) -> AsyncIterator[list[str]]:
    """The author, then all followers the story (or record) is for, in chunks."""
    author: str = story["author_id"]
    yield [author]
    if list_id := list_of(story["audience"]):
        members = await graph.list_members(resources, author, list_id)
        yield sorted(await graph.followers_among(resources, author, members))
        return
    async for chunk in graph.follower_chunks(resources, author):
        yield chunk


async def is_very_popular(resources: "Resources", author: str) -> bool:
    """Whether followers are too many to look at one by one: their nodes watch the author's
    topic instead."""
    return await graph.popular_since(resources, author) is not None


async def is_pushed(resources: "Resources", story: Raw) -> bool:
    """Whether followers' trays are written to. Authors with many followers are marked, so that
    trays ask for them; for a while they are written as well, until each tray knows."""
    if list_of(story["audience"]):
        return True
    author: str = story["author_id"]
    number = (await counts.stored(resources, [author]))[author].followers
    if number <= resources.settings.stories.push_followers_max:
        return True
    pulls = resources.mongo.story_pulls
    await pulls.update_one(
        {"_id": author},
        {
            "$max": {"until": story["expires_at"] + _MARK_LIFE},
            "$setOnInsert": {"since": clock.now()},
        },
        upsert=True,
    )
    mark = await pulls.find_one({"_id": author})
    return mark is None or clock.now() - mark["since"] < _GRACE


async def push(resources: "Resources", story: Raw, viewers: list[str]) -> None:
    until_ms = clock.ms(story["expires_at"])
    await resources.trays.push(viewers, story["author_id"], until_ms)


async def rings_for(
    resources: "Resources", author: str, viewers: list[str]
) -> AsyncIterator[tuple[str, RingView, set[str]]]:
    """(viewer, the ring around the author's picture, the stories in it) for each, as the database
    has it now. Not for those who muted the author."""
    stories = (await rings.live_of(resources, [author], fresh=(author,))).get(author, [])
    muters = await graph.muters(resources, author)
    members = {
        list_id: set(await graph.list_members(resources, author, list_id))
        for list_id in {list_of(story["audience"]) for story in stories} - {""}
    }
    for start in range(0, len(viewers), _AT_ONCE):
        chunk = [v for v in viewers[start : start + _AT_ONCE] if v not in muters]
        following = await graph.followers_among(resources, author, chunk)
        visible: dict[str, list[Raw]] = {}
        for viewer in chunk:
            mine = stories
            if viewer != author:
                mine = [
                    story
                    for story in stories
                    if viewer in following
                    and (not (list_id := list_of(story["audience"])) or viewer in members[list_id])
                ]
                if any(story.get("origin") for story in mine):
                    mine = await access.visible_among(resources, viewer, mine, follows=True)
            visible[viewer] = mine
        # All at once: their trips to Redis and to MongoDB become one each.
        seen_by = await asyncio.gather(
            *(seen.among(resources, v, [s["_id"] for s in mine]) for v, mine in visible.items())
        )
        for (viewer, mine), marks in zip(visible.items(), seen_by, strict=True):
            around = ring(mine, marks, own=viewer == author)
            yield viewer, around, {story["_id"] for story in mine}


async def of_list_between(resources: "Resources", owner_id: str, list_id: str) -> list[Raw]:
    """The owner's live stories for that list."""
    stories = (await rings.live_of(resources, [owner_id], fresh=(owner_id,))).get(owner_id, [])
    return [story for story in stories if story["audience"] == of_list(list_id)]
