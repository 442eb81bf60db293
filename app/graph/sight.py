"""Who may see what, for many people and things at once: the same few queries whatever their number.

A feature says what would have to be true (a `Claim`), and `settle` finds out, from the database
each time: nothing is remembered, so nothing can be out of date.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from app.audience import list_of
from app.graph import access
from app.graph.models import member_key, pair

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]
_CARD = {"is_private": 1, "hides_activity": 1}


class Asked(NamedTuple):
    """`viewer` wants to see the thing of that id."""

    viewer: str
    id: str


@dataclass(frozen=True, slots=True)
class Claim:
    """Allowed if the viewer may see what `owner` shows to `audience`."""

    owner: str
    audience: str
    """`anyone`: whoever has no block with the owner; else as of a post."""
    activity: bool = False
    """And only if both are there, neither hides when they are active, and the owner did not
    restrict the viewer."""


Claims = Mapping[Asked, Claim | bool]
"""What has to be true for each; what is left out is not allowed."""


async def settle(
    resources: "Resources", claims: Claims, hidden_of: Iterable[str] = ()
) -> tuple[set[Asked], dict[str, frozenset[str]]]:
    """(those allowed, with whom each of `hidden_of` has a block in either direction)."""
    wholly = set(hidden_of)
    open_ = {asked: claim for asked, claim in claims.items() if isinstance(claim, Claim)}
    cards, blocks, listed, restricts = await asyncio.gather(
        _cards(resources, open_),
        _blocks(resources, open_, wholly),
        _listed(resources, open_),
        _restricts(resources, open_),
    )
    follows = await _follows(resources, open_, cards)
    allowed = {asked for asked, claim in claims.items() if claim is True}
    for asked, claim in open_.items():
        blocked = _either(asked.viewer, claim.owner, blocks)
        following = pair(asked.viewer, claim.owner) in follows
        if claim.activity and (
            _hides(cards, asked.viewer, claim.owner) or pair(claim.owner, asked.viewer) in restricts
        ):
            continue
        if claim.audience == "anyone":
            fits = not blocked
        else:
            owner = cards.get(claim.owner)
            fits = owner is not None and access.allowed(
                owner,
                claim.audience,
                blocked=blocked,
                following=following,
                listed=_member(asked, claim) in listed,
            )
        if fits:
            allowed.add(asked)
    return allowed, _hidden(wholly, blocks)


def _either(one: str, other: str, pairs: set[str]) -> bool:
    return pair(one, other) in pairs or pair(other, one) in pairs


def _hides(cards: dict[str, Raw], *user_ids: str) -> bool:
    return any(
        user_id not in cards or cards[user_id].get("hides_activity", False) for user_id in user_ids
    )


def _hidden(viewers: set[str], blocks: set[str]) -> dict[str, frozenset[str]]:
    """The other one of each pair that a viewer is in."""
    found: dict[str, set[str]] = {viewer: set() for viewer in viewers}
    for row in blocks:
        one, _, other = row.partition(":")
        if one in found:
            found[one].add(other)
        if other in found:
            found[other].add(one)
    return {viewer: frozenset(others) for viewer, others in found.items()}


async def _cards(resources: "Resources", claims: Mapping[Asked, Claim]) -> dict[str, Raw]:
    wanted = {c.owner for c in claims.values() if c.activity or c.audience != "anyone"}
    wanted |= {asked.viewer for asked, claim in claims.items() if claim.activity}
    if not wanted:
        return {}
    rows = resources.mongo.users.find({"_id": {"$in": list(wanted)}}, _CARD)
    return {row["_id"]: row async for row in rows}


async def _blocks(
    resources: "Resources", claims: Mapping[Asked, Claim], wholly: set[str]
) -> set[str]:
    """Pairs with a block: those the claims ask about, and all of some people's."""
    pairs = [
        either
        for asked, claim in claims.items()
        if asked.viewer not in wholly
        for either in (pair(asked.viewer, claim.owner), pair(claim.owner, asked.viewer))
    ]
    everyone = {"$in": list(wholly)}
    ways: list[Raw] = [{"blocker_id": everyone}, {"blocked_id": everyone}] if wholly else []
    if pairs:
        ways.append({"_id": {"$in": pairs}})
    if not ways:
        return set()
    return {row["_id"] async for row in resources.mongo.blocks.find({"$or": ways}, {"_id": 1})}


async def _follows(
    resources: "Resources", claims: Mapping[Asked, Claim], cards: dict[str, Raw]
) -> set[str]:
    """Asked only where it decides: private accounts, and what is for followers."""
    pairs = [
        pair(asked.viewer, claim.owner)
        for asked, claim in claims.items()
        if claim.audience != "anyone"
        and not list_of(claim.audience)
        and (claim.audience != "public" or cards.get(claim.owner, {}).get("is_private", False))
    ]
    if not pairs:
        return set()
    rows = resources.mongo.follows.find({"_id": {"$in": pairs}}, {"_id": 1})
    return {row["_id"] async for row in rows}


def _member(asked: Asked, claim: Claim) -> str:
    return member_key(claim.owner, list_of(claim.audience), asked.viewer)


async def _listed(resources: "Resources", claims: Mapping[Asked, Claim]) -> set[str]:
    """Who stands on the lists that the claims name."""
    wanted = [_member(asked, claim) for asked, claim in claims.items() if list_of(claim.audience)]
    if not wanted:
        return set()
    rows = resources.mongo.audience_members.find({"_id": {"$in": wanted}}, {"_id": 1})
    return {row["_id"] async for row in rows}


async def _restricts(resources: "Resources", claims: Mapping[Asked, Claim]) -> set[str]:
    """Viewers whom the owners restricted, where that decides."""
    wanted = [pair(claim.owner, asked.viewer) for asked, claim in claims.items() if claim.activity]
    if not wanted:
        return set()
    rows = resources.mongo.restricts.find({"_id": {"$in": wanted}}, {"_id": 1})
    return {row["_id"] async for row in rows}
