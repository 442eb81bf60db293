"""What conversations come to in the centre: unread messages, and posts that were shared."""

from typing import Any

import pytest

from app import clock, ids
from tests.fixtures.api import Api, Person
from tests.fixtures.loop import quiet

pytestmark = pytest.mark.usefixtures("loop_at_work")
Row = dict[str, Any]


async def listed(api: Api, who: Person, kind: str) -> list[Row]:
    await quiet(api.resources)
    rows = (await who.get("/notifications?limit=100"))["notifications"]
    return [row for row in rows if row["kind"] == kind]


def names(row: Row) -> list[str]:
    return [actor["username"] for actor in row["actors"]]


async def friends(api: Api, count: int) -> list[Person]:
    """People who all follow each other: what they write is no request."""
    found = await api.people(count)
    for one in found:
        await one.follow(*(other for other in found if other is not one))
    return found


async def say(who: Person, to: str, text: str = "hi", **more: Any) -> Row:
    said: Row = await who.call("POST", "/messages", {"to": to, "text": text, **more})
    return said


async def group(maker: Person, *others: Person) -> str:
    body = {"usernames": [other.username for other in others], "name": "Us"}
    made = await maker.call("POST", "/conversations", body)
    return str(made["conversation_id"])


async def test_unread_messages_are_one_notification_a_conversation(api: Api) -> None:
    ana, ben, cat = await friends(api, 3)
    await quiet(api.resources)
    await ana.call("POST", "/notifications/read")
    us = await group(ana, ben, cat)
    alone = (await say(ben, ana.username))["conversation_id"]
    for _ in range(3):
        await say(ben, us)
    last = await say(cat, us)
    rows = await listed(api, ana, "message")
    assert sorted((row["conversation_id"], names(row)) for row in rows) == sorted(
        [(us, [cat.username, ben.username]), (alone, [ben.username])]
    )
    assert not any(row["is_read"] or row["post"] or row["comment"] for row in rows)
    # Counted where messages are, and nowhere else.
    me = await ana.get("/users/me")
    assert (me["unread_notifications"], me["unread_messages"]) == (0, 5)
    # Only reading the conversation reads it: its members are shown who has.
    assert await ana.call("POST", "/notifications/read") == {"unread": 0}
    assert len(await listed(api, ana, "message")) == 2
    await ana.call("POST", f"/conversations/{us}/read", {})
    assert [row["conversation_id"] for row in await listed(api, ana, "message")] == [alone]
    assert await listed(api, ben, "message") != []  # of cat's, which he has not read
    await cat.call("DELETE", f"/messages/{last['message_id']}")
    assert await listed(api, ben, "message") == []
    await say(cat, us, "again")
    assert len(await listed(api, ana, "message")) == 2
    await ana.call("DELETE", f"/conversations/{us}")
    assert [row["conversation_id"] for row in await listed(api, ana, "message")] == [alone]


@pytest.mark.parametrize("why", ["request", "muted", "blocked", "off"])
async def test_messages_one_does_not_hear_of(api: Api, why: str) -> None:
    ana, ben = await (api.people(2) if why == "request" else friends(api, 2))
    match why:
        case "muted":
            await ana.call("POST", f"/users/{ben.username}/mute")
        case "off":
            choice = {"kinds": {"message": {"in_app": False}}}
            await ana.call("PUT", "/notifications/preferences", choice)
    await say(ben, ana.username)
    if why == "blocked":
        assert len(await listed(api, ana, "message")) == 1
        await ana.call("POST", f"/users/{ben.username}/block")
    assert await listed(api, ana, "message") == []


async def test_shares_are_told_to_the_author_and_where_they_went_is_not(api: Api) -> None:
    ana, ben, cat, dan = await friends(api, 4)
    post = (await ana.post("look"))["post_id"]
    path = f"/posts/{post}/share"
    secret = await group(ben, dan)
    await ben.call("POST", path, {"to": [secret, cat.username], "text": "psst"})
    await cat.call("POST", path, {"to": [dan.username]})
    # To her they are messages; of her own she need not hear.
    await dan.call("POST", path, {"to": [ana.username]})
    await ana.call("POST", path, {"to": [ben.username]})
    [row] = await listed(api, ana, "share")
    assert names(row) == [cat.username, ben.username]
    assert (row["actor_count"], row["post"]["post_id"]) == (2, post)
    assert (row["comment"], row["conversation_id"]) == (None, None)
    assert secret not in str(row)
    assert "psst" not in str(row)
    for other in (ben, cat, dan):
        assert await listed(api, other, "share") == []


async def test_a_share_is_taken_back_with_its_last_message(api: Api) -> None:
    ana, ben, cat, dan = await friends(api, 4)
    post = (await ana.post())["post_id"]
    sent = [await say(ben, to.username, post_id=post) for to in (cat, dan)]
    [before] = await listed(api, ana, "share")
    await ana.call("POST", "/notifications/read")
    await ben.call("DELETE", f"/messages/{sent[0]['message_id']}")
    [row] = await listed(api, ana, "share")
    assert row == {**before, "is_read": True, "post": row["post"]}
    await ben.call("DELETE", f"/messages/{sent[1]['message_id']}")
    assert await listed(api, ana, "share") == []


@pytest.mark.parametrize("who", ["author", "sharer"])
async def test_nobody_hears_of_shares_across_a_block(api: Api, who: str) -> None:
    ana, ben, cat = await friends(api, 3)
    post = (await ana.post())["post_id"]
    await say(ben, cat.username, post_id=post)
    await say(cat, ben.username, post_id=post)
    [row] = await listed(api, ana, "share")
    assert row["actor_count"] == 2
    one, other = (ana, ben) if who == "author" else (ben, ana)
    await one.call("POST", f"/users/{other.username}/block")
    [row] = await listed(api, ana, "share")
    assert (names(row), row["actor_count"]) == ([cat.username], 1)


SHARE = {"post_id": "post_1", "author_id": "usr_1"}


@pytest.mark.parametrize("query", [SHARE, {"post_id": "post_1"}, {"media.media_id": "media_1"}])
async def test_what_refers_to_something_is_found_by_an_index(api: Api, query: Row) -> None:
    key = ids.new_id("key")
    await api.resources.mongo.messages.insert_many(
        {
            "_id": f"{key}{n}",
            "conversation_id": "conv_x",
            "key": f"{key}{n}",
            "post_id": f"post_{n % 3}",
            "author_id": f"usr_{n % 50}",
            "media": {"media_id": f"media_{n % 60}"},
            "created_at": clock.now(),
            "deleted_at": None,
        }
        for n in range(300)
    )
    find = {"find": "messages", "filter": query}
    explained = await api.resources.mongo.command("explain", find, verbosity="executionStats")
    stats = explained["executionStats"]
    assert 0 < stats["nReturned"] == stats["totalDocsExamined"]
