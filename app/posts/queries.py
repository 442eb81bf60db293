"""Reads of posts, likes, saves and collections."""

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from app import clock, cursor as cursors, paging
from app.audience import of_list
from app.graph import queries as graph
from app.operation import Encoded
from app.posts import access, fragments, marks
from app.posts.views import pagination

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]
_IDS_CHUNK = 500


async def published_by(
    resources: "Resources",
    author_ids: list[str],
    before: list[Any] | None,
    limit: int,
    *,
    meant_for: Raw | None = None,
) -> list[tuple[str, int]]:
    """(post id, published at in ms) of the authors' newest posts before a position
    [published ms, post id]; those that `meant_for` gives, or all."""
    query: Raw = {"author_id": {"$in": author_ids}, "status": "published"}
    if before is not None:
        query |= paging.before("published_at", before)
    if meant_for is not None:
        query = {"$and": [query, meant_for]}
    rows = (
        resources.mongo.posts.find(query, {"published_at": 1})
        .sort([("published_at", -1), ("_id", -1)])
        .limit(limit)
    )
    return [(row["_id"], clock.ms(row["published_at"])) async for row in rows]


async def meant_for(
    resources: "Resources", viewer: str, author_ids: list[str], *, following: bool = True
) -> Raw:
    """The part of a filter that leaves what these authors meant for the viewer, who follows all
    of them or none."""
    open_ones = ["public", "followers"] if following else ["public"]
    listed = await graph.lists_with(resources, viewer, author_ids)
    choices: list[Raw] = [
        {"author_id": owner, "audience": of_list(list_id)} for owner, list_id in sorted(listed)
    ]
    if viewer in author_ids:
        choices.append({"author_id": viewer})
    return {"$or": [{"audience": {"$in": open_ones}}, *choices]}


async def listed_ids(
    resources: "Resources", author_id: str, audience: str, limit: int
) -> list[tuple[str, int]]:
    """(post id, published at in ms) of the author's newest posts for one list."""
    found = await published_by(
        resources, [author_id], None, limit, meant_for={"audience": audience}
    )
    return found


async def published_ids(resources: "Resources", author_id: str) -> AsyncIterator[list[str]]:
    """All of an author's published posts, in chunks."""
    query = {"author_id": author_id, "status": "published"}
    chunk: list[str] = []
    async for row in resources.mongo.posts.find(query, {"_id": 1}):
        chunk.append(row["_id"])
        if len(chunk) == _IDS_CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


async def grid(
    resources: "Resources",
    viewer: str,
    author_id: str,
    cursor: str | None,
    limit: int,
    *,
    following: bool,
) -> Encoded:
    """The profile grid: the author's published posts, newest first. The author's own pending
    posts stand in front of the first page."""
    secret = resources.settings.auth.secret
    purpose = f"grid:{author_id}"
    before = None if cursor is None else cursors.decode(secret, purpose, cursor)
    chosen = await meant_for(resources, viewer, [author_id], following=following)
    found = await published_by(resources, [author_id], before, limit + 1, meant_for=chosen)
    after = None
    if len(found) > limit:
        found = found[:limit]
        after = cursors.encode(secret, purpose, [found[-1][1], found[-1][0]])
    posts = await resources.mongo.posts.find({"_id": {"$in": [p for p, _ in found]}}).to_list(None)
    by_id = {post["_id"]: post for post in posts}
    ordered = [by_id[post_id] for post_id, _ in found if post_id in by_id]
    if viewer == author_id and cursor is None:
        pending = resources.mongo.posts.find({"author_id": author_id, "status": "pending"})
        ordered = await pending.sort("_id", -1).to_list(20) + ordered
    return await encoded_page(resources, viewer, ordered, after)


async def encoded_page(
    resources: "Resources", viewer: str, posts: list[Raw], next_cursor: str | None
) -> Encoded:
    """Raw posts as a `Posts` result."""
    made = await fragments.make(resources, posts)
    marked = await marks.of_posts(resources, viewer, [f.post["_id"] for f in made])
    result = Encoded(
        fragments.page(await fragments.encode(resources, viewer, made, marked), next_cursor)
    )
    result.pagination = pagination(next_cursor)
    return result


async def encoded_post(resources: "Resources", viewer: str, post: Raw) -> Encoded:
    """One raw post as a `PostView`, with counts read now."""
    resources.memory.counts.drop(post["_id"])
    resources.memory.shared.drop(post["_id"])
    made = await fragments.make(resources, [post])
    marked = await marks.of_posts(resources, viewer, [post["_id"]])
    return Encoded((await fragments.encode(resources, viewer, made, marked))[0])


async def archived(
    resources: "Resources", author_id: str, cursor: str | None, limit: int
) -> Encoded:
    archived = {"author_id": author_id, "status": "archived"}
    rows, following = await paging.by_id(resources, "posts", archived, "archived", cursor, limit)
    return await encoded_page(resources, author_id, rows, following)


async def page_of_likers(
    resources: "Resources", post_id: str, cursor: str | None, limit: int
) -> tuple[list[str], str | None]:
    """Who liked, newest first."""
    rows, following = await paging.by_time(
        resources,
        "likes",
        {"post_id": post_id},
        "created_at",
        f"likes:{post_id}",
        cursor,
        limit,
        {"user_id": 1, "created_at": 1},
    )
    return [row["user_id"] for row in rows], following


async def page_of_saved(
    resources: "Resources", viewer: str, collection_id: str | None, cursor: str | None, limit: int
) -> Encoded:
    """Saved posts that the viewer may still see, the one saved last first."""
    saved: Raw = {"user_id": viewer}
    if collection_id is not None:
        saved["collection_ids"] = collection_id
    rows, following = await paging.by_time(
        resources,
        "saves",
        saved,
        "created_at",
        f"saved:{viewer}:{collection_id}",
        cursor,
        limit,
        {"post_id": 1, "created_at": 1},
    )
    ids = [row["post_id"] for row in rows]
    found = {post["_id"]: post async for post in resources.mongo.posts.find({"_id": {"$in": ids}})}
    shown = await access.visible_among(resources, viewer, ids)
    shown |= {
        post_id
        for post_id, post in found.items()
        if post["author_id"] == viewer and post["status"] != "deleted"
    }
    posts = [found[post_id] for post_id in ids if post_id in shown]
    return await encoded_page(resources, viewer, posts, following)


async def collections_of(
    resources: "Resources", owner_id: str, cursor: str | None, limit: int
) -> tuple[list[Raw], str | None]:
    """The owner's collections by name, each with `count` and `cover` (a post id or None); and
    the next cursor."""
    found, after = cursors.page(
        resources.settings.auth.secret,
        f"collections {owner_id}",
        await resources.mongo.collections.find({"owner_id": owner_id}).to_list(None),
        lambda row: [row["name"], row["_id"]],
        cursor,
        limit,
    )
    for collection in found:
        inside = {"user_id": owner_id, "collection_ids": collection["_id"]}
        collection["count"] = await resources.mongo.saves.count_documents(inside)
        newest = await resources.mongo.saves.find_one(inside, sort=[("created_at", -1)])
        collection["cover"] = newest["post_id"] if newest else None
    return found, after


async def raw(resources: "Resources", post_id: str) -> Raw | None:
    """The stored post, whoever asks."""
    return await resources.mongo.posts.find_one({"_id": post_id})


async def posts_with_media(resources: "Resources", media_id: str) -> list[Raw]:
    query = {"media.media_id": media_id, "status": {"$in": ["pending", "published", "archived"]}}
    return await resources.mongo.posts.find(query).to_list(None)
