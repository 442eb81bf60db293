"""Rules and writes of posts."""

from typing import TYPE_CHECKING, Any

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from app import clock, ids, text
from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.graph import audiences, keys, queries as graph
from app.graph.models import pair
from app.identity import queries as people
from app.media import service as media
from app.operation import Context, Encoded
from app.posts import access, marks, queries
from app.posts.models import Collection, Location, Post, PostMedia, Save, Tag

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]
ITEMS_MAX = 10
HASHTAGS_MAX = 30
MENTIONS_MAX = 30
TAGS_MAX = 20
COLLECTIONS_MAX = 200
_LOST_AFTER_MS = 86_400_000


class Draft:
    """What `posts.create` was asked for, checked by its parameters already."""

    def __init__(
        self,
        caption: str,
        items: list[Raw],
        location: Location | None,
        audience: str,
        comments_disabled: bool,
    ) -> None:
        self.caption = caption
        self.items = items
        self.location = location
        self.audience = audience
        self.comments_disabled = comments_disabled


def check_caption(caption: str) -> list[str]:
    """The caption's hashtags; Invalid when there are too many."""
    tags = text.hashtags(caption)
    if len(tags) > HASHTAGS_MAX:
        raise Invalid.field(
            "caption", f"At most {HASHTAGS_MAX} hashtags; this has {len(tags)}.", "too_many_tags"
        )
    return tags


async def mentioned(resources: "Resources", author_id: str, words: str) -> list[str]:
    """Ids of the people mentioned who exist and have no block with the author."""
    cards = await people.cards_by_name(resources, text.mentions(words)[:MENTIONS_MAX])
    ids = [card["_id"] for card in cards.values() if card["_id"] != author_id]
    blocked = await graph.blocked_among(resources, author_id, ids)
    return [user_id for user_id in ids if user_id not in blocked]


async def create(ctx: Context, draft: Draft) -> Encoded:
    """Store the post. It is published at once when all its media are ready, else when the last
    of them is. A repeat with the same idempotency key finds the post of the first time."""
    resources = ctx.resources
    hashtags = check_caption(draft.caption)
    audience = await audiences.check(ctx, draft.audience)
    post_id = ctx.new_id("post")
    tags = [await _tags(ctx, item.get("tags") or []) for item in draft.items]
    mentions = await mentioned(resources, ctx.user_id, draft.caption)
    # Last of what may be refused: a claim for a post that is then not made would block the
    # uploads for the corrected request.
    documents = await media.claim_all(
        ctx,
        [item["url"] for item in draft.items],
        post_id,
        audience=audience,
    )
    items = [
        _item(document, item, of)
        for document, item, of in zip(documents, draft.items, tags, strict=True)
    ]
    now = clock.now()
    ready = all(item.status == "ready" for item in items)
    post = Post(
        id=post_id,
        author_id=ctx.user_id,
        status="published" if ready else "pending",
        caption=draft.caption,
        hashtags=hashtags,
        mentions=mentions,
        media=items,
        location=draft.location,
        audience=audience,
        comments_disabled=draft.comments_disabled,
        created_at=now,
        published_at=now if ready else None,
    )
    try:
        await post.insert()
    except DuplicateKeyError:
        pass  # the repeat of a request whose answer was lost
    else:
        if not ready:
            # A medium may have become ready between our reading it and storing the post.
            await settle(resources, post_id)
    await resources.cache.drop(keys.home_key(ctx.user_id))
    stored = await access.own_post(resources, ctx.user_id, post_id)
    return await queries.encoded_post(resources, ctx.user_id, stored)


def _item(document: Raw, item: Raw, tags: list[Tag]) -> PostMedia:
    return PostMedia(
        media_id=document["_id"],
        type=document["kind"],
        alt_text=item.get("alt_text") or "",
        tags=tags,
        **_state(document),
    )


def _state(document: Raw) -> Raw:
    """What an item copies from its medium."""
    names = ("reason", "width", "height", "thumbhash", "duration", "variants")
    return {"status": document["status"], **{name: document.get(name) for name in names}}


async def _tags(ctx: Context, wanted: list[Raw]) -> list[Tag]:
    cards = await people.cards_by_name(ctx.resources, [tag["username"] for tag in wanted])
    ids = [card["_id"] for card in cards.values()]
    blocked = await graph.blocked_among(ctx.resources, ctx.user_id, ids)
    tags = []
    for tag in wanted:
        card = cards.get(tag["username"].lower())
        if card is None or card["_id"] in blocked:
            raise Invalid.field(
                "media.tags", f"There is no account {tag['username']!r}.", "user_not_found"
            )
        tags.append(Tag(user_id=card["_id"], x=tag["x"], y=tag["y"]))
    return tags


async def settle(resources: "Resources", post_id: str) -> None:
    """Copy the state of its media into a post, and publish it when all are ready. Called by
    whoever might be the last to know; doing it twice changes nothing."""
    post = await resources.mongo.posts.find_one({"_id": post_id})
    if post is None or post["status"] == "deleted":
        return
    documents = await media.by_ids(resources, [item["media_id"] for item in post["media"]])
    items = [item | _state(documents[item["media_id"]]) for item in post["media"]]
    change: Raw = {"media": items}
    if post["status"] == "pending" and all(item["status"] == "ready" for item in items):
        now = clock.now()
        change |= {"status": "published", "status_from": "pending", "published_at": now}
    elif items == post["media"]:
        return
    await resources.mongo.posts.update_one(
        {"_id": post_id, "status": post["status"]}, {"$set": change}
    )


async def media_settled(resources: "Resources", media_id: str) -> list[Raw]:
    """A medium became ready or failed: bring its posts up to date; the raw posts after that."""
    for post in await queries.posts_with_media(resources, media_id):
        await settle(resources, post["_id"])
    return await queries.posts_with_media(resources, media_id)


async def update(ctx: Context, post_id: str, change: Raw) -> Encoded:
    """Change caption, location, comments_disabled or alt texts of one's own post."""
    resources = ctx.resources
    post = await access.own_post(resources, ctx.user_id, post_id)
    written: Raw = {}
    if "caption" in change:
        written["caption"] = change["caption"]
        written["hashtags"] = check_caption(change["caption"])
        written["mentions"] = await mentioned(resources, ctx.user_id, change["caption"])
    for name in ("location", "comments_disabled"):
        if name in change:
            written[name] = change[name]
    if "alt_texts" in change:
        if len(change["alt_texts"]) != len(post["media"]):
            raise Invalid.field("alt_texts", f"Send {len(post['media'])}, one for each item.")
        for at, alt_text in enumerate(change["alt_texts"]):
            written[f"media.{at}.alt_text"] = alt_text
    changed = {name: value for name, value in written.items() if post.get(name, ...) != value}
    if changed:
        if set(changed) != {"comments_disabled"}:
            changed["edited_at"] = clock.now()
        post = await resources.mongo.posts.find_one_and_update(
            {"_id": post_id, "status": {"$ne": "deleted"}},
            {"$set": changed},
            return_document=ReturnDocument.AFTER,
        )
        if post is None:
            raise access.not_found()
        await marks.touched(resources, ctx.user_id, post_id)
    return await queries.encoded_post(resources, ctx.user_id, post)


async def delete(ctx: Context, post_id: str) -> None:
    """Gone for everyone, at once. Its media follow with the next sweep."""
    await access.own_post(ctx.resources, ctx.user_id, post_id)
    await ctx.resources.mongo.posts.update_one(
        {"_id": post_id, "status": {"$ne": "deleted"}},
        [
            {
                "$set": {
                    "status_from": "$status",
                    "status": "deleted",
                    "deleted_at": clock.now(),
                }
            }
        ],
    )
    await media.withdraw(ctx.resources, post_id)
    await marks.touched(ctx.resources, ctx.user_id, post_id)


async def archive(ctx: Context, post_id: str) -> Encoded:
    """Hide from all but oneself; likes and comments are kept."""
    return await _move(ctx, post_id, "published", "archived")


async def unarchive(ctx: Context, post_id: str) -> Encoded:
    return await _move(ctx, post_id, "archived", "published")


async def _move(ctx: Context, post_id: str, before: str, after: str) -> Encoded:
    post = await access.own_post(ctx.resources, ctx.user_id, post_id)
    if post["status"] != after:
        moved = await ctx.resources.mongo.posts.find_one_and_update(
            {"_id": post_id, "status": before},
            {"$set": {"status": after, "status_from": before}},
            return_document=ReturnDocument.AFTER,
        )
        if moved is None:
            raise Conflict(f"This post is {post['status']}, not {before}.", "wrong_status")
        post = moved
        await marks.touched(ctx.resources, ctx.user_id, post_id)
        await ctx.resources.cache.drop(keys.home_key(ctx.user_id))
    return await queries.encoded_post(ctx.resources, ctx.user_id, post)


async def like(ctx: Context, post_id: str, reaction: str) -> int:
    """Like, or change the reaction; the number of likes after that. Repeats change nothing."""
    resources = ctx.resources
    status, count = await access.likeable(resources, ctx.user_id, post_id)
    if status != "published":
        raise Forbidden("This post is not published.", "not_published")
    row = {
        "_id": pair(post_id, ctx.user_id),
        "post_id": post_id,
        "user_id": ctx.user_id,
        "reaction": reaction,
        "created_at": clock.now(),
    }
    is_new = await resources.likes.add(row)
    if not is_new:
        changed = {"_id": row["_id"], "reaction": {"$ne": reaction}}
        await resources.mongo.likes.update_one(changed, {"$set": {"reaction": reaction}})
    await marks.set_liked(resources, ctx.user_id, post_id, True)
    return count + is_new


async def unlike(ctx: Context, post_id: str) -> int:
    resources = ctx.resources
    _, count = await access.likeable(resources, ctx.user_id, post_id)
    row = {"_id": pair(post_id, ctx.user_id)}
    gone = await resources.mongo.likes.delete_one(row)
    await marks.set_liked(resources, ctx.user_id, post_id, False)
    return max(0, count - gone.deleted_count)


async def save(ctx: Context, post_id: str, collection_id: str | None) -> None:
    """Save, and put into a collection when one is named. Repeats change nothing."""
    await access.visible_post(ctx.resources, ctx.user_id, post_id)
    if collection_id is not None:
        await own_collection(ctx, collection_id)
    row = Save(
        id=pair(ctx.user_id, post_id),
        user_id=ctx.user_id,
        post_id=post_id,
        collection_ids=[collection_id] if collection_id else [],
        created_at=clock.now(),
    )
    try:
        await row.insert()
    except DuplicateKeyError:
        if collection_id is not None:
            await ctx.resources.mongo.saves.update_one(
                {"_id": row.id}, {"$addToSet": {"collection_ids": collection_id}}
            )
    await marks.set_saved(ctx.resources, ctx.user_id, post_id, True)


async def unsave(ctx: Context, post_id: str, collection_id: str | None) -> None:
    """Take out of one collection, or forget the save altogether."""
    row = {"_id": pair(ctx.user_id, post_id)}
    if collection_id is not None:
        await own_collection(ctx, collection_id)
        await ctx.resources.mongo.saves.update_one(
            row, {"$pull": {"collection_ids": collection_id}}
        )
        return
    await ctx.resources.mongo.saves.delete_one(row)
    await marks.set_saved(ctx.resources, ctx.user_id, post_id, False)


async def own_collection(ctx: Context, collection_id: str) -> Raw:
    found = await ctx.resources.mongo.collections.find_one(
        {"_id": collection_id, "owner_id": ctx.user_id}
    )
    if found is None:
        raise NotFound("You have no such collection.", "collection_not_found")
    return found


async def create_collection(ctx: Context, name: str) -> Collection:
    held = await ctx.resources.mongo.collections.count_documents({"owner_id": ctx.user_id})
    if held >= COLLECTIONS_MAX:
        raise Conflict(f"At most {COLLECTIONS_MAX} collections.", "too_many_collections")
    collection = Collection(
        id=ctx.new_id("col"), owner_id=ctx.user_id, name=name, created_at=clock.now()
    )
    try:
        await collection.insert()
    except DuplicateKeyError as error:
        if await Collection.get(collection.id) is None:
            raise Conflict(
                f"You have a collection {name!r} already.",
                "collection_exists",
                fields={"name": "Already taken."},
            ) from error
    return collection


async def release_lost_media(resources: "Resources") -> int:
    """Give up media of posts that were never stored: the process died between claiming the
    media and storing the post, and nobody repeated the request within a day. How many posts."""
    now = ids.now_ms()
    window = {
        "$gte": ids.lowest_id("post", now - 2 * _LOST_AFTER_MS),
        "$lt": ids.lowest_id("post", now - _LOST_AFTER_MS),
    }
    claimed: list[str] = await resources.mongo.media.distinct(
        "attached_to", {"attached_to": window}
    )
    stored = resources.mongo.posts.find({"_id": {"$in": claimed}}, {"_id": 1})
    lost = set(claimed) - {row["_id"] async for row in stored}
    for post_id in lost:
        await media.withdraw(resources, post_id)
    return len(lost)
