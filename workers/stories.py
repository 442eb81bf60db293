"""What fan-out does about stories: trays in Redis, and rings on screens.

An event only says where to look. A ring is worked out for each viewer who can be reached, from
what the database has now, so a repeat or a late event tells what is true when it is told.
"""

import asyncio
import logging
import time
from typing import Any

from app import clock, faults, wire
from app.audience import list_of
from app.events import (
    AudienceChanged,
    BlockCreated,
    Event,
    FollowCreated,
    FollowDeleted,
    MediaFailed,
    MediaReady,
    MuteCreated,
    MuteDeleted,
    StoryAnswered,
    StoryDeleted,
    StoryGone,
    StoryPublished,
    StoryViewed,
)
from app.identity import queries as people
from app.identity.views import user_view
from app.live import author_topic
from app.resources import Resources
from app.stories import answers, fanout as stories, queries, rings, seen, service, telling
from app.stories.views import RingView

log = logging.getLogger(__name__)
EVENTS: frozenset[type[Event]] = frozenset(
    {
        StoryPublished,
        StoryGone,
        StoryDeleted,
        StoryViewed,
        StoryAnswered,
        FollowCreated,
        FollowDeleted,
        BlockCreated,
        MuteCreated,
        MuteDeleted,
        AudienceChanged,
        MediaReady,
        MediaFailed,
    }
)
_TELL_S = 0.25
_LOOK_S = 0.01


async def handle(event_id: str, event: Event, resources: Resources) -> None:
    match event:
        case StoryPublished():
            await _published(event_id, event, resources)
        case StoryGone():
            await _gone(event_id, event, resources)
        case StoryDeleted():
            await service.withdraw_reposts(resources, event.story_id)
            await resources.live.revoke_topic(wire.story_topic(event.story_id))
        case StoryViewed():
            await _viewed(event_id, event, resources)
        case StoryAnswered():
            _due.setdefault((event.story_id, event.sticker_id), resources)
        case FollowCreated():
            # Again, in case the process that stored the follow died before it got to this.
            await resources.trays.drop(event.actor_id)
            await _looks_different(event_id, resources, event.actor_id, event.target_id)
        case FollowDeleted() | MuteCreated() | MuteDeleted():
            await _looks_different(event_id, resources, event.actor_id, event.target_id)
        case BlockCreated():
            one, other = event.actor_id, event.target_id
            await service.withdraw_reposts_between(resources, one, other)
            await _looks_different(event_id, resources, one, other)
            await _looks_different(event_id, resources, other, one)
        case AudienceChanged():
            await _listed(event_id, event, resources)
        case MediaReady() | MediaFailed():
            await telling.media_settled(resources, event.media_id)


async def _published(event_id: str, event: StoryPublished, resources: Resources) -> None:
    story = await stories.live(resources, event.story_id)
    if story is None:
        return
    pushed = await stories.is_pushed(resources, story)
    hinted = await _is_hinted(resources, story)
    async for viewers in stories.recipients(resources, story):
        if pushed:
            await stories.push(resources, story, viewers)
        if not hinted or viewers == [event.author_id]:
            reachable = await resources.live.logs.reachable(viewers)
            await _tell_new(event_id, resources, story, reachable)
        elif not pushed:
            break
    if hinted:
        await _hint(resources, event.author_id, event.story_id)


async def _tell_new(
    cause: str, resources: Resources, story: stories.Raw, viewers: list[str]
) -> None:
    """To those who have the story in their trays."""
    author: str = story["author_id"]
    cards = await people.cards(resources, [author])
    if author not in cards:
        return
    alike: dict[tuple[Any, ...], tuple[RingView, list[str]]] = {}
    async for viewer, ring, visible in stories.rings_for(resources, author, viewers):
        if story["_id"] in visible:
            alike.setdefault(tuple(ring.values()), (ring, []))[1].append(viewer)
    for ring, those in alike.values():
        data: wire.StoryNew = {
            "user": user_view(cards[author]),
            "story_id": story["_id"],
            "expires_at": clock.iso(story["expires_at"]),
            "ring": ring,
        }
        await resources.live.push(those, wire.story_new(cause, data))


async def _is_hinted(resources: Resources, story: stories.Raw) -> bool:
    """A very popular author's followers hear of it on the author's topic, but not of what is
    for a list."""
    if list_of(story["audience"]):
        return False
    return await stories.is_very_popular(resources, story["author_id"])


async def _hint(resources: Resources, author_id: str, story_id: str) -> None:
    hint: wire.StoryHint = {"story_id": story_id, "user_id": author_id}
    await resources.live.publish(author_topic(author_id), "story.hint", hint)


async def _gone(event_id: str, event: StoryGone, resources: Resources) -> None:
    """Expired, or deleted: the ring goes, or what is left of it stays."""
    if await queries.exists(resources, event.story_id):
        return  # an event of a recovery, which can't tell
    record = await queries.record(resources, event.story_id)
    if record is None:
        return
    author: str = record["author_id"]
    hinted = await _is_hinted(resources, record)
    async for viewers in stories.recipients(resources, record):
        if hinted and viewers != [author]:
            break
        for viewer in await resources.live.logs.reachable(viewers):
            await _tell_gone(event_id, resources, viewer, author, event.story_id)
    if hinted:
        await _hint(resources, author, event.story_id)


async def _tell_gone(
    cause: str, resources: Resources, viewer: str, author: str, story_id: str
) -> None:
    around = await rings.ring_of(resources, viewer, author)
    data: wire.StoryGone = {"story_id": story_id, "user_id": author, "ring": around}
    await resources.live.push([viewer], wire.story_gone(cause, data))


async def _viewed(event_id: str, event: StoryViewed, resources: Resources) -> None:
    # Again, in case the process that stored the view died before it got to this.
    await seen.mark(resources, event.user_id, event.story_id)
    if not await resources.live.logs.reachable([event.user_id]):
        return
    story = await queries.by_id(resources, event.story_id)
    if story is None:
        return  # its end was told, or will be
    author: str = story["author_id"]
    data: wire.StorySeen = {
        "story_id": event.story_id,
        "user_id": author,
        "ring": await rings.ring_of(resources, event.user_id, author),
    }
    await resources.live.push([event.user_id], wire.story_seen(event_id, data))


async def _looks_different(cause: str, resources: Resources, viewer: str, author: str) -> None:
    """The viewer began or ceased to follow, muted, or is blocked: the ring comes or goes."""
    if not await resources.live.logs.reachable([viewer]):
        return
    live = (await rings.live_of(resources, [author], fresh=(author,))).get(author, [])
    if not live:
        return
    mine = await rings.in_tray(resources, viewer, author)
    if mine:
        await _tell_new(cause, resources, mine[-1], [viewer])
        return
    for story in live:
        if not list_of(story["audience"]):
            await _tell_gone(f"{cause}.{story['_id']}", resources, viewer, author, story["_id"])


async def _listed(event_id: str, event: AudienceChanged, resources: Resources) -> None:
    """Someone was put on a list, or taken off it."""
    viewer, author = event.user_id, event.owner_id
    await resources.trays.drop(viewer)
    live = await stories.of_list_between(resources, author, event.list_id)
    mine = {story["_id"] for story in await rings.in_tray(resources, viewer, author)}
    for story in live:
        cause = f"{event_id}.{story['_id']}"
        if story["_id"] in mine:
            await _tell_new(cause, resources, story, [viewer])
        else:
            await _tell_gone(cause, resources, viewer, author, story["_id"])


# Results of stickers: the first answer after a pause is told at once, those after it together, so
# that a story that many answer is counted four times a second. What a worker that dies had yet to
# tell comes with the next answer.

_due: dict[tuple[str, str], Resources] = {}


async def tell_results(resources: Resources, stop: asyncio.Event) -> None:
    """A loop beside the handler."""
    while not stop.is_set():
        due = [key for key, owner in _due.items() if owner is resources]
        if not due:
            await asyncio.sleep(_LOOK_S)
            continue
        begun = time.monotonic()
        for key in due:
            del _due[key]
            try:
                await _tell_results(resources, *key)
            except Exception as error:
                if not faults.is_outage(error):
                    log.exception("results of %s not told", key)
                    continue
                _due.setdefault(key, resources)
                await asyncio.sleep(1)
        await asyncio.sleep(max(_LOOK_S, _TELL_S - (time.monotonic() - begun)))


async def _tell_results(resources: Resources, story_id: str, sticker_id: str) -> None:
    record = await queries.record(resources, story_id)
    found = [s for s in (record or {}).get("stickers", []) if s["sticker_id"] == sticker_id]
    if not found:
        return
    data: wire.PollResults = {
        "sticker_id": sticker_id,
        "kind": found[0]["kind"],
        "results": (await answers.results(resources, story_id, found))[sticker_id],
    }
    await resources.live.publish(wire.story_topic(story_id), "poll.results", data)
