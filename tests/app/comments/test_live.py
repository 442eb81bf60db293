"""The topic of a post is for those who may see the post, as things stand now; and without the
comments of people a watcher has a block with."""

from collections.abc import AsyncIterator

import pytest

from realtime.client import Client
from tests.fixtures.api import Api, Person
from tests.fixtures.loop import quiet
from tests.realtime.nodes import Node, start

pytestmark = pytest.mark.usefixtures("loop_at_work")


@pytest.fixture(scope="module")
async def node(api: Api) -> AsyncIterator[Node]:
    started = await start(api.settings, "comments")
    yield started
    await started.stop()


async def heard(client: Client, last: str) -> list[str]:
    """Texts of the comments that come, up to the one that is awaited."""
    texts: list[str] = []
    while last not in texts:
        texts.append((await client.update("comment.new")).data["text"])
    return texts


async def say(who: Person, post_id: str, text: str) -> None:
    await who.call("POST", f"/posts/{post_id}/comments", {"text": text})


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_block_applies_to_what_is_live(api: Api, node: Node, when: str) -> None:
    ana, ben, cleo, dora = await api.people(4)
    post_id = (await cleo.post())["post_id"]
    block = f"/users/{ben.username}/block"
    if when == "before":
        await ana.call("POST", block)
    async with Client(node.url, ana.token) as anas, Client(node.url, dora.token) as doras:
        for client in (anas, doras):
            assert set((await client.subscribe(f"post:{post_id}")).values()) == {"ok"}
        if when == "after":
            await say(ben, post_id, "friends still")
            assert await heard(anas, "friends still") == ["friends still"]
            await ana.call("POST", block)
        await quiet(api.resources)
        await say(ben, post_id, "unheard")
        await say(cleo, post_id, "heard")
        assert await heard(anas, "heard") == ["heard"]
        assert "unheard" in await heard(doras, "heard")
        await ana.call("DELETE", block)
        await quiet(api.resources)
        await say(ben, post_id, "friends again")
        assert await heard(anas, "friends again") == ["friends again"]


async def test_an_account_that_goes_private_keeps_its_followers_alone(api: Api, node: Node) -> None:
    ana, ben, cleo = await api.people(3)
    await ana.follow(cleo)
    post_id = (await cleo.post())["post_id"]
    topic = f"post:{post_id}"
    async with Client(node.url, ana.token) as anas, Client(node.url, ben.token) as bens:
        for client in (anas, bens):
            assert await client.subscribe(topic) == {topic: "ok"}
        await cleo.call("PUT", f"/users/{cleo.username}", {"privacy_level": "private"})
        assert (await bens.update("revoked")).topic == topic
        await say(cleo, post_id, "among us")
        assert await heard(anas, "among us") == ["among us"]
        assert await bens.subscribe(topic) == {topic: "forbidden"}


async def test_what_is_held_is_told_once_it_is_approved(api: Api, node: Node) -> None:
    """And no answer to it before that."""
    ana, ben, cleo = await api.people(3)
    post_id = (await ana.post())["post_id"]
    path = f"/posts/{post_id}/comments"
    await ana.call("POST", f"/users/{ben.username}/restrict")
    async with Client(node.url, cleo.token) as watcher:
        await watcher.subscribe(f"post:{post_id}")
        held = await ben.call("POST", path, {"text": f"see @{cleo.username}"})
        answer = {"text": "between us", "parent_comment_id": held["comment_id"]}
        await ana.call("POST", path, answer)
        await say(ana, post_id, "for all")
        assert await heard(watcher, "for all") == ["for all"]
        await quiet(api.resources)
        assert (await cleo.get("/notifications"))["notifications"] == []
        for _ in range(2):
            await ana.call("POST", f"/comments/{held['comment_id']}/approve")
        await quiet(api.resources)
        await say(ana, post_id, "later")
        assert await heard(watcher, "later") == [f"see @{cleo.username}", "later"]
        [told] = (await cleo.get("/notifications"))["notifications"]
        assert (told["kind"], told["actors"][0]["username"]) == ("mention", ben.username)
        assert (await ana.get("/notifications"))["notifications"] == []  # she knows it already
