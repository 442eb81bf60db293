"""Who hears of what in conversations, and from when on no longer."""

import asyncio

import pytest

from realtime.client import CallFailed, Client
from tests.realtime.conftest import Connect, MakeAccount
from tests.realtime.nodes import Node, connected
from tests.realtime.talk import badge, befriend, collect, say, stored_post, updated
from tests.realtime.test_topics import quiet
from tests.workers.rig import Rig


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
    members = {m["user_id"]: m for m in (await updated(stranger)).data["members"]}
    assert members[ana.user_id]["read_up_to"] == made["message_id"]
    await one.call("conversations.typing", place)
    assert (await stranger.update("typing")).data["user_id"] == ana.user_id


async def test_declining_is_not_told(
    rig: Rig, node: Node, account: MakeAccount, connect: Connect
) -> None:
    ana, eve = await account(), await account()
    one, stranger = await connect(ana, node.url), await connect(eve, node.url)
    made = await say(stranger, ana.user_id, "hi")
    await one.event("message.new")
    await stranger.event("message.new")
    await one.call("conversations.decline", {"id": made["conversation_id"]})
    assert (await updated(one)).data["folder"] is None
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
    async with Client(node.url, ben.token, point=point, strict=True) as back:
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
    view = (await updated(two)).data
    while len(view["members"]) != 2:
        view = (await updated(two)).data
    assert (view["unread"], view["last_message"]) == (0, None)
    await collect(one, 0.4)
    await say(one, group["id"], "after")
    await one.call("conversations.read", group)
    await one.call("conversations.typing", group)
    assert (await third.event("message.new")).data["message"]["text"] == "before"
    assert (await third.event("message.new")).data["message"]["text"] == "after"
    # What cat was sent is told; of ana there is no word.
    heard = await collect(two, 0.5)
    others = {event.type for event in heard if not event.type.startswith("notification.")}
    assert others <= {"message.delivered"}
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
    assert (await updated(desk)).data["name"] == "Two"
    await desk.subscribe(topic)
    await phone.call("conversations.leave", {"id": made["conversation_id"]})
    assert (await desk.update("revoked")).topic == topic
    for client in (phone, desk):
        assert (await client.event("conversation.removed")).data["conversation_id"]
    while len((await updated(one)).data["members"]) != 1:
        pass
    await say(one, made["conversation_id"], "alone")
    assert await collect(desk, 0.3) == []


async def test_what_a_third_person_said_goes_without_the_message_that_shows_it(
    rig: Rig, node: Node, account: MakeAccount, connect: Connect
) -> None:
    ana, ben, cat = await account(), await account(), await account()
    await befriend(rig, ana, ben, cat)
    post_id = await stored_post(cat)
    sender, desk = await connect(ben, node.url), await connect(ana, node.url)
    place = await account(ana.user_id)
    async with connected(place, node.url) as phone:
        point = phone.point
    await sender.call("messages.send", {"to": ana.user_id, "post_id": post_id, "text": "look"})
    new = await desk.event("message.new")
    assert new.data["message"]["post"] == {"unavailable": True}
    shown = (await desk.event("message.updated")).data["message"]
    assert shown["post"]["post_id"] == post_id
    assert shown == {**new.data["message"], "post": shown["post"]}
    await desk.call("users.block", {"username": cat.user_id})
    await asyncio.sleep(0.5)
    async with Client(node.url, place.token, point=point, strict=True) as back:
        types = [event.type for event in await collect(back, 0.4)]
        assert back.resumes == 1
    assert "message.new" in types
    assert "message.updated" not in types


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


async def test_who_is_restricted_is_not_told_what_was_read_or_is_typed(
    rig: Rig, node: Node, other: Node, account: MakeAccount, connect: Connect
) -> None:
    ana, ben = await account(), await account()
    await befriend(rig, ana, ben)
    one, two = await connect(ana, node.url), await connect(ben, other.url)
    before = await say(two, ana.user_id, "before")
    place = {"id": before["conversation_id"]}
    topic = f"conversation:{before['conversation_id']}"
    await two.event("message.delivered")
    await one.call("conversations.read", place)
    await two.event("message.read")
    await two.subscribe(topic)

    async def marks() -> list[str | None]:
        members = (await two.call("conversations.get", place))["members"]
        [mine] = [m for m in members if m["user_id"] == ana.user_id]
        return [mine["read_up_to"], mine["delivered_up_to"]]

    assert await marks() == [before["message_id"]] * 2
    await one.call("users.restrict", {"username": ben.user_id})
    assert await marks() == [None, None]
    after = await say(two, ana.user_id, "after")
    await one.event("message.new")
    await one.event("message.new")
    await one.call("conversations.read", place)
    await one.call("conversations.typing", place)
    kinds = {event.type for event in await collect(two, 0.7)}
    assert kinds == {"message.new"}
    assert not any(update.type == "typing" for update in two._updates)
    # The one who restricts goes on seeing how far the other is.
    await two.call("conversations.read", place)
    event = await one.event("message.read")
    while after["message_id"] not in {mark["read_up_to"] for mark in event.data["marks"]}:
        event = await one.event("message.read")
    await one.call("users.unrestrict", {"username": ben.user_id})
    assert await marks() == [after["message_id"]] * 2
