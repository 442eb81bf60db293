"""Reading counts: Redis first, for a few seconds' staleness; MongoDB behind it."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from app.resources import Resources

CACHE_S = 10
"""Counters write through; this only bounds what a lost write can keep stale."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Of a person: followers, following, posts. Of a post: likes, comments, shares. Of a
    comment: likes, replies. Of a story: views, reactions, replies, shares."""

    followers: int = 0
    following: int = 0
    posts: int = 0
    likes: int = 0
    comments: int = 0
    replies: int = 0
    shares: int = 0
    views: int = 0
    reactions: int = 0


FIELDS: tuple[str, ...] = tuple(Counts.__dataclass_fields__)
ZERO = Counts()


def cache_key(subject_id: str) -> str:
    return f"{{{subject_id}}}:counts"


def of_row(row: Mapping[str, Any] | None) -> Counts:
    """Never below zero: a deletion may be counted before the row it counts against."""
    return Counts(**{name: max(0, int(row.get(name, 0))) for name in FIELDS}) if row else ZERO


async def stored(resources: "Resources", ids: Iterable[str]) -> dict[str, Counts]:
    """Straight from MongoDB, in one query for all who ask at the time; a subject without any
    counts is all zeros."""

    async def read(keys: list[str]) -> dict[str, Counts]:
        rows = await resources.mongo["counts"].find({"_id": {"$in": keys}}).to_list(None)
        return {row["_id"]: of_row(row) for row in rows}

    wanted = list(dict.fromkeys(ids))
    found = await resources.reads.counts.many(wanted, read)
    return {subject_id: found.get(subject_id, ZERO) for subject_id in wanted}


async def counts_of(resources: "Resources", ids: Iterable[str]) -> dict[str, Counts]:
    """The counts of every id; unknown ids have zeros. Works without Redis."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return {}

    cached = await resources.cache.get_many([cache_key(subject_id) for subject_id in wanted])
    found = {
        subject_id: Counts(**orjson.loads(value))
        for subject_id, value in zip(wanted, cached, strict=True)
        if value
    }
    missing = [subject_id for subject_id in wanted if subject_id not in found]
    if missing:
        fresh = await stored(resources, missing)
        # Not over what the counters wrote since: theirs is newer.
        values = {cache_key(key): orjson.dumps(asdict(of)) for key, of in fresh.items()}
        await resources.cache.fill_many(values, CACHE_S)
        found |= fresh
    return found


async def remember(resources: "Resources", counts: Mapping[str, Counts]) -> None:
    """Put new values into the cache; no harm when it is away."""

    async def write(redis: "Redis") -> None:
        async with redis.pipeline(transaction=False) as pipe:
            for subject_id, value in counts.items():
                pipe.set(
                    cache_key(subject_id),
                    orjson.dumps(asdict(value)),
                    ex=CACHE_S,
                )
            await pipe.execute()

    await resources.cache.attempt(write, None)
