"""Trays and rings: who has stories, and whether there is something new in them."""

import asyncio
import time
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from redis.exceptions import RedisError

from app import clock, cursor as cursors
from app.batch import Begun
from app.counts import queries as counts
from app.graph import queries as graph
from app.graph.relations import Relations, decode, load, relations
from app.identity import queries as people
from app.identity.views import user_view
from app.operation import Encoded
from app.posts.views import pagination
from app.stories import access, items, queries, seen
from app.stories.ring import ring
from app.stories.trays import PULLED_UNTIL_MS
from app.stories.views import RingView

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]


class Live(NamedTuple):
    story: Raw
    item: items.Item
    ends_at: float
    """By this process's monotonic clock, worked out from the database's now."""


class _Row(NamedTuple):
    """A person in a tray."""

    author: str
    unseen: int
    latest: datetime


async def live_of(
    resources: "Resources", authors: Iterable[str], fresh: Collection[str] = ()
) -> dict[str, list[Raw]]:
    """The live stories, oldest first, of those authors who have any, without their scenes. Of
    others than `fresh` they may be a quarter of a second old, never beyond their end."""
    found = await _lives(resources, authors, fresh)
    return {author: [live.story for live in lives] for author, lives in found.items()}


async def _lives(
    resources: "Resources", authors: Iterable[str], fresh: Collection[str]
) -> dict[str, list[Live]]:
    async def ask(missing: list[str]) -> dict[str, list[Live]]:
        asked_at = time.monotonic()
        found: dict[str, list[Live]] = {author: [] for author in missing}
        for row in await queries.of_authors(resources, missing):
            left_s = (row["expires_at"] - row.pop("now")).total_seconds()
            found[row["author_id"]].append(Live(row, _item(resources, row), asked_at + left_s))
        return found

    async def read(missing: list[str]) -> dict[str, list[Live]]:
        return await resources.reads.stories.many(missing, ask)

    for author in fresh:
        resources.memory.stories.drop(author)
    found = await resources.memory.stories.many(authors, read)
    now = time.monotonic()
    lives = {a: [live for live in lives if live.ends_at > now] for a, lives in found.items()}
    return {author: live for author, live in lives.items() if live}


def _item(resources: "Resources", story: Raw) -> items.Item:
    """Made once: what a live story shows does not change."""
    known: items.Item | None = resources.memory.items.get(story["_id"])
    if known is None or known.expires_at != story["expires_at"]:
        known = items.make(story)
        resources.memory.items.put(story["_id"], known)
    return known


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


def ahead(resources: "Resources", viewer: str) -> Begun | None:
    """Begin to read what `tray` will ask for first."""
    return resources.trays.begin_read(viewer) if resources.cache.ready else None


async def _candidates(
    resources: "Resources", viewer: str, begun: Begun | None
) -> tuple[list[str], Relations]:
    """Whose stories to ask for, and whom the viewer hides."""
    if not resources.cache.resting:
        found = await resources.cache.ask(lambda: resources.trays.read(viewer, begun), None)
        if found is not None:
            known = decode(found.relations) if found.relations else await load(resources, viewer)
            return found.authors, known
        if not resources.cache.resting:
            try:
                return await _build(resources, viewer), await relations(resources, viewer)
            except (RedisError, OSError):
                pass
    return list(await _computed(resources, viewer)), await relations(resources, viewer)


async def tray(
    resources: "Resources",
    viewer: str,
    cursor: str | None,
    limit: int,
    begun: Begun | None = None,
) -> Encoded:
    """A page of a `Tray`: those with something unseen first, then the newest. One's own stories are among
    them, and count as seen. `begun` as `ahead` gave it."""
    candidates, known = await _candidates(resources, viewer, begun)
    asked = [author for author in candidates if author != viewer and not known.hides(author)]
    # At the same time, though some have no stories now: one wait, and fewer, larger questions.
    lives, following, cards = await asyncio.gather(
        _lives(resources, {viewer, *asked}, fresh=(viewer,)),
        graph.still_following_among(resources, viewer, asked),
        people.recent_cards(resources, {viewer, *asked}),
    )
    live = {a: some for a, some in lives.items() if a == viewer or a in following}
    stories = [one.story for some in live.values() for one in some]
    visible = await access.visible_among(resources, viewer, stories, follows=True)
    own = [story["_id"] for story in visible if story["author_id"] == viewer]
    marks = await seen.among(
        resources, viewer, [s["_id"] for s in visible if s["author_id"] != viewer]
    )
    views = await counts.counts_of(resources, own)
    made = {one.story["_id"]: one.item for some in live.values() for one in some}
    by_author: dict[str, list[Raw]] = {}
    for story in visible:
        by_author.setdefault(story["author_id"], []).append(story)
    rows = [
        _Row(
            author,
            sum(story["_id"] not in marks for story in theirs) if author != viewer else 0,
            theirs[-1]["created_at"],
        )
        for author, theirs in by_author.items()
        if author in cards
    ]
    page, after = cursors.page(
        resources.settings.auth.secret,
        f"tray {viewer}",
        rows,
        lambda row: [row.unseen > 0, clock.ms(row.latest), row.author],
        cursor,
        limit,
        falling=True,
    )
    settings = resources.settings
    entries: list[bytes] = []
    for author, unseen, latest in page:
        card = cards[author]
        encoded: list[bytes] = []
        for story in by_author[author]:
            item, bound = made[story["_id"]], items.bound_to(story, viewer, card)
            if author == viewer:
                count = views[story["_id"]].views
                encoded.append(items.for_author(settings, item, bound, count))
            else:
                is_viewed = story["_id"] in marks
                encoded.append(items.for_others(settings, item, bound, is_viewed=is_viewed))
        entries.append(
            b'{"user":%b,"items":[%b],"unviewed_count":%d,"latest_at":"%b"}'
            % (
                orjson.dumps(user_view(card)),
                b",".join(encoded),
                unseen,
                clock.iso(latest).encode(),
            )
        )
    position = pagination(after)
    result = Encoded(
        b'{"stories":[%b],"pagination":%b}' % (b",".join(entries), orjson.dumps(position))
    )
    result.pagination = position
    return result


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
