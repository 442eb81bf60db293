"""Who may fetch a medium's files. The link's signature says that we gave it; this says that
it still holds."""

import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.graph import queries as graph
from app.graph.access import allowed_among, may_see_posts
from app.graph.sight import Asked, Claims
from app.identity import queries as people
from app.media import keys, queries

if TYPE_CHECKING:
    from app.resources import Resources


@dataclass(frozen=True, slots=True)
class Shown:
    """A ready medium, as serving its files needs it."""

    media_id: str
    owner: dict[str, Any]
    """The owner's card."""
    prefix: str
    """Of the object keys."""
    variants: list[dict[str, Any]]
    is_avatar: bool
    is_open: bool
    """Anyone with a signed link may fetch it: an avatar, or in a public post."""
    attached: bool
    audience: str
    origin: dict[str, Any] | None
    """Of a copy: `author_id` and `audience` of what it is one of."""
    ends_at: float | None
    """By this process's monotonic clock: no one else's from then on. Worked out from what the
    database says is now, so it does not matter what time it is here."""
    conversation_id: str
    """Of the message that it is in; empty when it is in none."""


async def claims(resources: "Resources", asked: list[Asked]) -> Claims:
    """For topics of media: its uploader alone."""
    owners = await queries.owners(resources, {one.id for one in asked})
    return {one: owners.get(one.id) == one.viewer for one in asked}


async def fetchable(resources: "Resources", media_id: str, viewer: str) -> Shown | None:
    """The medium if it may be fetched by a link bound to `viewer` (or, when empty, to nobody).

    A yes may be a second old: deleting a post or going private takes hold within it. A no never
    is, so that a new post's photos are there at once.
    """
    known: Shown | None = resources.memory.media.get(media_id)
    if known is not None and await _may_fetch(resources, known, viewer):
        return known
    fresh = await shown(resources, media_id)
    return fresh if fresh and await _may_fetch(resources, fresh, viewer) else None


async def shown(resources: "Resources", media_id: str) -> Shown | None:
    """The medium as it is now; None when there is nothing to show (any more)."""
    found = await _load(resources, media_id)
    if found is None:
        resources.memory.media.drop(media_id)
    else:
        resources.memory.media.put(media_id, found)
    return found


def conversation_of(target: str | None) -> str:
    """A photo in a message is attached to `<conversation>:<key of the message>`."""
    conversation_id, found, _ = (target or "").partition(":")
    return conversation_id if found else ""


async def _load(resources: "Resources", media_id: str) -> Shown | None:
    asked_at = time.monotonic()
    medium = await queries.shown(resources, media_id)
    if medium is None:
        return None
    owner_id = medium["owner_id"]
    owner = (await people.cards(resources, [owner_id])).get(owner_id)
    if owner is None:
        return None
    target = medium.get("attached_to")
    # `restricted` is how media of before there were lists say that they are not for everyone.
    before = "followers" if medium.get("restricted") else "public"
    audience, origin = medium.get("audience", before), medium.get("origin")
    in_public = not owner.get("is_private", False) and audience == "public" and origin is None
    expires_at: datetime | None = medium.get("expires_at")
    ends_at = None
    if expires_at is not None:
        ends_at = asked_at + (expires_at - medium["now"]).total_seconds()
    return Shown(
        media_id=media_id,
        owner=owner,
        prefix=keys.prefix(resources.settings.storage.region, medium["kind"], owner_id, media_id),
        variants=medium["variants"],
        is_avatar=target == owner_id,
        is_open=target == owner_id or (target is not None and in_public),
        attached=target is not None,
        audience=audience,
        origin=origin,
        ends_at=ends_at,
        conversation_id=conversation_of(target),
    )


async def _may_fetch(resources: "Resources", medium: Shown, viewer: str) -> bool:
    if viewer == medium.owner["_id"]:
        return True
    if medium.ends_at is not None and time.monotonic() >= medium.ends_at:
        return False
    if medium.is_avatar or not viewer:
        return medium.is_open
    if medium.conversation_id:
        if await graph.blocked_between(resources, viewer, medium.owner["_id"]):
            return False
        return await queries.in_conversation(resources, viewer, medium.conversation_id)
    if not medium.attached:
        return False
    if medium.origin is None:
        return await may_see_posts(resources, viewer, medium.owner, medium.audience)
    both = {
        (medium.owner["_id"], medium.audience),
        (medium.origin["author_id"], medium.origin["audience"]),
    }
    return await allowed_among(resources, viewer, both) == both
