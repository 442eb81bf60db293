"""Who may see whom. Everything that shows people or their things asks here.

A block hides both from each other entirely: what is asked for "is not there". A private
account shows its card and counts to everyone, its posts to accepted followers.
"""

from typing import TYPE_CHECKING, Any

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


def allowed(owner: dict[str, Any], audience: str, *, blocked: bool, following: bool) -> bool:
    """Whether someone other than `owner` (a card) may see what they show to `audience`."""
    if blocked:
        return False
    return following or (audience == "public" and not owner.get("is_private", False))


async def may_see_posts(
    resources: "Resources", viewer: str, owner: dict[str, Any], audience: str = "public"
) -> bool:
    """Whether `viewer` may see what `owner` (a card) shows to `audience`."""
    if viewer == owner["_id"]:
        return True
    blocked = await queries.blocked_between(resources, viewer, owner["_id"])
    if blocked or allowed(owner, audience, blocked=False, following=False):
        return not blocked
    return await queries.is_following(resources, viewer, owner["_id"])


async def visible_owner(resources: "Resources", viewer: str, username: str) -> dict[str, Any]:
    """The card of someone whose posts the viewer may see; Forbidden for a private account."""
    person = await visible_person(resources, viewer, username)
    if not await may_see_posts(resources, viewer, person):
        raise Forbidden("This account is private. Follow it to see its posts.", "account_private")
    return person
