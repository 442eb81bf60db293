"""Idempotency keys: repeats, other bodies, at once, and after a crash half-way."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from app import dispatch
from tests.fixtures.api import PASSWORD, Api, Person, refusal


async def counted(api: Api, collection: str, **query: Any) -> int:
    found: int = await api.resources.mongo[collection].count_documents(query)
    return found


async def test_a_repeat_gets_the_first_answer(api: Api) -> None:
    ana, ben = await api.people(2)
    post = await ana.post()
    path, sent = f"/posts/{post['post_id']}/comments", {"text": "once"}
    first = await ben.send("POST", path, sent, key="k1")
    again = await ben.send("POST", path, sent, key="k1")
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert first.status_code == 201
    assert await counted(api, "comments", post_id=post["post_id"]) == 1
    await ben.call("POST", path, sent, key="k2")
    assert await counted(api, "comments", post_id=post["post_id"]) == 2


async def test_the_key_with_another_request_is_a_conflict(api: Api) -> None:
    ana = await api.person()
    one, two = await ana.post(), await ana.post()
    await ana.call("POST", f"/posts/{one['post_id']}/comments", {"text": "a"}, key="k")
    for path, sent in (
        (f"/posts/{one['post_id']}/comments", {"text": "b"}),
        (f"/posts/{two['post_id']}/comments", {"text": "a"}),
        (f"/posts/{one['post_id']}/like", None),
    ):
        error = await ana.refused("POST", path, sent, key="k", status=409)
        assert error["code"] == "idempotency_key_reused"
    assert await counted(api, "comments", author_id=ana.user_id) == 1


async def test_a_key_is_its_persons_own(api: Api) -> None:
    ana, ben = await api.people(2)
    post = await ana.post()
    path = f"/posts/{post['post_id']}/comments"
    made = [await who.call("POST", path, {"text": "hi"}, key="same") for who in (ana, ben)]
    assert made[0]["comment_id"] != made[1]["comment_id"]


async def test_repeats_at_once_make_one(api: Api) -> None:
    ana = await api.person()
    key = await ana.quick_photo()
    sent = {"caption": "once", "media": [{"url": key}]}
    answers = await asyncio.gather(*(ana.send("POST", "/posts", sent, key="p") for _ in range(10)))
    assert {a.status_code for a in answers} == {201}
    assert len({a.json()["data"]["post_id"] for a in answers}) == 1
    assert await counted(api, "posts", author_id=ana.user_id) == 1


async def test_a_refusal_is_not_kept(api: Api) -> None:
    ana = await api.person()
    path = "/collections"
    await ana.refused("POST", path, {"name": ""}, key="k", status=422)
    await ana.call("POST", path, {"name": "Trees"})
    await ana.refused("POST", path, {"name": "Trees"}, key="k", status=409)
    await ana.call("POST", path, {"name": "Seas"}, key="k")


@pytest.mark.parametrize("key", ["x" * 201, ""])
async def test_keys_that_are_refused(api: Api, key: str) -> None:
    ana = await api.person()
    answer = await ana.send("POST", "/collections", {"name": "A"}, headers={"Idempotency-Key": key})
    assert refusal(answer, 400)["code"] == "bad_key"


class Crash(BaseException):
    """The process died: nothing after this runs."""


async def crash_after_effect(
    api: Api, ana: Person, path: str, sent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The effect is stored, the answer is not; and the claim is old enough to be taken over."""

    async def die(*_: Any) -> None:
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(dispatch.answers, "keep", die)
        with pytest.raises(Crash):
            await ana.send("POST", path, sent, key="crashed")
    await api.resources.mongo.kept_answers.update_many(
        {"status": None}, [{"$set": {"claimed_at": {"$subtract": ["$claimed_at", 30_000]}}}]
    )


async def test_a_repeat_after_a_crash_finds_the_post(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await api.person()
    sent = {"caption": "crash", "media": [{"url": await ana.quick_photo()}]}
    await crash_after_effect(api, ana, "/posts", sent, monkeypatch)
    assert await counted(api, "posts", author_id=ana.user_id) == 1
    made = await ana.call("POST", "/posts", sent, key="crashed")
    assert await counted(api, "posts", author_id=ana.user_id) == 1
    assert (await ana.get(f"/posts/{made['post_id']}"))["caption"] == "crash"
    assert (await ana.call("POST", "/posts", sent, key="crashed")) == made


@pytest.mark.parametrize("what", ["comment", "collection", "follow", "like"])
async def test_repeats_after_a_crash(api: Api, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ana, ben = await api.people(2)
    post = await ben.post()
    path, sent, collection = {
        "comment": (f"/posts/{post['post_id']}/comments", {"text": "x"}, "comments"),
        "collection": ("/collections", {"name": "Trees"}, "collections"),
        "follow": (f"/users/{ben.username}/follow", None, "follows"),
        "like": (f"/posts/{post['post_id']}/like", None, "likes"),
    }[what]
    before = await counted(api, collection)
    await crash_after_effect(api, ana, path, sent, monkeypatch)
    assert await counted(api, collection) == before + 1
    first = await ana.call("POST", path, sent, key="crashed")
    assert first == await ana.call("POST", path, sent, key="crashed")
    assert await counted(api, collection) == before + 1


async def test_registering_again_after_a_crash(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = {"username": "crashed", "email": "crashed@example.org", "password": PASSWORD}

    async def die(*_: Any) -> None:
        raise Crash

    headers = {"Idempotency-Key": "reg"}
    with monkeypatch.context() as patch:
        patch.setattr(dispatch.answers, "keep", die)
        with pytest.raises(Crash):
            await api.send("POST", "/users/register", sent, headers=headers)
    await api.resources.mongo.kept_answers.update_many(
        {"status": None}, [{"$set": {"claimed_at": {"$subtract": ["$claimed_at", 30_000]}}}]
    )
    first = await api.send("POST", "/users/register", sent, headers=headers)
    again = await api.send("POST", "/users/register", sent, headers=headers)
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json()
    assert await counted(api, "users", username="crashed") == 1
    token = first.json()["data"]["access_token"]
    me = await api.send("GET", "/users/me", headers={"Authorization": f"Bearer {token}"})
    assert me.json()["data"]["username"] == "crashed"


async def test_kept_credentials_cannot_be_read_at_rest(api: Api) -> None:
    sent = {"username": "sealed.one", "email": "s@example.org", "password": PASSWORD}
    answer = await api.send("POST", "/users/register", sent, headers={"Idempotency-Key": "seal-me"})
    data = answer.json()["data"]
    kept = str(await api.resources.mongo.kept_answers.find({}).to_list(None))
    for secret in (data["access_token"], data["refresh_token"], PASSWORD, "seal-me"):
        assert secret not in kept


async def test_while_the_first_still_works_a_repeat_is_told_to_wait(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.identity import answers

    ana = await api.person()
    monkeypatch.setattr(answers, "_POLL_S", 0.01)
    started, go_on = asyncio.Event(), asyncio.Event()
    keep = answers.keep

    async def slow(*given: Any) -> None:
        started.set()
        await go_on.wait()
        await keep(*given)

    monkeypatch.setattr(answers, "keep", slow)
    first = asyncio.create_task(ana.send("POST", "/collections", {"name": "A"}, key="w"))
    await started.wait()
    error = await ana.refused("POST", "/collections", {"name": "A"}, key="w", status=409)
    assert error["code"] == "idempotency_in_progress"
    go_on.set()
    assert (await first).status_code == 201
    assert timedelta(seconds=20) == answers._STALE
