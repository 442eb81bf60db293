"""What someone did to a person: its row, its group, and whether it stands."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, get_args

from app import clock, ids
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
_SHARES_LOOKED_AT = 200
_GROUPED_BY: dict[Kind, str] = {
    "like": "post_id",
    "comment": "post_id",
    "share": "post_id",
    "comment_like": "comment_id",
    "follow": "recipient",
    "story_reaction": "story_id",
}
"""Kind → what acts of it have in common to stand in one group; others stand alone."""


@dataclass(frozen=True, slots=True)
class Act:
    """`actor` did `kind` to something of `recipient`'s, or to the recipient."""

    recipient: str
    kind: Kind
    actor: str
    post_id: str | None = None
    comment_id: str | None = None
    story_id: str | None = None
    conversation_id: str | None = None

    @classmethod
    def of_row(cls, row: Raw) -> "Act":
        return cls(
            row["recipient_id"],
            row["kind"],
            row["actor_id"],
            row["post_id"],
            row["comment_id"],
            row.get("story_id"),
            row.get("conversation_id"),
        )

    @property
    def id(self) -> str:
        things = (self.comment_id, self.post_id, self.conversation_id, self.story_id)
        thing = next((one for one in things if one), "")
        return f"{self.recipient}:{self.kind}:{thing}:{self.actor}"

    def group_id(self, at: datetime) -> str:
        """The same for all acts of a kind on a subject in one day of the subject's own life.

        Days counted from when the subject was made keep the busy first day of a post in one
        group. And it depends on nothing but the act: not on what came before, nor on what was
        read, so acts may be heard of twice and in any order.
        """
        at_ms = clock.ms(at)
        if self.kind == "message":
            # All that is unread in a conversation, of whatever day: it goes when it is read.
            made_ms = _made_ms(self.conversation_id or "")
            return ids.derived_id("ntf", made_ms, f"{self.recipient}:{self.conversation_id}")
        if self.kind not in _GROUPED_BY:
            return ids.derived_id("ntf", at_ms, f"{self.id}:{at_ms}")
        subject = getattr(self, _GROUPED_BY[self.kind])
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
    at = await RECORDED[act.kind](resources, act)
    if at is None or not await _wanted(resources, act):
        return None
    return at


# The rows, by kind


async def _liked(resources: "Resources", act: Act) -> datetime | None:
    return _made(await resources.mongo.likes.find_one({"_id": pair(act.post_id or "", act.actor)}))


async def _comment_liked(resources: "Resources", act: Act) -> datetime | None:
    if await _comment(resources, act.comment_id) is None:
        return None
    key = pair(act.comment_id or "", act.actor)
    return _made(await resources.mongo.comment_likes.find_one({"_id": key}))


async def _commented(resources: "Resources", act: Act) -> datetime | None:
    return _made(await _comment(resources, act.comment_id))


async def _mentioned(resources: "Resources", act: Act) -> datetime | None:
    if act.comment_id:
        return await _commented(resources, act)
    return await _published(resources, act)


async def _published(resources: "Resources", act: Act) -> datetime | None:
    row = await resources.mongo.posts.find_one({"_id": act.post_id})
    at: datetime | None = row["published_at"] if row else None
    return at if row and row["status"] == "published" else None


async def _followed(resources: "Resources", act: Act) -> datetime | None:
    accepted = act.kind == "follow_accepted"
    key = pair(act.recipient, act.actor) if accepted else pair(act.actor, act.recipient)
    row = await resources.mongo.follows.find_one({"_id": key})
    return _made(row) if row is not None and bool(row.get("accepted")) == accepted else None


async def _requested(resources: "Resources", act: Act) -> datetime | None:
    key = pair(act.actor, act.recipient)
    return _made(await resources.mongo.follow_requests.find_one({"_id": key}))


async def _shared(resources: "Resources", act: Act) -> datetime | None:
    """When the actor first sent the post to others, while any of these messages stands. Where
    the recipient is a member they read it as a message; where else it went, nothing tells."""
    mongo = resources.mongo
    sent = await (
        mongo.messages.find(
            {"post_id": act.post_id, "author_id": act.actor},
            {"conversation_id": 1, "created_at": 1, "deleted_at": 1},
        )
        .sort([("post_id", 1), ("author_id", 1), ("_id", 1)])  # as their index has them
        .to_list(_SHARES_LOOKED_AT)
    )
    places = {row["conversation_id"] for row in sent}
    own = await mongo.conversations.distinct(
        "_id", {"_id": {"$in": list(places)}, "member_ids": act.recipient}
    )
    outside = [row for row in sent if row["conversation_id"] not in own]
    stands = any(row["deleted_at"] is None for row in outside)
    return _made(outside[0]) if stands else None


async def _unread(resources: "Resources", act: Act) -> datetime | None:
    """When the first of the actor's messages was sent that the recipient has not read. Nothing
    of requests: who writes to strangers does not ring their bell."""
    mine = {"_id": act.conversation_id, "inbox": act.recipient}
    field = f"members.{act.recipient}"
    conversation = await resources.mongo.conversations.find_one(mine, {field: 1})
    if conversation is None or not conversation["members"][act.recipient]["unread"]:
        return None
    member = conversation["members"][act.recipient]
    return _made(
        await resources.mongo.messages.find_one(
            {
                "conversation_id": act.conversation_id,
                "_id": {"$gt": member["read_up_to"], "$gte": member["since"]},
                "author_id": act.actor,
                "deleted_at": None,
            },
            {"created_at": 1},
            sort=[("_id", 1)],
        )
    )


async def _story_reacted(resources: "Resources", act: Act) -> datetime | None:
    key = pair(act.story_id or "", act.actor)
    return _made(await resources.mongo.story_reactions.find_one({"_id": key}))


async def _story_mentioned(resources: "Resources", act: Act) -> datetime | None:
    named = {"_id": act.story_id, "mentions": act.recipient, "deleted_at": None}
    return _made(await resources.mongo.story_records.find_one(named))


Recorded = Callable[["Resources", Act], Awaitable[datetime | None]]
RECORDED: dict[Kind, Recorded] = {
    "like": _liked,
    "comment": _commented,
    "reply": _commented,
    "mention": _mentioned,
    "tag": _published,
    "share": _shared,
    "comment_like": _comment_liked,
    "follow": _followed,
    "follow_request": _requested,
    "follow_accepted": _followed,
    "story_reaction": _story_reacted,
    "story_mention": _story_mentioned,
    "message": _unread,
}
"""Kind → when the rows say that the act was done; None: it does not stand (any more)."""
assert set(RECORDED) == set(get_args(Kind))


def _made(row: Raw | None) -> datetime | None:
    return row["created_at"] if row is not None else None


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
