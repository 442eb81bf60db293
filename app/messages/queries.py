"""Reads of conversations and messages. Raw documents, as for posts."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app import ids, paging
from app.graph import queries as graph
from app.messages.models import Folder

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]
UNREAD_MAX = 999
_MEDIA_PAGE = 200
SHOWN = {"words": 0}
"""Messages without what they are found by, which is more than what they say."""


async def raw(resources: "Resources", conversation_id: str) -> Raw | None:
    return await resources.mongo.conversations.find_one({"_id": conversation_id})


async def places(resources: "Resources", conversation_ids: Iterable[str]) -> dict[str, Raw]:
    """Who is in each of these conversations, and who has it where."""
    rows = resources.mongo.conversations.find(
        {"_id": {"$in": list(conversation_ids)}},
        dict.fromkeys(("kind", "member_ids", "inbox", "requests", "declined"), 1),
    )
    return {row["_id"]: row async for row in rows}


async def message(resources: "Resources", message_id: str) -> Raw | None:
    """The stored message, unsent or not, whoever asks."""
    return await resources.mongo.messages.find_one({"_id": message_id}, SHOWN)


async def by_ids(resources: "Resources", message_ids: Iterable[str]) -> dict[str, Raw]:
    """Those that exist and were not unsent, by id."""
    wanted = list(set(message_ids))
    if not wanted:
        return {}
    found = resources.mongo.messages.find({"_id": {"$in": wanted}, "deleted_at": None}, SHOWN)
    return {row["_id"]: row async for row in found}


async def by_key(resources: "Resources", conversation_id: str, key: str) -> Raw | None:
    """What the request of this key stored."""
    repeated = {"conversation_id": conversation_id, "key": key}
    return await resources.mongo.messages.find_one(repeated, SHOWN)


def seen_by(member: Raw) -> Raw:
    """The part of a filter that leaves out what came before the member did."""
    return {"$gte": member["since"]}


async def page(
    resources: "Resources", viewer: str, folder: Folder, cursor: str | None, limit: int
) -> tuple[list[Raw], str | None]:
    """A folder of the viewer's, the one last written to first, without pairs that a block
    ended; and the next cursor."""
    rows, following = await paging.by_id(
        resources,
        "conversations",
        {folder: viewer},
        f"conversations:{viewer}:{folder}",
        cursor,
        limit,
        field="last_id",
    )
    return await open_ones(resources, viewer, rows), following


async def open_ones(resources: "Resources", viewer: str, rows: list[Raw]) -> list[Raw]:
    """Without the pairs that a block ended."""
    blocked = await graph.blocked_among(
        resources, viewer, {other for row in _pairs(rows) for other in row["member_ids"]}
    )
    return [r for r in rows if r["kind"] == "group" or not blocked.intersection(r["member_ids"])]


def _pairs(rows: list[Raw]) -> list[Raw]:
    return [row for row in rows if row["kind"] == "direct"]


async def listed(resources: "Resources", viewer: str, blocked: set[str]) -> list[Raw]:
    """All that stand in the viewer's inbox or requests, without the pairs that a block ended:
    `_id, kind, name, created_at, member_ids, last_id, last_author_id` and the viewer's place."""
    # By an index that no message moves them in: what is read meanwhile is neither lost nor twice.
    rows = resources.mongo.conversations.find(
        {"member_ids": viewer},
        {
            **dict.fromkeys(("kind", "name", "created_at", "member_ids"), 1),
            **dict.fromkeys(("last_id", "last_author_id"), 1),
            **{folder: {"$elemMatch": {"$eq": viewer}} for folder in ("inbox", "requests")},
            f"members.{viewer}": 1,
        },
    ).hint([("member_ids", 1)])
    return [
        row
        async for row in rows
        if (row.get("inbox") or row.get("requests"))
        and (row["kind"] == "group" or not blocked.intersection(row["member_ids"]))
    ]


async def joined(
    resources: "Resources", viewer: str, conversation_ids: Iterable[str]
) -> dict[str, Raw]:
    """Those of the conversations that the viewer is in."""
    rows = resources.mongo.conversations.find(
        {"_id": {"$in": list(conversation_ids)}, "member_ids": viewer}
    )
    return {row["_id"]: row async for row in rows}


async def newest(
    resources: "Resources", viewer: str, conversation: Raw, blocked: set[str]
) -> Raw | None:
    """The newest message that the viewer sees."""
    return await resources.mongo.messages.find_one(
        {
            "conversation_id": conversation["_id"],
            "_id": seen_by(conversation["members"][viewer]),
            "author_id": {"$nin": list(blocked)},
            "deleted_at": None,
        },
        SHOWN,
        sort=[("_id", -1)],
    )


async def count_unread(
    resources: "Resources",
    conversation: Raw,
    user_id: str,
    read_up_to: str,
    blocked: Iterable[str],
    session: Any,
) -> int:
    """Messages of others after that one, up to UNREAD_MAX."""
    member = conversation["members"][user_id]
    return int(
        await resources.mongo.messages.count_documents(
            {
                "conversation_id": conversation["_id"],
                "_id": {"$gt": max(read_up_to, member["since"])},
                "author_id": {"$nin": [user_id, *blocked]},
                "deleted_at": None,
            },
            limit=UNREAD_MAX,
            session=session,
        )
    )


async def unread_total(resources: "Resources", user_id: str) -> int:
    """Unread messages in the inbox, up to UNREAD_MAX; requests don't count."""
    rows = await resources.mongo.conversations.find(
        {"unread_by": user_id, "inbox": user_id},
        {"kind": 1, "member_ids": 1, f"members.{user_id}.unread": 1},
    ).to_list(UNREAD_MAX)
    counted = await open_ones(resources, user_id, rows)
    return min(UNREAD_MAX, sum(int(row["members"][user_id]["unread"]) for row in counted))


async def requests_count(resources: "Resources", user_id: str) -> int:
    """How many wait in the requests, up to UNREAD_MAX."""
    rows = await resources.mongo.conversations.find(
        {"requests": user_id}, {"kind": 1, "member_ids": 1}
    ).to_list(UNREAD_MAX)
    return len(await open_ones(resources, user_id, rows))


async def shared(resources: "Resources", one: str, other: str) -> list[Raw]:
    """Conversations that both are in."""
    query = {"member_ids": {"$all": [one, other]}}
    return await resources.mongo.conversations.find(query).to_list(None)


async def undelivered(resources: "Resources", user_id: str) -> list[Raw]:
    """Conversations with something the person has not read (and may not have been sent)."""
    query = {"unread_by": user_id}
    return await resources.mongo.conversations.find(query).to_list(UNREAD_MAX)


async def with_medium(resources: "Resources", media_id: str) -> list[Raw]:
    query = {"media.media_id": media_id, "deleted_at": None}
    return await resources.mongo.messages.find(query, SHOWN).to_list(_MEDIA_PAGE)


async def sharing(resources: "Resources", post_id: str, after_ms: int) -> list[str]:
    """Conversations into which the post was sent since then."""
    found: list[str] = await resources.mongo.messages.distinct(
        "conversation_id",
        {"post_id": post_id, "_id": {"$gte": ids.lowest_id("msg", after_ms)}},
    )
    return found
