"""What people have told that lives, and whether someone still follows them: one question to the
database for all who ask at the time (`app.together`).

A question costs the driver more than its rows do, and a tray has three for each person in it: do I
follow them still, which of their stories live, how do they look.
"""

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from app.identity.views import user_view
from app.stories import items, queries

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]


class Live(NamedTuple):
    item: items.Item
    ends_at: float
    """By this process's monotonic clock, worked out from what the database said is left."""


class Told(NamedTuple):
    """Of one person."""

    person: bytes
    """As JSON; empty when they are gone, or have nothing that lives."""
    is_private: bool
    lives: list[Live]
    """Oldest first. Some may have ended since they were read: see `living`."""

    def living(self, now: float) -> list[Live]:
        """At that time of the monotonic clock."""
        return [live for live in self.lives if live.ends_at > now]


async def ask(
    resources: "Resources", authors: Iterable[str], fresh: Iterable[str], pairs: Iterable[str] = ()
) -> tuple[dict[str, Told], Set[str]]:
    """(what each of these people has told, those of the `pairs` of a follower and a followee that
    stand). What the `authors` told may be a quarter of a second old; that of `fresh` people and the
    pairs are asked for now."""
    found: dict[str, Told] = {}
    missing = list(fresh)
    for author in authors:
        known: Told | None = resources.memory.stories.get(author)
        if known is None:
            missing.append(author)
        else:
            found[author] = known

    async def read(keys: list[str]) -> Mapping[str, Told | bool]:
        return await _read(resources, keys)

    asked_pairs = list(pairs)
    answer = await resources.reads.told.many([*missing, *asked_pairs], read)
    found |= {author: answer[author] for author in missing}
    return found, answer.keys() & asked_pairs


async def _read(resources: "Resources", keys: list[str]) -> Mapping[str, Told | bool]:
    """`Told` for every id of a person, True for every pair that stands."""
    asked_at, memory = time.monotonic(), resources.memory.stories
    drops = memory.drops
    pairs = [key for key in keys if ":" in key]
    authors = [key for key in keys if ":" not in key]
    rows, cards, standing = await queries.told(resources, authors, pairs)
    made = await _items(resources, rows)
    lives: defaultdict[str, list[Live]] = defaultdict(list)
    for row in rows:
        if item := made.get(row["_id"]):
            lives[row["author_id"]].append(Live(item, asked_at + row["left_ms"] / 1000))
    told = dict.fromkeys(authors, Told(b"", False, []))
    for author, some in lives.items():
        some.sort(key=lambda live: (live.item.at_ms, live.item.story_id))
        card = cards.get(author)
        person = b"" if card is None else orjson.dumps(user_view(card))
        told[author] = Told(person, card is not None and card.get("is_private", False), some)
    if memory.drops == drops:  # else one of them may be what was dropped
        memory.fill(told)
    found: dict[str, Told | bool] = dict.fromkeys(standing, True)
    found.update(told)
    return found


async def _items(resources: "Resources", rows: list[Raw]) -> dict[str, items.Item]:
    """Of these stories, by id. Made once: what a live story shows does not change."""
    memory = resources.memory.items
    found: dict[str, items.Item] = {}
    missing: list[str] = []
    for row in rows:
        known: items.Item | None = memory.get(row["_id"])
        if known and known.ends_ms == row["ends_ms"] and known.audience == row["audience"]:
            found[known.story_id] = known
        else:
            missing.append(row["_id"])
    if missing:
        stories = await queries.without_scenes(resources, missing)
        made = {story["_id"]: items.make(story) for story in stories}
        memory.fill(made)
        found |= made
    return found
