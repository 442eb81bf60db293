"""What a device is told of a conversation when no socket is open."""

from typing import TYPE_CHECKING

from app.errors import NotFound
from app.graph import queries as graph
from app.identity import queries as people
from app.messages import access, queries
from app.notifications import preferences, service as notifications
from app.push.sender import Message

if TYPE_CHECKING:
    from app.resources import Resources

_TEXT_MAX = 120


def subject(conversation_id: str, recipient: str) -> str:
    """The outbox has one job a subject, and each member has a job of their own."""
    return f"{conversation_id}:{recipient}"


async def message(resources: "Resources", recipient: str, subject_id: str) -> Message | None:
    """The newest unread message of a conversation, as things stand now; None: nothing to tell.

    Nothing of requests: strangers don't make a phone ring. Nothing of blocked or muted people.
    """
    conversation_id = subject_id.partition(":")[0]
    try:
        conversation = await access.visible_conversation(resources, recipient, conversation_id)
    except NotFound:
        return None
    member = conversation["members"][recipient]
    if not member["unread"] or access.state_of(conversation, recipient) != "inbox":
        return None
    chosen = await preferences.channels(resources, recipient, "message")
    if not (chosen.in_app and chosen.push):
        return None
    blocked = await graph.blocked_among(
        resources, recipient, access.others(conversation, recipient)
    )
    newest = await queries.newest(resources, recipient, conversation, blocked)
    if newest is None or newest["author_id"] == recipient:
        return None
    author = newest["author_id"]
    if await notifications.silenced(resources, recipient, [author]):
        return None
    card = (await people.cards(resources, [author])).get(author)
    if card is None:
        return None
    said = newest.get("text") or "sent something to look at"
    return Message(
        conversation_id,
        "message",
        f"{card['username']}: {said[:_TEXT_MAX]}",
        f"/messages/{conversation_id}",
        await queries.unread_total(resources, recipient),
    )
