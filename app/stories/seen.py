"""Which stories a person has seen: a hash for each viewer in Redis, written through by their own
views, filled from MongoDB for stories that are not in it yet."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from app.cache import person_tag
from app.graph.models import pair

if TYPE_CHECKING:
    from app.resources import Resources

_TTL_S = 86_400
_FIELDS_MAX = 10_000
"""Beyond this the hash is dropped and begins anew: most of what it holds has expired."""


def seen_key(user_id: str) -> str:
    """Hash: story id → 1 or 0."""
    return f"{person_tag(user_id)}:{user_id}:seen"


async def among(resources: "Resources", viewer: str, story_ids: Iterable[str]) -> set[str]:
    """Those of these stories that the viewer has seen."""
    wanted = list(story_ids)
    if not wanted:
        return set()
    key = seen_key(viewer)
    cached = await resources.cache.get_fields(key, wanted)
    known = {story_id: mark == b"1" for story_id, mark in zip(wanted, cached, strict=True) if mark}
    missing = [story_id for story_id in wanted if story_id not in known]
    if missing:
        stored = await _stored(resources, viewer, missing)
        known |= {story_id: story_id in stored for story_id in missing}
        # Not over what a view since our read wrote: that is newer.
        marks = {story_id: str(int(known[story_id])) for story_id in missing}
        if await resources.cache.fill_fields(key, marks, _TTL_S) > _FIELDS_MAX:
            await resources.cache.drop(key)
    return {story_id for story_id, mark in known.items() if mark}


async def _stored(resources: "Resources", viewer: str, story_ids: list[str]) -> set[str]:
    pairs = {pair(story_id, viewer): story_id for story_id in story_ids}

    async def read(keys: list[str]) -> dict[str, bool]:
        rows = resources.mongo.story_views.find({"_id": {"$in": keys}}, {"_id": 1})
        return {row["_id"]: True for row in await rows.to_list(None)}

    return {pairs[key] for key in await resources.reads.views.many(pairs, read)}


async def mark(resources: "Resources", viewer: str, story_id: str) -> None:
    """Seen, and stored already."""
    await resources.cache.put_field(seen_key(viewer), story_id, "1", _TTL_S)
