"""Messages to who has no socket: one push a member, of the newest, and when there is none."""

from typing import Any

import pytest

from app.personlog import Hello
from tests.app.messages.test_conversations import group
from tests.app.messages.test_messages import friends as following, say
from tests.app.push.conftest import Pushing
from tests.fixtures.api import Person
from tests.fixtures.loop import at_work, eventually, quiet


async def friends(pushing: Pushing, count: int = 2) -> list[Person]:
    """Who follow each other, and have been told so."""
    people = await following(pushing.api, count)
    await quiet(pushing.api.resources)
    return people


async def test_the_newest_message_is_pushed_once(pushing: Pushing) -> None:
    ana, ben = await friends(pushing)
    browser, own = await pushing.subscribed(ana), await pushing.subscribed(ben)
    conversation = (await say(ben, ana, "first"))["conversation_id"]
    await say(ben, conversation, "second")
    assert await pushing.push() == ["sent"]
    note = {
        "id": conversation,
        "kind": "message",
        "title": "Glimpse",
        "text": f"{ben.username}: second",
        "path": f"/messages/{conversation}",
        "unread": 2,
    }
    assert pushing.read(browser) == [note]
    assert await pushing.push() == []
    third = await say(ben, conversation, "third")
    await ana.call("POST", f"/messages/{third['message_id']}/reactions", {"emoji": "❤️"})
    assert await pushing.push() == ["sent"]
    assert pushing.read(browser)[1:] == [{**note, "text": f"{ben.username}: third", "unread": 3}]
    assert len({got.headers["Topic"] for got in pushing.web.got}) == 1
    assert pushing.read(own) == []


async def test_every_member_of_a_group_is_told(pushing: Pushing) -> None:
    ana, ben, cat = await friends(pushing, 3)
    browsers = [await pushing.subscribed(person) for person in (ana, ben, cat)]
    conversation = (await group(ana, ben, cat))["conversation_id"]
    await say(ana, conversation, "to both")
    assert await pushing.push() == ["sent", "sent"]
    assert [len(pushing.read(browser)) for browser in browsers] == [0, 1, 1]
    await say(ben, conversation, "to the others")
    assert await pushing.push() == ["sent", "sent"]
    assert [note["text"] for note in pushing.read(browsers[0])] == [
        f"{ben.username}: to the others"
    ]
    assert [len(pushing.read(browser)) for browser in browsers] == [1, 1, 2]


async def test_a_shared_post_is_pushed_without_words(pushing: Pushing) -> None:
    ana, ben = await friends(pushing)
    browser = await pushing.subscribed(ana)
    post = await ben.post()
    await ben.call("POST", "/messages", {"to": ana.username, "post_id": post["post_id"]})
    assert await pushing.push() == ["sent"]
    [note] = [note for note in pushing.read(browser) if note["kind"] == "message"]
    assert note["text"] == f"{ben.username}: sent something to look at"


async def test_who_has_a_socket_open_is_not_pushed_to(pushing: Pushing) -> None:
    ana, ben = await friends(pushing)
    await pushing.subscribed(ana)
    logs = pushing.api.resources.live.logs
    await logs.register("node8", [Hello(ana.user_id, "ses_x", "node8/1", None)], alive=True)
    await say(ben, ana)
    assert await pushing.push() == ["waits"]
    assert await pushing.push() == ["seen"]
    await logs.leave("node8", [(ana.user_id, ["node8/1"], True)])
    assert pushing.web.got == []


@pytest.mark.parametrize("why", ["blocked", "blocks", "muted", "kind off"])
@pytest.mark.parametrize("before", [True, False])
async def test_nothing_is_pushed_of_whom_or_what_one_does_not_want(
    pushing: Pushing, why: str, before: bool
) -> None:
    """Whether they said so before it was sent, or after, when the push was waiting."""
    ana, ben = await friends(pushing)
    conversation = (await say(ana, ben, "hi"))["conversation_id"]
    await pushing.subscribed(ana)

    async def say_so() -> None:
        match why:
            case "blocked":
                await ana.call("POST", f"/users/{ben.username}/block")
            case "blocks":
                await ben.call("POST", f"/users/{ana.username}/block")
            case "muted":
                await ana.call("POST", f"/users/{ben.username}/mute")
            case "kind off":
                choice = {"kinds": {"message": {"push": False}}}
                await ana.call("PUT", "/notifications/preferences", choice)

    if before:
        await say_so()
    await ben.send("POST", f"/conversations/{conversation}/messages", {"text": "hello"})
    if not before:
        await quiet(pushing.api.resources)
        await say_so()
    assert set(await pushing.push()) <= {"nothing"}
    assert pushing.web.got == []


@pytest.mark.parametrize("how", ["read", "unsent", "left"])
async def test_what_is_over_is_not_pushed(pushing: Pushing, how: str) -> None:
    ana, ben = await friends(pushing)
    await pushing.subscribed(ana)
    conversation = (await group(ben, ana))["conversation_id"]
    message = await say(ben, conversation)
    await quiet(pushing.api.resources)
    match how:
        case "read":
            await ana.call("POST", f"/conversations/{conversation}/read", {})
        case "unsent":
            await ben.call("DELETE", f"/messages/{message['message_id']}")
        case "left":
            await ana.call("DELETE", f"/conversations/{conversation}")
    assert await pushing.push() == ["nothing"]
    assert pushing.web.got == []


async def test_strangers_do_not_make_a_phone_ring(pushing: Pushing) -> None:
    ana, eve = await pushing.api.people(2)
    browser = await pushing.subscribed(ana)
    conversation = (await say(eve, ana, "do you know me?"))["conversation_id"]
    assert await pushing.push() == []
    await ana.call("POST", f"/conversations/{conversation}/accept")
    await say(eve, conversation, "thanks")
    assert await pushing.push() == ["sent"]
    assert [note["text"] for note in pushing.read(browser)] == [f"{eve.username}: thanks"]


async def test_a_block_in_a_group_hides_one_and_not_the_others(pushing: Pushing) -> None:
    ana, ben, cat = await friends(pushing, 3)
    browser = await pushing.subscribed(ana)
    conversation = (await group(cat, ana, ben))["conversation_id"]
    await ana.call("POST", f"/users/{ben.username}/block")
    await say(cat, conversation, "from cat")
    assert await pushing.push() == ["sent"]
    await say(ben, conversation, "from ben")
    assert await pushing.push() == []  # nor is cat's told of once more
    assert [note["text"] for note in pushing.read(browser)] == [f"{cat.username}: from cat"]


async def test_the_role_pushes_messages_by_itself(pushing: Pushing) -> None:
    ana, ben = await friends(pushing)
    browser = await pushing.subscribed(ana)

    async def told() -> Any:
        return pushing.read(browser)

    async with at_work(pushing.api.resources, "push"):
        await say(ben, ana, "hello")
        [note] = await eventually(told, "pushed", within_s=20)
    assert note["text"] == f"{ben.username}: hello"
