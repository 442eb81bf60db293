"""Reads of the graph."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from app import paging
from app.graph.models import member_key, pair

if TYPE_CHECKING:
    from app.resources import Resources

_FOLLOWERS_CHUNK = 10_000
"""Many at once: what is done to a chunk has a price for each of 256 groups of keys."""
_PAIRS_CHUNK = 5000
Raw = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Relation:
    """How `viewer` and `target` stand to each other."""

    following: bool = False
    followed_by: bool = False
    requested: bool = False
    requested_by: bool = False
    blocked: bool = False
    blocked_by: bool = False
    muted: bool = False
    restricted: bool = False

    @property
    def hidden(self) -> bool:
        return self.blocked or self.blocked_by

    @property
    def follow_status(self) -> Literal["following", "requested", "none"]:
        return "following" if self.following else "requested" if self.requested else "none"


async def relation(resources: "Resources", viewer: str, target: str) -> Relation:
    if viewer == target:
        return Relation()
    there, back = pair(viewer, target), pair(target, viewer)
    both = {"_id": {"$in": [there, back]}}
    mongo = resources.mongo
    follows = {row["_id"] async for row in mongo.follows.find(both, {"_id": 1})}
    blocks = {row["_id"] async for row in mongo.blocks.find(both, {"_id": 1})}
    requests = {row["_id"] async for row in mongo.follow_requests.find(both, {"_id": 1})}
    muted = await mongo.mutes.find_one({"_id": there}, {"_id": 1})
    restricted = await is_restricted(resources, viewer, target)
    return Relation(
        following=there in follows,
        followed_by=back in follows,
        requested=there in requests,
        requested_by=back in requests,
        blocked=there in blocks,
        blocked_by=back in blocks,
        muted=muted is not None,
        restricted=restricted,
    )


async def blocked_between(resources: "Resources", one: str, other: str) -> bool:
    """Whether either blocked the other."""
    either = [pair(one, other), pair(other, one)]
    found = await resources.mongo.blocks.find_one({"_id": {"$in": either}}, {"_id": 1})
    return found is not None


async def blocked_among(resources: "Resources", user_id: str, others: Iterable[str]) -> set[str]:
    """Those of `others` with a block between them and `user_id`."""
    pairs = [p for other in others for p in (pair(user_id, other), pair(other, user_id))]
    if not pairs:
        return set()
    rows = resources.mongo.blocks.find({"_id": {"$in": pairs}}, {"blocker_id": 1, "blocked_id": 1})
    return {
        row["blocked_id"] if row["blocker_id"] == user_id else row["blocker_id"]
        async for row in rows
    }


async def is_following(resources: "Resources", follower: str, followee: str) -> bool:
    found = await resources.mongo.follows.find_one({"_id": pair(follower, followee)}, {"_id": 1})
    return found is not None


async def has_requested(resources: "Resources", requester: str, target: str) -> bool:
    found = await resources.mongo.follow_requests.find_one(
        {"_id": pair(requester, target)}, {"_id": 1}
    )
    return found is not None


async def following_among(
    resources: "Resources", follower: str, candidates: Iterable[str]
) -> set[str]:
    """Those of `candidates` whom `follower` follows."""
    pairs = [pair(follower, other) for other in candidates]
    if not pairs:
        return set()
    rows = resources.mongo.follows.find({"_id": {"$in": pairs}}, {"followee_id": 1})
    return {row["followee_id"] async for row in rows}


async def followers_among(
    resources: "Resources", followee: str, candidates: Iterable[str]
) -> set[str]:
    """Those of `candidates` who follow `followee`."""
    pairs = [pair(other, followee) for other in candidates]
    if not pairs:
        return set()
    rows = resources.mongo.follows.find({"_id": {"$in": pairs}}, {"follower_id": 1})
    return {row["follower_id"] async for row in rows}


async def following_ids(resources: "Resources", follower: str) -> list[str]:
    rows = resources.mongo.follows.find({"follower_id": follower}, {"followee_id": 1})
    return [row["followee_id"] async for row in rows.batch_size(5000)]


async def follower_chunks(resources: "Resources", followee: str) -> AsyncIterator[list[str]]:
    """All followers, in chunks of up to 10,000 ids."""
    # Of a row only its id is asked for, which the index has: no row is fetched.
    rows = resources.mongo.follows.find(
        {"followee_id": followee}, {"_id": 1}, batch_size=_FOLLOWERS_CHUNK
    )
    while chunk := await rows.to_list(_FOLLOWERS_CHUNK):
        yield [row["_id"].partition(":")[0] for row in chunk]


async def hidden_ids(resources: "Resources", viewer: str) -> tuple[set[str], set[str]]:
    """(people with a block between them and the viewer, people the viewer muted)."""
    mongo = resources.mongo
    either = {"$or": [{"blocker_id": viewer}, {"blocked_id": viewer}]}
    blocked = {
        row["blocked_id"] if row["blocker_id"] == viewer else row["blocker_id"]
        async for row in mongo.blocks.find(either, {"blocker_id": 1, "blocked_id": 1})
    }
    muted = {
        row["muted_id"] async for row in mongo.mutes.find({"muter_id": viewer}, {"muted_id": 1})
    }
    return blocked, muted


async def is_restricted(resources: "Resources", restricter: str, restricted: str) -> bool:
    found = await resources.mongo.restricts.find_one(
        {"_id": pair(restricter, restricted)}, {"_id": 1}
    )
    return found is not None


async def restricted_among(
    resources: "Resources", restricter: str, others: Iterable[str]
) -> set[str]:
    """Those of `others` whom `restricter` restricted."""
    pairs = [pair(restricter, other) for other in others]
    rows = resources.mongo.restricts.find({"_id": {"$in": pairs}}, {"restricted_id": 1})
    return {row["restricted_id"] async for row in rows}


async def restricters_among(
    resources: "Resources", restricted: str, others: Iterable[str]
) -> set[str]:
    """Those of `others` who restricted the person."""
    pairs = [pair(other, restricted) for other in others]
    rows = resources.mongo.restricts.find({"_id": {"$in": pairs}}, {"restricter_id": 1})
    return {row["restricter_id"] async for row in rows}


async def muters(resources: "Resources", user_id: str) -> set[str]:
    """Who muted the person."""
    rows = resources.mongo.mutes.find({"muted_id": user_id}, {"muter_id": 1})
    return {row["muter_id"] async for row in rows}


async def popular_ids(resources: "Resources") -> list[str]:
    return [row["_id"] async for row in resources.mongo.popular.find({}, {"_id": 1})]


async def popular_followed_among(
    resources: "Resources", followers: Iterable[str]
) -> dict[str, list[str]]:
    """Whom of the popular each of `followers` follows; those who follow none are left out."""
    popular = await popular_ids(resources)
    pairs = [pair(follower, author) for follower in followers for author in popular]
    found: dict[str, list[str]] = {}
    for start in range(0, len(pairs), _PAIRS_CHUNK):
        rows = resources.mongo.follows.find(
            {"_id": {"$in": pairs[start : start + _PAIRS_CHUNK]}},
            {"_id": 0, "follower_id": 1, "followee_id": 1},
        )
        async for row in rows:
            found.setdefault(row["follower_id"], []).append(row["followee_id"])
    return found


async def popular_since(resources: "Resources", user_id: str) -> datetime | None:
    """Since when the person is pulled instead of pushed; None when pushed."""
    found = await resources.mongo.popular.find_one({"_id": user_id})
    since: datetime | None = found["since"] if found else None
    return since


async def page_of_pairs(
    resources: "Resources",
    collection: Literal["follows", "follow_requests", "blocks", "mutes", "audience_members"],
    match: Raw,
    other: str,
    cursor: str | None,
    limit: int,
) -> tuple[list[str], str | None]:
    """Ids in field `other` of the rows that match, newest first, and the next cursor."""
    rows, following = await paging.by_time(
        resources,
        collection,
        match,
        "created_at",
        f"{collection}:{sorted(match.items())}",
        cursor,
        limit,
        {other: 1, "created_at": 1},
    )
    return [row[other] for row in rows], following


# Lists of people to show things to


async def list_members(resources: "Resources", owner_id: str, list_id: str) -> list[str]:
    """Everyone on the list (`app.graph.audiences` bounds it)."""
    rows = resources.mongo.audience_members.find(
        {"owner_id": owner_id, "list_id": list_id}, {"user_id": 1}
    )
    return [row["user_id"] async for row in rows]


async def count_members(resources: "Resources", owner_id: str, list_id: str) -> int:
    query = {"owner_id": owner_id, "list_id": list_id}
    return int(await resources.mongo.audience_members.count_documents(query))


async def lists_of(resources: "Resources", owner_id: str) -> list[Raw]:
    """All of the person's lists, each with `count`."""
    rows = await resources.mongo.audience_lists.find({"owner_id": owner_id}).to_list(None)
    counted = resources.mongo.audience_members.aggregate(
        [
            {"$match": {"owner_id": owner_id}},
            {"$group": {"_id": "$list_id", "n": {"$sum": 1}}},
        ]
    )
    counts = {row["_id"]: row["n"] async for row in counted}
    return [{**row, "count": counts.get(row["_id"], 0)} for row in rows]


async def is_listed(resources: "Resources", owner_id: str, list_id: str, user_id: str) -> bool:
    key = member_key(owner_id, list_id, user_id)
    found = await resources.mongo.audience_members.find_one({"_id": key}, {"_id": 1})
    return found is not None


async def lists_with(
    resources: "Resources", user_id: str, owners: Iterable[str]
) -> set[tuple[str, str]]:
    """(owner, list) of those lists of `owners` that the person is on."""
    wanted = list(set(owners))
    if not wanted:
        return set()
    rows = resources.mongo.audience_members.find(
        {"user_id": user_id, "owner_id": {"$in": wanted}}, {"owner_id": 1, "list_id": 1}
    )
    return {(row["owner_id"], row["list_id"]) async for row in rows}


async def on_lists(
    resources: "Resources", user_id: str, lists: Iterable[tuple[str, str]]
) -> set[tuple[str, str]]:
    """Those of these (owner, list) that the person is on; in one query for all who ask at the
    time."""
    keys = {
        member_key(owner_id, list_id, user_id): (owner_id, list_id) for owner_id, list_id in lists
    }

    async def read(missing: list[str]) -> dict[str, bool]:
        rows = resources.mongo.audience_members.find({"_id": {"$in": missing}}, {"_id": 1})
        return {row["_id"]: True for row in await rows.to_list(None)}

    return {keys[key] for key in await resources.reads.lists.many(keys, read)}
