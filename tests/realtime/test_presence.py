"""Who is online, on two nodes: what watchers see follows from who is connected, and from nothing
else. Times are shortened: gone after 0.3 s, a node dead after 1.5 s."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Any

import pytest

from app.ids import now_ms
from app.messages.conversations import direct_id
from app.resources import Resources
from app.settings import Settings
from realtime.client import Client
from tests.realtime.conftest import Connect, MakeAccount, SpawnNode, StartNode
from tests.realtime.nodes import Account, Node, connected
from tests.realtime.test_topics import quiet
from tests.workers.rig import Rig, eventually

LINGER_MS, LIFE_MS = 300, 1500


def topic_of(account: Account) -> str:
    return f"presence:{account.user_id}"


def quick(settings: Settings, linger_ms: int = LINGER_MS) -> Settings:
    socket = replace(settings.socket, presence_linger_ms=linger_ms, presence_life_ms=LIFE_MS)
    return replace(settings, socket=socket)


@pytest.fixture
async def pair(start_node: StartNode, fresh_settings: Settings) -> tuple[Node, Node]:
    settings = quick(fresh_settings)
    return await start_node("gw1", settings), await start_node("gw2", settings)


async def state(client: Client) -> dict[str, Any]:
    """The next word about the one person watched."""
    data: dict[str, Any] = (await client.update("presence")).data
    return data


def ms(iso: str) -> int:
    return round(datetime.fromisoformat(iso).timestamp() * 1000)


async def test_online_while_any_node_holds_a_socket(
    pair: tuple[Node, Node], account: MakeAccount
) -> None:
    one, two = pair
    ana, eve = await account(), await account()
    async with connected(eve, one.url) as near, connected(eve, two.url) as far:
        for watcher in (near, far):
            assert await watcher.subscribe(topic_of(ana)) == {topic_of(ana): "ok"}
            assert await state(watcher) == {"online": False, "last_active_at": None}
        async with AsyncExitStack() as phone:
            await phone.enter_async_context(connected(ana, one.url))
            for watcher in (near, far):
                assert (await state(watcher))["online"]
            async with connected(ana, two.url), connected(ana, two.url):
                await phone.aclose()
                # Gone from one node, there on the other: nothing has happened.
                assert await quiet(near, 3 * LINGER_MS / 1000)
                assert await quiet(far, 0.1)
                before = now_ms()
        for watcher in (near, far):
            said = await state(watcher)
            assert said["online"] is False
            # When they went, not when it was said.
            assert before - 50 <= ms(said["last_active_at"]) <= now_ms()
        async with connected(eve, two.url) as late:
            await late.subscribe(topic_of(ana))
            assert await state(late) == said


async def test_a_reconnect_is_no_event(
    start_node: StartNode, fresh_settings: Settings, account: MakeAccount
) -> None:
    settings = quick(fresh_settings, linger_ms=2000)
    one, two = await start_node("gw1", settings), await start_node("gw2", settings)
    ana, eve = await account(), await account()
    async with connected(eve, two.url) as watcher:
        await watcher.subscribe(topic_of(ana))
        assert (await state(watcher))["online"] is False
        for node in (one, two, one, one):
            async with connected(ana, node.url):
                pass
        assert (await state(watcher))["online"]
        # All of it was one visit.
        assert (await state(watcher))["online"] is False
        assert await quiet(watcher)


async def test_a_killed_node_takes_its_people_with_it(
    start_node: StartNode, spawn_node: SpawnNode, fresh_settings: Settings, account: MakeAccount
) -> None:
    one = await start_node("gw1", quick(fresh_settings))
    life = {
        "GLIMPSE_SOCKET_PRESENCE_LIFE_MS": str(LIFE_MS),
        "GLIMPSE_SOCKET_PRESENCE_LINGER_MS": str(LINGER_MS),
    }
    doomed = await spawn_node("gw3", **life)
    ana, ben, eve = await account(), await account(), await account()
    async with AsyncExitStack() as stack:
        watcher = await stack.enter_async_context(connected(eve, one.url))
        for who in (ana, ben):
            await stack.enter_async_context(connected(who, doomed.url))
        await stack.enter_async_context(connected(ben, one.url))
        await watcher.subscribe(topic_of(ana), topic_of(ben))
        assert [(await state(watcher))["online"] for _ in range(2)] == [True, True]
        await doomed.kill()
        died = now_ms()
        gone = await watcher.update("presence")
        assert (gone.topic, gone.data["online"]) == (topic_of(ana), False)
        assert ms(gone.data["last_active_at"]) <= died
        # The same name lives again at once, and does not hold whom it held before.
        await start_node("gw3", quick(fresh_settings))
        assert await quiet(watcher, 2 * LIFE_MS / 1000)
        again = await stack.enter_async_context(connected(eve, one.url))
        await again.subscribe(topic_of(ana))
        assert (await state(again))["online"] is False


async def test_a_node_that_is_stopped_lets_its_people_go(
    pair: tuple[Node, Node], account: MakeAccount
) -> None:
    one, two = pair
    ana, ben, eve = await account(), await account(), await account()
    async with (
        connected(eve, one.url) as watcher,
        connected(ana, two.url),
        connected(ben, two.url, one.url),
    ):
        await watcher.subscribe(topic_of(ana), topic_of(ben))
        assert [(await state(watcher))["online"] for _ in range(2)] == [True, True]
        await two.stop()
        known = {topic_of(ana): True, topic_of(ben): True}
        async with asyncio.timeout(20):
            while known != {topic_of(ana): False, topic_of(ben): True}:
                update = await watcher.update("presence")
                known[update.topic] = update.data["online"]


async def test_an_emptied_redis_is_filled_again(
    resources: Resources, pair: tuple[Node, Node], account: MakeAccount
) -> None:
    one, two = pair
    ana, ben, eve = await account(), await account(), await account()
    async with connected(ana, one.url), connected(eve, two.url) as watcher:
        async with connected(ben, one.url):
            await watcher.subscribe(topic_of(ana), topic_of(ben))
            assert [(await state(watcher))["online"] for _ in range(2)] == [True, True]
            await resources.redis.flushall()
        gone = await watcher.update("presence")
        assert (gone.topic, gone.data["online"]) == (topic_of(ben), False)
        assert await quiet(watcher, 2 * LIFE_MS / 1000)
        async with connected(eve, two.url) as late:
            await late.subscribe(topic_of(ana))
            assert (await state(late))["online"]


async def test_when_someone_was_there_outlives_redis(
    resources: Resources, pair: tuple[Node, Node], account: MakeAccount
) -> None:
    ana, eve = await account(), await account()
    async with connected(ana, pair[0].url):
        pass
    await eventually(lambda: resources.mongo.activity.find_one({"_id": ana.user_id}))
    await resources.redis.flushall()
    async with connected(eve, pair[1].url) as watcher:
        await watcher.subscribe(topic_of(ana))
        said = await state(watcher)
        assert said["online"] is False
        assert said["last_active_at"] is not None


async def test_it_is_as_it_looks_whatever_happened(
    resources: Resources, pair: tuple[Node, Node], account: MakeAccount
) -> None:
    """People come and go on both nodes at random, while Redis drops subscriptions and is emptied:
    once quiet, watchers of every node know exactly who is there."""
    random = Random(20)
    people = [await account() for _ in range(6)]
    eve = await account()
    open_: dict[Account, list[Client]] = {who: [] for who in people}
    async with connected(eve, pair[0].url) as near, connected(eve, pair[1].url) as far:
        seen: list[dict[str, bool]] = [{}, {}]
        tasks = [
            asyncio.create_task(_follow(watcher, known))
            for watcher, known in zip((near, far), seen, strict=True)
        ]
        for watcher in (near, far):
            await watcher.subscribe(*map(topic_of, people))
        for step in range(60):
            who = random.choice(people)
            if open_[who] and random.random() < 0.5:
                await open_[who].pop(random.randrange(len(open_[who]))).__aexit__()
            else:
                client = Client(random.choice(pair).url, who.token)
                await client.__aenter__()
                open_[who].append(client)
            if step in (20, 40):
                await resources.redis.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
                await resources.redis.flushall()
            await asyncio.sleep(random.random() * 0.1)

        async def settled() -> bool:
            expected = {topic_of(who): bool(clients) for who, clients in open_.items()}
            return seen == [expected, expected]

        await eventually(settled, within_s=40)
        for task in tasks:
            task.cancel()
        for client in [client for clients in open_.values() for client in clients]:
            await client.__aexit__()


async def _follow(client: Client, known: dict[str, bool]) -> None:
    async for update in client.updates():
        if update.type == "presence":
            known[update.topic] = update.data["online"]


async def test_who_hides_is_hidden_at_once_and_sees_nobody(
    rig: Rig, node: Node, other: Node, account: MakeAccount, connect: Connect
) -> None:
    ana, ben = await account(), await account()
    one, two = await connect(ana, node.url), await connect(ben, other.url)
    await one.subscribe(topic_of(ben))
    await two.subscribe(topic_of(ana))
    assert (await state(one))["online"]
    assert (await state(two))["online"]
    assert await one.call("presence.get") == {"visible": True}
    assert await one.call("presence.update", {"visible": False}) == {"visible": False}
    assert (await two.update("revoked")).topic == topic_of(ana)
    assert (await one.update("revoked")).topic == topic_of(ben)
    for client, who in ((one, ben), (two, ana)):
        assert await client.subscribe(topic_of(who)) == {topic_of(who): "forbidden"}
    assert await one.subscribe(topic_of(ana)) == {topic_of(ana): "ok"}
    await one.call("presence.update", {"visible": True})
    assert await two.subscribe(topic_of(ana)) == {topic_of(ana): "ok"}


async def test_block_unfollow_and_privacy_end_it_at_once(
    rig: Rig, node: Node, other: Node, account: MakeAccount, connect: Connect
) -> None:
    ana, ben = await account(), await account()
    one, two = await connect(ana, node.url), await connect(ben, other.url)
    topic = topic_of(ana)

    async def watched() -> None:
        assert await two.subscribe(topic) == {topic: "ok"}

    async def refused() -> None:
        assert (await two.update("revoked")).topic == topic
        assert await two.subscribe(topic) == {topic: "forbidden"}

    await watched()
    await one.call("users.block", {"username": ben.user_id})
    # Acknowledged: whoever asks now is refused, on any node.
    async with connected(ben, other.url) as late:
        assert await late.subscribe(topic) == {topic: "forbidden"}
    await refused()
    await one.call("users.unblock", {"username": ben.user_id})
    await watched()
    await one.call("users.update", {"username": ana.user_id, "privacy_level": "private"})
    await refused()
    await rig.follow(ben.user_id, ana.user_id)
    await watched()
    await two.call("users.unfollow", {"username": ana.user_id})
    await refused()
    # Who has accepted each other in messages need not follow.
    conversation = direct_id(ana.user_id, ben.user_id)
    await two.call("messages.send", {"to": ana.user_id, "text": "hello"})
    assert await two.subscribe(topic) == {topic: "forbidden"}
    await one.call("conversations.accept", {"id": conversation})
    await watched()
    await one.call("users.block", {"username": ben.user_id})
    await refused()


async def test_restricting_hides_it_from_the_one_restricted_alone(
    rig: Rig, node: Node, other: Node, account: MakeAccount, connect: Connect
) -> None:
    ana, ben, cleo = await account(), await account(), await account()
    one = await connect(ana, node.url)
    two, three = await connect(ben, other.url), await connect(cleo, other.url)
    topic = topic_of(ana)
    # Both ways in which one may see it: by the profile, and by a conversation.
    conversation = direct_id(ana.user_id, ben.user_id)
    await two.call("messages.send", {"to": ana.user_id, "text": "hello"})
    await one.call("conversations.accept", {"id": conversation})
    for watcher in (two, three):
        assert await watcher.subscribe(topic) == {topic: "ok"}
    await one.call("users.restrict", {"username": ben.user_id})
    async with connected(ben, other.url) as late:
        assert await late.subscribe(topic) == {topic: "forbidden"}
    assert (await two.update("revoked")).topic == topic
    assert await three.subscribe(topic) == {topic: "ok"}
    assert await one.subscribe(topic_of(ben)) == {topic_of(ben): "ok"}  # it goes one way
    await one.call("users.unrestrict", {"username": ben.user_id})
    assert await two.subscribe(topic) == {topic: "ok"}
