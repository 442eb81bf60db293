"""What notify does about conversations: messages, marks and changes to members' devices.

Everyone is shown their own view: links are theirs, and what a block hides from one is there for
the other. Repeats push the same ids again.
"""

from app import ids, wire
from app.events import (
    BlockCreated,
    BlockDeleted,
    ConversationChanged,
    Event,
    MarksMoved,
    MessageSent,
    MessageUnsent,
    MessageUpdated,
    PostWithdrawn,
)
from app.graph import queries as graph
from app.messages import access, marks, pushes, queries, views
from app.messages.turn import version
from app.messages.views import MessageView
from app.notifications.acts import Act
from app.push import outbox
from app.resources import Resources
from workers.unread import tell_unread

EVENTS: frozenset[type[Event]] = frozenset(
    {ConversationChanged, MarksMoved, MessageSent, MessageUpdated, MessageUnsent}
)


async def handle(event_id: str, event: Event, resources: Resources) -> None:
    match event:
        case ConversationChanged():
            await _changed(event_id, event, resources)
        case MarksMoved():
            await _marks(event_id, event, resources)
        case MessageSent() | MessageUpdated():
            await _message(event_id, event, resources)
        case MessageUnsent():
            await _unsent(event_id, event, resources)


async def _members(resources: Resources, conversation: queries.Raw, author: str = "") -> list[str]:
    """Who can be reached of those who have the conversation before them; with `author`, of
    those who see what the author says."""
    if await access.closed(resources, conversation):
        return []
    everyone = conversation["member_ids"]
    hidden = await graph.blocked_among(resources, author, everyone) if author else set[str]()
    listening = [
        user
        for user in conversation["member_ids"]
        if user not in hidden
        and (user == author or access.state_of(conversation, user) in ("inbox", "request"))
    ]
    return await resources.live.logs.reachable(listening)


async def _message(
    event_id: str, event: MessageSent | MessageUpdated, resources: Resources
) -> None:
    conversation = await queries.raw(resources, event.conversation_id)
    message = await queries.message(resources, event.message_id)
    if conversation is None or message is None or message["deleted_at"]:
        return
    recipients = await _members(resources, conversation, event.author_id)
    about = (event.author_id, event.conversation_id, event.message_id)
    for user in recipients:
        member = conversation["members"][user]
        if event.message_id < member["since"]:
            continue
        whole = await views.message_views(resources, user, member, [message])
        plain = await views.message_views(resources, user, member, [message], guests=False)
        if not whole:
            continue
        if isinstance(event, MessageSent):
            new: wire.MessageNew = {
                "conversation_id": event.conversation_id,
                "message_id": event.message_id,
                "folder": views.folder_of(conversation, user),
                "unread": member["unread"],
                "version": version(conversation, user),
                "message": plain[0],
            }
            await resources.live.push([user], wire.message_new(event_id, new, about))
        if isinstance(event, MessageUpdated) or whole != plain:
            # In an event of its own: should the reader lose sight of who is quoted or shared,
            # this one becomes void, and the message itself stays.
            updated: wire.MessageUpdated = {
                "conversation_id": event.conversation_id,
                "message_id": event.message_id,
                "message": whole[0],
            }
            guests = (*about, *_guests(whole[0]), *_reacting(whole[0]))
            await resources.live.push([user], wire.message_updated(event_id, updated, guests))
    if isinstance(event, MessageSent):
        nodes = await resources.live.logs.nodes(recipients)
        there = [user for user in recipients if nodes[user] and user != event.author_id]
        await marks.delivered(resources, event.conversation_id, there, event.message_id)
        await tell_unread(resources, [user for user in recipients if user != event.author_id])
        others = access.others(conversation, event.author_id)
        hidden = await graph.blocked_among(resources, event.author_id, others)
        for user in others:
            if user not in hidden and access.state_of(conversation, user) == "inbox":
                subject = pushes.subject(event.conversation_id, user)
                await outbox.add(resources, user, "message", subject)


async def acts(event: MessageSent | MessageUnsent, resources: Resources) -> list[Act]:
    """What a message is to each member who has the conversation in their inbox."""
    conversation = await queries.raw(resources, event.conversation_id)
    if conversation is None:
        return []
    return [
        Act(user, "message", event.author_id, conversation_id=event.conversation_id)
        for user in access.others(conversation, event.author_id)
        if access.state_of(conversation, user) == "inbox"
    ]


def _guests(view: MessageView) -> list[str]:
    """Whom and what a message shows besides its author's own words."""
    found = []
    if view["reply_to"] and "user" in view["reply_to"]:
        found += [view["reply_to"]["user"]["user_id"], view["reply_to"]["message_id"]]
    if view["post"] and "user" in view["post"]:
        found += [view["post"]["user"]["user_id"], view["post"]["post_id"]]
    if view["story"] and "user" in view["story"]:
        found += [view["story"]["user"]["user_id"], view["story"]["story_id"]]
    return found


def _reacting(view: MessageView) -> list[str]:
    return [reaction["user_id"] for reaction in view["reactions"]]


async def _unsent(event_id: str, event: MessageUnsent, resources: Resources) -> None:
    conversation = await queries.raw(resources, event.conversation_id)
    if conversation is None:
        return
    recipients = await _members(resources, conversation, event.author_id)
    for user in recipients:
        data: wire.MessageDeleted = {
            "conversation_id": event.conversation_id,
            "message_id": event.message_id,
            "unread": conversation["members"][user]["unread"],
            "version": version(conversation, user),
        }
        await resources.live.push([user], wire.message_deleted(event_id, data))
    await tell_unread(resources, recipients)


async def _marks(event_id: str, event: MarksMoved, resources: Resources) -> None:
    """Whose marks moved, to all who may see them: their own devices, and, once they have
    accepted the conversation, the others."""
    conversation = await queries.raw(resources, event.conversation_id)
    if conversation is None:
        return
    everyone, inbox = conversation["member_ids"], conversation["inbox"]
    moved = [user for user in event.user_ids.split(" ") if user in everyone]
    hidden = {user: await access.kept_from(resources, user, everyone) for user in moved}
    for recipient in await _members(resources, conversation):
        shown = [
            user
            for user in moved
            if user == recipient or (user in inbox and recipient not in hidden[user])
        ]
        if not shown:
            continue
        data: wire.MessageRead = {
            "conversation_id": event.conversation_id,
            "marks": [views.mark_view(conversation, user) for user in shown],
            "unread": conversation["members"][recipient]["unread"],
            "version": version(conversation, recipient),
        }
        push = wire.message_marks(event_id, data, read=event.read)
        await resources.live.push([recipient], push)
    if event.read:
        await tell_unread(resources, moved)


async def _changed(event_id: str, event: ConversationChanged, resources: Resources) -> None:
    conversation = await queries.raw(resources, event.conversation_id)
    if conversation is None:
        return
    if event.left_id and event.left_id not in conversation["members"]:
        await _withdraw(event_id, resources, event.left_id, event.conversation_id)
    recipients = await _members(resources, conversation)
    if event.only_id:
        recipients = await resources.live.logs.reachable([event.only_id])
    await _push_updated(event_id, resources, conversation, recipients)
    await tell_unread(resources, recipients)


async def _push_updated(
    cause: str, resources: Resources, conversation: queries.Raw, user_ids: list[str]
) -> None:
    for user in user_ids:
        if user in conversation["members"]:
            [view] = await views.conversation_views(resources, user, [conversation])
            await resources.live.push([user], wire.conversation_updated(cause, view))


async def _withdraw(cause: str, resources: Resources, user_id: str, conversation_id: str) -> None:
    """The conversation is no longer theirs to see, live or replayed."""
    await resources.live.revoke_topic(wire.conversation_topic(conversation_id), user_id)
    await resources.live.push([user_id], wire.conversation_removed(cause, conversation_id))
    await tell_unread(resources, [user_id])


async def block_changed(
    event_id: str, event: BlockCreated | BlockDeleted, resources: Resources
) -> None:
    """A conversation of two ends for both, or is back; in groups they lose or regain sight of
    what the other said, and of each other."""
    pair = (event.actor_id, event.target_id)
    for conversation in await queries.shared(resources, *pair):
        cause = f"{event_id}.{conversation['_id']}"
        closed = await access.closed(resources, conversation)
        for user in pair:
            if closed:
                await _withdraw(cause, resources, user, conversation["_id"])
            else:
                await marks.recount(resources, user, conversation["_id"])
        if not closed:
            now = await queries.raw(resources, conversation["_id"])
            shown = [u for u in pair if now and access.state_of(now, u) in ("inbox", "request")]
            reached = await resources.live.logs.reachable(shown)
            await _push_updated(cause, resources, now or conversation, reached)
    await tell_unread(resources, pair)


async def post_withdrawn(event: PostWithdrawn, resources: Resources) -> None:
    """Replays must not show the post in messages either."""
    after_ms = ids.now_ms() - 2 * resources.settings.socket.log_life_s * 1000
    for conversation_id in await queries.sharing(resources, event.post_id, after_ms):
        conversation = await queries.raw(resources, conversation_id)
        if conversation is not None:
            await resources.live.withdraw(conversation["member_ids"], event.post_id)
