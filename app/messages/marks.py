"""How far each member has read and been sent a conversation, and who is typing."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from typing_extensions import TypedDict

from app import clock
from app.errors import Invalid
from app.graph import queries as graph
from app.ids import is_id
from app.messages import access, queries
from app.messages.turn import change, turn
from app.operation import Context

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]
TYPING = timedelta(seconds=6)
"""A word about typing holds this long; a client repeats it while the person types."""
_ATTEMPTS = 4


class ReadState(TypedDict):
    conversation_id: str
    read_up_to: str | None
    unread: int
    """In this conversation."""
    unread_total: int
    """In the whole inbox."""


async def read(ctx: Context, conversation_id: str, message_id: str | None) -> ReadState:
    """Everything up to that message (None: all) is read, on all devices. Never goes back."""
    resources, user_id = ctx.resources, ctx.user_id
    await access.visible_conversation(resources, user_id, conversation_id)
    if message_id is not None and not is_id(message_id, "msg"):
        raise Invalid.field("message_id", "Not the id of a message.")
    blocked, _ = await graph.hidden_ids(resources, user_id)

    async def work(conversation: Raw, session: Any) -> tuple[str, int]:
        if user_id not in conversation["members"]:
            raise access.not_found()
        member = conversation["members"][user_id]
        newest: str = conversation["last_id"] if conversation["last_author_id"] else ""
        up_to = max(member["read_up_to"], min(message_id or newest, newest))
        if up_to == member["read_up_to"] and not member["unread"]:
            return up_to, 0
        unread = await queries.count_unread(
            resources, conversation, user_id, up_to, blocked, session
        )
        place = f"members.{user_id}"
        update: Raw = {
            "$set": {f"{place}.read_up_to": up_to, f"{place}.unread": unread},
            "$max": {f"{place}.delivered_up_to": up_to},
        }
        update["$addToSet" if unread else "$pull"] = {"unread_by": user_id}
        await change(resources, conversation, update, session, only=user_id)
        return up_to, unread

    up_to, unread = await turn(resources, conversation_id, work)
    return {
        "conversation_id": conversation_id,
        "read_up_to": up_to or None,
        "unread": unread,
        "unread_total": await queries.unread_total(resources, user_id),
    }


async def recount(resources: "Resources", user_id: str, conversation_id: str) -> None:
    """Count one member's unread messages again: a block came or went."""
    blocked, _ = await graph.hidden_ids(resources, user_id)

    async def work(conversation: Raw, session: Any) -> None:
        if user_id not in conversation["members"]:
            return
        read_up_to = conversation["members"][user_id]["read_up_to"]
        unread = await queries.count_unread(
            resources, conversation, user_id, read_up_to, blocked, session
        )
        if access.state_of(conversation, user_id) not in ("inbox", "request"):
            unread = 0
        update: Raw = {"$set": {f"members.{user_id}.unread": unread}}
        update["$addToSet" if unread else "$pull"] = {"unread_by": user_id}
        await change(resources, conversation, update, session, only=user_id)

    await turn(resources, conversation_id, work)


async def delivered(
    resources: "Resources", conversation_id: str, user_ids: list[str], message_id: str
) -> None:
    """These members' devices have everything up to that message."""
    wanted = list(user_ids)
    for _ in range(_ATTEMPTS):
        conversation = await queries.raw(resources, conversation_id)
        members = conversation["members"] if conversation else {}
        wanted = [
            user
            for user in wanted
            if user in members and members[user]["delivered_up_to"] < message_id
        ]
        if not wanted:
            return
        # Only while all are members still: the write must not bring back one who was removed.
        present = {f"members.{user}.since": {"$exists": True} for user in wanted}
        marks = {f"members.{user}.delivered_up_to": message_id for user in wanted}
        result = await resources.mongo.conversations.update_one(
            {"_id": conversation_id, **present}, {"$max": marks}
        )
        if result.matched_count:
            return


async def all_delivered(resources: "Resources", user_id: str) -> None:
    """A device of the person's was sent what they missed."""
    for conversation in await queries.undelivered(resources, user_id):
        member = conversation["members"].get(user_id)
        if member is not None and member["delivered_up_to"] < conversation["last_id"]:
            await delivered(resources, conversation["_id"], [user_id], conversation["last_id"])


async def fetched(resources: "Resources", user_id: str, conversation: Raw) -> None:
    """A device of the person's asked for the newest messages."""
    behind = conversation["members"][user_id]["delivered_up_to"] < conversation["last_id"]
    if behind and conversation["last_author_id"]:
        await delivered(resources, conversation["_id"], [user_id], conversation["last_id"])


class Typing(TypedDict):
    user_id: str
    until: str


async def typing(ctx: Context, conversation_id: str) -> Typing:
    """Tell who watches the conversation. Nothing is told by one who has not accepted it, nor
    where a member is not to know of it: the topic is one for all."""
    resources = ctx.resources
    conversation = await access.visible_conversation(resources, ctx.user_id, conversation_id)
    word: Typing = {"user_id": ctx.user_id, "until": clock.iso(clock.now() + TYPING)}
    rest = access.others(conversation, ctx.user_id)
    accepted = ctx.user_id in conversation["inbox"]
    if accepted and not await access.kept_from(resources, ctx.user_id, rest):
        topic = f"conversation:{conversation_id}"
        # Lost when Redis is away, as are all words that nobody keeps.
        await resources.cache.attempt(lambda _: resources.live.publish(topic, "typing", word), None)
    return word
