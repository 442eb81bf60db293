"""Permission to watch, asked by many at once: cheap for the database, and never out of date."""

import asyncio
from contextlib import AsyncExitStack
from random import Random
from typing import Any

from app.messages.conversations import direct_id
from app.resources import Resources
from tests.realtime.conftest import MakeAccount
from tests.realtime.nodes import Account, Node, connected
from tests.realtime.test_limits import hear, raw, say
from tests.realtime.test_topics import make_post

SOCKETS = 300
DELETED = {"$set": {"status": "deleted"}}
_READS = ("find", "aggregate", "count", "distinct", "getMore")


async def reads(resources: Resources) -> int:
    """Reads that MongoDB has answered in its life."""
    status = await resources.mongo.client.admin.command("serverStatus")
    commands = status["metrics"]["commands"]
    return sum(int(commands[name]["total"]) for name in _READS)


async def wanted_by(
    resources: Resources, people: list[Account], random: Random
) -> dict[Account, list[str]]:
    """Ten topics for each, as a screen has them: all of them theirs to watch."""
    authors = people[:20]
    private = authors[0].user_id
    await resources.mongo.users.update_one({"_id": private}, {"$set": {"is_private": True}})
    await resources.mongo.follows.insert_many(
        {"_id": f"{one.user_id}:{private}", "follower_id": one.user_id, "followee_id": private}
        for one in people[1:]
    )
    posts = [await make_post(resources, author) for author in authors for _ in range(3)]
    wanted = {}
    for place, one in enumerate(people):
        other = people[place - 1]
        pair = [one.user_id, other.user_id]
        conversation = {"_id": direct_id(*pair), "kind": "direct"}
        lists = {"member_ids": pair, "inbox": pair, "requests": [], "declined": []}
        await resources.mongo.conversations.insert_one(conversation | lists)
        wanted[one] = [
            *(f"post:{post_id}" for post_id in random.sample(posts, 7)),
            *(f"presence:{who.user_id}" for who in random.sample(people, 2)),
            f"conversation:{conversation['_id']}",
        ]
    return wanted


async def test_a_storm_of_resumes_costs_the_database_next_to_nothing(
    resources: Resources, node: Node, other: Node, account: MakeAccount
) -> None:
    people = [await account() for _ in range(SOCKETS)]
    wanted = await wanted_by(resources, people, Random(5))
    points: dict[Account, dict[str, Any]] = {}

    async def enter(stack: AsyncExitStack, who: Account) -> Any:
        ws = await stack.enter_async_context(raw(node.url))
        await say(ws, op="hello", token=who.token)
        welcome = await hear(ws)
        points[who] = {"epoch": welcome["epoch"], "seq": welcome["seq"]}

    async def again(stack: AsyncExitStack, who: Account) -> None:
        ws = await stack.enter_async_context(raw(other.url))
        await say(ws, op="hello", token=who.token, resume=points[who])
        assert (await hear(ws))["resumed"]
        await say(ws, op="sub", id=1, topics=wanted[who])
        while (answer := await hear(ws))["op"] != "result":
            pass
        assert answer["data"]["topics"] == dict.fromkeys(wanted[who], "ok")

    async with AsyncExitStack() as stack:
        await asyncio.gather(*(enter(stack, who) for who in people))
    await asyncio.sleep(1)  # what a first hello asks for is over
    before = await reads(resources)
    async with AsyncExitStack() as stack:
        await asyncio.gather(*(again(stack, who) for who in people))
        await asyncio.sleep(1)
        asked = await reads(resources) - before
    print(f"{asked} reads for {SOCKETS} resumes of 10 topics")
    assert asked <= 0.1 * SOCKETS


async def test_a_change_during_the_question_is_not_missed(
    resources: Resources, node: Node, account: MakeAccount
) -> None:
    """A block arrives while a socket subscribes: before, after, or right in the middle."""
    random = Random(11)
    ana = await account()
    async with connected(ana, node.url) as client:
        for _ in range(25):
            bob = await account()
            topic = f"post:{await make_post(resources, bob)}"

            async def block(author: str = bob.user_id) -> None:
                await asyncio.sleep(random.random() * 0.02)
                pair = {"blocker_id": author, "blocked_id": ana.user_id}
                await resources.mongo.blocks.insert_one({"_id": ":".join(pair.values())} | pair)
                await resources.live.recheck(ana.user_id)

            answers, _ = await asyncio.gather(client.subscribe(topic), block())
            if answers[topic] == "ok":
                while (await client.update("revoked")).topic != topic:
                    pass
            assert await client.subscribe(topic) == {topic: "forbidden"}


async def test_what_was_to_be_taken_away_is_found_when_word_of_it_was_lost(
    resources: Resources, node: Node, account: MakeAccount
) -> None:
    """Redis is emptied with the message in it: the node looks at all its topics again."""
    ana, bob = await account(), await account()
    topic = f"post:{await make_post(resources, bob)}"
    async with connected(ana, node.url) as client:
        await client.subscribe(topic)
        await resources.mongo.posts.update_one({"author_id": bob.user_id}, DELETED)
        await resources.redis.flushall()
        assert (await client.update("revoked")).topic == topic


async def test_an_update_by_someone_blocked_is_kept_from_the_first_topic_on(
    resources: Resources, node: Node, account: MakeAccount
) -> None:
    ana, bob, eve = await account(), await account(), await account()
    topic = f"post:{await make_post(resources, bob)}"
    pair = {"blocker_id": eve.user_id, "blocked_id": ana.user_id}
    await resources.mongo.blocks.insert_one({"_id": ":".join(pair.values())} | pair)
    async with connected(ana, node.url) as client:
        await client.subscribe(topic)
        await resources.live.publish(topic, "comment.new", {"by": "eve"}, about=eve.user_id)
        await resources.live.publish(topic, "comment.new", {"by": "bob"}, about=bob.user_id)
        assert (await client.update("comment.new")).data == {"by": "bob"}
