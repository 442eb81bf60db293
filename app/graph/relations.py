"""What every read of a person asks of the graph, in one small cached record."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import orjson

from app.graph import keys, queries

if TYPE_CHECKING:
    from app.resources import Resources

_TTL_S = 300
"""Also how long after a person became popular their posts are still pushed."""


@dataclass(frozen=True, slots=True)
class Relations:
    blocked: frozenset[str]
    """A block stands between, in either direction."""
    muted: frozenset[str]
    popular: tuple[str, ...]
    """Followed people whose posts are pulled at read time."""

    def hides(self, user_id: str) -> bool:
        """Out of the viewer's feed."""
        return user_id in self.blocked or user_id in self.muted


PUSHED_AFTER_PROMOTION_S = 2 * _TTL_S


@lru_cache(maxsize=4096)
def decode(record: bytes) -> Relations:
    raw = orjson.loads(record)
    return Relations(frozenset(raw["b"]), frozenset(raw["m"]), tuple(raw["p"]))


async def load(resources: "Resources", viewer: str) -> Relations:
    """From the database, and into the cache."""
    blocked, muted = await queries.hidden_ids(resources, viewer)
    popular = await queries.following_among(resources, viewer, await queries.popular_ids(resources))
    record = orjson.dumps({"b": sorted(blocked), "m": sorted(muted), "p": sorted(popular)})
    await resources.cache.fill(keys.relations_key(viewer), record, _TTL_S)
    return Relations(frozenset(blocked), frozenset(muted), tuple(sorted(popular)))


async def relations(resources: "Resources", viewer: str) -> Relations:
    record = await resources.cache.get(keys.relations_key(viewer))
    return decode(record) if record else await load(resources, viewer)
