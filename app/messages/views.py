"""Conversations and messages as the API shows them, each for one viewer."""

from typing import TYPE_CHECKING, Any, Literal, NamedTuple, NotRequired

from typing_extensions import TypedDict

from app import clock
from app.graph import queries as graph
from app.identity import queries as people
from app.identity.views import UserView, user_view
from app.messages import access, queries
from app.messages.models import Folder
from app.messages.turn import version
from app.operation import Pagination
from app.posts import access as posts, fragments
from app.posts.views import PostMediaView, media_view
from app.stories import access as stories, queries as story_queries
from app.stories.shown import cover as story_cover

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]
_EXCERPT = 200


class SharedPostView(TypedDict):
    """`{"unavailable": true}` for who may not see the post (any more)."""

    unavailable: bool
    post_id: NotRequired[str]
    user: NotRequired[UserView]
    caption: NotRequired[str]
    thumbnail: NotRequired[str | None]
    thumbhash: NotRequired[str | None]


class StoryQuoteView(TypedDict):
    """A story that a message answers or shares. What was said stays when the story has ended:
    `expired` for a story that is over, `unavailable` for who may not see it."""

    story_id: str
    kind: Literal["reply", "share"]
    state: Literal["live", "expired", "unavailable"]
    user: NotRequired[UserView]
    thumbnail: NotRequired[str | None]
    thumbhash: NotRequired[str | None]


class QuoteView(TypedDict):
    """What a message answers; without content when it was unsent or is hidden from the viewer."""

    message_id: str
    unavailable: bool
    user: NotRequired[UserView]
    text: NotRequired[str]
    has_photo: NotRequired[bool]
    """Or a video."""
    is_video: NotRequired[bool]
    has_post: NotRequired[bool]


class ReactionView(TypedDict):
    user_id: str
    emoji: str


class MessageView(TypedDict):
    message_id: str
    conversation_id: str
    user: UserView
    text: str
    media: PostMediaView | None
    post: SharedPostView | None
    story: StoryQuoteView | None
    reply_to: QuoteView | None
    reactions: list[ReactionView]
    ref: str | None
    """What the author's client called it; None for everyone else."""
    created_at: str
    edited_at: str | None


class Messages(TypedDict):
    messages: list[MessageView]
    newer_cursor: str | None
    """Of a page around a message: where those behind it go on. None: it has the newest."""
    pagination: Pagination


class MemberView(UserView):
    is_admin: bool
    joined_at: str
    read_up_to: str | None
    delivered_up_to: str | None


class MarkView(TypedDict):
    user_id: str
    read_up_to: str | None
    delivered_up_to: str | None


class PreviewView(TypedDict):
    message_id: str
    user_id: str
    kind: Literal["text", "photo", "post", "story"]
    is_video: bool
    """The `photo` is one that moves."""
    text: str
    created_at: str


class ConversationView(TypedDict):
    conversation_id: str
    kind: Literal["direct", "group"]
    name: str
    """Of a group; may be empty."""
    folder: Folder | None
    """Where the viewer has it; None: declined."""
    members: list[MemberView]
    """The viewer too. Without people behind a block; without marks of who has not accepted, or
    restricted the viewer."""
    is_admin: bool
    version: int
    """Grows with every change; what carries a lower one than is shown came late."""
    unread: int
    read_up_to: str | None
    last_message: PreviewView | None
    created_at: str
    updated_at: str


class Conversations(TypedDict):
    conversations: list[ConversationView]
    unread: int
    """Messages in the whole inbox."""
    requests: int
    """Conversations that wait to be accepted."""
    pagination: Pagination


def folder_of(conversation: Raw, viewer: str) -> Folder | None:
    folder: dict[str, Folder] = {"inbox": "inbox", "request": "requests"}
    return folder.get(access.state_of(conversation, viewer))


def mark_views(conversation: Raw, viewer: str, hidden: set[str]) -> list[MarkView]:
    """How far the members are whose marks the viewer may see: not of someone who has not
    accepted the conversation, whatever they read."""
    return [
        mark_view(conversation, user_id)
        for user_id in conversation["member_ids"]
        if user_id == viewer or (user_id in conversation["inbox"] and user_id not in hidden)
    ]


def mark_view(conversation: Raw, user_id: str) -> MarkView:
    member = conversation["members"][user_id]
    return {
        "user_id": user_id,
        "read_up_to": member["read_up_to"] or None,
        "delivered_up_to": member["delivered_up_to"] or None,
    }


async def conversation_views(
    resources: "Resources", viewer: str, conversations: list[Raw]
) -> list[ConversationView]:
    """Raw conversations of which the viewer is a member, in order."""
    everyone = {user for conversation in conversations for user in conversation["member_ids"]}
    cards = await people.cards(resources, everyone)
    newest = await queries.by_ids(
        resources, [c["last_id"] for c in conversations if c["last_author_id"]]
    )
    authors = {message["author_id"] for message in newest.values()}
    hidden = await graph.blocked_among(resources, viewer, everyone | authors)
    unmarked = hidden | await graph.restricters_among(resources, viewer, everyone)
    views: list[ConversationView] = []
    for conversation in conversations:
        last = newest.get(conversation["last_id"])
        member = conversation["members"][viewer]
        out_of_sight = last is None or last["author_id"] in hidden or last["_id"] < member["since"]
        if out_of_sight and conversation["last_author_id"]:
            last = await queries.newest(resources, viewer, conversation, hidden)
        marks = {mark["user_id"]: mark for mark in mark_views(conversation, viewer, unmarked)}
        views.append(
            {
                "conversation_id": conversation["_id"],
                "kind": conversation["kind"],
                "name": conversation["name"],
                "folder": folder_of(conversation, viewer),
                "members": [
                    _member_view(cards[user], conversation["members"][user], marks.get(user))
                    for user in conversation["member_ids"]
                    if user in cards and user not in hidden
                ],
                "is_admin": member["is_admin"],
                "version": version(conversation, viewer),
                "unread": member["unread"],
                "read_up_to": member["read_up_to"] or None,
                "last_message": _preview(last) if last else None,
                "created_at": clock.iso(conversation["created_at"]),
                "updated_at": clock.iso(last["created_at"] if last else conversation["created_at"]),
            }
        )
    return views


def _member_view(card: Raw, member: Raw, mark: MarkView | None) -> MemberView:
    return {
        **user_view(card),
        "is_admin": member["is_admin"],
        "joined_at": clock.iso(member["joined_at"]),
        "read_up_to": mark["read_up_to"] if mark else None,
        "delivered_up_to": mark["delivered_up_to"] if mark else None,
    }


def _preview(message: Raw) -> PreviewView:
    return {
        "message_id": message["_id"],
        "user_id": message["author_id"],
        "kind": _kind(message),
        "is_video": _is_video(message),
        "text": message["text"][:_EXCERPT],
        "created_at": clock.iso(message["created_at"]),
    }


def _is_video(message: Raw) -> bool:
    return bool(message["media"]) and message["media"]["type"] == "video"


def _kind(message: Raw) -> Literal["text", "photo", "post", "story"]:
    if message["media"]:
        return "photo"
    if message["post_id"]:
        return "post"
    return "story" if message.get("story") else "text"


async def message_views(
    resources: "Resources", viewer: str, member: Raw, rows: list[Raw], *, guests: bool = True
) -> list[MessageView]:
    """Raw messages as one member (`member`: their place in the conversation) sees them.

    `guests=False` leaves quotes and posts without their content where it is of someone other
    than the viewer and the message's author.
    """
    quotes = await queries.by_ids(resources, [r["reply_to"] for r in rows if r["reply_to"]])
    shared = await _posts(resources, viewer, [row["post_id"] for row in rows if row["post_id"]])
    authors = {row["author_id"] for row in [*rows, *quotes.values()]}
    authors |= {fragment.author_id for fragment in shared.values()}
    quoted = [row["story"] for row in rows if row.get("story")]
    told = await _stories(resources, viewer, quoted)
    authors |= {quote["author_id"] for quote in quoted}
    cards = await people.cards(resources, authors)
    reacted = {user for row in rows for user in row["reactions"]}
    hidden = await graph.blocked_among(resources, viewer, authors | reacted)
    views: list[MessageView] = []
    for row in rows:
        if row["author_id"] not in cards:
            continue
        known = None if guests else {viewer, row["author_id"]}
        quote = quotes.get(row["reply_to"] or "")
        if quote is not None and (quote["author_id"] in hidden or quote["_id"] < member["since"]):
            quote = None
        views.append(
            {
                "message_id": row["_id"],
                "conversation_id": row["conversation_id"],
                "user": user_view(cards[row["author_id"]]),
                "text": row["text"],
                "media": (
                    media_view(resources.settings, row["media"], viewer, {})
                    if row["media"]
                    else None
                ),
                "post": (
                    _post_view(resources, viewer, cards, shared.get(row["post_id"]), known)
                    if row["post_id"]
                    else None
                ),
                "story": (
                    _story_view(resources, viewer, cards, hidden, row["story"], told, known)
                    if row.get("story")
                    else None
                ),
                "reply_to": (
                    _quote_view(cards, row["reply_to"], quote, known) if row["reply_to"] else None
                ),
                "reactions": [
                    {"user_id": user, "emoji": emoji}
                    for user, emoji in row["reactions"].items()
                    if user not in hidden
                ],
                "ref": row["ref"] if row["author_id"] == viewer else None,
                "created_at": clock.iso(row["created_at"]),
                "edited_at": clock.iso(row["edited_at"]) if row["edited_at"] else None,
            }
        )
    return views


async def _posts(
    resources: "Resources", viewer: str, post_ids: list[str]
) -> dict[str, fragments.Fragment]:
    if not post_ids:
        return {}
    visible = await posts.visible_among(resources, viewer, post_ids)
    return await fragments.load(resources, visible)


def _post_view(
    resources: "Resources",
    viewer: str,
    cards: dict[str, Raw],
    fragment: fragments.Fragment | None,
    known: set[str] | None,
) -> SharedPostView:
    if fragment is None or fragment.author_id not in cards:
        return {"unavailable": True}
    if known is not None and fragment.author_id not in known:
        return {"unavailable": True}
    return {
        "unavailable": False,
        "post_id": fragment.post["_id"],
        "user": user_view(cards[fragment.author_id]),
        "caption": fragment.post["caption"][:_EXCERPT],
        **fragments.thumbnail(resources, viewer, fragment),
    }


class _Told(NamedTuple):
    """Stories by id: those that live, and those of them that the viewer may see."""

    live: dict[str, Raw]
    visible: set[str]


async def _stories(resources: "Resources", viewer: str, quotes: list[Raw]) -> _Told:
    if not quotes:
        return _Told({}, set())
    live = await story_queries.by_ids(resources, [quote["story_id"] for quote in quotes])
    visible = await stories.visible_among(resources, viewer, live.values())
    return _Told(live, {story["_id"] for story in visible})


def _story_view(
    resources: "Resources",
    viewer: str,
    cards: dict[str, Raw],
    hidden: set[str],
    quote: Raw,
    told: _Told,
    known: set[str] | None,
) -> StoryQuoteView:
    story_id, author = quote["story_id"], quote["author_id"]
    view: StoryQuoteView = {"story_id": story_id, "kind": quote["kind"], "state": "unavailable"}
    if author not in cards or author in hidden or (known is not None and author not in known):
        return view
    if story_id not in told.live:
        return {**view, "state": "expired", "user": user_view(cards[author])}
    if story_id not in told.visible:
        return view
    picture = story_cover(resources, viewer, cards[author], told.live[story_id])
    return {
        **view,
        "state": "live",
        "user": user_view(cards[author]),
        "thumbnail": picture["url"],
        "thumbhash": picture["thumbhash"],
    }


def _quote_view(
    cards: dict[str, Raw], message_id: str, quote: Raw | None, known: set[str] | None
) -> QuoteView:
    if quote is None or quote["author_id"] not in cards:
        return {"message_id": message_id, "unavailable": True}
    if known is not None and quote["author_id"] not in known:
        return {"message_id": message_id, "unavailable": True}
    return {
        "message_id": message_id,
        "unavailable": False,
        "user": user_view(cards[quote["author_id"]]),
        "text": quote["text"][:_EXCERPT],
        "has_photo": bool(quote["media"]),
        "is_video": _is_video(quote),
        "has_post": bool(quote["post_id"]),
    }
