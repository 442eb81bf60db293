"""Lists of people to show things to: one's close friends, and any number of others.

Whoever is on a list sees what is meant for it, follower or not: they were chosen one by one. A
block takes them off. A change holds from its answer on: every read of what is meant for a list
asks the database.
"""

from typing import TYPE_CHECKING, Any

from pymongo import DeleteOne, InsertOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from app import clock
from app.audience import CLOSE, list_of
from app.errors import Conflict, Invalid, NotFound
from app.graph import queries
from app.graph.models import AudienceList, member_key
from app.identity import queries as people
from app.operation import Context

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]
LISTS_MAX = 100
MEMBERS_MAX = 1000
_DUPLICATE = 11000


async def check(ctx: Context, audience: str, field: str = "audience") -> str:
    """The audience; Invalid when it names a list that is not the caller's."""
    list_id = list_of(audience)
    if list_id not in ("", CLOSE) and await _own(ctx.resources, ctx.user_id, list_id) is None:
        raise Invalid.field(field, "You have no such list.", "list_not_found")
    return audience


async def _own(resources: "Resources", owner_id: str, list_id: str) -> Raw | None:
    return await resources.mongo.audience_lists.find_one({"_id": list_id, "owner_id": owner_id})


async def own(ctx: Context, list_id: str) -> Raw:
    """The caller's list; NotFound for another's, or none."""
    found = await _own(ctx.resources, ctx.user_id, list_id)
    if found is None:
        raise NotFound("You have no such list.", "list_not_found")
    return found


async def _ids(ctx: Context, field: str, usernames: list[str]) -> list[str]:
    """The people of these names; Invalid names those who are not there (for the caller)."""
    cards = await people.cards_by_name(ctx.resources, usernames)
    ids = {card["_id"] for card in cards.values()}
    blocked = await queries.blocked_among(ctx.resources, ctx.user_id, ids)
    for name in usernames:
        card = cards.get(name.lower())
        if card is None or card["_id"] in blocked:
            raise Invalid.field(field, f"There is no account {name!r}.", "user_not_found")
        if card["_id"] == ctx.user_id:
            raise Invalid.field(field, "You see your own things anyway.", "self_in_list")
    return sorted(ids)


async def change(ctx: Context, list_id: str, add: list[str], remove: list[str]) -> None:
    """Put people on a list and take others off it, by username. Repeats change nothing.

    Invalid for names that are not there, or more than MEMBERS_MAX.
    """
    added = await _ids(ctx, "add", add)
    cards = await people.cards_by_name(ctx.resources, remove)
    removed = sorted({card["_id"] for card in cards.values()} - set(added))
    await _change(ctx, list_id, added, removed)


async def _change(ctx: Context, list_id: str, added: list[str], removed: list[str]) -> None:
    resources, owner = ctx.resources, ctx.user_id
    held = set(await queries.list_members(resources, owner, list_id))
    if len((held | set(added)) - set(removed)) > MEMBERS_MAX:
        raise Invalid.field("add", f"A list has at most {MEMBERS_MAX} people.", "list_full")
    now = clock.now()
    rows: list[InsertOne[Raw] | DeleteOne] = [
        InsertOne(
            {
                "_id": member_key(owner, list_id, user_id),
                "owner_id": owner,
                "list_id": list_id,
                "user_id": user_id,
                "created_at": now,
            }
        )
        for user_id in added
    ]
    rows += [DeleteOne({"_id": member_key(owner, list_id, user_id)}) for user_id in removed]
    if rows:
        try:
            await resources.mongo.audience_members.bulk_write(rows, ordered=False)
        except BulkWriteError as error:
            if any(e["code"] != _DUPLICATE for e in error.details["writeErrors"]):
                raise
    # As in following someone: a block is stored first and the rows deleted after, so one of the
    # two sees the other.
    blocked = await queries.blocked_among(resources, owner, added)
    await resources.mongo.audience_members.delete_many(
        {"_id": {"$in": [member_key(owner, list_id, user_id) for user_id in blocked]}}
    )


async def replace(ctx: Context, list_id: str, usernames: list[str]) -> None:
    """These people and no others."""
    wanted = await _ids(ctx, "usernames", usernames)
    held = await queries.list_members(ctx.resources, ctx.user_id, list_id)
    await _change(ctx, list_id, sorted(set(wanted) - set(held)), sorted(set(held) - set(wanted)))


async def create(ctx: Context, name: str, usernames: list[str]) -> Raw:
    resources = ctx.resources
    wanted = await _ids(ctx, "usernames", usernames)
    count = await resources.mongo.audience_lists.count_documents({"owner_id": ctx.user_id})
    if count >= LISTS_MAX:
        raise Conflict(f"At most {LISTS_MAX} lists.", "too_many_lists")
    made = AudienceList(
        id=ctx.new_id("list"), owner_id=ctx.user_id, name=name, created_at=clock.now()
    )
    try:
        await made.insert()
    except DuplicateKeyError as error:
        if await _own(resources, ctx.user_id, made.id) is None:
            raise _taken(name) from error
    await _change(ctx, made.id, wanted, [])
    return await own(ctx, made.id)


def _taken(name: str) -> Conflict:
    return Conflict(
        f"You have a list {name!r} already.", "list_exists", fields={"name": "Already taken."}
    )


async def rename(ctx: Context, list_id: str, name: str) -> None:
    try:
        await ctx.resources.mongo.audience_lists.update_one(
            {"_id": list_id, "owner_id": ctx.user_id}, {"$set": {"name": name}}
        )
    except DuplicateKeyError as error:
        raise _taken(name) from error


async def delete(ctx: Context, list_id: str) -> None:
    """What was meant for it is seen by its author alone from here on."""
    await own(ctx, list_id)
    await ctx.resources.mongo.audience_members.delete_many(
        {"owner_id": ctx.user_id, "list_id": list_id}
    )
    await ctx.resources.mongo.audience_lists.delete_one({"_id": list_id, "owner_id": ctx.user_id})
