"""Conversations over sockets, through relay and workers, on two gateway nodes.

The nodes have their own resources, as two processes have: what is sent at the same time meets
only in the database.
"""

import asyncio

from app.resources import Resources
from realtime.client import Client
from tests.realtime.conftest import Connect, MakeAccount
from tests.realtime.nodes import Node, connected
from tests.realtime.talk import badge, befriend, collect, say, stored_post
from tests.workers.rig import Rig, eventually


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
    assert {event.data["message_id"] for event in seen} == {made["message_id"]}
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
    async with Client(other.url, ben.token, point=point, strict=True) as back:
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


async def test_what_is_changed_or_unsent_is_so_everywhere(
    rig: Rig, node: Node, other: Node, account: MakeAccount, connect: Connect
) -> None:
    ana, ben = await account(), await account()
    await befriend(rig, ana, ben)
    one, two = await connect(ana, node.url), await connect(ben, other.url)
    device = await account(ben.user_id)
    async with connected(device, node.url) as tablet:
        point = tablet.point
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
    async with Client(node.url, device.token, point=point, strict=True) as back:
        types = [event.type for event in await collect(back, 0.4)]
        assert back.resumes == 1
    assert "message.deleted" in types
    assert "message.new" not in types
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
