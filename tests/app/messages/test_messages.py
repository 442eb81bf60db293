"""Saying, quoting, sharing, changing, taking back; what each reader sees of it."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from app import clock
from app.events import MediaUploaded
from app.media.urls import signed_url
from app.messages import service
from tests.fixtures.api import BASE, Api, Person
from workers import images


async def say(who: Person, to: Person | str, text: str = "hello", **more: Any) -> Any:
    target = to if isinstance(to, str) else to.username
    return await who.call("POST", "/messages", {"to": target, "text": text, **more})


async def friends(api: Api, count: int = 2) -> list[Person]:
    """People who all follow each other: no requests between them."""
    people = await api.people(count)
    for person in people:
        await person.follow(*(other for other in people if other is not person))
    return people


async def thread(who: Person, conversation_id: str) -> list[Any]:
    found: list[Any] = (await who.get(f"/conversations/{conversation_id}/messages?limit=100"))[
        "messages"
    ]
    return found


async def texts(who: Person, conversation_id: str) -> list[str]:
    return [message["text"] for message in await thread(who, conversation_id)]


async def unread(who: Person) -> tuple[int, list[int]]:
    data = await who.get("/conversations")
    return data["unread"], [row["unread"] for row in data["conversations"]]


async def test_a_message_is_the_same_for_both(api: Api) -> None:
    ana, ben = await friends(api)
    made = await say(ana, ben, "  Hi Ben  ", ref="mine-1")
    assert (made["text"], made["ref"]) == ("Hi Ben", "mine-1")
    assert made["user"]["username"] == ana.username
    conversation = made["conversation_id"]
    [read] = await thread(ben, conversation)
    assert read == {**made, "ref": None}
    assert await ben.get(f"/messages/{made['message_id']}") == read
    [listed] = (await ben.get("/conversations"))["conversations"]
    assert listed["last_message"]["message_id"] == made["message_id"]
    assert {member["username"] for member in listed["members"]} == {ana.username, ben.username}


async def test_two_who_write_at_once_open_one_conversation(api: Api) -> None:
    ana, ben = await friends(api)
    first, second = await asyncio.gather(say(ana, ben), say(ben, ana))
    assert first["conversation_id"] == second["conversation_id"]
    assert len(await texts(ana, first["conversation_id"])) == 2
    opened = await ana.call("POST", "/conversations", {"usernames": [ben.username]})
    assert opened["conversation_id"] == first["conversation_id"]
    assert opened["kind"] == "direct"


async def test_opening_shows_the_other_nothing_before_the_first_message(api: Api) -> None:
    ana, ben = await friends(api)
    opened = await ana.call("POST", "/conversations", {"usernames": [ben.username]})
    place = f"/conversations/{opened['conversation_id']}"
    assert (await ben.get("/conversations"))["conversations"] == []
    await ben.refused("GET", place, status=404)
    await say(ana, opened["conversation_id"])
    assert len((await ben.get("/conversations"))["conversations"]) == 1


async def test_order_is_that_of_storing_and_every_message_is_there_once(api: Api) -> None:
    ana, ben = await friends(api)
    conversation = (await say(ana, ben, "first"))["conversation_id"]
    sent = await asyncio.gather(
        *(say(who, conversation, f"{who.username} {n}") for n in range(10) for who in (ana, ben))
    )
    newest_first = await thread(ben, conversation)
    ids = [message["message_id"] for message in newest_first]
    assert ids == sorted(ids, reverse=True)
    assert set(ids[:-1]) == {message["message_id"] for message in sent}
    times = [message["created_at"] for message in newest_first]
    assert times == sorted(set(times), reverse=True)
    assert await unread(ben) == (11, [11])
    assert await unread(ana) == (10, [10])


async def test_a_repeat_with_a_key_is_the_first_message(api: Api) -> None:
    ana, ben = await friends(api)
    body = {"to": ben.username, "text": "once"}
    first = await ana.call("POST", "/messages", body, key="k-1")
    again, third = await asyncio.gather(
        *(ana.call("POST", "/messages", body, key="k-1") for _ in range(2))
    )
    assert first == again == third
    error = await ana.refused("POST", "/messages", {**body, "text": "two"}, key="k-1", status=409)
    assert error["code"] == "idempotency_key_reused"
    assert await texts(ben, first["conversation_id"]) == ["once"]
    assert (await unread(ben))[0] == 1


async def test_a_repeat_after_a_lost_answer_meets_its_own_message(api: Api) -> None:
    ana, ben = await friends(api)
    body = {"to": ben.username, "text": "once"}
    first = await ana.call("POST", "/messages", body, key="k-lost")
    # As if the process had died between storing the message and keeping the answer.
    await api.resources.mongo.kept_answers.update_many(
        {"status": 201},
        {"$set": {"status": None, "answer": None, "claimed_at": clock.now() - timedelta(hours=1)}},
    )
    assert await ana.call("POST", "/messages", body, key="k-lost") == first
    assert await texts(ben, first["conversation_id"]) == ["once"]
    assert (await unread(ben))[0] == 1


async def test_pages_without_gaps_while_messages_come(api: Api) -> None:
    ana, ben = await friends(api)
    conversation = (await say(ana, ben, "0"))["conversation_id"]
    for number in range(1, 7):
        await say(ana, ben, str(number))
    path = f"/conversations/{conversation}/messages"
    found, cursor = [], ""
    for _ in range(3):
        data = await ben.get(f"{path}?limit=3{cursor}")
        found += [message["text"] for message in data["messages"]]
        cursor = f"&cursor={data['pagination']['next_cursor']}"
        await say(ana, ben, "late")
    assert found == ["6", "5", "4", "3", "2", "1", "0"]
    pages = await ben.pages(path, "messages", 4)
    assert sum(map(len, pages)) == 10
    taken = data["pagination"]["next_cursor"] or ""
    await ana.refused("GET", f"{path}?cursor={taken or 'AAAA'}", status=422)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": "   "}, "text"),
        ({"text": "a" * 2001}, "text"),
        ({"text": "a", "more": 1}, "more"),
        ({"text": {"$ne": 1}}, "text"),
        ({"text": "a", "reply_to": "msg_00000000000000000000000000"}, "reply_to"),
        ({"media_key": "somebody/elses.jpg"}, "media_key"),
    ],
)
async def test_what_can_not_be_said(api: Api, body: dict[str, Any], field: str) -> None:
    ana, ben = await friends(api)
    error = await ana.refused("POST", "/messages", {"to": ben.username, **body}, status=422)
    assert field in error["details"]["fields"]


async def test_whom_one_can_not_write_to(api: Api) -> None:
    ana, ben = await friends(api)
    for target in ("nobody_at_all", "conv_00000000000000000000000000"):
        await ana.refused("POST", "/messages", {"to": target, "text": "hm"}, status=404)
    await ana.refused("POST", "/messages", {"to": ana.username, "text": "hm"}, status=422)
    await ben.call("POST", f"/users/{ana.username}/block")
    await ana.refused("POST", "/messages", {"to": ben.username, "text": "hm"}, status=404)
    await ben.refused("POST", "/messages", {"to": ana.username, "text": "hm"}, status=404)
    body = {"usernames": [ben.username]}
    await ana.refused("POST", "/conversations", body, status=404)


async def test_a_photo_is_for_the_members_alone(api: Api) -> None:
    ana, ben = await friends(api)
    eve = await api.person()
    await eve.follow(ana)
    key = await ana.photo()
    made = await say(ana, ben, "", media_key=key)
    assert made["media"]["sources"]
    conversation = made["conversation_id"]
    [read] = await thread(ben, conversation)
    url = read["media"]["url"]
    assert f"u={ben.user_id}" in url
    assert (await api.http.get(url)).status_code == 200
    assert (await api.http.get(url.replace(ben.user_id, eve.user_id))).status_code == 404
    # A link that we would sign for a stranger: still not theirs.
    for viewer in (eve.user_id, ""):
        link = signed_url(api.settings, read["media"]["media_id"], "150.webp", viewer)
        assert (await api.http.get(link)).status_code == 404
    # Used already, for another message; and as a repeat of this one.
    body = {"to": ben.username, "media_key": key}
    assert (await ana.refused("POST", "/messages", body, status=409))["code"] == "media_in_use"
    await ben.call("POST", f"/users/{ana.username}/block")
    assert (await api.http.get(url)).status_code == 404
    await ben.call("DELETE", f"/users/{ana.username}/block")
    assert (await api.http.get(url)).status_code == 200
    await ana.call("DELETE", f"/messages/{made['message_id']}")
    await asyncio.sleep(1.1)  # a yes may be a second old
    assert (await api.http.get(url)).status_code == 404


async def test_a_photo_may_be_sent_while_it_is_processed(api: Api) -> None:
    ana, ben = await friends(api)
    body = {"file_type": "image/jpeg", "file_size": len(api.photo)}
    link = await ana.call("POST", "/media/upload-url", body)
    await api.storage.put(link["upload_url"], content=api.photo, headers=link["headers"])
    made = await say(ana, ben, "", media_key=link["media_key"])
    assert (made["media"]["status"], made["media"]["url"]) == ("uploaded", None)
    await images.handle("1-0", MediaUploaded(link["media_id"], ana.user_id), api.resources)
    await service.media_settled(api.resources, link["media_id"])
    [read] = await thread(ben, made["conversation_id"])
    assert read["media"]["sources"]
    assert (await api.http.get(read["media"]["url"])).status_code == 200


async def test_a_shared_post_is_seen_by_whoever_may_see_it(api: Api) -> None:
    ana, ben, cat = await friends(api, 3)
    open_post, closed = await ana.post("for all"), await ana.post("ours", audience="followers")
    eve = await api.person("eve")
    await ben.follow(eve)
    await eve.follow(ben)
    for post in (open_post, closed):
        made = await ben.call(
            "POST",
            f"/posts/{post['post_id']}/share",
            {"to": [cat.username, eve.username], "text": "look"},
        )
        assert made["shares_count"] == 2
        assert [m["post"]["post_id"] for m in made["messages"]] == [post["post_id"]] * 2
    conversation = made["messages"][1]["conversation_id"]
    newer, older = await thread(eve, conversation)
    assert newer["post"] == {"unavailable": True}
    assert (older["post"]["caption"], older["post"]["unavailable"]) == ("for all", False)
    assert older["post"]["thumbnail"]
    await eve.refused("POST", f"/posts/{closed['post_id']}/share", {"to": ["x"]}, status=404)
    await eve.refused(
        "POST", "/messages", {"to": ben.username, "post_id": closed["post_id"]}, status=404
    )
    await ana.call("DELETE", f"/posts/{open_post['post_id']}")
    api.forget()
    assert [m["post"] for m in await thread(eve, conversation)] == [{"unavailable": True}] * 2


async def test_share_looks_at_everyone_before_it_sends(api: Api) -> None:
    ana, ben = await friends(api)
    post = await ana.post()
    path = f"/posts/{post['post_id']}/share"
    await ana.refused("POST", path, {"to": [ben.username, "nobody_here"]}, status=404)
    assert (await ben.get("/conversations"))["conversations"] == []
    twice = {"to": [ben.username, ben.username]}
    made = await ana.call("POST", path, twice, key="share-1")
    assert len(made["messages"]) == 1
    assert await ana.call("POST", path, twice, key="share-1") == made
    assert len(await thread(ben, made["messages"][0]["conversation_id"])) == 1


async def test_quotes(api: Api) -> None:
    ana, ben = await friends(api)
    asked = await say(ana, ben, "coffee?")
    answer = await say(ben, ana, "yes", reply_to=asked["message_id"])
    assert answer["reply_to"]["text"] == "coffee?"
    assert answer["reply_to"]["user"]["username"] == ana.username
    await ana.call("DELETE", f"/messages/{asked['message_id']}")
    [left] = await thread(ana, answer["conversation_id"])
    assert left["reply_to"] == {"message_id": asked["message_id"], "unavailable": True}


async def test_reactions_are_one_for_each_person(api: Api) -> None:
    ana, ben = await friends(api)
    made = await say(ana, ben)
    path = f"/messages/{made['message_id']}/reactions"
    await ben.call("POST", path, {"emoji": "❤️"})
    await ana.call("POST", path, {"emoji": "👍🏽"})
    seen = await ben.call("POST", path, {"emoji": "👩‍👩‍👧"})
    assert {r["user_id"]: r["emoji"] for r in seen["reactions"]} == {
        ben.user_id: "👩‍👩‍👧",
        ana.user_id: "👍🏽",
    }
    assert len((await ben.call("DELETE", path))["reactions"]) == 1
    for wrong in ("", "ok", "привет", "❤️" * 20, "<b>"):
        await ben.refused("POST", path, {"emoji": wrong}, status=422)


async def test_editing_ends_after_fifteen_minutes(api: Api) -> None:
    ana, ben = await friends(api)
    made = await say(ana, ben, "helo")
    path = f"/messages/{made['message_id']}"
    edited = await ana.call("PUT", path, {"text": "hello"})
    assert edited["text"] == "hello"
    assert edited["edited_at"]
    assert (await thread(ben, made["conversation_id"]))[0]["edited_at"] == edited["edited_at"]
    await ben.refused("PUT", path, {"text": "mine"}, status=403)
    await ben.refused("DELETE", path, status=403)
    past = clock.now() - timedelta(minutes=16)
    await api.resources.mongo.messages.update_one(
        {"_id": made["message_id"]}, {"$set": {"created_at": past}}
    )
    assert (await ana.refused("PUT", path, {"text": "x"}, status=409))["code"] == "too_late"


async def test_unsending_leaves_nothing(api: Api) -> None:
    ana, ben = await friends(api)
    conversation = (await say(ana, ben, "stays"))["conversation_id"]
    gone = await say(ana, ben, "goes")
    assert await unread(ben) == (2, [2])
    path = f"/messages/{gone['message_id']}"
    assert (await ana.send("DELETE", path)).status_code == 204
    await ana.refused("DELETE", path, status=404)
    await ben.refused("GET", path, status=404)
    assert await texts(ben, conversation) == ["stays"]
    assert await unread(ben) == (1, [1])
    [listed] = (await ben.get("/conversations"))["conversations"]
    assert listed["last_message"]["text"] == "stays"
    kept = await api.resources.mongo.messages.find_one({"_id": gone["message_id"]})
    assert kept is not None
    assert "goes" not in str(kept)


async def test_reading_never_goes_back_and_counts_what_is_left(api: Api) -> None:
    ana, ben = await friends(api)
    sent = [await say(ana, ben, str(n)) for n in range(4)]
    place = f"/conversations/{sent[0]['conversation_id']}"
    second = await api.log_in(ben)
    state = await ben.call("POST", f"{place}/read", {"message_id": sent[1]["message_id"]})
    assert (state["unread"], state["unread_total"]) == (2, 2)
    assert state["read_up_to"] == sent[1]["message_id"]
    assert await unread(second) == (2, [2])
    back = await second.call("POST", f"{place}/read", {"message_id": sent[0]["message_id"]})
    assert back == state
    far = {"message_id": "msg_" + "z" * 26}
    assert (await ben.call("POST", f"{place}/read", far))["read_up_to"] == sent[3]["message_id"]
    assert (await ben.get("/users/me"))["unread_messages"] == 0
    await ben.refused("POST", f"{place}/read", {"message_id": "post_1"}, status=422)
    await say(ben, ana, "an answer")
    assert await unread(ben) == (0, [0])
    assert await unread(ana) == (1, [1])
    marks = {m["username"]: m for m in (await ana.get(place))["members"]}
    assert marks[ben.username]["read_up_to"] == sent[3]["message_id"]


async def test_unread_stays_exact_while_people_write_read_and_unsend(api: Api) -> None:
    ana, ben = await friends(api)
    conversation = (await say(ana, ben, "first"))["conversation_id"]
    place = f"/conversations/{conversation}"

    async def write(number: int) -> None:
        made = await say(ana, ben, str(number))
        if number % 3 == 0:
            await ana.call("DELETE", f"/messages/{made['message_id']}")
        if number % 4 == 0:
            await ben.call("POST", f"{place}/read", {"message_id": made["message_id"]})

    await asyncio.gather(*(write(number) for number in range(16)))
    stored = await api.resources.mongo.conversations.find_one({"_id": conversation})
    assert stored is not None
    mark = stored["members"][ben.user_id]
    counted = await api.resources.mongo.messages.count_documents(
        {"conversation_id": conversation, "_id": {"$gt": mark["read_up_to"]}, "deleted_at": None}
    )
    assert mark["unread"] == counted
    assert (ben.user_id in stored["unread_by"]) == bool(counted)


async def test_nobody_else_learns_that_anything_is_there(api: Api) -> None:
    ana, ben = await friends(api)
    made = await say(ana, ben)
    eve = await api.person()
    place, message = f"/conversations/{made['conversation_id']}", f"/messages/{made['message_id']}"
    calls = [
        ("GET", place, None),
        ("PUT", place, {"name": "x"}),
        ("DELETE", place, None),
        ("POST", f"{place}/accept", None),
        ("POST", f"{place}/decline", None),
        ("POST", f"{place}/members", {"usernames": [eve.username]}),
        ("PUT", f"{place}/members/{ana.username}", {"is_admin": True}),
        ("DELETE", f"{place}/members/{ana.username}", None),
        ("GET", f"{place}/messages", None),
        ("POST", f"{place}/messages", {"text": "me too"}),
        ("POST", f"{place}/read", {}),
        ("POST", f"{place}/typing", None),
        ("POST", "/messages", {"to": made["conversation_id"], "text": "me too"}),
        ("GET", message, None),
        ("PUT", message, {"text": "x"}),
        ("DELETE", message, None),
        ("POST", f"{message}/reactions", {"emoji": "❤️"}),
        ("DELETE", f"{message}/reactions", None),
    ]
    for method, path, body in calls:
        error = await eve.refused(method, path, body, status=404)
        assert error["code"].endswith("_not_found"), (method, path)
        assert (await api.http.request(method, BASE + path, json=body)).status_code == 401
    assert (await eve.get("/conversations"))["conversations"] == []
    assert len(await thread(ana, made["conversation_id"])) == 1
