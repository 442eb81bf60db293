"""Rings and counts on screens: what followers, viewers and authors hear over their sockets."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.settings import Settings
from app.stories import ending
from realtime.client import Client
from tests.app.stories.telling import end, story, tray
from tests.fixtures.api import Api, Person, open_api
from tests.fixtures.full_stack import CHEAP_PASSWORDS, UNLIMITED
from tests.fixtures.loop import quiet
from tests.fixtures.stores import Stores
from tests.realtime.nodes import Node, start

pytestmark = pytest.mark.usefixtures("loop_at_work")

RING = {"has_stories", "has_unseen", "latest_at"}


@pytest.fixture(scope="module")
async def api(stores: Stores) -> AsyncIterator[Api]:
    """Three followers make an author one whose stories are pulled."""
    settings: Settings = stores.settings(
        "api_story_rings",
        GLIMPSE_STORIES_PUSH_FOLLOWERS_MAX="2",
        **UNLIMITED,
        **CHEAP_PASSWORDS,
    )
    async with open_api(settings) as opened:
        yield opened
        await opened.resources.mongo.client.drop_database("api_story_rings")


@pytest.fixture(scope="module")
async def node(api: Api) -> AsyncIterator[Node]:
    started = await start(api.settings, "stories")
    yield started
    await started.stop()


async def ring_of(client: Client, kind: str, story_id: str) -> dict[str, Any]:
    """The data of the event of that kind about that story, which may not be the first."""
    while True:
        event = await client.event(kind, timeout_s=10)
        if event.data["story_id"] == story_id:
            data: dict[str, Any] = event.data
            assert set(data["ring"]) == RING
            return data


async def test_a_ring_comes_turns_grey_and_goes(api: Api, node: Node) -> None:
    ana, ben = await api.people(2)
    await ben.follow(ana)
    again = await api.log_in(ben)
    async with (
        Client(node.url, ana.token) as author,
        Client(node.url, ben.token) as phone,
        Client(node.url, again.token) as laptop,
    ):
        made = await story(ana)
        story_id = made["story_id"]
        new = await ring_of(phone, "story.new", story_id)
        assert new["user"]["username"] == ana.username
        assert new["expires_at"] == made["expires_at"]
        assert new["ring"] == {
            "has_stories": True, "has_unseen": True, "latest_at": made["created_at"],
        }  # fmt: skip
        own = await ring_of(author, "story.new", story_id)
        assert own["ring"]["has_unseen"] is False

        topic = f"story:{story_id}"
        assert await author.subscribe(topic) == {topic: "ok"}
        assert await phone.subscribe(topic) == {topic: "forbidden"}
        await phone.call("stories.view", {"story_id": story_id})
        for client in (phone, laptop):
            seen = await ring_of(client, "story.seen", story_id)
            assert seen["user_id"] == ana.user_id
            assert (seen["ring"]["has_stories"], seen["ring"]["has_unseen"]) == (True, False)
        update = await author.update("story.counts", timeout_s=10)
        assert update.data == {"views": 1, "reactions": 0, "replies": 0}

        second = await story(ana)
        assert (await ring_of(phone, "story.new", second["story_id"]))["ring"]["has_unseen"]
        await end(api, second["story_id"])
        await ending.sweep(api.resources)
        gone = await ring_of(phone, "story.gone", second["story_id"])
        assert (gone["ring"]["has_stories"], gone["ring"]["has_unseen"]) == (True, False)
        await ana.call("DELETE", f"/stories/{story_id}")
        gone = await ring_of(laptop, "story.gone", story_id)
        assert gone["ring"] == {"has_stories": False, "has_unseen": False, "latest_at": None}
        assert (await author.update("revoked", timeout_s=10)).topic == topic


async def test_results_are_live_for_the_author(api: Api, node: Node) -> None:
    ana, ben, cem = await api.people(3)
    for who in (ben, cem):
        await who.follow(ana)
    sticker = {"kind": "poll", "question": "Sea?", "options": ["yes", "no"]}
    made = await story(ana, stickers=[sticker])
    story_id, sticker_id = made["story_id"], made["stickers"][0]["sticker_id"]
    async with Client(node.url, ana.token) as author:
        await author.subscribe(f"story:{story_id}")
        for who, answer in ((ben, 1), (cem, 0)):
            body = {"sticker_id": sticker_id, "answer": answer}
            await who.call("POST", f"/stories/{story_id}/answers", body)
        while True:
            update = await author.update("poll.results", timeout_s=10)
            assert update.data["sticker_id"] == sticker_id
            if update.data["results"] == {"total": 2, "counts": [1, 1]}:
                break
        await ben.call("POST", f"/stories/{story_id}/reactions", {"reaction": "🔥"})
        await ben.call("POST", f"/stories/{story_id}/replies", {"text": "lovely"})
        while True:
            counts = (await author.update("story.counts", timeout_s=10)).data
            if counts == {"views": 0, "reactions": 1, "replies": 1}:
                break


async def hears(client: Client, who: Person, author: Person, story_id: str) -> None:
    assert (await ring_of(client, "story.new", story_id))["user"]["user_id"] == author.user_id
    assert author.username in await tray(who)


async def test_above_the_limit_trays_ask_and_those_online_are_told(api: Api, node: Node) -> None:
    ana, *followers = await api.people(5)
    for who in followers:
        await who.follow(ana)
        await tray(who)
    await quiet(api.resources)
    async with Client(node.url, followers[0].token) as online:
        first = await story(ana)
        await hears(online, followers[0], ana, first["story_id"])
        pulls = api.resources.mongo.story_pulls
        assert await pulls.count_documents({"_id": ana.user_id}) == 1
        # Long ago: nobody's tray is written to any more.
        await pulls.update_one(
            {"_id": ana.user_id}, [{"$set": {"since": {"$subtract": ["$since", 3_600_000]}}}]
        )
        await end(api, first["story_id"])
        await ending.sweep(api.resources)
        await ring_of(online, "story.gone", first["story_id"])
        for who in followers:
            await api.resources.trays.drop(who.user_id)
            api.forget()
            assert await tray(who) == {}
        second = await story(ana)
        await hears(online, followers[0], ana, second["story_id"])
        for who in followers:
            assert list(await tray(who)) == [ana.username]


async def test_follows_mutes_and_lists_move_the_ring(api: Api, node: Node) -> None:
    ana, ben = await api.people(2)
    made = await story(ana, audience="public")
    story_id = made["story_id"]
    async with Client(node.url, ben.token) as bens:
        await ben.follow(ana)
        await ring_of(bens, "story.new", story_id)
        await ben.call("POST", f"/users/{ana.username}/mute")
        assert not (await ring_of(bens, "story.gone", story_id))["ring"]["has_stories"]
        assert await tray(ben) == {}
        await ben.call("DELETE", f"/users/{ana.username}/mute")
        await ring_of(bens, "story.new", story_id)
        close = await story(ana, audience="close_friends")
        await ana.call("PUT", "/me/close-friends", {"add": [ben.username]})
        await ring_of(bens, "story.new", close["story_id"])
        await ana.call("PUT", "/me/close-friends", {"remove": [ben.username]})
        gone = await ring_of(bens, "story.gone", close["story_id"])
        assert gone["ring"]["latest_at"] == made["created_at"]
        await ana.call("POST", f"/users/{ben.username}/block")
        assert not (await ring_of(bens, "story.gone", story_id))["ring"]["has_stories"]
        assert await tray(ben) == {}
