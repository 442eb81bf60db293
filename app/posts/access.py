"""Who may see a post, and who may change it."""

from typing import TYPE_CHECKING, Any

from app.errors import Forbidden, NotFound
from app.graph import access as graph
from app.identity import queries as people

if TYPE_CHECKING:
    from app.resources import Resources

Raw = dict[str, Any]


def not_found() -> NotFound:
    return NotFound("This post does not exist, or is not for you to see.", "post_not_found")


async def visible_post(resources: "Resources", viewer: str, post_id: str) -> Raw:
    """The raw post if `viewer` may see it, else NotFound. Read from the database each time.

    Its author sees it in every state but deleted; others when it is published, they are in
    its audience, and no block stands between.
    """
    post = await resources.mongo.posts.find_one({"_id": post_id})
    if post is None or not await may_see(resources, viewer, post):
        raise not_found()
    return post


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
    """For the topic `post:<id>`."""
    post = await resources.mongo.posts.find_one({"_id": post_id})
    return post is not None and await may_see(resources, viewer, post)


async def own_post(resources: "Resources", viewer: str, post_id: str) -> Raw:
    """The raw post of its author: NotFound for who may not see it, Forbidden for who may."""
    post = await visible_post(resources, viewer, post_id)
    if post["author_id"] != viewer:
        raise Forbidden("Only its author may change a post.", "not_author")
    return post
