"""Transports that break under a delivery: the others must not notice."""

import asyncio
from contextlib import AsyncExitStack

from app.live import Push
from app.resources import Resources
from realtime.client import Client
from tests.realtime.conftest import MakeAccount, SpawnNode
from tests.realtime.nodes import connected
from tests.realtime.test_limits import hear, raw, say


async def test_sockets_that_vanish_cost_the_others_nothing(
    resources: Resources, spawn_node: SpawnNode, account: MakeAccount
) -> None:
    """In a process of its own, since uvloop's transports refuse writes after they break."""
    node = await spawn_node("gw1")
    steady = await account()
    async with connected(steady, node.url) as client:
        for round_ in range(3):
            async with AsyncExitStack() as stack:
                doomed = [await account() for _ in range(4)]
                sockets = [await stack.enter_async_context(raw(node.url, who)) for who in doomed]
                for ws in sockets:
                    ws.transport.abort()
                people = [who.user_id for who in doomed] + [steady.user_id]
                for number in range(10):
                    await resources.live.push(people, Push(f"{round_}-{number}", "x", {}))
                assert len([await client.event() for _ in range(10)]) == 10


async def test_a_dead_transport_does_not_stop_a_topic(
    resources: Resources, spawn_node: SpawnNode, account: MakeAccount
) -> None:
    node = await spawn_node("gw1")
    ana, bob = await account(), await account()
    post_id = "post_" + ana.user_id.removeprefix("usr_")
    await resources.mongo.posts.insert_one(
        {"_id": post_id, "author_id": ana.user_id, "status": "published", "audience": "public"}
    )
    topic = f"post:{post_id}"
    async with connected(ana, node.url) as client:
        await client.subscribe(topic)
        for number in range(6):
            async with raw(node.url, bob) as ws:
                await say(ws, op="sub", id=1, topics=[topic])
                assert (await hear(ws))["data"]["topics"] == {topic: "ok"}
                ws.transport.abort()
                await resources.live.publish(topic, "post.counts", {"likes": number})
                assert (await client.update("post.counts")).data == {"likes": number}


async def test_a_client_object_can_be_opened_and_closed_often(
    spawn_node: SpawnNode, account: MakeAccount
) -> None:
    node = await spawn_node("gw1")
    ana = await account()
    for _ in range(20):
        async with Client(node.url, ana.token) as client:
            await asyncio.wait_for(client.online(), 30)
