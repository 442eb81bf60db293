"""Topics: who may watch, what arrives, and what ends when the right to it does."""

import asyncio
from typing import Any

from app import clock, ids
from app.live import author_topic
from app.resources import Resources
from realtime.client import Client
from tests.realtime.conftest import MakeAccount
from tests.realtime.nodes import Account, Node, connected

COUNTS = {"likes": 1, "comments": 0, "shares": 0}


async def make_post(resources: Resources, author: Account, **fields: Any) -> str:
    post_id = ids.new_id("post")
    await resources.mongo.posts.insert_one(
        {
            "_id": post_id,
            "author_id": author.user_id,
            "status": "published",
            "audience": "public",
            **fields,
        }
    )
    return post_id


async def quiet(client: Client, seconds: float = 0.3) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await anext(client.updates())
    except TimeoutError:
        return True
    return False


async def test_who_may_watch_what(resources: Resources, node: Node, account: MakeAccount) -> None:
    ana, bob = await account(), await account()
    open_post = await make_post(resources, bob)
    closed_post = await make_post(resources, bob, audience="followers")
    own_post = await make_post(resources, ana, audience="followers")
    media_id = ids.new_id("media")
    await resources.mongo.media.insert_one({"_id": media_id, "owner_id": ana.user_id})
    expected = {
        "me": "ok",
        f"post:{open_post}": "ok",
        f"post:{closed_post}": "forbidden",
        f"post:{own_post}": "ok",
        f"post:{ids.new_id('post')}": "forbidden",
        f"media:{media_id}": "ok",
        f"media:{ids.new_id('media')}": "forbidden",
        f"presence:{bob.user_id}": "ok",
        f"presence:{ids.new_id('usr')}": "forbidden",
        f"conversation:{ids.new_id('conv')}": "forbidden",
        f"author:{bob.user_id}": "unknown",
        "post:*": "forbidden",
        "post:": "forbidden",
        "post:post_2": "forbidden",
        "x" * 300: "unknown",
        "": "unknown",
    }
    async with connected(ana, node.url) as client:
        assert await client.subscribe(*expected) == expected


async def test_updates_reach_watchers_on_every_node_and_nobody_else(
    resources: Resources, node: Node, other: Node, account: MakeAccount
) -> None:
    ana, bob, eve = await account(), await account(), await account()
    topic = f"post:{await make_post(resources, bob)}"
    async with (
        connected(ana, node.url) as one,
        connected(bob, other.url) as two,
        connected(eve, node.url) as third,
    ):
        await one.subscribe(topic)
        await two.subscribe(topic)
        await resources.live.publish(topic, "post.counts", COUNTS)
        for client in (one, two):
            update = await client.update("post.counts")
            assert (update.topic, update.data) == (topic, COUNTS)
        assert await quiet(third)
        await one.unsubscribe(topic)
        await resources.live.publish(topic, "post.counts", COUNTS)
        assert (await two.update("post.counts")).data == COUNTS
        assert await quiet(one)
    await asyncio.sleep(0.1)
    assert node.gateway.metrics.topics == 0


async def test_many_sockets_share_one_subscription(
    resources: Resources, node: Node, account: MakeAccount
) -> None:
    bob = await account()
    topic = f"post:{await make_post(resources, bob)}"
    clients = [Client(node.url, bob.token) for _ in range(5)]
    for client in clients:
        await client.__aenter__()
    await asyncio.gather(*(client.subscribe(topic) for client in clients))
    [(_, subscribers)] = await resources.redis.pubsub_numsub(f"topic:{topic}")
    assert subscribers == 1
    await asyncio.gather(*(client.unsubscribe(topic) for client in clients))
    await asyncio.gather(*(client.subscribe(topic) for client in clients))
    await resources.live.publish(topic, "post.counts", COUNTS)
    for client in clients:
        await client.update("post.counts")
        await client.__aexit__()


async def test_the_right_ends_at_once(
    resources: Resources, node: Node, account: MakeAccount
) -> None:
    ana, bob = await account(), await account()
    topic = f"post:{await make_post(resources, bob)}"
    async with connected(ana, node.url) as client, connected(bob, node.url) as author:
        await client.subscribe(topic)
        await author.subscribe(topic)
        await resources.mongo.blocks.insert_one(
            {
                "_id": f"{bob.user_id}:{ana.user_id}",
                "blocker_id": bob.user_id,
                "blocked_id": ana.user_id,
            }
        )
        await resources.live.recheck(ana.user_id)
        assert (await client.update("revoked")).topic == topic
        await resources.live.publish(topic, "post.counts", COUNTS)
        await author.update("post.counts")
        assert await quiet(client)
        assert await client.subscribe(topic) == {topic: "forbidden"}
        await resources.live.revoke_topic(topic)
        assert (await author.update("revoked")).topic == topic


async def test_a_popular_author_is_announced_to_followers(
    resources: Resources, node: Node, account: MakeAccount
) -> None:
    ana, bob, eve = await account(), await account(), await account()
    await resources.mongo.popular.insert_one({"_id": bob.user_id, "since": clock.now()})
    await resources.mongo.follows.insert_one(
        {
            "_id": f"{ana.user_id}:{bob.user_id}",
            "follower_id": ana.user_id,
            "followee_id": bob.user_id,
        }
    )
    hint = {"post_id": ids.new_id("post"), "author_id": bob.user_id}
    async with connected(ana, node.url) as client, connected(eve, node.url) as stranger:
        for _ in range(100):
            if node.gateway.metrics.topics:
                break
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.05)
        await resources.live.publish(author_topic(bob.user_id), "post.hint", hint)
        update = await client.update("post.hint")
        assert (update.topic, update.data) == ("me", hint)
        assert await quiet(stranger)


async def test_topics_survive_a_broken_connection_to_redis(
    resources: Resources, node: Node, account: MakeAccount
) -> None:
    bob = await account()
    topic = f"post:{await make_post(resources, bob)}"
    async with connected(bob, node.url) as client:
        await client.subscribe(topic)
        await resources.redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
        for _ in range(100):
            [(_, subscribers)] = await resources.redis.pubsub_numsub(f"topic:{topic}")
            if subscribers:
                break
            await asyncio.sleep(0.05)
        await resources.live.publish(topic, "post.counts", COUNTS)
        assert (await client.update("post.counts")).data == COUNTS


async def test_a_reconnected_client_has_its_topics_again(
    resources: Resources, node: Node, other: Node, account: MakeAccount
) -> None:
    bob = await account()
    topic = f"post:{await make_post(resources, bob)}"
    async with connected(bob, node.url, other.url) as client:
        await client.subscribe(topic)
        await client.cut()
        for _ in range(100):
            if client.connections == 2 and client.is_online:
                break
            await asyncio.sleep(0.02)
        assert (await client.subscribe(topic))[topic] == "ok"
        await resources.live.publish(topic, "post.counts", COUNTS)
        assert (await client.update("post.counts")).data == COUNTS
