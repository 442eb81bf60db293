"""Rules and writes of messages. Sending is one transaction: the message, and what it means for
every member's unread count and folder."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from app import clock, ids
from app.counts import queries as counts
from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.graph import queries as graph
from app.graph.models import pair
from app.identity import queries as people
from app.media import service as media
from app.messages import access, conversations, queries, words
from app.messages.turn import change, folders, turn
from app.operation import Context
from app.posts import access as posts
from app.stories import access as stories

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]
EDITABLE = timedelta(minutes=15)
SHARES_EXACT_MAX = 1000


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be said. At least one of text, photo, post and story."""

    text: str = ""
    media_key: str | None = None
    post_id: str | None = None
    reply_to: str | None = None
    ref: str | None = None
    story: Raw | None = None
    """As `StoryQuote`; one that the author may see."""


async def send_to(ctx: Context, to: str, draft: Draft) -> tuple[Raw, Raw]:
    """To a username or a conversation id: (conversation, message)."""
    return await send(ctx, await _addressed(ctx, to), draft)


async def _addressed(ctx: Context, to: str) -> Raw:
    # No username is as long as an id.
    if ids.is_id(to, "conv"):
        return await access.visible_conversation(ctx.resources, ctx.user_id, to)
    return await conversations.direct(ctx, to)


async def send(ctx: Context, conversation: Raw, draft: Draft) -> tuple[Raw, Raw]:
    """(conversation, message) as stored. `conversation` is one that the caller may see.

    A repeat with the same idempotency key finds the message of the first time. Raises Invalid
    for nothing at all or a quote from elsewhere, NotFound for a post out of sight, and what
    claiming the photo raises.
    """
    resources = ctx.resources
    key = ctx.new_id("msg")
    stored = await queries.by_key(resources, conversation["_id"], key) if ctx.seed else None
    if stored is None:
        stored = await _store(ctx, conversation, key, draft)
    now = await queries.raw(resources, conversation["_id"])
    if now is None or ctx.user_id not in now["members"]:
        raise access.not_found()
    if stored.get("deleted_at"):
        raise Conflict("The message was unsent meanwhile.", "message_unsent")
    return now, stored


async def _store(ctx: Context, conversation: Raw, key: str, draft: Draft) -> Raw:
    resources, author = ctx.resources, ctx.user_id
    conversation_id: str = conversation["_id"]
    if not (draft.text or draft.media_key or draft.post_id or draft.story):
        raise Invalid.field(
            "text", "Say something: a text, a photo, a video or a post.", "empty_message"
        )
    if draft.reply_to is not None:
        await _check_quote(ctx, conversation_id, draft.reply_to)
    if draft.post_id is not None:
        post = await posts.visible_post(resources, author, draft.post_id)
        if post["status"] != "published":
            raise Forbidden("This post is not published.", "not_published")
    # Last of what may be refused: a claim for a message that is then not sent would block the
    # upload for the corrected request.
    item = await _photo(ctx, draft.media_key, pair(conversation_id, key))
    rest = access.others(conversation, author)
    willing = await graph.followers_among(resources, author, rest)
    blocked = await graph.blocked_among(resources, author, rest)
    tokens = words.tokens(draft.text)

    async def work(conversation: Raw, session: Any) -> Raw:
        if author not in conversation["members"]:
            raise access.not_found()
        at_ms = max(ids.now_ms(), ids.id_ms(conversation["last_id"]) + 1)
        message: Raw = {
            "_id": ids.derived_id("msg", at_ms, key),
            "conversation_id": conversation_id,
            "key": key,
            "author_id": author,
            "text": draft.text,
            "media": item,
            "post_id": draft.post_id,
            "story": draft.story,
            "reply_to": draft.reply_to,
            "reactions": {},
            "ref": draft.ref,
            "created_at": datetime.fromtimestamp(at_ms / 1000, UTC),
            "edited_at": None,
            "deleted_at": None,
            "words": tokens,
        }
        update = _sent(conversation, author, message["_id"], willing, blocked)
        await change(resources, conversation, update, session)
        await resources.mongo.messages.insert_one(message, session=session)
        return message

    try:
        stored = await turn(resources, conversation_id, work)
    except DuplicateKeyError:  # the repeat of a request whose answer was lost
        found = await queries.by_key(resources, conversation_id, key)
        if found is None:
            raise
        stored = found
    if item is not None and item["status"] != "ready":
        # It may have become ready between our reading it and storing the message.
        await settle(resources, stored["_id"])
    return stored


def _sent(
    conversation: Raw, author: str, message_id: str, willing: set[str], blocked: set[str]
) -> Raw:
    """What a new message does to its conversation. To write is to accept. In a conversation of
    two, it reaches the inbox of someone who follows the author, the requests of others."""
    moves: dict[str, str] = {}
    if author not in conversation["inbox"]:
        moves[author] = "inbox"
    reached = []
    for other in access.others(conversation, author):
        state = access.state_of(conversation, other)
        if conversation["kind"] == "direct" and state != "inbox":
            if other in willing:
                moves[other] = "inbox"
            elif state == "new":
                moves[other] = "requests"
            elif state == "declined":
                continue
        if other not in blocked:
            reached.append(other)
    fields = {"last_id": message_id, "last_author_id": author, **folders(conversation, **moves)}
    update: Raw = {"$set": fields}
    if reached:
        update["$inc"] = {f"members.{other}.unread": 1 for other in reached}
        update["$addToSet"] = {"unread_by": {"$each": reached}}
    return update


async def _check_quote(ctx: Context, conversation_id: str, message_id: str) -> None:
    try:
        _, quoted = await access.visible_message(ctx.resources, ctx.user_id, message_id)
    except NotFound:
        quoted = {}
    if quoted.get("conversation_id") != conversation_id:
        raise Invalid.field("reply_to", "There is no such message here.", "message_not_found")


async def _photo(ctx: Context, media_key: str | None, target: str) -> Raw | None:
    if media_key is None:
        return None
    [document] = await media.claim_all(
        ctx, [media_key], target, audience="followers", field="media_key"
    )
    return {"media_id": document["_id"], "type": document["kind"], **_state(document)}


def _state(document: Raw) -> Raw:
    names = ("status", "reason", "width", "height", "thumbhash", "duration", "variants")
    return {name: document.get(name) for name in names}


async def settle(resources: "Resources", message_id: str) -> None:
    """Copy the state of its photo into a message. Doing it twice changes nothing."""
    message = await queries.message(resources, message_id)
    if message is None or message.get("deleted_at") or not message.get("media"):
        return
    media_id = message["media"]["media_id"]
    documents = await media.by_ids(resources, [media_id])
    item = message["media"] | _state(documents[media_id])
    if item != message["media"]:
        await resources.mongo.messages.update_one(
            {"_id": message_id, "deleted_at": None}, {"$set": {"media": item}}
        )


async def media_settled(resources: "Resources", media_id: str) -> None:
    """A photo became ready or failed: bring its messages up to date."""
    for message in await queries.with_medium(resources, media_id):
        await settle(resources, message["_id"])


async def edit(ctx: Context, message_id: str, text: str) -> tuple[Raw, Raw]:
    """Change the text of one's own message; Conflict later than EDITABLE."""
    conversation, message = await access.own_message(ctx.resources, ctx.user_id, message_id)
    if not message["text"]:
        raise Conflict("This message has no text to change.", "no_text")
    if clock.now() - message["created_at"] > EDITABLE:
        minutes = EDITABLE // timedelta(minutes=1)
        raise Conflict(f"A message can be changed for {minutes} minutes.", "too_late")
    if message["text"] == text:
        return conversation, message
    fields = {"text": text, "words": words.tokens(text), "edited_at": clock.now()}
    return conversation, await _change(ctx.resources, message_id, {"$set": fields})


async def _change(resources: "Resources", message_id: str, update: Raw) -> Raw:
    changed: Raw | None = await resources.mongo.messages.find_one_and_update(
        {"_id": message_id, "deleted_at": None},
        update,
        queries.SHOWN,
        return_document=ReturnDocument.AFTER,
    )
    if changed is None:
        raise access.message_not_found()
    return changed


async def unsend(ctx: Context, message_id: str) -> None:
    """Gone for everyone, words and photo included; nobody counts it as unread any more."""
    resources = ctx.resources
    _, message = await access.own_message(resources, ctx.user_id, message_id)

    async def work(conversation: Raw, session: Any) -> None:
        gone: Raw = {"text": "", "words": [], "media": None, "reactions": {}}
        gone |= {"reply_to": None, "ref": None}
        result = await resources.mongo.messages.update_one(
            {"_id": message_id, "deleted_at": None},
            {"$set": {**gone, "deleted_at": clock.now()}},
            session=session,
        )
        if result.matched_count:
            blocked = await graph.blocked_among(resources, ctx.user_id, conversation["member_ids"])
            await change(resources, conversation, _unsent(conversation, message, blocked), session)

    await turn(resources, message["conversation_id"], work)
    await media.withdraw(resources, pair(message["conversation_id"], message["key"]))


def _unsent(conversation: Raw, message: Raw, blocked: set[str]) -> Raw:
    unread: Raw = {}
    done = []
    for other in access.others(conversation, message["author_id"]):
        member = conversation["members"][other]
        seen = max(member["read_up_to"], member["since"])
        if member["unread"] and message["_id"] > seen and other not in blocked:
            unread[f"members.{other}.unread"] = member["unread"] - 1
            if member["unread"] == 1:
                done.append(other)
    update: Raw = {"$set": unread} if unread else {}
    if done:
        update["$pull"] = {"unread_by": {"$in": done}}
    return update


async def react(ctx: Context, message_id: str, emoji: str | None) -> tuple[Raw, Raw]:
    """One reaction a person: the newest holds; None takes it back. Conflict on a request: who
    wrote it would learn that it was read."""
    conversation, message = await access.visible_message(ctx.resources, ctx.user_id, message_id)
    if ctx.user_id not in conversation["inbox"]:
        raise Conflict("Accept the conversation first.", "not_accepted")
    if message["reactions"].get(ctx.user_id) == emoji:
        return conversation, message
    field = f"reactions.{ctx.user_id}"
    update = {"$set": {field: emoji}} if emoji else {"$unset": {field: ""}}
    return conversation, await _change(ctx.resources, message_id, update)


async def share(
    ctx: Context, post_id: str, to: list[str], text: str
) -> tuple[list[tuple[Raw, Raw]], int]:
    """Send a post to several: what `send` gives for each, and how often the post was shared."""
    await posts.visible_post(ctx.resources, ctx.user_id, post_id)
    sent = await _send_each(ctx, to, Draft(text=text, post_id=post_id))
    return sent, await shares(ctx.resources, post_id)


async def _send_each(ctx: Context, to: list[str], draft: Draft) -> list[tuple[Raw, Raw]]:
    """Once to each of these; all of them are looked at before the first is sent to."""
    found = [await _addressed(ctx, target) for target in to]
    distinct = {conversation["_id"]: conversation for conversation in found}
    return [await send(ctx, conversation, draft) for conversation in distinct.values()]


async def shares(resources: "Resources", post_id: str) -> int:
    """How many messages share the post, exact up to SHARES_EXACT_MAX."""
    counted = (await counts.counts_of(resources, [post_id]))[post_id].shares
    if counted > SHARES_EXACT_MAX:
        return counted
    return int(
        await resources.mongo.messages.count_documents(
            {"post_id": post_id, "deleted_at": None}, limit=SHARES_EXACT_MAX + 1
        )
    )


async def reply_to_story(ctx: Context, story_id: str, text: str) -> tuple[Raw, Raw]:
    """A message to the story's author that quotes it. Forbidden when they want no replies, or
    when it is one's own."""
    story = await stories.visible_story(ctx.resources, ctx.user_id, story_id)
    if story["author_id"] == ctx.user_id:
        raise Forbidden("This is your own story.", "own_story")
    if not story["allow_replies"]:
        raise Forbidden("Its author wants no replies to this story.", "replies_not_allowed")
    cards = await people.cards(ctx.resources, [story["author_id"]])
    if story["author_id"] not in cards:
        raise stories.not_found()
    conversation = await conversations.direct(ctx, cards[story["author_id"]]["username"])
    return await send(ctx, conversation, Draft(text=text, story=_quote(story, "reply")))


def _quote(story: Raw, kind: str) -> Raw:
    return {"story_id": story["_id"], "author_id": story["author_id"], "kind": kind}


async def share_story(
    ctx: Context, story_id: str, to: list[str], text: str
) -> list[tuple[Raw, Raw]]:
    """Send a story to several: what `send` gives for each. It shows to those who may see it."""
    story = await stories.visible_story(ctx.resources, ctx.user_id, story_id)
    if story["status"] != "live":
        raise Forbidden("This story is not live yet.", "not_published")
    return await _send_each(ctx, to, Draft(text=text, story=_quote(story, "share")))
