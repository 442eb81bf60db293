"""Reads of stories. Raw documents, as for posts.

What has ended is not there, from the very moment: each read compares with the clock of the
database, which also set the end.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app import clock, paging
from app.identity.views import CARD_FIELDS

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]
LIVES: Raw = {"$expr": {"$gt": ["$expires_at", "$$NOW"]}}
ENDED: Raw = {"$expr": {"$lte": ["$expires_at", "$$NOW"]}}
_SCENE = {"overlays": 0, "stickers": 0}
_ROWS_MAX = 100_000
"""In one answer, so that nothing is asked for twice."""


async def by_id(resources: "Resources", story_id: str) -> Raw | None:
    """The story, pending or live, until its end."""
    return await resources.mongo.stories.find_one({"_id": story_id, **LIVES})


async def by_ids(resources: "Resources", story_ids: list[str]) -> dict[str, Raw]:
    found = resources.mongo.stories.find({"_id": {"$in": story_ids}, "status": "live", **LIVES})
    return {story["_id"]: story async for story in found}


async def exists(resources: "Resources", story_id: str) -> bool:
    return await by_id(resources, story_id) is not None


async def told(
    resources: "Resources", authors: list[str], pairs: list[str]
) -> tuple[list[Raw], dict[str, Raw], list[str]]:
    """(the live stories of these people, their cards by id, those that stand of these pairs of a
    follower and a followee), in one question. Of a story no more than its author, its audience,
    its end and what is left until then (`ends_ms`, `left_ms`): what an answer holds has to be
    decoded, which costs more than the rest."""
    stories: list[Raw] = [
        {"$match": {"author_id": {"$in": authors}, "status": "live", **LIVES}},
        {
            "$project": {
                "author_id": 1,
                "audience": 1,
                "ends_ms": {"$toLong": "$expires_at"},
                "left_ms": {"$subtract": ["$expires_at", "$$NOW"]},
            }
        },
    ]
    cards: list[Raw] = [{"$match": {"_id": {"$in": authors}}}, {"$project": CARD_FIELDS}]
    # As a rule all of them stand: then it is enough to know how many do.
    all_stand = {"$eq": ["$number", len(pairs)]}
    rows = await resources.mongo.follows.aggregate(
        [
            {"$match": {"_id": {"$in": pairs}}},
            {"$group": {"_id": None, "number": {"$sum": 1}, "pairs": {"$push": "$_id"}}},
            {"$project": {"pairs": {"$cond": [all_stand, None, "$pairs"]}}},
            {"$unionWith": {"coll": "stories", "pipeline": stories}},
            {"$unionWith": {"coll": "users", "pipeline": cards}},
        ],
        batchSize=_ROWS_MAX,
    ).to_list(None)
    found: tuple[list[Raw], dict[str, Raw]] = ([], {})
    standing: list[str] = []
    for row in rows:
        if "author_id" in row:
            found[0].append(row)
        elif "username" in row:
            found[1][row["_id"]] = row
        else:
            standing = pairs if row["pairs"] is None else row["pairs"]
    return *found, standing


async def without_scenes(resources: "Resources", story_ids: list[str]) -> list[Raw]:
    """Those of these stories that are there, live or not."""
    rows = resources.mongo.stories.find({"_id": {"$in": story_ids}}, _SCENE)
    return await rows.to_list(None)


async def of_author(resources: "Resources", author_id: str, *, own: bool) -> list[Raw]:
    """All of one person's, oldest first; the pending ones too when they are one's `own`."""
    query: Raw = {"author_id": author_id, **LIVES}
    if not own:
        query["status"] = "live"
    rows = resources.mongo.stories.find(query).sort([("created_at", 1), ("_id", 1)])
    return await rows.to_list(None)


async def ends_of(resources: "Resources", author_ids: list[str]) -> dict[str, int]:
    """Those of the authors who have live stories → when the last of them ends, ms."""
    rows = resources.mongo.stories.aggregate(
        [
            {"$match": {"author_id": {"$in": author_ids}, "status": "live", **LIVES}},
            {"$group": {"_id": "$author_id", "until": {"$max": "$expires_at"}}},
        ]
    )
    return {row["_id"]: clock.ms(row["until"]) async for row in rows}


async def pulled_among(resources: "Resources", author_ids: list[str]) -> list[str]:
    """Those of the authors whom trays ask for, stories or not."""
    rows = resources.mongo.story_pulls.find({"_id": {"$in": author_ids}}, {"_id": 1})
    return [row["_id"] async for row in rows]


async def record(resources: "Resources", story_id: str) -> Raw | None:
    """What is remembered of a story, ended or not; `has_ended` by the database's clock."""
    rows = await resources.mongo.story_records.aggregate(
        [
            {"$match": {"_id": story_id}},
            {"$set": {"has_ended": {"$lte": ["$expires_at", "$$NOW"]}}},
        ]
    ).to_list(1)
    return rows[0] if rows else None


async def authors(resources: "Resources", story_ids: Iterable[str]) -> dict[str, str]:
    """Story → author, of those that were not deleted, ended or not."""
    query = {"_id": {"$in": list(story_ids)}, "deleted_at": None}
    rows = resources.mongo.story_records.find(query, {"author_id": 1})
    return {row["_id"]: row["author_id"] async for row in rows}


async def remembered(
    resources: "Resources", story_ids: list[str], *, kept: bool = False
) -> dict[str, Raw]:
    """What is remembered of those that were not deleted, by id; with `kept`, for good."""
    query: Raw = {"_id": {"$in": story_ids}, "deleted_at": None}
    if kept:
        query["kept"] = True
    rows = resources.mongo.story_records.aggregate(
        [
            {"$match": query},
            {"$set": {"has_ended": {"$lte": ["$expires_at", "$$NOW"]}}},
        ]
    )
    return {row["_id"]: row async for row in rows}


async def archive(
    resources: "Resources", author_id: str, cursor: str | None, limit: int
) -> tuple[list[Raw], str | None]:
    """The author's kept stories that have ended, newest first; and the next cursor."""
    ended = {"author_id": author_id, "kept": True, "deleted_at": None, **ENDED}
    rows, following = await paging.by_id(
        resources, "story_records", ended, "story archive", cursor, limit
    )
    return [{**row, "has_ended": True} for row in rows], following


async def with_medium(resources: "Resources", media_id: str) -> list[Raw]:
    return await resources.mongo.stories.find({"media.media_id": media_id}).to_list(None)


async def reposts(resources: "Resources", which: Raw) -> list[Raw]:
    """Records of those that were not deleted, ended or not."""
    return await resources.mongo.story_records.find({**which, "deleted_at": None}).to_list(None)


async def own_reactions(
    resources: "Resources", viewer: str, story_ids: list[str]
) -> dict[str, str]:
    """The viewer's reactions by story id."""
    pairs = [f"{story_id}:{viewer}" for story_id in story_ids]
    rows = resources.mongo.story_reactions.find({"_id": {"$in": pairs}})
    return {row["story_id"]: row["reaction"] async for row in rows}


async def reaction(resources: "Resources", story_id: str, user_id: str) -> Raw | None:
    return await resources.mongo.story_reactions.find_one({"_id": f"{story_id}:{user_id}"})


async def page_of_viewers(
    resources: "Resources", story_id: str, cursor: str | None, limit: int
) -> tuple[list[Raw], str | None]:
    """Rows of views, newest first; and the next cursor."""
    return await paging.by_time(
        resources,
        "story_views",
        {"story_id": story_id},
        "seen_at",
        f"viewers:{story_id}",
        cursor,
        limit,
    )


async def reactions_by(
    resources: "Resources", story_id: str, user_ids: list[str]
) -> dict[str, str]:
    """What these people reacted with, by user id."""
    pairs = [f"{story_id}:{user_id}" for user_id in user_ids]
    rows = resources.mongo.story_reactions.find({"_id": {"$in": pairs}})
    return {row["user_id"]: row["reaction"] async for row in rows}
