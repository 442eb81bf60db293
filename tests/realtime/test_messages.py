"""Conversations over sockets, through relay and workers, on two gateway nodes.

The nodes have their own resources, as two processes have: what is sent at the same time meets
only in the database.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from app import clock, ids
from app.posts.models import Post, PostMedia
from app.resources import Resources
from app.settings import Settings
from app.setup import prepare
from realtime.client import CallFailed, Client, Event
from tests.realtime.conftest import MakeAccount
from tests.realtime.nodes import Account, Node, connected
from tests.realtime.test_topics import quiet
from tests.workers.rig import Rig, eventually
from workers import counters, fanout, notify, relay

Connect = Callable[..., Awaitable[Client]]


@pytest.fixture
async def rig(resources: Resources, fresh_settings: Settings) -> AsyncIterator[Rig]:
    await prepare(fresh_settings)
    async with Rig(resources) as made:
        for role in (relay.ROLE, notify.ROLE, fanout.ROLE, counters.ROLE):
            await made.start(role)
        yield made


@pytest.fixture
async def connect(rig: Rig) -> AsyncIterator[Connect]:
    """`await connect(account, node.url)`; all are closed after the test."""
    async with AsyncExitStack() as stack:

        async def open_one(account: Account, *urls: str) -> Client:
            return await stack.enter_async_context(connected(account, *urls))

        yield open_one


async def befriend(rig: Rig, *accounts: Account) -> None:
    for one in accounts:
        for other in accounts:
            if one is not other:
                await rig.follow(one.user_id, other.user_id)


async def say(client: Client, to: str, text: str, key: str = "") -> dict[str, Any]:
    made: dict[str, Any] = await client.call("messages.send", {"to": to, "text": text}, key=key)
    return made


async def badge(client: Client, messages: int) -> None:
    """Wait until the device is told that so many messages are unread."""
    while (await client.update("unread")).data["messages"] != messages:
        pass


async def collect(client: Client, seconds: float, *types: str) -> list[Event]:
    """What comes in that time."""
    found: list[Event] = []
    try:
        async with asyncio.timeout(seconds):
            async for message in client.events():
                if isinstance(message, Event) and (not types or message.type in types):
                    found.append(message)
    except TimeoutError:
        return found
    raise AssertionError("events() never ends quietly")


async def test_a_message_reaches_every_device_of_both_once(
    rig: Rig, node: Node, other: Node, account: MakeAccount, connect: Connect
) -> None:
    ana, ben = await account(), await account()
    second_ana, second_ben = await account(ana.user_id), await account(ben.user_id)
    await befriend(rig, ana, ben)
    devices = [
        await connect(ana, node.url),
        await connect(second_ana, other.url),
        await connect(ben, node.url),
        await connect(second_ben, other.url),
    ]
    made = await say(devices[0], ben.user_id, "hello", key="once")
    seen = [await device.event("message.new") for device in devices]
    assert {event.data["message"]["message_id"] for event in seen} == {made["message_id"]}
    assert len({event.id for event in seen}) == 1
    assert [event.data["unread"] for event in seen] == [0, 0, 1, 1]
    assert seen[0].data["message"] == made
    await badge(devices[2], 1)
    await badge(devices[3], 1)
    assert await say(devices[0], ben.user_id, "hello", key="once") == made
    for device in devices:
        assert await collect(device, 0.3, "message.new") == []


async def test_all_see_the_same_order_whoever_sends_at_once(
    rig: Rig, node: Node, other: Node, account: MakeAccount, connect: Connect
) -> None:
    ana, ben = await account(), await account()
    await befriend(rig, ana, ben)
    one, two = await connect(ana, node.url), await connect(ben, other.url)
    await asyncio.gather(
        *(say(one, ben.user_id, f"a{n}", key=f"a{n}") for n in range(15)),
        *(say(two, ana.user_id, f"b{n}", key=f"b{n}") for n in range(15)),
    )
    orders = []
    for client in (one, two):
        events = [await client.event("message.new") for _ in range(30)]
        orders.append([event.data["message"]["message_id"] for event in events])
    assert orders[0] == orders[1] == sorted(set(orders[0]))
    conversation = events[0].data["conversation_id"]
    listed = await one.call("messages.list", {"id": conversation, "limit": 100})
    assert [m["message_id"] for m in reversed(listed["messages"])] == orders[0]
    [row] = (await one.call("conversations.list"))["conversations"]
    assert row["unread"] == 15


async def test_sent_while_away_arrives_by_resume_and_is_delivered_then(
    rig: Rig, node: Node, other: Node, account: MakeAccount, connect: Connect
) -> None:
    ana, ben = await account(), await account()
    await befriend(rig, ana, ben)
    one = await connect(ana, node.url)
    async with connected(ben, node.url) as away:
        await say(one, ben.user_id, "first")
        await away.event("message.new")
        delivered = await one.event("message.delivered")
        point = away.point
    await asyncio.sleep(0.6)  # the node strikes the socket out
    sent = [await say(one, ben.user_id, f"{n}") for n in range(3)]
    marks = {m["user_id"]: m for m in delivered.data["marks"]}
    assert marks[ben.user_id]["delivered_up_to"] < sent[0]["message_id"]
    assert await collect(one, 0.5, "message.delivered") == []
    async with Client([other.url], ben.token) as back:
        back.point = point
        events = [await back.event("message.new") for _ in range(3)]
        assert back.resumes == 1
        ids = [event.data["message"]["message_id"] for event in events]
        assert ids == [message["message_id"] for message in sent]
        delivered = await one.event("message.delivered")
        marks = {m["user_id"]: m for m in delivered.data["marks"]}
        assert marks[ben.user_id]["delivered_up_to"] == sent[-1]["message_id"]
        assert marks[ben.user_id]["read_up_to"] is None
        assert await collect(back, 0.3, "message.new") == []


async def test_reading_on_one_device_is_seen_on_the_other_and_by_the_author(
    rig: Rig, node: Node, other: Node, account: MakeAccount, connect: Connect
) -> None:
    ana, ben = await account(), await account()
    await befriend(rig, ana, ben)
    one = await connect(ana, node.url)
    phone = await connect(ben, node.url)
    desk = await connect(await account(ben.user_id), other.url)
    made = await say(one, ben.user_id, "read me")
    await desk.event("message.new")
    await badge(desk, 1)
    state = await phone.call("conversations.read", {"id": made["conversation_id"]})
    assert state["unread_total"] == 0
    event = await desk.event("message.read")
    assert (event.data["unread"], event.data["conversation_id"]) == (0, made["conversation_id"])
    await badge(desk, 0)
    await badge(phone, 0)
    marks = {m["user_id"]: m for m in (await one.event("message.read")).data["marks"]}
    assert marks[ben.user_id]["read_up_to"] == made["message_id"]


async def test_typing_is_told_to_those_who_watch(
    rig: Rig, node: Node, other: Node, account: MakeAccount, connect: Connect
) -> None:
    ana, ben, eve = await account(), await account(), await account()
    await befriend(rig, ana, ben)
    one, two = await connect(ana, node.url), await connect(ben, other.url)
    third = await connect(eve, node.url)
    conversation = (await say(one, ben.user_id, "hm"))["conversation_id"]
    topic = f"conversation:{conversation}"
    assert await two.subscribe(topic) == {topic: "ok"}
    assert await third.subscribe(topic) == {topic: "forbidden"}
    await one.call("conversations.typing", {"id": conversation})
    update = await two.update("typing")
    assert (update.topic, update.data["user_id"]) == (topic, ana.user_id)
    assert await quiet(third)


async def test_who_asks_learns_nothing_before_they_are_let_in(
    rig: Rig, node: Node, other: Node, account: MakeAccount, connect: Connect
) -> None:
    ana, eve = await account(), await account()
    one, stranger = await connect(ana, node.url), await connect(eve, other.url)
    made = await say(stranger, ana.user_id, "hi")
    new = await one.event("message.new")
    assert new.data["folder"] == "requests"
    topic = f"conversation:{made['conversation_id']}"
    await stranger.subscribe(topic)
    await stranger.event("message.new")
    place = {"id": made["conversation_id"]}
    await one.call("conversations.read", place)
    await one.call("conversations.typing", place)
    await one.event("message.read")  # her own devices are told
    assert await collect(stranger, 0.5) == []
    assert not any(update.type == "typing" for update in stranger._updates)
    await one.call("conversations.accept", place)
    members = {m["user_id"]: m for m in (await _updated(stranger)).data["members"]}
    assert members[ana.user_id]["read_up_to"] == made["message_id"]
    await one.call("conversations.typing", place)
    assert (await stranger.update("typing")).data["user_id"] == ana.user_id


async def _updated(client: Client) -> Event:
    return await client.event("conversation.updated")


async def test_declining_is_not_told(
    rig: Rig, node: Node, account: MakeAccount, connect: Connect
) -> None:
    ana, eve = await account(), await account()
    one, stranger = await connect(ana, node.url), await connect(eve, node.url)
    made = await say(stranger, ana.user_id, "hi")
    await one.event("message.new")
    await stranger.event("message.new")
    await one.call("conversations.decline", {"id": made["conversation_id"]})
    assert (await _updated(one)).data["folder"] is None
    await say(stranger, ana.user_id, "hello?")
    await stranger.event("message.new")
    assert await collect(one, 0.4) == []
    assert await collect(stranger, 0.1) == []


async def test_a_block_cuts_off_live_and_replayed(
    rig: Rig, node: Node, other: Node, account: MakeAccount, connect: Connect
) -> None:
    ana, ben = await account(), await account()
    await befriend(rig, ana, ben)
    one = await connect(ana, node.url)
    desk = await connect(await account(ben.user_id), other.url)
    async with connected(ben, node.url) as phone:
        point = phone.point
    made = await say(one, ben.user_id, "before")
    await desk.event("message.new")
    await one.event("message.new")
    topic = f"conversation:{made['conversation_id']}"
    for client in (one, desk):
        assert await client.subscribe(topic) == {topic: "ok"}
    await desk.call("users.block", {"username": ana.user_id})
    for client in (one, desk):
        removed = await client.event("conversation.removed")
        assert removed.data == {"conversation_id": made["conversation_id"]}
        assert (await client.update("revoked")).topic == topic
        assert await client.subscribe(topic) == {topic: "forbidden"}
    for target in (ben.user_id, made["conversation_id"]):
        with pytest.raises(CallFailed, match="not_found"):
            await say(one, target, "after")
    async with Client([node.url], ben.token) as back:
        back.point = point
        replayed = await collect(back, 0.5)
        assert back.resumes == 1
        assert [event.type for event in replayed] == ["conversation.removed"]


async def test_a_block_parts_two_in_a_group(
    rig: Rig, node: Node, other: Node, account: MakeAccount, connect: Connect
) -> None:
    ana, ben, cat = await account(), await account(), await account()
    await befriend(rig, ana, ben, cat)
    one, two = await connect(ana, node.url), await connect(ben, other.url)
    third = await connect(cat, node.url)
    body = {"usernames": [ana.user_id, ben.user_id], "name": "Three"}
    group = {"id": (await third.call("conversations.create", body))["conversation_id"]}
    topic = f"conversation:{group['id']}"
    await two.subscribe(topic)
    await say(one, group["id"], "before")
    assert (await two.event("message.new")).data["unread"] == 1
    await badge(two, 1)
    await two.call("users.block", {"username": ana.user_id})
    await badge(two, 0)
    view = (await _updated(two)).data
    while len(view["members"]) != 2:
        view = (await _updated(two)).data
    assert (view["unread"], view["last_message"]) == (0, None)
    await collect(one, 0.4)
    await say(one, group["id"], "after")
    await one.call("conversations.read", group)
    await one.call("conversations.typing", group)
    assert (await third.event("message.new")).data["message"]["text"] == "before"
    assert (await third.event("message.new")).data["message"]["text"] == "after"
    # What cat was sent is told; of ana there is no word.
    heard = await collect(two, 0.5)
    assert {event.type for event in heard} <= {"message.delivered"}
    assert not any(ana.user_id in str(event.data) for event in heard)
    assert not any(update.type == "typing" for update in two._updates)
    await say(two, group["id"], "from ben")
    assert (await third.event("message.new")).data["message"]["text"] == "from ben"
    heard = await collect(one, 0.4, "message.new")
    assert [event.data["message"]["text"] for event in heard] == ["after"]
    await two.call("users.unblock", {"username": ana.user_id})
    await badge(two, 2)


async def test_leaving_a_group_ends_it_on_every_device(
    rig: Rig, node: Node, other: Node, account: MakeAccount, connect: Connect
) -> None:
    ana, ben = await account(), await account()
    await befriend(rig, ana, ben)
    one = await connect(ana, node.url)
    phone = await connect(ben, node.url)
    desk = await connect(await account(ben.user_id), other.url)
    made = await one.call("conversations.create", {"usernames": [ben.user_id], "name": "Two"})
    topic = f"conversation:{made['conversation_id']}"
    assert (await _updated(desk)).data["name"] == "Two"
    await desk.subscribe(topic)
    await phone.call("conversations.leave", {"id": made["conversation_id"]})
    assert (await desk.update("revoked")).topic == topic
    for client in (phone, desk):
        assert (await client.event("conversation.removed")).data["conversation_id"]
    while len((await _updated(one)).data["members"]) != 1:
        pass
    await say(one, made["conversation_id"], "alone")
    assert await collect(desk, 0.3) == []


async def test_what_is_changed_or_unsent_is_so_everywhere(
    rig: Rig, node: Node, other: Node, account: MakeAccount, connect: Connect
) -> None:
    ana, ben = await account(), await account()
    await befriend(rig, ana, ben)
    one, two = await connect(ana, node.url), await connect(ben, other.url)
    async with connected(await account(ben.user_id), node.url) as tablet:
        point, token = tablet.point, tablet._token
    made = await say(one, ben.user_id, "draft")
    place = {"id": made["message_id"]}
    await one.call("messages.edit", {**place, "text": "final"})
    assert (await two.event("message.updated")).data["message"]["text"] == "final"
    await two.call("messages.react", {**place, "emoji": "🔥"})
    event = await one.event("message.updated")
    while not event.data["message"]["reactions"]:
        event = await one.event("message.updated")
    assert event.data["message"]["reactions"] == [{"user_id": ben.user_id, "emoji": "🔥"}]
    await one.call("messages.unsend", place)
    gone = await two.event("message.deleted")
    assert (gone.data["message_id"], gone.data["unread"]) == (made["message_id"], 0)
    async with Client([node.url], token) as back:
        back.point = point
        types = [event.type for event in await collect(back, 0.4)]
        assert back.resumes == 1
    assert "message.deleted" in types
    assert "message.new" not in types
    assert "message.updated" not in types


async def stored_post(author: Account) -> str:
    now = clock.now()
    item = PostMedia(media_id=ids.new_id("media"), type="photo", status="processing")
    post = Post(
        id=ids.new_id("post"),
        author_id=author.user_id,
        status="published",
        media=[item],
        created_at=now,
        published_at=now,
    )
    await post.insert()
    return post.id


async def test_what_a_third_person_said_goes_without_the_message_that_shows_it(
    rig: Rig, node: Node, account: MakeAccount, connect: Connect
) -> None:
    ana, ben, cat = await account(), await account(), await account()
    await befriend(rig, ana, ben, cat)
    post_id = await stored_post(cat)
    sender, desk = await connect(ben, node.url), await connect(ana, node.url)
    async with connected(await account(ana.user_id), node.url) as phone:
        point, token = phone.point, phone._token
    await sender.call("messages.send", {"to": ana.user_id, "post_id": post_id, "text": "look"})
    new = await desk.event("message.new")
    assert new.data["message"]["post"] == {"unavailable": True}
    shown = (await desk.event("message.updated")).data["message"]
    assert shown["post"]["post_id"] == post_id
    assert shown == {**new.data["message"], "post": shown["post"]}
    await desk.call("users.block", {"username": cat.user_id})
    await asyncio.sleep(0.5)
    async with Client([node.url], token) as back:
        back.point = point
        types = [event.type for event in await collect(back, 0.4)]
        assert back.resumes == 1
    assert "message.new" in types
    assert "message.updated" not in types


async def test_shares_are_counted_and_counted_off(
    rig: Rig, node: Node, account: MakeAccount, connect: Connect, resources: Resources
) -> None:
    ana, ben = await account(), await account()
    await befriend(rig, ana, ben)
    post_id = await stored_post(ana)
    one = await connect(ben, node.url)
    shared = await one.call("posts.share", {"post_id": post_id, "to": [ana.user_id]})
    assert shared["shares_count"] == 1

    async def shares() -> int:
        row = await resources.mongo.counts.find_one({"_id": post_id})
        return -1 if row is None else int(row["shares"])

    async def stands_at(count: int) -> bool:
        return await shares() == count

    await eventually(lambda: stands_at(1))
    await one.call("messages.unsend", {"id": shared["messages"][0]["message_id"]})
    await eventually(lambda: stands_at(0))
