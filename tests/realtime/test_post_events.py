"""Changes of posts, as followers' screens hear of them."""

from tests.realtime.conftest import Connect, MakeAccount
from tests.realtime.nodes import Node
from tests.realtime.talk import stored_post
from tests.workers.rig import Rig


async def test_an_update_tells_what_the_post_is_now(
    rig: Rig, node: Node, account: MakeAccount, connect: Connect
) -> None:
    """However soon after its publication, or after the update before."""
    ana, ben = await account(), await account()
    await rig.follow(ben.user_id, ana.user_id)
    author, follower = await connect(ana, node.url), await connect(ben, node.url)
    post_id = await stored_post(ana)
    await follower.event("post.new")
    for caption in ("one", "two"):
        await author.call("posts.update", {"post_id": post_id, "caption": caption})
        event = await follower.event("post.updated")
        assert (event.data["post_id"], event.data["caption"]) == (post_id, caption)
