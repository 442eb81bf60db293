"""The self-audit sees loss and doubles, and sees none where there is none."""

import asyncio

from app.live import Push
from app.resources import Resources
from realtime.client import Client
from realtime.hub import Person
from tests.realtime.conftest import MakeAccount, SpawnNode
from tests.realtime.nodes import Account, Node, connected, until
from tests.realtime.test_limits import raw


def push(number: int) -> Push:
    return Push(f"ev-{number}", "post.new", {"number": number})


def swallow(node: Node, who: Account) -> Person:
    """The next event is taken for delivered, and never written."""
    hub = node.gateway.hub
    person, write = hub.people[who.user_id], hub.write

    def lose(person: Person, seq: int, event_id: str, *_: object) -> None:
        hub.write = write  # type: ignore[method-assign]
        person.seq = seq
        for connection in person.connections:
            connection.seq = seq

    hub.write = lose  # type: ignore[method-assign, assignment]
    return person


async def test_a_hole_that_is_written_past_is_counted(
    resources: Resources, node: Node, account: MakeAccount
) -> None:
    ana = await account()
    async with raw(node.url, ana):
        swallow(node, ana)
        for number in range(3):
            await resources.live.push([ana.user_id], push(number))
        await until(lambda: node.gateway.metrics.events_delivered_total == 2)
        assert node.gateway.metrics.events_lost == 1
        assert node.gateway.metrics.events_duplicated == 0
        assert 'glimpse_events_lost{node="gw1"} 1' in node.gateway.metrics.text("gw1")


async def test_the_last_event_lost_is_found_in_the_log(
    resources: Resources, node: Node, account: MakeAccount
) -> None:
    """Nothing comes after it that would show the hole, and the hub believes it delivered."""
    ana = await account()
    audit, metrics = node.gateway.hub.audit, node.gateway.metrics
    async with raw(node.url, ana):
        swallow(node, ana)
        await resources.live.push([ana.user_id], push(1))
        await resources.live.push([ana.user_id], push(1))  # a repeat: numbered once, lost once
        await until(lambda: metrics.repeats_dropped_total == 1)
        for _ in range(5):
            await audit.look(node.gateway)
        assert metrics.events_lost == 1
        await resources.live.push([ana.user_id], push(2))
        await until(lambda: metrics.events_delivered_total == 1)
        assert metrics.events_lost == 1  # the hole is the same


async def test_a_person_the_node_forgot_is_found_by_their_socket(
    resources: Resources, node: Node, account: MakeAccount
) -> None:
    ana = await account()
    audit, hub = node.gateway.hub.audit, node.gateway.hub
    async with raw(node.url, ana):
        del hub.people[ana.user_id]
        await resources.live.push([ana.user_id], push(1))
        await resources.live.push([ana.user_id], push(2))
        for _ in range(5):
            await audit.look(node.gateway)
        assert node.gateway.metrics.events_lost == 2


async def test_a_second_delivery_to_the_same_socket_is_counted(
    resources: Resources, node: Node, account: MakeAccount
) -> None:
    ana = await account()
    async with raw(node.url, ana):
        person = node.gateway.hub.people[ana.user_id]
        await resources.live.push([ana.user_id], push(1))
        await until(lambda: node.gateway.metrics.events_delivered_total == 1)
        person.connections.append(person.connections[0])
        person.connections[0].seq -= 1
        node.gateway.hub.write(person, person.seq, "ev-1", push(1).tail())
        person.connections.pop()
        await resources.live.push([ana.user_id], push(2))
        await until(lambda: node.gateway.metrics.events_delivered_total == 3)
        assert node.gateway.metrics.events_duplicated == 1
        assert node.gateway.metrics.events_lost == 0


async def test_what_was_told_to_reload_is_not_lost(
    resources: Resources, node: Node, account: MakeAccount
) -> None:
    ana = await account()
    async with connected(ana, node.url) as client:
        await resources.live.push([ana.user_id], push(1))
        await client.event()
        await resources.redis.flushall()
        node.gateway.delivery.doubt_all()
        await anext(client.events())
        await resources.live.push([ana.user_id], push(2))
        await client.event()
        for _ in range(5):
            await node.gateway.hub.audit.look(node.gateway)
        assert node.gateway.metrics.events_lost == 0
        assert node.gateway.metrics.audited_total == 5


async def test_kills_repeats_and_disorder_lose_and_double_nothing(
    resources: Resources, spawn_node: SpawnNode, node: Node, other: Node, account: MakeAccount
) -> None:
    people = [await account() for _ in range(6)]
    doomed = await spawn_node("gw9")
    urls = [(doomed.url, node.url), (node.url, other.url), (other.url, doomed.url)]
    clients = [Client(urls[i % 3], who.token) for i, who in enumerate(people * 2)]
    for client in clients:
        await client.__aenter__()
        await client.online()
    ids = [who.user_id for who in people]
    numbers = [*range(60), *range(20)]  # the first twenty twice, in whatever order
    pushing = asyncio.gather(*(resources.live.push(ids, push(n)) for n in numbers))
    await doomed.kill()
    await pushing
    for client in clients:
        heard = [(await client.event()).id for _ in range(60)]
        assert sorted(heard) == sorted(f"ev-{n}" for n in range(60))
        assert client.repeats == 0
    for number in range(20):  # and once more, when all of it is known to have been delivered
        await resources.live.push(ids, push(number))
    for each in (node, other):
        metrics = each.gateway.metrics
        await until(lambda: metrics.repeats_dropped_total >= 20)  # noqa: B023  awaited at once
        for _ in range(4):
            await each.gateway.hub.audit.look(each.gateway)
        assert (metrics.events_lost, metrics.events_duplicated) == (0, 0)
        assert metrics.audited_total >= 4
    for client in clients:
        assert client.repeats == 0
    for client in clients:
        await client.__aexit__()
