"""The home feed: what was pushed, what is pulled, in one list, newest first.

Read from the cached timeline, built from MongoDB when there is none, straight from MongoDB
while Redis is away. The cursor is a place in time, so it means the same in all three.
"""

from typing import TYPE_CHECKING

from redis.exceptions import RedisError

from app import cursor as cursors
from app.batch import Begun
from app.feed.timeline import NEWEST_SCORE, Entry, Slice
from app.graph import queries as graph, relations
from app.graph.relations import Relations
from app.operation import Encoded
from app.posts import fragments, marks, queries as posts
from app.posts.views import pagination

if TYPE_CHECKING:
    from app.resources import Resources

_ROUNDS_MAX = 5
_SAME_MS = 8
"""Asked for beyond a page: entries of the cursor's millisecond that were shown already."""
_PURPOSE = "home"


async def _sources(resources: "Resources", viewer: str) -> list[str]:
    """Whose posts a feed holds: those one follows, and oneself."""
    return [viewer, *await graph.following_ids(resources, viewer)]


async def computed(
    resources: "Resources", viewer: str, before: Entry | None, limit: int
) -> list[Entry]:
    """The feed as MongoDB has it, pulled authors included."""
    position = list(before) if before else None
    sources = await _sources(resources, viewer)
    chosen = await posts.meant_for(resources, viewer, sources)
    found = await posts.published_by(resources, sources, position, limit, meant_for=chosen)
    return [(at_ms, post_id) for post_id, at_ms in found]


async def build(resources: "Resources", viewer: str) -> None:
    """Fill the cached timeline. When the graph changes meanwhile, the next read tries again."""
    token = await resources.timeline.begin(viewer)
    entries = await computed(resources, viewer, None, resources.settings.feed.entries_max)
    await resources.timeline.finish(viewer, token, entries)


def ahead(resources: "Resources", viewer: str, cursor: str | None, limit: int) -> Begun | None:
    """Begin to read what `home` will ask for first."""
    if cursor is not None or not resources.cache.ready:
        return None
    return resources.timeline.begin_read(viewer, NEWEST_SCORE, limit + 1)


async def _cached(
    resources: "Resources",
    viewer: str,
    before: Entry | None,
    limit: int,
    begun: Begun | None = None,
) -> Slice | None:
    """At least `limit` entries below `before`, when there are so many; None when not built."""
    if before is None:
        return await resources.timeline.read(viewer, NEWEST_SCORE, limit, begun)
    asked = limit + _SAME_MS
    while True:
        found = await resources.timeline.read(viewer, before[0], asked)
        if found is None:
            return None
        # Of the very millisecond at which the last page ended, some were shown on it.
        past = sum(entry >= before for entry in found.entries)
        if len(found.entries) < asked or len(found.entries) - past >= limit:
            return found._replace(entries=found.entries[past:], marks=found.marks[2 * past :])
        asked *= 4


async def _slice(
    resources: "Resources", viewer: str, before: Entry | None, limit: int, begun: Begun | None
) -> Slice:
    if not resources.cache.resting:
        found = await resources.cache.ask(
            lambda: _cached(resources, viewer, before, limit, begun), None
        )
        if found is None and not resources.cache.resting:
            try:
                await build(resources, viewer)
            except (RedisError, OSError):
                found = None
            else:
                found = await resources.cache.ask(
                    lambda: _cached(resources, viewer, before, limit), None
                )
        if found is not None:
            return found
    return Slice(await computed(resources, viewer, before, limit), "", b"", frozenset())


async def _recent(resources: "Resources", authors: list[str]) -> dict[str, list[Entry]]:
    newest = resources.memory.RECENT_MAX
    return {
        author: [
            (at_ms, post_id)
            for post_id, at_ms in await posts.published_by(resources, [author], None, newest)
        ]
        for author in authors
    }


async def _pulled(
    resources: "Resources", authors: tuple[str, ...], before: Entry | None, limit: int
) -> list[Entry]:
    if not authors:
        return []
    if before is None and limit <= resources.memory.RECENT_MAX:
        here = await resources.memory.recent.many(authors, lambda m: _recent(resources, m))
        return [entry for entries in here.values() for entry in entries]
    position = list(before) if before else None
    found = await posts.published_by(resources, list(authors), position, limit)
    return [(at_ms, post_id) for post_id, at_ms in found]


async def home(
    resources: "Resources",
    viewer: str,
    cursor: str | None,
    limit: int,
    begun: Begun | None = None,
) -> Encoded:
    """A page of the home feed as a `Posts` result; `begun` as `ahead` gave it."""
    secret = resources.settings.auth.secret
    before: Entry | None = None
    if cursor is not None:
        at_ms, post_id = cursors.decode(secret, _PURPOSE, cursor)
        before = (at_ms, post_id)
    encoded: list[bytes] = []
    more = True
    rounds = 0
    while more and len(encoded) < limit and rounds < _ROUNDS_MAX:
        # More than one round only when posts of a page were deleted or hidden.
        left = limit - len(encoded)
        taken, before, more = await _round(resources, viewer, before, left, begun)
        encoded += taken
        begun = None
        rounds += 1
    following = None
    if more and before is not None:
        following = cursors.encode(secret, _PURPOSE, list(before))
    result = Encoded(fragments.page(encoded, following))
    result.pagination = pagination(following)
    return result


async def _round(
    resources: "Resources", viewer: str, before: Entry | None, limit: int, begun: Begun | None
) -> tuple[list[bytes], Entry | None, bool]:
    """(encoded posts, the last entry looked at, whether there are more after it)."""
    found = await _slice(resources, viewer, before, limit + 1, begun)
    known = (
        relations.decode(found.relations)
        if found.relations
        else await relations.load(resources, viewer)
    )
    pulled = await _pulled(resources, known.popular, before, limit + 1)
    merged = found.entries
    if pulled:
        merged = sorted({*merged, *pulled}, reverse=True)
        if before is not None:
            merged = [entry for entry in merged if entry < before]
    entries, more = merged[:limit], len(merged) > limit
    if not entries:
        return [], before, False
    ids = [post_id for _, post_id in entries]
    if not pulled and not found.touched:
        hidden = known.blocked | known.muted
        ready = fragments.here(resources, ids, found.marks[: 2 * len(ids)], hidden)
        if ready is not None:
            return ready, entries[-1], more
    marked = await _marks(resources, viewer, ids, found)
    shown = await _shown(resources, viewer, ids, found, known)
    return await fragments.encode(resources, viewer, shown, marked), entries[-1], more


async def _shown(
    resources: "Resources", viewer: str, ids: list[str], found: Slice, known: Relations
) -> list[fragments.Fragment]:
    loaded = await fragments.load(resources, ids, found.touched)
    shown = [
        fragment
        for post_id in ids
        if (fragment := loaded.get(post_id)) and not known.hides(fragment.author_id)
    ]
    return await _meant_for(resources, viewer, shown)


async def _meant_for(
    resources: "Resources", viewer: str, shown: list[fragments.Fragment]
) -> list[fragments.Fragment]:
    """Without what is for lists that the viewer is not on. Asked each time: who was taken off a
    list sees nothing of it from then on."""
    chosen = [fragment for fragment in shown if fragment.list_id and fragment.author_id != viewer]
    if not chosen:
        return shown
    listed = await graph.lists_with(resources, viewer, {one.author_id for one in chosen})
    hidden = {id(one) for one in chosen if (one.author_id, one.list_id) not in listed}
    return [fragment for fragment in shown if id(fragment) not in hidden]


async def _marks(
    resources: "Resources", viewer: str, ids: list[str], found: Slice
) -> dict[str, marks.Mark]:
    """From what the slice brought along; the rest (pulled posts) is looked up."""
    if [post_id for _, post_id in found.entries[: len(ids)]] == ids and found.marks:
        return await marks.complete(resources, viewer, ids, found.marks[: 2 * len(ids)])
    return await marks.of_posts(resources, viewer, ids)
