"""What a viewer did with posts: liked them, saved them; and which of their own they touched.

A hash per viewer in Redis, written through by their own acts, so that they see those at once
whatever else is cached; filled from MongoDB for posts not yet in it.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

from app.cache import person_tag
from app.graph.models import pair

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from app.resources import Resources

_TTL_S = 1800
_TOUCH_TTL_S = 15


class Mark(NamedTuple):
    liked: bool = False
    saved: bool = False


_MARKS = {f"{int(one)}{int(two)}": Mark(one, two) for one in (True, False) for two in (True, False)}


def marks_key(user_id: str) -> str:
    """Hash: `l<post>` and `s<post>` → 1 or 0."""
    return f"{person_tag(user_id)}:{user_id}:marks"


def touched_key(user_id: str) -> str:
    """Set: the person's own posts that changed in the last seconds."""
    return f"{person_tag(user_id)}:{user_id}:touched"


def fields(post_ids: list[str]) -> list[str]:
    return [kind + post_id for post_id in post_ids for kind in "ls"]


async def of_posts(resources: "Resources", viewer: str, post_ids: list[str]) -> dict[str, Mark]:
    """Marks by post id."""
    if not post_ids:
        return {}

    cached = await resources.cache.get_fields(marks_key(viewer), fields(post_ids))
    known = "".join("?" if mark is None else mark.decode() for mark in cached)
    return await complete(resources, viewer, post_ids, known)


async def complete(
    resources: "Resources", viewer: str, post_ids: list[str], cached: str
) -> dict[str, Mark]:
    """Marks by post id, given what the cache had for `fields(post_ids)` (or nothing): a letter
    for each field, ? for what it did not have."""
    if not cached:
        cached = "?" * (2 * len(post_ids))
    known: dict[str, Mark] = {}
    missing: list[str] = []
    for at, post_id in enumerate(post_ids):
        mark = _MARKS.get(cached[2 * at : 2 * at + 2])
        if mark is None:
            missing.append(post_id)
        else:
            known[post_id] = mark
    if missing:
        found = await _load(resources, viewer, missing)
        await _fill(resources, viewer, found)
        known |= found
    return known


async def _load(resources: "Resources", viewer: str, post_ids: list[str]) -> dict[str, Mark]:
    mongo = resources.mongo
    likes = mongo.likes.find({"_id": {"$in": [pair(p, viewer) for p in post_ids]}}, {"post_id": 1})
    liked = {row["post_id"] async for row in likes}
    saves = mongo.saves.find({"_id": {"$in": [pair(viewer, p) for p in post_ids]}}, {"post_id": 1})
    saved = {row["post_id"] async for row in saves}
    return {post_id: Mark(post_id in liked, post_id in saved) for post_id in post_ids}


async def _fill(resources: "Resources", viewer: str, found: dict[str, Mark]) -> None:
    key = marks_key(viewer)

    async def write(redis: "Redis") -> None:
        async with redis.pipeline(transaction=False) as pipe:
            for post_id, mark in found.items():
                # NX: an act of the viewer since our read wrote the newer value.
                pipe.hsetnx(key, "l" + post_id, str(int(mark.liked)))
                pipe.hsetnx(key, "s" + post_id, str(int(mark.saved)))
            pipe.expire(key, _TTL_S)
            await pipe.execute()

    await resources.cache.attempt(write, None)


async def set_liked(resources: "Resources", viewer: str, post_id: str, liked: bool) -> None:
    await resources.cache.put_field(marks_key(viewer), "l" + post_id, str(int(liked)), _TTL_S)


async def set_saved(resources: "Resources", viewer: str, post_id: str, saved: bool) -> None:
    await resources.cache.put_field(marks_key(viewer), "s" + post_id, str(int(saved)), _TTL_S)


async def touched(resources: "Resources", author: str, post_id: str) -> None:
    """The author edited, deleted or archived: other processes' memory is a second behind."""
    resources.memory.posts.drop(post_id)
    resources.memory.shared.drop(post_id)
    key = touched_key(author)

    async def write(redis: "Redis") -> Any:
        async with redis.pipeline(transaction=False) as pipe:
            pipe.sadd(key, post_id)
            pipe.expire(key, _TOUCH_TTL_S)
            return await pipe.execute()

    await resources.cache.attempt(write, None)
