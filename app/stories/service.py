"""Rules and writes of stories that were told: views, reactions, showing again, deleting."""

from typing import TYPE_CHECKING, Any

from pymongo.errors import DuplicateKeyError

from app import clock
from app.counts import queries as counts
from app.errors import Forbidden, NotFound
from app.graph import audiences
from app.graph.models import pair
from app.media import service as media
from app.operation import Context
from app.stories import access, queries, seen, telling
from app.stories.ending import gone_at
from app.transaction import transaction

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]
VIEWS_EXACT_MAX = 100


async def view(ctx: Context, story_id: str) -> int:
    """Note that the caller has seen it, once; how many have. Stored when this returns. The
    author's own look counts for nothing."""
    resources, viewer = ctx.resources, ctx.user_id
    story = await access.visible_story(resources, viewer, story_id)
    if story["author_id"] != viewer:
        await resources.views.add(
            {
                "_id": pair(story_id, viewer),
                "story_id": story_id,
                "viewer_id": viewer,
                "seen_at": clock.now(),
                "gone_at": gone_at(resources.settings, story),
                "impressions": 1,
                "forward": 0,
                "back": 0,
                "exits": 0,
            }
        )
        await seen.mark(resources, viewer, story_id)
    return await view_count(resources, story_id)


async def view_count(resources: "Resources", story_id: str) -> int:
    """Distinct people; exact while few, so that each sees their own look counted."""
    exact = await resources.mongo.story_views.count_documents(
        {"story_id": story_id}, limit=VIEWS_EXACT_MAX + 1
    )
    if exact <= VIEWS_EXACT_MAX:
        return int(exact)
    return max(int(exact), (await counts.counts_of(resources, [story_id]))[story_id].views)


async def react(ctx: Context, story_id: str, reaction: str) -> None:
    """One reaction a person: the newest holds."""
    story = await access.visible_story(ctx.resources, ctx.user_id, story_id)
    first = {
        "story_id": story_id,
        "user_id": ctx.user_id,
        "author_id": story["author_id"],
        "created_at": clock.now(),
        "gone_at": gone_at(ctx.resources.settings, story),
    }
    row = {"_id": pair(story_id, ctx.user_id)}
    update = {"$set": {"reaction": reaction}, "$setOnInsert": first}
    try:
        await ctx.resources.mongo.story_reactions.update_one(row, update, upsert=True)
    except DuplicateKeyError:  # two at once, both to insert
        await ctx.resources.mongo.story_reactions.update_one(row, update)


async def unreact(ctx: Context, story_id: str) -> None:
    await access.visible_story(ctx.resources, ctx.user_id, story_id)
    await ctx.resources.mongo.story_reactions.delete_one({"_id": pair(story_id, ctx.user_id)})


async def repost(ctx: Context, story_id: str, audience: str, overlays: list[Raw]) -> Raw:
    """Show someone's story in one's own: its picture and what lies over it, with their name. A
    repost of a repost shows the first one. Whoever sees it has to be in both audiences."""
    resources = ctx.resources
    new_id = ctx.new_id("story")
    shown = await access.visible_story(resources, ctx.user_id, story_id)
    if shown.get("origin"):
        shown = await access.visible_story(resources, ctx.user_id, shown["origin"]["story_id"])
    if shown["author_id"] == ctx.user_id:
        raise Forbidden("This is your own story already.", "own_story")
    if not shown["allow_repost"]:
        raise Forbidden("Its author does not want this story shown again.", "repost_not_allowed")
    if shown["status"] != "live":
        raise access.not_found()
    audience = await audiences.check(ctx, audience)
    added = await telling.with_people(ctx, overlays)
    if (stored := await telling.stored_before(ctx, new_id)) is not None:
        return stored
    await telling.check_room(ctx, None)
    origin = {
        "story_id": shown["_id"],
        "author_id": shown["author_id"],
        "audience": shown["audience"],
    }
    documents = await media.by_ids(resources, [shown["media"]["media_id"]])
    if shown["media"]["media_id"] not in documents:
        raise access.not_found()
    document = await media.copy(
        resources,
        documents[shown["media"]["media_id"]],
        ctx.user_id,
        ctx.new_id("media"),
        {"attached_to": new_id, "audience": audience, "origin": origin},
    )
    content: Raw = {
        "_id": new_id,
        "author_id": ctx.user_id,
        "audience": audience,
        "media": {**shown["media"], "media_id": document["_id"], **telling.state(document)},
        "duration": shown["duration"],
        "overlays": [*shown["overlays"], *added],
        "filter": shown["filter"],
        "stickers": [],
        "mentions": telling.mentioned(added),
        "allow_repost": True,
        "allow_replies": True,
        "origin": origin,
    }
    return await telling.store(ctx, content, kept=True, sequence_id=None)


async def delete(ctx: Context, story_id: str) -> None:
    """Gone for everyone at once, from the archive and highlights too; where it was shown again, in
    a moment."""
    story = await access.visible_story(ctx.resources, ctx.user_id, story_id)
    if story["author_id"] != ctx.user_id:
        raise Forbidden("Only its author may delete a story.", "not_author")
    await withdraw(ctx.resources, story)
    ctx.resources.memory.stories.drop(ctx.user_id)


async def withdraw(resources: "Resources", story: Raw) -> None:
    """End a story before its time, and forget it. Repeats change nothing."""
    mongo = resources.mongo
    where = {"_id": story["_id"], "author_id": story["author_id"]}
    gone = {"deleted_at": clock.now(), "kept": False, "gone_at": gone_at(resources.settings, story)}

    async def work(session: Any) -> None:
        await mongo.story_records.update_one(where, {"$set": gone}, session=session)
        await mongo.stories.delete_one(where, session=session)

    await transaction(resources, work)
    await media.withdraw(resources, story["_id"])
    await mongo.highlights.update_many(
        {"story_ids": story["_id"]}, {"$pull": {"story_ids": story["_id"]}}
    )


async def withdraw_reposts(resources: "Resources", story_id: str) -> None:
    """Its author deleted the story: where others show it again, it goes as well."""
    for story in await queries.reposts(resources, {"origin.story_id": story_id}):
        await withdraw(resources, story)


async def withdraw_reposts_between(resources: "Resources", one: str, other: str) -> None:
    """There is a block: neither goes on showing what the other told."""
    for author, owner in ((one, other), (other, one)):
        which = {"author_id": author, "origin.author_id": owner}
        for story in await queries.reposts(resources, which):
            await withdraw(resources, story)


async def forget(ctx: Context, story_id: str) -> None:
    """Delete one that has ended from the archive, with its media; NotFound when it isn't there."""
    record = await queries.record(ctx.resources, story_id)
    if (
        record is None
        or record["author_id"] != ctx.user_id
        or not record["kept"]
        or not record["has_ended"]
    ):
        raise NotFound("There is no such story in your archive.", "story_not_found")
    await withdraw(ctx.resources, record)
