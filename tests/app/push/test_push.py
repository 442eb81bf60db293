"""Web push: who is pushed what, when, and when not."""

import time
from typing import Any

import pytest

from app.events import PushWanted, decode
from app.personlog import Hello
from app.push.sender import Message
from app.push.webpush import topic
from infra import dead
from tests.app.push.conftest import Pushing
from tests.fixtures.api import Person
from tests.fixtures.loop import at_work, eventually, quiet
from workers import push as role


async def two(pushing: Pushing) -> tuple[Person, Person, str]:
    """Ana with a post, ben, and the path of the post."""
    ana, ben = await pushing.api.people(2)
    post = await ana.post()
    return ana, ben, f"/posts/{post['post_id']}"


async def test_who_is_away_is_pushed_to(pushing: Pushing) -> None:
    ana, ben, path = await two(pushing)
    browser = await pushing.subscribed(ana)
    await ben.call("POST", f"{path}/like")
    assert await pushing.push() == ["sent"]
    [note] = (await ana.get("/notifications"))["notifications"]
    assert pushing.read(browser) == [
        {
            "id": note["notification_id"],
            "kind": "like",
            "title": "Glimpse",
            "text": f"{ben.username} liked your post",
            "path": path.replace("/posts/", "/p/"),
            "unread": 1,
        }
    ]
    [got] = pushing.web.got
    assert got.headers["Content-Encoding"] == "aes128gcm"
    assert got.headers["Topic"] == topic(note["notification_id"])
    assert int(got.headers["TTL"]) > 0
    assert ben.username.encode() not in got.body
    claims, key = got.vapid()
    assert claims["aud"] == pushing.web.url
    assert claims["sub"] == "mailto:op@example.org"
    assert time.time() < claims["exp"] <= time.time() + 86_400
    assert await ana.get("/push/key") == {"key": key}
    assert await pushing.push() == []


async def test_a_group_that_grows_replaces_its_push(pushing: Pushing) -> None:
    ana, ben, path = await two(pushing)
    browser = await pushing.subscribed(ana)
    await ben.call("POST", f"{path}/like")
    assert await pushing.push() == ["sent"]
    for other in await pushing.api.people(3):
        await other.call("POST", f"{path}/like")
    await quiet(pushing.api.resources)
    [job] = await pushing.api.resources.mongo.push_jobs.find({}).to_list(None)
    assert (job["due_at"] - job["sent_at"]).total_seconds() >= 50  # the gap
    assert await pushing.push() == ["sent"]
    first, second = pushing.read(browser)
    assert first["id"] == second["id"]
    assert str(second["text"]).endswith("and 2 others liked your post")
    assert len({got.headers["Topic"] for got in pushing.web.got}) == 1


async def test_who_has_a_socket_open_is_not_pushed_to(pushing: Pushing) -> None:
    ana, ben, path = await two(pushing)
    await pushing.subscribed(ana)
    logs = pushing.api.resources.live.logs
    await logs.register("node9", [Hello(ana.user_id, "ses_x", "node9/1", None)], alive=True)
    await ben.call("POST", f"{path}/like")
    assert await pushing.push() == ["waits"]  # the connection may be a dead one
    assert await pushing.push() == ["seen"]
    await ben.call("POST", f"{path}/comments", {"text": "hi"})
    assert await pushing.push() == ["waits"]
    await logs.leave("node9", [(ana.user_id, ["node9/1"], True)])
    assert await pushing.push() == ["sent"]
    assert len(pushing.web.got) == 1


async def test_what_was_read_meanwhile_is_not_pushed(pushing: Pushing) -> None:
    ana, ben, path = await two(pushing)
    await pushing.subscribed(ana)
    await ben.call("POST", f"{path}/like")
    await quiet(pushing.api.resources)
    await ana.call("POST", "/notifications/read")
    assert await pushing.push() == ["nothing"]
    assert pushing.web.got == []


@pytest.mark.parametrize("why", ["blocked", "blocks", "muted", "post muted", "kind off", "undone"])
@pytest.mark.parametrize("before", [True, False])
async def test_nothing_is_pushed_of_whom_or_what_one_does_not_want(
    pushing: Pushing, why: str, before: bool
) -> None:
    """Whether they said so before it happened, or after, when the push was waiting."""
    ana, ben, path = await two(pushing)
    await pushing.subscribed(ana)

    async def say_so() -> None:
        match why:
            case "blocked":
                await ana.call("POST", f"/users/{ben.username}/block")
            case "blocks":
                await ben.call("POST", f"/users/{ana.username}/block")
            case "muted":
                await ana.call("POST", f"/users/{ben.username}/mute")
            case "post muted":
                await ana.call("POST", f"{path}/mute")
            case "kind off":
                choice = {"kinds": {"like": {"push": False}}}
                await ana.call("PUT", "/notifications/preferences", choice)
            case "undone":
                await ben.call("DELETE", f"{path}/like")

    if before:
        await say_so()
    await ben.send("POST", f"{path}/like")
    if before and why == "undone":
        await say_so()
    if not before:
        await quiet(pushing.api.resources)
        # Right before the push: no worker has looked at it yet.
        await say_so()
    assert set(await pushing.push()) <= {"nothing"}
    assert pushing.web.got == []


async def test_of_several_only_those_not_blocked_are_named(pushing: Pushing) -> None:
    ana, ben, path = await two(pushing)
    cleo = await pushing.api.person("cleo")
    browser = await pushing.subscribed(ana)
    for who in (ben, cleo):
        await who.call("POST", f"{path}/like")
    await ana.call("POST", f"/users/{cleo.username}/block")
    await pushing.push()
    assert [note["text"] for note in pushing.read(browser)] == [f"{ben.username} liked your post"]


@pytest.mark.parametrize("status", [404, 410])
async def test_a_device_that_is_gone_is_forgotten(pushing: Pushing, status: int) -> None:
    ana, ben, path = await two(pushing)
    await pushing.subscribed(ana)
    pushing.web.answers.append((status, {}))
    await ben.call("POST", f"{path}/like")
    assert await pushing.push() == ["sent"]
    rows = pushing.api.resources.mongo.push_subscriptions
    assert await rows.count_documents({"user_id": ana.user_id}) == 0


async def test_a_session_that_ends_is_pushed_to_no_more(pushing: Pushing) -> None:
    ana, ben, path = await two(pushing)
    phone = await pushing.api.log_in(ana)
    browser, left = await pushing.subscribed(ana), await pushing.subscribed(phone)
    await ben.call("POST", f"{path}/like")
    await quiet(pushing.api.resources)
    await phone.call("POST", "/auth/logout", {})
    assert await pushing.push() == ["sent"]
    assert len(pushing.read(browser)) == 1
    assert pushing.read(left) == []
    rows = pushing.api.resources.mongo.push_subscriptions
    assert await rows.count_documents({"user_id": ana.user_id}) == 1


async def test_unsubscribing_and_changing_hands(pushing: Pushing) -> None:
    ana, ben, path = await two(pushing)
    browser = await pushing.subscribed(ana)
    assert await ana.call("DELETE", "/push/subscriptions") == {"ended": 1}
    assert await ana.call("DELETE", "/push/subscriptions") == {"ended": 0}
    await ana.call("POST", "/push/subscriptions", browser.subscription())
    again = await pushing.subscribed(ana)  # the browser made a new one: one a session
    cleo = await pushing.api.person("cleo")
    await cleo.call("POST", "/push/subscriptions", again.subscription())
    await ben.call("POST", f"{path}/like")
    assert set(await pushing.push()) <= {"nothing"}
    assert pushing.web.got == []


async def test_failures_are_tried_again_and_successes_are_not(pushing: Pushing) -> None:
    ana, ben, path = await two(pushing)
    phone = await pushing.api.log_in(ana)
    good, bad = await pushing.subscribed(ana), await pushing.subscribed(phone)
    bad_path = bad.endpoint.removeprefix(pushing.web.url)
    pushing.web.broken.add(bad_path)
    await ben.call("POST", f"{path}/like")
    assert await pushing.push() == ["retries"]
    assert await pushing.push() == ["retries"]
    pushing.web.broken.clear()
    assert await pushing.push() == ["sent"]
    assert (len(pushing.read(good)), len(pushing.read(bad))) == (1, 3)


async def test_a_push_service_says_when_to_come_back(pushing: Pushing) -> None:
    ana, ben, path = await two(pushing)
    await pushing.subscribed(ana)
    pushing.web.answers.append((429, {"Retry-After": "120"}))
    await ben.call("POST", f"{path}/like")
    began = time.time()
    assert await pushing.push() == ["retries"]
    [job] = await pushing.api.resources.mongo.push_jobs.find({}).to_list(None)
    assert job["due_at"].timestamp() - began >= 119
    assert await pushing.push() == ["sent"]


async def test_what_is_given_up_is_a_dead_letter_that_can_be_retried(pushing: Pushing) -> None:
    ana, ben, path = await two(pushing)
    browser = await pushing.subscribed(ana)
    resources = pushing.api.resources
    await dead.drop_dead(resources, "push", dead.ALL)
    pushing.web.broken.add(browser.endpoint.removeprefix(pushing.web.url))
    await ben.call("POST", f"{path}/like")
    assert [await pushing.push() for _ in range(4)] == [["retries"], ["retries"], ["dead"], []]
    [letter] = await dead.list_dead(resources, "push")
    assert "503" in letter.error
    event = decode(letter.data.encode())
    assert isinstance(event, PushWanted)
    pushing.web.broken.clear()
    await role.handle("1-0", event, resources)
    assert await pushing.push() == ["sent"]
    assert len(pushing.read(browser)) == 4
    pushing.web.answers.append((403, {}))  # refused for good: not tried again
    await ben.call("POST", f"{path}/comments", {"text": "hi"})
    assert await pushing.push() == ["dead"]


async def test_nobody_is_flooded(pushing: Pushing) -> None:
    ana, ben, _ = await two(pushing)
    await pushing.subscribed(ana)
    for _ in range(7):
        post = await ana.post()
        await ben.call("POST", f"/posts/{post['post_id']}/like")
    assert sorted(await pushing.push()) == ["sent"] * 5 + ["waits"] * 2
    assert len(pushing.web.got) == 5


async def test_the_role_pushes_by_itself_and_ends_subscriptions(pushing: Pushing) -> None:
    ana, ben, path = await two(pushing)
    phone = await pushing.api.log_in(ana)
    browser, _ = await pushing.subscribed(ana), await pushing.subscribed(phone)
    resources = pushing.api.resources
    rows = resources.mongo.push_subscriptions
    async with at_work(resources, "push"):
        await phone.call("POST", "/auth/logout", {})
        await ben.call("POST", f"{path}/like")

        async def done() -> Any:
            left = await rows.count_documents({"user_id": ana.user_id})
            return left == 1 and pushing.read(browser)

        [note] = await eventually(done, "pushed", within_s=20)
    assert note["kind"] == "like"


async def test_a_source_of_another_kind(pushing: Pushing) -> None:
    """What direct messages do: a job of their kind, and a function that says what to push."""
    from app.push import outbox
    from app.push.delivery import Delivery
    from app.resources import Resources

    ana = await pushing.api.person()
    browser = await pushing.subscribed(ana)
    resources = pushing.api.resources

    async def source(_: Resources, recipient: str, subject: str) -> Message | None:
        assert recipient == ana.user_id
        return Message(subject, "message", "ben: hi", "/messages/conv_1", 2)

    await outbox.add(resources, ana.user_id, "message", "conv_1")
    senders = pushing.delivery._senders
    normal, pushing.delivery = (
        pushing.delivery,
        Delivery(resources, senders, {"message": source}),
    )
    try:
        assert await pushing.push() == ["sent"]
    finally:
        pushing.delivery = normal
    assert [note["path"] for note in pushing.read(browser)] == ["/messages/conv_1"]
