"""Pages of what was said in a conversation: from the newest on, or around a message."""

from typing import TYPE_CHECKING, Any, NamedTuple

from app import cursor as cursors
from app.graph import queries as graph
from app.messages import queries

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]
_NEWER = "newer"


class Page(NamedTuple):
    """Messages, newest first, without those of blocked people."""

    rows: list[Raw]
    older: str | None
    """The cursor of those before; None: there are none."""
    newer: str | None = None
    """The cursor of those behind; None: there are none, or one comes from there."""


async def page(
    resources: "Resources", viewer: str, conversation: Raw, cursor: str | None, limit: int
) -> Page:
    """The newest, or those that the cursor says."""
    if cursor is None:
        return await _older(resources, viewer, conversation, {}, limit)
    secret = resources.settings.auth.secret
    last, *way = cursors.decode(secret, _purpose(viewer, conversation), cursor)
    if _NEWER in way:
        return await _newer(resources, viewer, conversation, last, limit)
    return await _older(resources, viewer, conversation, {"$lt": last}, limit)


async def around(
    resources: "Resources", viewer: str, conversation: Raw, message_id: str, limit: int
) -> Page:
    """What was said before and after a message, and itself when it is there to be seen."""
    to = {"$lte": message_id}
    before = await _older(resources, viewer, conversation, to, (limit + 1) // 2)
    after = await _newer(resources, viewer, conversation, message_id, limit // 2)
    return Page([*after.rows, *before.rows], before.older, after.newer)


def _purpose(viewer: str, conversation: Raw) -> str:
    return f"messages:{conversation['_id']}:{viewer}"


def _cursor(resources: "Resources", viewer: str, conversation: Raw, last: str, *way: str) -> str:
    purpose = _purpose(viewer, conversation)
    return cursors.encode(resources.settings.auth.secret, purpose, [last, *way])


async def _older(
    resources: "Resources", viewer: str, conversation: Raw, bound: Raw, limit: int
) -> Page:
    rows = await _said(resources, viewer, conversation, bound, -1, limit + 1)
    older = None
    if len(rows) > limit:
        older = _cursor(resources, viewer, conversation, rows[limit - 1]["_id"])
    return Page(await _unblocked(resources, viewer, rows[:limit]), older)


async def _newer(
    resources: "Resources", viewer: str, conversation: Raw, last: str, limit: int
) -> Page:
    rows = await _said(resources, viewer, conversation, {"$gt": last}, 1, limit + 1)
    shown = rows[:limit]
    older = newer = None
    if shown:  # what one comes from is older
        older = _cursor(resources, viewer, conversation, shown[0]["_id"])
    if len(rows) > limit:
        furthest = shown[-1]["_id"] if shown else last
        newer = _cursor(resources, viewer, conversation, furthest, _NEWER)
    return Page((await _unblocked(resources, viewer, shown))[::-1], older, newer)


async def _said(
    resources: "Resources", viewer: str, conversation: Raw, bound: Raw, way: int, limit: int
) -> list[Raw]:
    within = queries.seen_by(conversation["members"][viewer])
    query = {
        "conversation_id": conversation["_id"],
        "_id": {**within, **bound},
        "deleted_at": None,
    }
    found = resources.mongo.messages.find(query, queries.SHOWN).sort("_id", way)
    return await found.to_list(limit)


async def _unblocked(resources: "Resources", viewer: str, rows: list[Raw]) -> list[Raw]:
    blocked = await graph.blocked_among(resources, viewer, {row["author_id"] for row in rows})
    return [row for row in rows if row["author_id"] not in blocked]
