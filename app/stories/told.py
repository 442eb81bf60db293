"""What people have told that lives, and whether someone still follows them: one question to the
database for all who ask at the time (`app.together`).

A question costs the driver several times what its rows do, and a tray has three for each person
in it: do I follow them, which of their stories live, how do they look.
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
    story: Raw
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
    found: dict[str, Told | bool] = {}
    cards: dict[str, Raw] = {}
    stories: defaultdict[str, list[Raw]] = defaultdict(list)
    for row in await queries.told(resources, authors, pairs):
        if "author_id" in row:
            stories[row["author_id"]].append(row)
        elif "username" in row:
            cards[row["_id"]] = row
        else:
            found[row["_id"]] = True
    told = dict.fromkeys(authors, Told(b"", False, []))
    for author, rows in stories.items():
        rows.sort(key=lambda row: (row["created_at"], row["_id"]))
        lives = [
            Live(row, _item(resources, row), asked_at + row.pop("left_ms") / 1000) for row in rows
        ]
        card = cards.get(author)
        person = b"" if card is None else orjson.dumps(user_view(card))
        told[author] = Told(person, card is not None and card.get("is_private", False), lives)
    if memory.drops == drops:  # else one of them may be what was dropped
        memory.fill(told)
    found.update(told)
    return found


def _item(resources: "Resources", story: Raw) -> items.Item:
    """Made once: what a live story shows does not change."""
    known: items.Item | None = resources.memory.items.get(story["_id"])
    if known is None or known.expires_at != story["expires_at"]:
        known = items.make(story)
        resources.memory.items.put(story["_id"], known)
    return known
