"""Trays and rings: who has stories, and whether there is something new in them."""

import asyncio
import time
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from redis.exceptions import RedisError

from app import clock, cursor as cursors
from app.counts import queries as counts
from app.graph import queries as graph
from app.graph.relations import Relations, decode, load, relations
from app.identity import queries as people
from app.identity.views import user_view
from app.posts.views import pagination
from app.stories import access, queries, seen
from app.stories.ring import ring
from app.stories.shown import tray_item
from app.stories.trays import PULLED_UNTIL_MS
from app.stories.views import RingView, Tray, TrayEntry

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]


class Live(NamedTuple):
    story: Raw
    ends_at: float
    """By this process's monotonic clock, worked out from the database's now."""


async def live_of(
    resources: "Resources", authors: Iterable[str], fresh: Collection[str] = ()
) -> dict[str, list[Raw]]:
    """The live stories, oldest first, of those authors who have any, without their scenes. Of
    others than `fresh` they may be a quarter of a second old, never beyond their end."""

    async def ask(missing: list[str]) -> dict[str, list[Live]]:
        asked_at = time.monotonic()
        found: dict[str, list[Live]] = {author: [] for author in missing}
        for row in await queries.of_authors(resources, missing):
            left_s = (row["expires_at"] - row.pop("now")).total_seconds()
            found[row["author_id"]].append(Live(row, asked_at + left_s))
        return found

    async def read(missing: list[str]) -> dict[str, list[Live]]:
        return await resources.reads.stories.many(missing, ask)

    for author in fresh:
        resources.memory.stories.drop(author)
    found = await resources.memory.stories.many(authors, read)
    now = time.monotonic()
    live = {a: [live.story for live in lives if live.ends_at > now] for a, lives in found.items()}
    return {author: stories for author, stories in live.items() if stories}


async def _computed(resources: "Resources", viewer: str) -> dict[str, int]:
    """Whose stories the viewer's tray may hold, as MongoDB has it."""
    following = await graph.following_ids(resources, viewer)
    authors = await queries.ends_of(resources, following)
    pulled = await queries.pulled_among(resources, following)
    return authors | dict.fromkeys(pulled, PULLED_UNTIL_MS)


async def _build(resources: "Resources", viewer: str) -> list[str]:
    """Make the cached set. When the graph changes meanwhile, the next read tries again."""
    token = await resources.trays.begin(viewer)
    authors = await _computed(resources, viewer)
    await resources.trays.finish(viewer, token, authors)
    return list(authors)


async def _candidates(resources: "Resources", viewer: str) -> tuple[list[str], Relations]:
    """Whose stories to ask for, and whom the viewer hides."""
    if not resources.cache.resting:
        found = await resources.cache.ask(lambda: resources.trays.read(viewer), None)
        if found is not None:
            known = decode(found.relations) if found.relations else await load(resources, viewer)
            return found.authors, known
        if not resources.cache.resting:
            try:
                return await _build(resources, viewer), await relations(resources, viewer)
            except (RedisError, OSError):
                pass
    return list(await _computed(resources, viewer)), await relations(resources, viewer)


async def tray(resources: "Resources", viewer: str, cursor: str | None, limit: int) -> Tray:
    """Those with something unseen first, then the newest. One's own stories are among them, and
    count as seen."""
    candidates, known = await _candidates(resources, viewer)
    live = await live_of(resources, {viewer, *candidates}, fresh=(viewer,))
    others = [author for author in live if author != viewer]
    following, cards = await asyncio.gather(
        graph.still_following_among(resources, viewer, others),
        people.recent_cards(resources, live),
    )
    shown = [a for a in live if a == viewer or (a in following and not known.hides(a))]
    stories = [story for author in shown for story in live[author]]
    visible = await access.visible_among(resources, viewer, stories, follows=True)
    marks = await seen.among(
        resources, viewer, [s["_id"] for s in visible if s["author_id"] != viewer]
    )
    own = [story["_id"] for story in visible if story["author_id"] == viewer]
    numbers = await counts.counts_of(resources, own)
    views = {story_id: number.views for story_id, number in numbers.items()}
    by_author: dict[str, list[Raw]] = {}
    for story in visible:
        by_author.setdefault(story["author_id"], []).append(story)
    entries: list[tuple[bool, datetime, TrayEntry]] = []
    for author, theirs in by_author.items():
        if author not in cards:
            continue
        card = cards[author]
        items = [
            tray_item(resources.settings, story, viewer, card, story["_id"] in marks, views)
            for story in theirs
        ]
        unseen = sum(not item["is_viewed"] for item in items)
        latest: datetime = theirs[-1]["created_at"]
        entry: TrayEntry = {
            "user": user_view(card),
            "items": items,
            "unviewed_count": unseen,
            "latest_at": clock.iso(latest),
        }
        entries.append((unseen > 0, latest, entry))
    page, after = cursors.page(
        resources.settings.auth.secret,
        f"tray {viewer}",
        entries,
        lambda row: [row[0], queries.ms(row[1]), row[2]["user"]["user_id"]],
        cursor,
        limit,
        falling=True,
    )
    return {"stories": [entry for _, _, entry in page], "pagination": pagination(after)}


async def in_tray(resources: "Resources", viewer: str, author: str) -> list[Raw]:
    """The author's live stories that belong in the viewer's tray, as the database has it now."""
    stories = (await live_of(resources, [author], fresh=(author,))).get(author, [])
    if not stories or viewer == author:
        return stories
    if not await graph.is_following(resources, viewer, author):
        return []
    _, muted = await graph.hidden_ids(resources, viewer)
    if author in muted:
        return []
    return await access.visible_among(resources, viewer, stories, follows=True)


async def ring_of(resources: "Resources", viewer: str, author: str) -> RingView:
    """The ring around the author's picture for one viewer, now."""
    stories = await in_tray(resources, viewer, author)
    marks = await seen.among(resources, viewer, [story["_id"] for story in stories])
    return ring(stories, marks, own=viewer == author)
