"""What someone did to a person: its row, its group, and whether it stands."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from app import ids
from app.graph import queries as graph
from app.graph.models import pair
from app.notifications import preferences
from app.notifications.models import Kind
from app.posts import access
from app.stories import access as stories

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]
DAY_MS = 86_400_000
_GROUPED = frozenset({"like", "comment", "comment_like", "follow", "story_reaction"})


@dataclass(frozen=True, slots=True)
class Act:
    """`actor` did `kind` to something of `recipient`'s, or to the recipient."""

    recipient: str
    kind: Kind
    actor: str
    post_id: str | None = None
    comment_id: str | None = None
    story_id: str | None = None

    @classmethod
    def of_row(cls, row: Raw) -> "Act":
        return cls(
            row["recipient_id"],
            row["kind"],
            row["actor_id"],
            row["post_id"],
            row["comment_id"],
            row.get("story_id"),
        )

    @property
    def id(self) -> str:
        thing = self.comment_id or self.post_id or self.story_id or ""
        return f"{self.recipient}:{self.kind}:{thing}:{self.actor}"

    def group_id(self, at: datetime) -> str:
        """The same for all acts of a kind on a subject in one day of the subject's own life.

        Days counted from when the subject was made keep the busy first day of a post in one
        group. And it depends on nothing but the act: not on what came before, nor on what was
        read, so acts may be heard of twice and in any order.
        """
        at_ms = round(at.timestamp() * 1000)
        if self.kind not in _GROUPED:
            return ids.derived_id("ntf", at_ms, f"{self.id}:{at_ms}")
        subject = (
            self.comment_id
            if self.kind == "comment_like"
            else self.post_id
            if self.kind in ("like", "comment")
            else self.story_id
            if self.kind == "story_reaction"
            else self.recipient
        )
        made_ms = _made_ms(subject or "")
        start_ms = made_ms + (at_ms - made_ms) // DAY_MS * DAY_MS
        seed = f"{self.recipient}:{self.kind}:{subject}:{start_ms}"
        return ids.derived_id("ntf", max(0, start_ms), seed)


def _made_ms(subject: str) -> int:
    try:
        return ids.id_ms(subject)
    except KeyError:  # not of our making: days of the calendar then
        return 0


async def done_at(resources: "Resources", act: Act) -> datetime | None:
    """When the act was done, as its own row says; None when it does not stand (any more), or
    its recipient should not hear of it."""
    at = await _recorded(resources, act)
    if at is None or not await _wanted(resources, act):
        return None
    return at


async def _recorded(resources: "Resources", act: Act) -> datetime | None:
    mongo = resources.mongo
    row: Raw | None
    match act.kind:
        case "like":
            row = await mongo.likes.find_one({"_id": pair(act.post_id or "", act.actor)})
        case "comment_like":
            row = await mongo.comment_likes.find_one({"_id": pair(act.comment_id or "", act.actor)})
            if await _comment(resources, act.comment_id) is None:
                return None
        case "follow" | "follow_accepted":
            accepted = act.kind == "follow_accepted"
            there = pair(act.recipient, act.actor) if accepted else pair(act.actor, act.recipient)
            row = await mongo.follows.find_one({"_id": there})
            if row is not None and bool(row.get("accepted")) != accepted:
                return None
        case "follow_request":
            key = pair(act.actor, act.recipient)
            row = await mongo.follow_requests.find_one({"_id": key})
        case "story_reaction":
            key = pair(act.story_id or "", act.actor)
            row = await mongo.story_reactions.find_one({"_id": key})
        case "story_mention":
            row = await mongo.story_records.find_one(
                {"_id": act.story_id, "mentions": act.recipient, "deleted_at": None}
            )
        case _ if act.comment_id:
            row = await _comment(resources, act.comment_id)
        case _:
            row = await mongo.posts.find_one({"_id": act.post_id})
            at: datetime | None = row["published_at"] if row else None
            return at if row and row["status"] == "published" else None
    at = row["created_at"] if row else None
    return at


async def _comment(resources: "Resources", comment_id: str | None) -> Raw | None:
    # Held ones are between two people until the post's author approves.
    query = {"_id": comment_id, "deleted_at": None, "held": {"$ne": True}}
    row: Raw | None = await resources.mongo.comments.find_one(query)
    return row


async def _wanted(resources: "Resources", act: Act) -> bool:
    """Not of oneself, nor across a block, nor of someone muted; nor about a post or story that is
    out of the recipient's sight, or that they muted; nor of a kind that they switched off."""
    if act.recipient == act.actor:
        return False
    if await graph.blocked_between(resources, act.recipient, act.actor):
        return False
    muted = {"_id": pair(act.recipient, act.actor)}
    if await resources.mongo.mutes.find_one(muted, {"_id": 1}) is not None:
        return False
    if act.post_id and not await _about_visible(resources, act.recipient, act.post_id):
        return False
    if act.story_id and not await stories.was_visible(resources, act.recipient, act.story_id):
        return False
    return (await preferences.channels(resources, act.recipient, act.kind)).in_app


async def _about_visible(resources: "Resources", recipient: str, post_id: str) -> bool:
    post = await resources.mongo.posts.find_one({"_id": post_id})
    if post is None or not await access.may_see(resources, recipient, post):
        return False
    muted = {"_id": pair(recipient, post_id)}
    return await resources.mongo.post_mutes.find_one(muted, {"_id": 1}) is None
