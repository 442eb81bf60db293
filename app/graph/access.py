"""Who may see whom. Everything that shows people or their things asks here.

A block hides both from each other entirely: what is asked for "is not there". A private
account shows its card and counts to everyone, its posts to accepted followers.
"""

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app.audience import list_of
from app.errors import Forbidden
from app.graph import queries
from app.identity import queries as people

if TYPE_CHECKING:
    from app.resources import Resources


async def visible_person(resources: "Resources", viewer: str, username: str) -> dict[str, Any]:
    """The person's card; NotFound when there is none, or a block stands between."""
    person = await people.card_by_name(resources, username)
    if viewer != person["_id"] and await queries.blocked_between(resources, viewer, person["_id"]):
        raise people.not_found(username)
    return person


def allowed(
    owner: dict[str, Any], audience: str, *, blocked: bool, following: bool, listed: bool
) -> bool:
    """Whether someone other than `owner` (a card) may see what they show to `audience`;
    `listed`: they are on the list that it names."""
    if blocked:
        return False
    if list_of(audience):
        return listed
    return following or (audience == "public" and not owner.get("is_private", False))


async def may_see_posts(
    resources: "Resources", viewer: str, owner: dict[str, Any], audience: str = "public"
) -> bool:
    """Whether `viewer` may see what `owner` (a card) shows to `audience`."""
    if viewer == owner["_id"]:
        return True
    if await queries.blocked_between(resources, viewer, owner["_id"]):
        return False
    if list_id := list_of(audience):
        return await queries.is_listed(resources, owner["_id"], list_id, viewer)
    if allowed(owner, audience, blocked=False, following=False, listed=False):
        return True
    return await queries.is_following(resources, viewer, owner["_id"])


async def visible_owner(resources: "Resources", viewer: str, username: str) -> dict[str, Any]:
    """The card of someone whose posts the viewer may see; Forbidden for a private account."""
    person = await visible_person(resources, viewer, username)
    if not await may_see_posts(resources, viewer, person):
        raise Forbidden("This account is private. Follow it to see its posts.", "account_private")
    return person


async def allowed_among(
    resources: "Resources", viewer: str, wanted: Iterable[tuple[str, str]]
) -> set[tuple[str, str]]:
    """Those of these (owner id, audience) whose things the viewer may see."""
    pairs = set(wanted)
    owners = {owner_id for owner_id, _ in pairs if owner_id != viewer}
    named = {owner_id for owner_id, audience in pairs if owner_id in owners and list_of(audience)}
    cards, blocked, following, listed = await asyncio.gather(
        people.cards(resources, owners),
        queries.blocked_among(resources, viewer, owners),
        queries.following_among(resources, viewer, owners),
        queries.lists_with(resources, viewer, named),
    )
    return {
        (owner_id, audience)
        for owner_id, audience in pairs
        if owner_id == viewer
        or (
            owner_id in cards
            and allowed(
                cards[owner_id],
                audience,
                blocked=owner_id in blocked,
                following=owner_id in following,
                listed=(owner_id, list_of(audience)) in listed,
            )
        )
    }
