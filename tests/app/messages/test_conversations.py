"""Requests, groups, and what a block does to both."""

import asyncio
from typing import Any

from tests.app.messages.test_messages import friends, say, texts, thread, unread
from tests.fixtures.api import Api, Person


async def group(admin: Person, *others: Person, name: str = "Trip") -> Any:
    body = {"usernames": [other.username for other in others], "name": name}
    return await admin.call("POST", "/conversations", body)


async def folder(who: Person, name: str) -> list[str]:
    rows = (await who.get(f"/conversations?folder={name}"))["conversations"]
    return [row["conversation_id"] for row in rows]


async def test_a_stranger_asks_first(api: Api) -> None:
    ana, eve = await api.people(2)
    made = await say(eve, ana, "do you know me?")
    conversation = made["conversation_id"]
    place = f"/conversations/{conversation}"
    assert await folder(ana, "inbox") == []
    assert await folder(ana, "requests") == [conversation]
    assert await unread(ana) == (0, [])
    assert (await ana.get("/conversations"))["requests"] == 1
    assert await folder(eve, "inbox") == [conversation]
    # Ana looks, and eve learns nothing of it.
    before = await eve.get(place)
    [message] = await thread(ana, conversation)
    await ana.call("POST", f"{place}/read", {})
    await ana.refused(
        "POST", f"/messages/{message['message_id']}/reactions", {"emoji": "❤️"}, status=409
    )
    assert await eve.get(place) == before
    [mark] = [m for m in before["members"] if m["username"] == ana.username]
    assert (mark["read_up_to"], mark["delivered_up_to"]) == (None, None)
    accepted = await ana.call("POST", f"{place}/accept")
    assert accepted["folder"] == "inbox"
    [mark] = [m for m in (await eve.get(place))["members"] if m["username"] == ana.username]
    assert mark["read_up_to"] == message["message_id"]
    await ana.refused("POST", f"{place}/decline", status=409)


async def test_to_answer_is_to_accept(api: Api) -> None:
    ana, eve = await api.people(2)
    conversation = (await say(eve, ana))["conversation_id"]
    await say(ana, eve, "yes?")
    assert await folder(ana, "inbox") == [conversation]
    assert await folder(ana, "requests") == []
    assert await unread(ana) == (1, [1])


async def test_declined_is_silent(api: Api) -> None:
    ana, eve = await api.people(2)
    conversation = (await say(eve, ana))["conversation_id"]
    place = f"/conversations/{conversation}"
    before = await eve.get(place)
    await ana.call("POST", f"{place}/decline")
    assert await eve.get(place) == before
    await say(eve, ana, "hello?")
    assert await folder(ana, "inbox") == await folder(ana, "requests") == []
    assert await folder(eve, "inbox") == [conversation]
    assert (await eve.get(place))["last_message"]["text"] == "hello?"
    # She may still change her mind.
    accepted = await ana.call("POST", f"{place}/accept")
    assert (accepted["folder"], accepted["unread"]) == ("inbox", 2)


async def test_someone_followed_is_no_stranger(api: Api) -> None:
    ana, eve = await api.people(2)
    conversation = (await say(eve, ana))["conversation_id"]
    await ana.follow(eve)
    assert await folder(ana, "requests") == [conversation]
    await say(eve, ana, "again")
    assert await folder(ana, "inbox") == [conversation]
    assert await unread(ana) == (2, [2])


async def test_groups_have_admins_and_names(api: Api) -> None:
    ana, ben, cat = await friends(api, 3)
    made = await group(ana, ben)
    place = f"/conversations/{made['conversation_id']}"
    assert (made["kind"], made["name"], made["is_admin"]) == ("group", "Trip", True)
    assert not (await ben.get(place))["is_admin"]
    body = {"usernames": [cat.username]}
    assert (await ben.refused("PUT", place, {"name": "x"}, status=403))["code"] == "not_admin"
    await ben.refused("POST", f"{place}/members", body, status=403)
    await ben.refused("DELETE", f"{place}/members/{ana.username}", status=403)
    assert (await ana.call("PUT", place, {"name": "Sea"}))["name"] == "Sea"
    grown = await ana.call("POST", f"{place}/members", body)
    assert len(grown["members"]) == 3
    assert await ana.call("POST", f"{place}/members", body) is not None
    assert len((await cat.get(place))["members"]) == 3
    rights = f"{place}/members/{ben.username}"
    assert (await ana.refused("DELETE", f"{place}/members/nobody1", status=404))["code"]
    await ana.call("PUT", rights, {"is_admin": True})
    await ben.call("DELETE", f"{place}/members/{cat.username}")
    await cat.refused("GET", place, status=404)
    await cat.refused("GET", f"{place}/messages", status=404)
    await cat.refused("POST", f"{place}/messages", {"text": "hi"}, status=404)
    own = f"{place}/members/{ana.username}"
    await ana.call("PUT", own, {"is_admin": False})
    last = await ben.refused("PUT", rights, {"is_admin": False}, status=409)
    assert last["code"] == "last_admin"


async def test_new_members_see_what_comes_after_them(api: Api) -> None:
    ana, ben, cat = await friends(api, 3)
    conversation = (await group(ana, ben))["conversation_id"]
    before = await say(ana, conversation, "before")
    body = {"usernames": [cat.username]}
    added = await ana.call("POST", f"/conversations/{conversation}/members", body)
    assert added["last_message"]["text"] == "before"
    assert (await cat.get(f"/conversations/{conversation}"))["last_message"] is None
    await cat.refused("GET", f"/messages/{before['message_id']}", status=404)
    after = await say(ben, conversation, "after", reply_to=before["message_id"])
    [seen] = await thread(cat, conversation)
    assert seen["message_id"] == after["message_id"]
    assert seen["reply_to"] == {"message_id": before["message_id"], "unavailable": True}
    assert await unread(cat) == (1, [1])
    assert await texts(ben, conversation) == ["after", "before"]


async def test_leaving_hands_the_group_over(api: Api) -> None:
    ana, ben, cat = await friends(api, 3)
    conversation = (await group(ana, ben, cat))["conversation_id"]
    place = f"/conversations/{conversation}"
    assert (await ana.send("DELETE", place)).status_code == 204
    await ana.refused("GET", place, status=404)
    assert await folder(ana, "inbox") == []
    assert (await ben.get(place))["is_admin"]
    for last in (ben, cat):
        assert (await last.send("DELETE", place)).status_code == 204
    direct = (await say(ben, cat))["conversation_id"]
    error = await ben.refused("DELETE", f"/conversations/{direct}", status=403)
    assert error["code"] == "not_a_group"


async def test_groups_are_bounded_also_when_many_add_at_once(api: Api) -> None:
    people = await api.people(34)
    made = await group(people[0], *people[1:28])
    path = f"/conversations/{made['conversation_id']}/members"
    answers = await asyncio.gather(
        *(people[0].send("POST", path, {"usernames": [p.username]}) for p in people[28:])
    )
    assert sorted(a.status_code for a in answers) == [200] * 4 + [422] * 2
    stored = await api.resources.mongo.conversations.find_one({"_id": made["conversation_id"]})
    assert stored is not None
    assert len(stored["member_ids"]) == len(stored["members"]) == 32
    # Nobody followed them: all were asked first.
    assert len(stored["requests"]) == 31


async def test_a_group_by_a_stranger_is_a_request_and_declining_it_is_leaving(api: Api) -> None:
    ana, eve, ben = await api.people(3)
    conversation = (await group(eve, ana, ben))["conversation_id"]
    assert await folder(ana, "requests") == [conversation]
    await ana.call("POST", f"/conversations/{conversation}/decline")
    await ana.refused("GET", f"/conversations/{conversation}", status=404)
    assert len((await eve.get(f"/conversations/{conversation}"))["members"]) == 2


async def test_a_request_across_a_block_is_not_counted(api: Api) -> None:
    ana, eve, ben = await api.people(3)
    await say(eve, ana)
    await say(ben, ana)
    await ana.call("POST", f"/users/{eve.username}/block")
    data = await ana.get("/conversations?folder=requests")
    assert len(data["conversations"]) == data["requests"] == 1


async def test_a_block_ends_a_conversation_of_two_for_both(api: Api) -> None:
    ana, ben = await friends(api)
    made = await say(ana, ben)
    place = f"/conversations/{made['conversation_id']}"
    await ben.call("POST", f"/users/{ana.username}/block")
    for person in (ana, ben):
        await person.refused("GET", place, status=404)
        await person.refused("GET", f"{place}/messages", status=404)
        await person.refused("POST", f"{place}/messages", {"text": "hi"}, status=404)
        await person.refused("POST", f"{place}/typing", status=404)
        await person.refused("GET", f"/messages/{made['message_id']}", status=404)
        assert await unread(person) == (0, [])
    await ben.call("DELETE", f"/users/{ana.username}/block")
    assert await unread(ben) == (1, [1])


async def test_a_block_hides_two_from_each_other_in_a_group(api: Api) -> None:
    ana, ben, cat = await friends(api, 3)
    conversation = (await group(cat, ana, ben))["conversation_id"]
    old = await say(ana, conversation, "old")
    await ben.call("POST", f"/users/{ana.username}/block")
    new = await say(ana, conversation, "new", reply_to=old["message_id"])
    answer = await say(cat, conversation, "answer", reply_to=new["message_id"])
    await ana.call("POST", f"/messages/{answer['message_id']}/reactions", {"emoji": "❤️"})
    assert await texts(cat, conversation) == ["answer", "new", "old"]
    [seen] = await thread(ben, conversation)
    assert seen["text"] == "answer"
    assert seen["reply_to"]["unavailable"]
    assert seen["reactions"] == []
    await ben.refused("GET", f"/messages/{new['message_id']}", status=404)
    names = [m["username"] for m in (await ben.get(f"/conversations/{conversation}"))["members"]]
    assert ana.username not in names
    # "old" was counted before the block; the worker counts again when it comes.
    assert (await unread(ben))[0] == 2
    mark = {"message_id": old["message_id"]}
    state = await ben.call("POST", f"/conversations/{conversation}/read", mark)
    assert state["unread"] == 1
    await say(ben, conversation, "from ben")
    assert "from ben" not in await texts(ana, conversation)


async def test_a_wrong_recipient_is_named_by_the_field_it_was_sent_in(api: Api) -> None:
    ana = await api.person()
    error = await ana.refused("POST", "/conversations", {"usernames": [ana.username]}, status=422)
    assert (error["code"], set(error["details"]["fields"])) == ("self_message", {"usernames"})
    error = await ana.refused("POST", "/messages", {"to": ana.username, "text": "x"}, status=422)
    assert (error["code"], set(error["details"]["fields"])) == ("self_message", {"to"})
