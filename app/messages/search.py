"""Finding what was said, newest first, among what one may read.

The index has each message under the beginnings of its words (`app.messages.words`). The rarest
beginning that is asked for is read, in order; the text itself says whether all the rest is there.
What is read for one page is bounded, so a page may be short and still have a next.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from typing_extensions import TypedDict

from app import clock, cursor as cursors, ids
from app.errors import Invalid
from app.graph import queries as graph
from app.identity import queries as people
from app.identity.views import UserView, user_view
from app.messages import access, queries, words
from app.messages.views import ConversationView, conversation_views
from app.messages.words import Range, Term
from app.operation import Pagination

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]
QUERY_MAX = 100
READ_MAX = 1000
"""Messages looked at for one page."""
_CHUNK = 200
_MERGED_MAX = 200
"""Conversations in one query: more of them MongoDB would no longer merge but sort."""
_WEIGHED_MAX = 6
_NAMED_MAX = 5
_PEOPLE_MAX = 1000


class ExcerptPiece(TypedDict):
    text: str
    match: bool


class FoundMessage(TypedDict):
    message_id: str
    conversation_id: str
    user: UserView
    excerpt: list[ExcerptPiece]
    """The words around the first match, in pieces that follow each other."""
    created_at: str


class FoundMessages(TypedDict):
    messages: list[FoundMessage]
    """Newest first. A page may be short, or empty, and still have a next."""
    within: list[ConversationView]
    """The conversations that these messages are in."""
    conversations: list[ConversationView]
    """Whose name has the words, or whose members' names do; on the first page of a search in all
    conversations."""
    pagination: Pagination


class _Place(NamedTuple):
    """A conversation, as far as one may read it."""

    id: str
    since: str
    """Empty for who was there from the beginning."""
    last_id: str


class _Hit(NamedTuple):
    row: Raw
    found: list[Range]


async def search(
    resources: "Resources",
    viewer: str,
    query: str,
    conversation_id: str | None,
    cursor: str | None,
    limit: int,
) -> FoundMessages:
    """What has all the words of `query`, in one conversation or in all that the viewer has in
    their lists. Invalid for a query without words and for the cursor of another search, NotFound
    for a conversation out of sight."""
    wanted = words.terms(query)
    if not wanted:
        raise Invalid.field("q", "Write a word, a number or an emoji to look for.", "no_words")
    blocked, _ = await graph.hidden_ids(resources, viewer)
    if conversation_id is None:
        conversations = await queries.listed(resources, viewer, blocked)
    else:
        conversations = [await access.visible_conversation(resources, viewer, conversation_id)]
    secret = resources.settings.auth.secret
    purpose = f"search:{viewer}:{conversation_id or ''}:{' '.join(term.text for term in wanted)}"
    bound = cursors.decode(secret, purpose, cursor)[0] if cursor is not None else None
    hits, last = await _hits(resources, viewer, conversations, wanted, bound, limit, blocked)
    named: list[str] = []
    if conversation_id is None and cursor is None:
        named = await _named(resources, viewer, conversations, wanted, blocked)
    return await _view(
        resources, viewer, hits, named, cursors.encode(secret, purpose, [last]) if last else None
    )


async def _view(
    resources: "Resources", viewer: str, hits: list[_Hit], named: list[str], following: str | None
) -> FoundMessages:
    cards = await people.cards(resources, {hit.row["author_id"] for hit in hits})
    holding = dict.fromkeys(hit.row["conversation_id"] for hit in hits)
    # Asked anew, and shown as they are now: one may have left meanwhile.
    stored = await queries.joined(resources, viewer, [*holding, *named])
    shown = await conversation_views(resources, viewer, list(stored.values()))
    views = {view["conversation_id"]: view for view in shown}
    return {
        "messages": [
            {
                "message_id": hit.row["_id"],
                "conversation_id": hit.row["conversation_id"],
                "user": user_view(cards[hit.row["author_id"]]),
                "excerpt": [
                    {"text": text, "match": match}
                    for text, match in words.excerpt(hit.row["text"], hit.found)
                ],
                "created_at": clock.iso(hit.row["created_at"]),
            }
            for hit in hits
            if hit.row["author_id"] in cards and hit.row["conversation_id"] in views
        ],
        "within": [views[one] for one in holding if one in views],
        "conversations": [views[one] for one in named if one in views],
        "pagination": {"next_cursor": following, "has_more": following is not None},
    }


async def _hits(
    resources: "Resources",
    viewer: str,
    conversations: list[Raw],
    wanted: list[Term],
    bound: str | None,
    limit: int,
    blocked: set[str],
) -> tuple[list[_Hit], str | None]:
    """Those of a page, and behind which message the next one begins."""
    places = [_place(row, viewer) for row in conversations if row["last_author_id"]]
    places.sort(key=lambda place: place.last_id, reverse=True)
    since = {place.id: place.since for place in places}
    token = await _rarest(resources, places, wanted)
    hits: list[_Hit] = []
    read, count = 0, limit + 1
    while token is not None:
        rows = await _candidates(resources, places, token, bound, count)
        for row in rows:
            bound = row["_id"]
            if row["author_id"] in blocked or row["_id"] < since[row["conversation_id"]]:
                continue
            found = words.matches(row["text"], wanted)
            if found is None:
                continue
            if len(hits) == limit:
                return hits, hits[-1].row["_id"]
            hits.append(_Hit(row, found))
        read += len(rows)
        if len(rows) < count:
            return hits, None
        if read >= READ_MAX:
            return hits, bound
        count = min(_CHUNK, READ_MAX - read)
    return hits, None


def _place(conversation: Raw, viewer: str) -> _Place:
    since = conversation["members"][viewer]["since"]
    made_ms = conversation["created_at"].timestamp() * 1000
    if since and ids.id_ms(since) <= made_ms:
        since = ""
    return _Place(conversation["_id"], since, conversation["last_id"])


async def _rarest(resources: "Resources", places: list[_Place], wanted: list[Term]) -> str | None:
    """What is read to find them; None when one of them is nowhere."""
    tokens = sorted({token for term in wanted for token in term.tokens}, key=len, reverse=True)
    if len(tokens) == 1:
        return tokens[0]
    counts: dict[str, int] = {}
    within = {"$in": [place.id for place in places]}
    for token in tokens[:_WEIGHED_MAX]:
        query = {"conversation_id": within, "words": token}
        most = min([READ_MAX, *counts.values()])
        counts[token] = await resources.mongo.messages.count_documents(
            query, limit=most, hint="words"
        )
        if not counts[token]:
            return None
    return min(counts, key=lambda token: counts[token])


async def _candidates(
    resources: "Resources", places: list[_Place], token: str, bound: str | None, count: int
) -> list[Raw]:
    """The newest `count` with the token, before `bound`."""
    rows: list[Raw] = []
    for at in range(0, len(places), _MERGED_MAX):
        if len(rows) == count and places[at].last_id < rows[-1]["_id"]:
            break  # the rest is older
        query = _within(places[at : at + _MERGED_MAX], token, bound)
        fields = dict.fromkeys(("conversation_id", "author_id", "text", "created_at"), 1)
        found = resources.mongo.messages.find(query, fields).sort("_id", -1).hint("words")
        rows = [*rows, *await found.to_list(count)]
        rows.sort(key=lambda row: row["_id"], reverse=True)
        del rows[count:]
    return rows


def _within(places: list[_Place], token: str, bound: str | None) -> Raw:
    before = {} if bound is None else {"$lt": bound}
    whole: Raw = {
        "conversation_id": {"$in": [place.id for place in places if not place.since]},
        "words": token,
        **({"_id": before} if before else {}),
    }
    # Each from where one came on: what was said before that could be much, and none of it shown.
    parts = [
        {"conversation_id": place.id, "words": token, "_id": {"$gte": place.since, **before}}
        for place in places
        if place.since
    ]
    return {"$or": [whole, *parts]} if parts else whole


async def _named(
    resources: "Resources",
    viewer: str,
    conversations: list[Raw],
    wanted: list[Term],
    blocked: set[str],
) -> list[str]:
    """The conversations, last written to first, whose names have all that is wanted."""
    rows = sorted(conversations, key=lambda row: row["last_id"], reverse=True)
    others = {row["_id"]: set(row["member_ids"]) - {viewer} - blocked for row in rows}
    cards = await people.cards(resources, _first(others.values(), _PEOPLE_MAX))
    found: list[str] = []
    for row in rows:
        known = [cards[user] for user in others[row["_id"]] if user in cards]
        names = [row["name"], *(f"{card['username']} {card['full_name']}" for card in known)]
        if words.matches("\n".join(names), wanted) is not None:
            found.append(row["_id"])
            if len(found) == _NAMED_MAX:
                break
    return found


def _first(groups: Iterable[set[str]], count: int) -> list[str]:
    return list(dict.fromkeys(user for group in groups for user in group))[:count]
