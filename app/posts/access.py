"""Who may see a post, and who may change it."""

from typing import TYPE_CHECKING, Any

from app.audience import CLOSE, CLOSE_FRIENDS
from app.counts import queries as counts
from app.errors import Forbidden, NotFound
from app.graph import access as graph
from app.graph.models import pair
from app.graph.sight import Asked, Claim, Claims, settle
from app.identity import queries as people

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]
LIKES_EXACT_MAX = 100
# `app.audience.list_of`, in the database; for an open audience the name of no list.
_LIST: Raw = {
    "$cond": [
        {"$eq": ["$post.audience", CLOSE_FRIENDS]},
        CLOSE,
        {"$substrBytes": ["$post.audience", 5, -1]},
    ]
}


def not_found() -> NotFound:
    return NotFound("This post does not exist, or is not for you to see.", "post_not_found")


async def visible_post(resources: "Resources", viewer: str, post_id: str) -> Raw:
    """The raw post if `viewer` may see it, else NotFound. Read from the database each time.

    Its author sees it in every state but deleted; others when it is published, they are in
    its audience, and no block stands between.
    """
    rows = await resources.mongo.posts.aggregate(
        [
            {"$match": {"_id": post_id, "status": {"$ne": "deleted"}}},
            {"$project": {"post": "$$ROOT", "author_id": 1}},
            {
                "$set": {
                    "pairs": [
                        {"$concat": [viewer, ":", "$author_id"]},
                        {"$concat": ["$author_id", ":", viewer]},
                    ],
                    "member": {"$concat": ["$author_id", ":", _LIST, ":", viewer]},
                }
            },
            _lookup("users", "author_id", "owner", {"is_private": 1}),
            _lookup("blocks", "pairs", "blocks", {"_id": 1}),
            _lookup("follows", "pairs", "follows", {"_id": 1}),
            _lookup("audience_members", "member", "listed", {"_id": 1}),
        ]
    ).to_list(1)
    if not rows:
        raise not_found()
    found = rows[0]
    post: Raw = found["post"]
    if viewer == post["author_id"]:
        return post
    allowed = found["owner"] and graph.allowed(
        found["owner"][0],
        post["audience"],
        blocked=bool(found["blocks"]),
        following=any(row["_id"] == found["pairs"][0] for row in found["follows"]),
        listed=bool(found["listed"]),
    )
    if post["status"] != "published" or not allowed:
        raise not_found()
    return post


def _lookup(collection: str, field: str, name: str, fields: Raw) -> Raw:
    return {
        "$lookup": {
            "from": collection,
            "localField": field,
            "foreignField": "_id",
            "pipeline": [{"$project": fields}],
            "as": name,
        }
    }


async def may_see(resources: "Resources", viewer: str, post: Raw) -> bool:
    if post["status"] == "deleted":
        return False
    if viewer == post["author_id"]:
        return True
    if post["status"] != "published":
        return False
    owner = (await people.cards(resources, [post["author_id"]])).get(post["author_id"])
    return owner is not None and await graph.may_see_posts(
        resources, viewer, owner, post["audience"]
    )


async def may_see_post(resources: "Resources", viewer: str, post_id: str) -> bool:
    post = await resources.mongo.posts.find_one({"_id": post_id})
    return post is not None and await may_see(resources, viewer, post)


async def claims(resources: "Resources", asked: list[Asked]) -> Claims:
    """For topics of posts: who may see the post."""
    fields = {"author_id": 1, "audience": 1, "status": 1}
    query = {"_id": {"$in": list({one.id for one in asked})}, "status": {"$ne": "deleted"}}
    posts = {row["_id"]: row async for row in resources.mongo.posts.find(query, fields)}
    return {one: _claim(one, posts[one.id]) for one in asked if one.id in posts}


async def likeable(resources: "Resources", viewer: str, post_id: str) -> tuple[str, int]:
    """The status of a post that `visible_post` would give, and how many like it. Of all who ask
    at the time it is found out together: who likes a post is seldom alone.

    The number is exact while small, so that a person sees their own like counted; beyond
    LIKES_EXACT_MAX it is what the counters say, which may be a moment behind.
    """

    async def read(keys: list[str]) -> dict[str, Raw]:
        asked = [Asked(*key.split(":", 1)) for key in keys]
        posts = await _with_likes(resources, {one.id for one in asked})
        wanted = {one: _claim(one, posts[one.id]) for one in asked if one.id in posts}
        allowed, _ = await settle(resources, wanted)
        return {pair(one.viewer, one.id): posts[one.id] for one in allowed}

    key = pair(viewer, post_id)
    post: Raw | None = (await resources.reads.likeable.many([key], read)).get(key)
    if post is None:
        raise not_found()
    count: int = post["likes"]
    if count > LIKES_EXACT_MAX:
        count = (await counts.counts_of(resources, [post_id]))[post_id].likes
    return post["status"], count


async def _with_likes(resources: "Resources", post_ids: set[str]) -> dict[str, Raw]:
    """Author, audience, status, and `likes` as far as they are counted here."""
    few = [{"$limit": LIKES_EXACT_MAX + 1}, {"$project": {"_id": 1}}]
    likes = {"from": "likes", "localField": "_id", "foreignField": "post_id", "as": "likes"}
    rows = resources.mongo.posts.aggregate(
        [
            {"$match": {"_id": {"$in": list(post_ids)}, "status": {"$ne": "deleted"}}},
            {"$lookup": {**likes, "pipeline": few}},
            {
                "$project": {
                    "author_id": 1,
                    "audience": 1,
                    "status": 1,
                    "likes": {"$size": "$likes"},
                }
            },
        ]
    )
    return {row["_id"]: row for row in await rows.to_list(None)}


def _claim(asked: Asked, post: Raw) -> Claim | bool:
    if asked.viewer == post["author_id"]:
        return True
    return post["status"] == "published" and Claim(post["author_id"], post["audience"])


async def visible_among(resources: "Resources", viewer: str, post_ids: list[str]) -> set[str]:
    """Those of these posts that are published and that the viewer may see."""
    fields = {"author_id": 1, "audience": 1}
    query = {"_id": {"$in": post_ids}, "status": "published"}
    posts = await resources.mongo.posts.find(query, fields).to_list(None)
    allowed = await graph.allowed_among(
        resources, viewer, [(post["author_id"], post["audience"]) for post in posts]
    )
    return {post["_id"] for post in posts if (post["author_id"], post["audience"]) in allowed}


async def own_post(resources: "Resources", viewer: str, post_id: str) -> Raw:
    """The raw post of its author: NotFound for who may not see it, Forbidden for who may."""
    post = await visible_post(resources, viewer, post_id)
    if post["author_id"] != viewer:
        raise Forbidden("Only its author may change a post.", "not_author")
    return post
