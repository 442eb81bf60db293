"""Who may see a conversation and what is said in it.

Members only; everyone else is told that it is not there. A block ends a conversation of two for
both. In a group the two stay, and see neither each other nor what the other says.
"""

from typing import TYPE_CHECKING, Any, Literal

from app.errors import Forbidden, NotFound
from app.graph import queries as graph
from app.graph.sight import Asked, Claim, Claims
from app.messages import queries

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]
State = Literal["inbox", "request", "declined", "new"]


def not_found() -> NotFound:
    return NotFound(
        "This conversation does not exist, or you are not in it.", "conversation_not_found"
    )


def message_not_found() -> NotFound:
    return NotFound("This message does not exist, or is not for you to see.", "message_not_found")


def state_of(conversation: Raw, user_id: str) -> State:
    """Where a member has the conversation; `new`: nowhere, nothing was written to them yet."""
    if user_id in conversation["inbox"]:
        return "inbox"
    if user_id in conversation["requests"]:
        return "request"
    return "declined" if user_id in conversation["declined"] else "new"


def others(conversation: Raw, user_id: str) -> list[str]:
    return [member for member in conversation["member_ids"] if member != user_id]


async def closed(resources: "Resources", conversation: Raw) -> bool:
    """Whether a block stands between the two of a pair."""
    if conversation["kind"] == "group":
        return False
    one, other = conversation["member_ids"]
    return await graph.blocked_between(resources, one, other)


async def visible_conversation(resources: "Resources", viewer: str, conversation_id: str) -> Raw:
    """The raw conversation of one of its members, else NotFound."""
    conversation = await queries.raw(resources, conversation_id)
    if conversation is None or viewer not in conversation["members"]:
        raise not_found()
    if state_of(conversation, viewer) == "new" or await closed(resources, conversation):
        raise not_found()
    return conversation


async def kept_from(resources: "Resources", user_id: str, others: list[str]) -> set[str]:
    """Those of `others` who may see neither how far the person has read nor that they type: there
    is a block, or the person restricted them."""
    blocked = await graph.blocked_among(resources, user_id, others)
    return blocked | await graph.restricted_among(resources, user_id, others)


async def claims(resources: "Resources", asked: list[Asked]) -> Claims:
    """For topics of conversations: who may see the conversation."""
    rows = await queries.places(resources, {one.id for one in asked})
    return {one: _claim(one.viewer, rows[one.id]) for one in asked if one.id in rows}


def _claim(viewer: str, conversation: Raw) -> Claim | bool:
    if viewer not in conversation["member_ids"] or state_of(conversation, viewer) == "new":
        return False
    if conversation["kind"] == "group":
        return True
    [other] = others(conversation, viewer)
    return Claim(other, "anyone")


async def group(resources: "Resources", viewer: str, conversation_id: str) -> Raw:
    """The raw group of one of its members; Forbidden for a conversation of two."""
    conversation = await visible_conversation(resources, viewer, conversation_id)
    if conversation["kind"] != "group":
        raise Forbidden("This is a conversation of two, not a group.", "not_a_group")
    return conversation


def check_admin(conversation: Raw, user_id: str) -> None:
    """Asked again inside the transaction that acts on it."""
    if user_id not in conversation["members"]:
        raise not_found()
    if not conversation["members"][user_id]["is_admin"]:
        raise Forbidden("Only an admin of the group may do this.", "not_admin")


async def visible_message(resources: "Resources", viewer: str, message_id: str) -> tuple[Raw, Raw]:
    """(conversation, message) when the viewer may see both, else NotFound."""
    message = await queries.message(resources, message_id)
    if message is None or message.get("deleted_at"):
        raise message_not_found()
    try:
        conversation = await visible_conversation(resources, viewer, message["conversation_id"])
    except NotFound:
        raise message_not_found() from None
    hidden = message_id < conversation["members"][viewer]["since"]
    if hidden or await graph.blocked_between(resources, viewer, message["author_id"]):
        raise message_not_found()
    return conversation, message


async def own_message(resources: "Resources", viewer: str, message_id: str) -> tuple[Raw, Raw]:
    conversation, message = await visible_message(resources, viewer, message_id)
    if message["author_id"] != viewer:
        raise Forbidden("Only its author may change a message.", "not_author")
    return conversation, message
