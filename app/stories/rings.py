"""Trays and rings: who has stories, and whether there is something new in them."""

import time
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from redis.exceptions import RedisError

from app import cursor as cursors
from app.batch import Begun
from app.counts import queries as counts
from app.graph import queries as graph
from app.graph.models import pair
from app.graph.relations import Relations, decode, load, relations
from app.operation import Encoded
from app.posts.views import pagination
from app.stories import access, items, queries, seen
from app.stories.ring import ring
from app.stories.told import Live, Told, ask
from app.stories.trays import PULLED_UNTIL_MS
from app.stories.views import RingView

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]


class _Row(NamedTuple):
    """A person in a tray."""

    author: str
    unseen: int
    lives: list[Live]


async def live_of(
    resources: "Resources", authors: Iterable[str], fresh: Collection[str] = ()
) -> dict[str, list[Raw]]:
    """The live stories (`items.OF_STORY`), oldest first, of those authors who have any. Of others
    than `fresh` they may be a quarter of a second old, never beyond their end."""
    others = [author for author in authors if author not in fresh]
    found, _ = await ask(resources, others, fresh)
    now = time.monotonic()
    lives = {author: told.living(now) for author, told in found.items()}
    return {author: [live.item.story for live in some] for author, some in lives.items() if some}


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
    pairs = {author: pair(viewer, author) for author in asked}
    told, standing = await ask(resources, asked, (viewer,), pairs.values())
    lives = await _visible(
        resources,
        viewer,
        {a: told[a] for a in (viewer, *asked) if a == viewer or pairs[a] in standing},
    )
    own = [live.item.story_id for live in lives.get(viewer, ())]
    marks = await seen.among(
        resources, viewer, [x.item.story_id for a in lives if a != viewer for x in lives[a]]
    )
    views = await counts.counts_of(resources, own)
    rows = [
        _Row(author, 0 if author == viewer else _unseen(some, marks), some)
        for author, some in lives.items()
    ]
    page, after = cursors.page(
        resources.settings.auth.secret,
        f"tray {viewer}",
        rows,
        lambda row: [row.unseen > 0, row.lives[-1].item.at_ms, row.author],
        cursor,
        limit,
        falling=True,
    )
    settings = resources.settings
    entries: list[bytes] = []
    for author, unseen, some in page:
        of = told[author]
        encoded: list[bytes] = []
        for item, _ in some:
            bound = "" if item.is_open and not of.is_private else viewer
            if author == viewer:
                count = views[item.story_id].views
                encoded.append(items.for_author(settings, item, bound, count))
            else:
                is_viewed = item.story_id in marks
                encoded.append(items.for_others(settings, item, bound, is_viewed=is_viewed))
        entries.append(
            b'{"user":%b,"items":[%b],"unviewed_count":%d,"latest_at":"%b"}'
            % (of.person, b",".join(encoded), unseen, some[-1].item.at)
        )
    position = pagination(after)
    result = Encoded(
        b'{"stories":[%b],"pagination":%b}' % (b",".join(entries), orjson.dumps(position))
    )
    result.pagination = position
    return result


async def _visible(
    resources: "Resources", viewer: str, told: dict[str, Told]
) -> dict[str, list[Live]]:
    """Those that live now and the viewer, who follows all these people, may see, by their
    author, if any."""
    now = time.monotonic()
    lives = {author: of.living(now) for author, of in told.items() if of.person}
    doubtful = [x.item.story for some in lives.values() for x in some if x.item.is_for_some]
    if doubtful:
        visible = await access.visible_among(resources, viewer, doubtful, follows=True)
        ids = {story["_id"] for story in visible}
        for author, some in lives.items():
            lives[author] = [x for x in some if not x.item.is_for_some or x.item.story_id in ids]
    return {author: some for author, some in lives.items() if some}


def _unseen(lives: list[Live], marks: Collection[str]) -> int:
    return sum(live.item.story_id not in marks for live in lives)


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
