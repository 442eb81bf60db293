"""Events from a worker's push to a client's hands: on every device, in order, once."""

import asyncio
import random

from app.live import Push
from app.resources import Resources
from realtime.client import Client, Event, Resync
from tests.realtime.conftest import MakeAccount
from tests.realtime.nodes import Account, Node, connected, until


def push(number: int, about: tuple[str, ...] = ()) -> Push:
    return Push(f"ev-{number}", "post.new", {"number": number}, about)


async def numbers(client: Client, count: int) -> list[int]:
    return [(await client.event()).data["number"] for _ in range(count)]


async def test_an_event_reaches_every_device_on_every_node(
    resources: Resources, node: Node, other: Node, account: MakeAccount
) -> None:
    ana = await account()
    async with connected(ana, node.url) as one, connected(ana, other.url) as two:
        assert await resources.live.push([ana.user_id], push(1)) == 1
        first, second = await one.event(), await two.event()
    assert first == second == Event(first.seq, "ev-1", "post.new", first.ts, {"number": 1})


async def test_people_who_are_away_cost_nothing(resources: Resources, account: MakeAccount) -> None:
    strangers = [(await account()).user_id for _ in range(40)]
    assert await resources.live.push(strangers, push(1)) == 0
    assert await resources.redis.dbsize() == 0


async def test_a_repeated_push_is_seen_once(
    resources: Resources, node: Node, account: MakeAccount
) -> None:
    ana = await account()
    async with connected(ana, node.url) as client:
        for number in (1, 1, 2, 1):
            await resources.live.push([ana.user_id], push(number))
        await resources.live.push([ana.user_id], push(3))
        assert await numbers(client, 3) == [1, 2, 3]
    assert node.gateway.metrics.repeats_dropped_total == 2


async def test_entries_that_come_out_of_order_are_delivered_in_order(
    resources: Resources, node: Node, account: MakeAccount
) -> None:
    """Two workers push at once: the numbers are given in one order, the node hears another."""
    ana = await account()
    held: list[tuple[str, object]] = []
    async with connected(ana, node.url) as client:
        send = resources.live._send

        async def hold(to: str, message: object) -> None:
            held.append((to, message))

        resources.live._send = hold  # type: ignore[method-assign, assignment]
        for number in range(1, 6):
            await resources.live.push([ana.user_id], push(number))
        for to, message in reversed(held):
            await send(to, message)  # type: ignore[arg-type]
        assert await numbers(client, 5) == [1, 2, 3, 4, 5]
        assert client.repeats == 0
    assert node.gateway.metrics.gaps_healed_total >= 4


async def test_an_entry_that_never_comes_is_found_in_the_log(
    resources: Resources, node: Node, account: MakeAccount
) -> None:
    ana = await account()
    async with connected(ana, node.url) as client:
        send = resources.live._send

        async def lose(to: str, message: object) -> None:
            resources.live._send = send  # type: ignore[method-assign]

        resources.live._send = lose  # type: ignore[method-assign, assignment]
        await resources.live.push([ana.user_id], push(1))
        await resources.live.push([ana.user_id], push(2))
        assert await numbers(client, 2) == [1, 2]


async def test_entries_shuffled_doubled_and_lost_are_each_seen_once_in_order(
    resources: Resources, node: Node, other: Node, account: MakeAccount
) -> None:
    ana, bob = await account(), await account()
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    held: list[tuple[str, object]] = []
    send = resources.live._send

    async def hold(to: str, message: object) -> None:
        held.append((to, message))

    async with (
        connected(ana, node.url) as one,
        connected(ana, other.url) as two,
        connected(bob, node.url) as three,
    ):
        resources.live._send = hold  # type: ignore[method-assign, assignment]
        for number in range(1, 41):
            await resources.live.push([ana.user_id, bob.user_id], push(number))
        entries = chance.choices(held, k=len(held)) + chance.sample(held, len(held) // 2)
        chance.shuffle(entries)
        for to, message in [*entries, *held[-2:]]:
            await send(to, message)  # type: ignore[arg-type]
        for client in (one, two, three):
            assert await numbers(client, 40) == list(range(1, 41)), f"seed {seed}"
            assert client.repeats == 0
        for to, message in held[-2:]:  # nothing is missing any more: these are repeats
            await send(to, message)  # type: ignore[arg-type]
        for each in (node, other):
            metrics = each.gateway.metrics
            await until(lambda: metrics.repeats_dropped_total > 0)  # noqa: B023  awaited at once
    for each in (node, other):
        metrics = each.gateway.metrics
        assert (metrics.events_lost, metrics.events_duplicated) == (0, 0)


async def test_a_burst_to_many_people_arrives_whole(
    resources: Resources, node: Node, other: Node, account: MakeAccount
) -> None:
    people: list[Account] = [await account() for _ in range(20)]
    async with asyncio.timeout(20):
        clients = [
            Client((node, other)[i % 2].url, who.token, strict=True) for i, who in enumerate(people)
        ]
        for client in clients:
            await client.__aenter__()
            await client.online()
        await asyncio.gather(
            *(
                resources.live.push([who.user_id for who in people], push(number))
                for number in range(50)
            )
        )
        for client in clients:
            assert sorted(await numbers(client, 50)) == list(range(50))
            await client.__aexit__()


async def test_void_stands_for_what_may_no_longer_be_seen(
    resources: Resources, node: Node, account: MakeAccount
) -> None:
    ana = await account()
    async with connected(ana, node.url) as client:
        await client.cut()
        point = client.point
    assert point is not None
    await resources.live.push([ana.user_id], push(1, about=("usr_bob", "post_1")))
    await resources.live.push([ana.user_id], push(2, about=("usr_eve", "post_2")))
    await resources.live.push([ana.user_id], push(3, about=("usr_bob", "post_3")))
    assert await resources.live.withdraw([ana.user_id], "usr_bob") == 2
    async with Client(node.url, ana.token, point=point, strict=True) as again:
        event = await again.event()
        await again.online()
    assert (event.seq, event.data) == (point[1] + 2, {"number": 2})
    assert again.welcome["resumed"]
    assert again.point == (point[0], point[1] + 3)


async def test_what_is_deleted_is_void_and_the_deletion_is_told(
    resources: Resources, node: Node, account: MakeAccount
) -> None:
    ana = await account()
    async with connected(ana, node.url) as client:
        point = client.point
        await resources.live.push([ana.user_id], push(1, about=("post_1",)))
        gone = Push("ev-gone", "post.deleted", {"post_id": "post_1"}, voids=("post_1",))
        await resources.live.push([ana.user_id], gone)
        assert (await client.event()).type == "post.new"
        assert (await client.event()).type == "post.deleted"
    async with Client(node.url, ana.token, point=point, strict=True) as again:
        assert (await again.event()).type == "post.deleted"


async def test_an_emptied_redis_is_told(
    resources: Resources, node: Node, account: MakeAccount
) -> None:
    ana = await account()
    async with connected(ana, node.url) as client:
        await resources.live.push([ana.user_id], push(1))
        assert await numbers(client, 1) == [1]
        await resources.redis.flushall()
        messages = client.events()
        assert await asyncio.wait_for(anext(messages), 5) == Resync("epoch")
        await resources.live.push([ana.user_id], push(2))
        event = await asyncio.wait_for(anext(messages), 5)
        assert isinstance(event, Event)
        assert event.data == {"number": 2}


async def test_an_ephemeral_word_reaches_each_device(
    resources: Resources, node: Node, other: Node, account: MakeAccount
) -> None:
    ana = await account()
    async with connected(ana, node.url) as one, connected(ana, other.url) as two:
        await resources.live.tell([ana.user_id], "unread", {"notifications": 3, "messages": 0})
        for client in (one, two):
            update = await client.update("unread")
            assert update.topic == "me"
            assert update.data == {"notifications": 3, "messages": 0}
