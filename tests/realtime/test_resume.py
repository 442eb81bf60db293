"""Coming back: to any node, after any death, whole or refused; never a silent gap."""

import asyncio
from dataclasses import replace

import pytest

from app.live import Push
from app.personlog import log_key
from app.resources import Resources
from app.settings import Settings
from realtime.client import Client, Event, Resync
from tests.realtime.conftest import MakeAccount, SpawnNode, StartNode
from tests.realtime.nodes import Account, Node, connected


def push(number: int) -> Push:
    return Push(f"ev-{number}", "post.new", {"number": number})


async def push_many(resources: Resources, who: Account, numbers: range) -> None:
    for number in numbers:
        await resources.live.push([who.user_id], push(number))


async def after_break(url: str, who: Account, point: tuple[str, int] | None) -> Client:
    client = Client(url, who.token, point=point, strict=True)
    await client.__aenter__()
    await asyncio.wait_for(client.online(), 30)
    return client


async def collect(client: Client, count: int) -> list[int]:
    return [(await client.event()).data["number"] for _ in range(count)]


async def leave_a_point(url: str, who: Account) -> tuple[str, int]:
    async with connected(who, url) as client:
        assert client.point is not None
        return client.point


async def test_missed_events_follow_the_welcome_on_another_node(
    resources: Resources, node: Node, other: Node, account: MakeAccount
) -> None:
    ana = await account()
    point = await leave_a_point(node.url, ana)
    await push_many(resources, ana, range(1, 6))
    client = await after_break(other.url, ana, point)
    assert client.welcome["resumed"] is True
    assert client.welcome["seq"] == point[1] + 5
    await push_many(resources, ana, range(6, 8))
    assert await collect(client, 7) == list(range(1, 8))
    await client.__aexit__()


async def test_the_client_resumes_by_itself_when_its_transport_breaks(
    resources: Resources, node: Node, other: Node, account: MakeAccount
) -> None:
    ana = await account()
    async with connected(ana, node.url, other.url) as client:
        await push_many(resources, ana, range(1, 4))
        await client.cut()
        await push_many(resources, ana, range(4, 9))
        assert await collect(client, 8) == list(range(1, 9))
        assert (client.connections, client.resumes) == (2, 1)


async def test_a_resume_may_be_repeated(
    resources: Resources, node: Node, account: MakeAccount
) -> None:
    ana = await account()
    point = await leave_a_point(node.url, ana)
    await push_many(resources, ana, range(1, 4))
    for _ in range(3):
        client = await after_break(node.url, ana, point)
        assert await collect(client, 3) == [1, 2, 3]
        await client.__aexit__()


async def test_two_devices_resume_each_from_its_place(
    resources: Resources, node: Node, account: MakeAccount
) -> None:
    ana = await account()
    early = await leave_a_point(node.url, ana)
    await push_many(resources, ana, range(1, 3))
    late = (early[0], early[1] + 2)
    await push_many(resources, ana, range(3, 5))
    one, two = await after_break(node.url, ana, early), await after_break(node.url, ana, late)
    await push_many(resources, ana, range(5, 6))
    assert await collect(one, 5) == [1, 2, 3, 4, 5]
    assert await collect(two, 3) == [3, 4, 5]
    await one.__aexit__()
    await two.__aexit__()


async def refused(client: Client, reason: str) -> None:
    assert client.welcome["resumed"] is False
    message = await asyncio.wait_for(anext(client.events()), 30)
    assert message == Resync(reason)


@pytest.mark.parametrize(
    ("epoch", "ahead", "reason"), [("", 0, None), ("another", 0, "epoch"), ("", 100, "epoch")]
)
async def test_a_place_that_never_was_is_refused(
    node: Node, account: MakeAccount, epoch: str, ahead: int, reason: str | None
) -> None:
    ana = await account()
    point = await leave_a_point(node.url, ana)
    client = await after_break(node.url, ana, (epoch or point[0], point[1] + ahead))
    if reason is None:
        assert client.welcome["resumed"] is True
    else:
        await refused(client, reason)
    await client.__aexit__()


async def test_more_than_the_log_holds_is_refused(
    resources: Resources, node: Node, account: MakeAccount
) -> None:
    ana = await account()
    point = await leave_a_point(node.url, ana)
    await push_many(resources, ana, range(257))
    client = await after_break(node.url, ana, point)
    await refused(client, "trimmed")
    await client.__aexit__()
    client = await after_break(node.url, ana, (point[0], point[1] + 1))
    assert client.welcome["resumed"] is True
    assert await collect(client, 256) == list(range(1, 257))
    await client.__aexit__()


async def test_too_long_away_is_refused(
    resources: Resources, start_node: StartNode, fresh_settings: Settings, account: MakeAccount
) -> None:
    short = replace(fresh_settings, socket=replace(fresh_settings.socket, log_life_s=1))
    node = await start_node("gw1", short)
    ana = await account()
    point = await leave_a_point(node.url, ana)
    for _ in range(60):
        if not await resources.redis.exists(log_key(ana.user_id)):
            break
        await asyncio.sleep(0.1)
    client = await after_break(node.url, ana, point)
    await refused(client, "expired")
    await client.__aexit__()


async def test_a_claim_outlives_its_first_term(
    resources: Resources, start_node: StartNode, fresh_settings: Settings, account: MakeAccount
) -> None:
    short = replace(fresh_settings, socket=replace(fresh_settings.socket, log_life_s=1))
    node = await start_node("gw1", short)
    ana = await account()
    async with connected(ana, node.url) as client:
        await asyncio.sleep(3.5)
        await push_many(resources, ana, range(1, 3))
        assert await collect(client, 2) == [1, 2]


async def test_a_node_that_is_killed_loses_nothing(
    resources: Resources, spawn_node: SpawnNode, node: Node, account: MakeAccount
) -> None:
    doomed = await spawn_node("gw9")
    ana = await account()
    async with connected(ana, doomed.url, node.url) as client:
        await push_many(resources, ana, range(1, 4))
        assert await collect(client, 3) == [1, 2, 3]
        await doomed.kill()
        await push_many(resources, ana, range(4, 8))
        assert await collect(client, 4) == [4, 5, 6, 7]
        assert client.resumes == 1


async def test_a_node_that_leaves_says_when_to_come_back(
    resources: Resources, start_node: StartNode, other: Node, account: MakeAccount
) -> None:
    leaving = await start_node("gw3")
    ana = await account()
    async with connected(ana, leaving.url, other.url) as client:
        await leaving.stop()
        await push_many(resources, ana, range(1, 3))
        assert await collect(client, 2) == [1, 2]
        assert client.resumes == 1
    assert await resources.redis.exists("node:{gw3}") == 0


async def test_redis_that_lost_its_newest_writes_is_told(
    resources: Resources, node: Node, account: MakeAccount
) -> None:
    """The AOF was cut back: numbers given out are given out again for other events."""
    ana = await account()
    async with connected(ana, node.url) as client:
        await push_many(resources, ana, range(1, 4))
        assert await collect(client, 3) == [1, 2, 3]
        key = log_key(ana.user_id)
        await resources.redis.hdel(key, "e:3", "i:ev-3")
        await resources.redis.hset(key, "seq", 2)
        await resources.live.push([ana.user_id], push(9))  # takes number 3 again
        node.gateway.delivery.doubt_all()
        message = await asyncio.wait_for(anext(client.events()), 30)
        assert message == Resync("epoch")


async def start_again(resources: Resources, who: Account, *lost: int) -> None:
    """As Redis looks in its next life, in which these newest events never were."""
    key = log_key(who.user_id)
    for number in lost:
        await resources.redis.hdel(key, f"e:{number}", f"i:ev-{number}")
        await resources.redis.hincrby(key, "seq", -1)
    await resources.redis.hset(key, "run", "the life before")


async def test_redis_that_started_again_resumes_what_outlived_it(
    resources: Resources, node: Node, account: MakeAccount
) -> None:
    ana = await account()
    point = await leave_a_point(node.url, ana)
    await push_many(resources, ana, range(1, 4))
    await start_again(resources, ana)
    await push_many(resources, ana, range(4, 6))
    client = await after_break(node.url, ana, point)
    assert client.welcome["resumed"] is True
    assert client.welcome["epoch"] != point[0]
    assert await collect(client, 5) == [1, 2, 3, 4, 5]
    later = client.point
    await client.__aexit__()
    client = await after_break(node.url, ana, later)
    assert client.welcome["resumed"] is True
    await client.__aexit__()


async def test_a_place_that_redis_lost_is_refused_though_its_number_was_given_out_again(
    resources: Resources, node: Node, account: MakeAccount
) -> None:
    ana = await account()
    epoch, seq = await leave_a_point(node.url, ana)
    await push_many(resources, ana, range(1, 4))
    await start_again(resources, ana, 3, 2)
    await push_many(resources, ana, range(7, 11))
    client = await after_break(node.url, ana, (epoch, seq + 3))
    await refused(client, "epoch")
    await client.__aexit__()


async def test_who_stays_connected_does_not_notice_that_redis_started_again(
    resources: Resources, node: Node, account: MakeAccount
) -> None:
    ana = await account()
    async with connected(ana, node.url) as client:
        await push_many(resources, ana, range(1, 3))
        assert await collect(client, 2) == [1, 2]
        await start_again(resources, ana)
        await push_many(resources, ana, range(3, 5))
        assert await collect(client, 2) == [3, 4]
        assert client.connections == 1
    assert node.gateway.metrics.resyncs_total == 0


async def test_hello_while_redis_is_away_and_news_when_it_is_back(
    resources: Resources, node: Node, account: MakeAccount
) -> None:
    ana = await account()
    logs = resources.live.logs
    down = node.gateway.entrance._logs
    register = down.register

    async def away(*_: object, **__: object) -> object:
        raise ConnectionError("Redis is away")

    down.register = away  # type: ignore[method-assign, assignment]
    node.gateway.delivery._logs.renew, renew = away, down.renew  # type: ignore[method-assign, assignment]
    async with connected(ana, node.url) as client:
        down.register, down.renew = register, renew  # type: ignore[method-assign]
        messages = client.events()
        assert await asyncio.wait_for(anext(messages), 30) == Resync("epoch")
        await push_many(resources, ana, range(1, 2))
        event = await asyncio.wait_for(anext(messages), 30)
        assert isinstance(event, Event)
        assert event.data == {"number": 1}
    assert logs is not down
