"""Rules and writes of the graph.

Follow and block may cross. A block is stored first and the follows deleted after; a follow is
stored first and the block looked for after. So one of the two always sees the other, and no
follow outlives a block.
"""

from typing import TYPE_CHECKING, Any, Literal

from pymongo.errors import DuplicateKeyError
from typing_extensions import TypedDict

from app import clock
from app.errors import Invalid, NotFound
from app.graph import access, keys, queries
from app.graph.models import Block, Follow, FollowRequest, Mute, Restrict, pair
from app.identity import queries as people
from app.operation import Context
from app.transaction import transaction

if TYPE_CHECKING:
    from app.resources import Resources

_ACCEPT_CHUNK = 500


class FollowState(TypedDict):
    username: str
    status: Literal["following", "requested", "none"]
    pending: bool


def _state(username: str, status: Literal["following", "requested", "none"]) -> FollowState:
    return {"username": username, "status": status, "pending": status == "requested"}


async def graph_changed(resources: "Resources", *user_ids: str) -> None:
    """Drop what is derived from these people's relations, so that their next read is right."""
    for user_id in user_ids:
        await resources.cache.invalidate(keys.relations_key(user_id))
        await resources.cache.drop(keys.home_key(user_id), keys.tray_key(user_id))


async def _insert_once(document: Any) -> bool:
    try:
        await document.insert()
    except DuplicateKeyError:
        return False
    return True


async def follow(ctx: Context, username: str) -> FollowState:
    """Follow, or ask a private account. Repeats change nothing."""
    target = await access.visible_person(ctx.resources, ctx.user_id, username)
    target_id: str = target["_id"]
    if target_id == ctx.user_id:
        raise Invalid.field("username", "You can't follow yourself.", "self_follow")
    if await queries.is_following(ctx.resources, ctx.user_id, target_id):
        return _state(target["username"], "following")
    key = pair(ctx.user_id, target_id)
    now = clock.now()
    row: Any
    status: Literal["following", "requested"]
    if target.get("is_private"):
        row = FollowRequest(id=key, requester_id=ctx.user_id, target_id=target_id, created_at=now)
        status = "requested"
    else:
        row = Follow(id=key, follower_id=ctx.user_id, followee_id=target_id, created_at=now)
        status = "following"
    await _insert_once(row)
    if await queries.blocked_between(ctx.resources, ctx.user_id, target_id):
        await _delete_pair(ctx.resources, key)
        raise people.not_found(username)
    await graph_changed(ctx.resources, ctx.user_id)
    return _state(target["username"], status)


async def _delete_pair(resources: "Resources", *pairs: str) -> None:
    rows = {"_id": {"$in": list(pairs)}}
    # In this order: a request that is accepted meanwhile is a follow then.
    await resources.mongo.follow_requests.delete_many(rows)
    await resources.mongo.follows.delete_many(rows)


async def unfollow(ctx: Context, username: str) -> FollowState:
    """Unfollow, or withdraw a request."""
    target = await access.visible_person(ctx.resources, ctx.user_id, username)
    await _delete_pair(ctx.resources, pair(ctx.user_id, target["_id"]))
    await graph_changed(ctx.resources, ctx.user_id)
    return _state(target["username"], "none")


async def remove_follower(ctx: Context, username: str) -> FollowState:
    """Make someone stop following oneself; they are not told."""
    person = await access.visible_person(ctx.resources, ctx.user_id, username)
    await _delete_pair(ctx.resources, pair(person["_id"], ctx.user_id))
    await graph_changed(ctx.resources, person["_id"])
    return _state(person["username"], "none")


async def accept(ctx: Context, username: str) -> FollowState:
    """Let a requester follow; NotFound when they did not ask (any more)."""
    person = await access.visible_person(ctx.resources, ctx.user_id, username)
    between = (ctx.resources, person["_id"], ctx.user_id)
    if not await _accept(*between) and not await queries.is_following(*between):
        raise _no_request(username)
    return _state(person["username"], "following")


async def _accept(resources: "Resources", requester: str, target: str) -> bool:
    """Whether there was a request; the requester follows from now on."""
    key = pair(requester, target)
    row = {"follower_id": requester, "followee_id": target, "created_at": clock.now()}

    async def work(session: Any) -> bool:
        gone = await resources.mongo.follow_requests.delete_one({"_id": key}, session=session)
        if gone.deleted_count:
            await resources.mongo.follows.update_one(
                {"_id": key, "followee_id": target},
                {"$setOnInsert": {**row, "accepted": True, "imported": False}},
                upsert=True,
                session=session,
            )
        return bool(gone.deleted_count)

    if not await transaction(resources, work):
        return False
    if await queries.blocked_between(resources, requester, target):
        await _delete_pair(resources, key)
    await graph_changed(resources, requester)
    return True


async def accept_all(resources: "Resources", target: str) -> int:
    """Accept every pending request: the account went public."""
    accepted = 0
    while True:
        rows = await resources.mongo.follow_requests.find({"target_id": target}).to_list(
            _ACCEPT_CHUNK
        )
        for row in rows:
            await _accept(resources, row["requester_id"], target)
        accepted += len(rows)
        if len(rows) < _ACCEPT_CHUNK:
            return accepted


async def decline(ctx: Context, username: str) -> FollowState:
    person = await access.visible_person(ctx.resources, ctx.user_id, username)
    key = pair(person["_id"], ctx.user_id)
    result = await ctx.resources.mongo.follow_requests.delete_one({"_id": key})
    if result.deleted_count == 0:
        raise _no_request(username)
    return _state(person["username"], "none")


def _no_request(username: str) -> NotFound:
    return NotFound(f"{username} has not asked to follow you.", "request_not_found")


async def block(ctx: Context, username: str) -> None:
    """Hide both from each other and end all follows between them. Repeats change nothing."""
    target = await people.card_by_name(ctx.resources, username)
    target_id: str = target["_id"]
    if target_id == ctx.user_id:
        raise Invalid.field("username", "You can't block yourself.", "self_block")
    await _insert_once(
        Block(
            id=pair(ctx.user_id, target_id),
            blocker_id=ctx.user_id,
            blocked_id=target_id,
            created_at=clock.now(),
        )
    )
    await sever(ctx.resources, ctx.user_id, target_id)


async def sever(resources: "Resources", one: str, other: str) -> None:
    """Delete follows and requests both ways, and take each off the other's lists. Repeated by a
    worker, in case the process that stored the block died before this."""
    await _delete_pair(resources, pair(one, other), pair(other, one))
    rows = [{"owner_id": one, "user_id": other}, {"owner_id": other, "user_id": one}]
    await resources.mongo.audience_members.delete_many({"$or": rows})
    await graph_changed(resources, one, other)


async def unblock(ctx: Context, username: str) -> None:
    target = await people.card_by_name(ctx.resources, username)
    await ctx.resources.mongo.blocks.delete_one({"_id": pair(ctx.user_id, target["_id"])})
    await graph_changed(ctx.resources, ctx.user_id, target["_id"])


async def mute(ctx: Context, username: str) -> None:
    target = await access.visible_person(ctx.resources, ctx.user_id, username)
    if target["_id"] == ctx.user_id:
        raise Invalid.field("username", "You can't mute yourself.", "self_mute")
    await _insert_once(
        Mute(
            id=pair(ctx.user_id, target["_id"]),
            muter_id=ctx.user_id,
            muted_id=target["_id"],
            created_at=clock.now(),
        )
    )
    await graph_changed(ctx.resources, ctx.user_id)


async def unmute(ctx: Context, username: str) -> None:
    target = await people.card_by_name(ctx.resources, username)
    await ctx.resources.mongo.mutes.delete_one({"_id": pair(ctx.user_id, target["_id"])})
    await graph_changed(ctx.resources, ctx.user_id)


async def restrict(ctx: Context, username: str) -> None:
    """Keep someone's new comments under one's posts between the two, until approved, and from
    them when one is active, types, and how far one has read. They are not told. Repeats change
    nothing."""
    target = await access.visible_person(ctx.resources, ctx.user_id, username)
    if target["_id"] == ctx.user_id:
        raise Invalid.field("username", "You can't restrict yourself.", "self_restrict")
    await _insert_once(
        Restrict(
            id=pair(ctx.user_id, target["_id"]),
            restricter_id=ctx.user_id,
            restricted_id=target["_id"],
            created_at=clock.now(),
        )
    )


async def unrestrict(ctx: Context, username: str) -> None:
    target = await people.card_by_name(ctx.resources, username)
    await ctx.resources.mongo.restricts.delete_one({"_id": pair(ctx.user_id, target["_id"])})
