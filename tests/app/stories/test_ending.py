"""The end of a story, at the second, with and without whatever cleans up after it; and what is
kept. Of a life of some seconds (a setting)."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.media import sweep as media
from app.stories import ending, queries
from app.stories.ring import NO_RING
from app.stories.rings import live_of
from realtime.client import Client
from tests.app.stories.telling import end, real_story, story, tray
from tests.fixtures.api import Api, Person, open_api
from tests.fixtures.full_stack import CHEAP_PASSWORDS, UNLIMITED
from tests.fixtures.loop import at_work
from tests.fixtures.stores import Stores
from tests.realtime.nodes import Node, start

LIFE_S = 6
SOON_MS = 1000
"""What is held in memory may end a moment early, never late."""


@pytest.fixture(scope="module")
async def api(stores: Stores) -> AsyncIterator[Api]:
    settings = stores.settings(
        "api_story_endings",
        GLIMPSE_STORIES_LIFETIME_S=str(LIFE_S),
        **UNLIMITED,
        **CHEAP_PASSWORDS,
    )
    async with open_api(settings) as opened:
        yield opened
        await opened.resources.mongo.client.drop_database("api_story_endings")


async def left_ms(api: Api, story_id: str) -> float:
    """What is left of its life, by the database's clock."""
    left = {"$subtract": ["$expires_at", "$$NOW"]}
    rows = await api.resources.mongo.stories.aggregate(
        [{"$match": {"_id": story_id}}, {"$project": {"left": left}}]
    ).to_list(1)
    return float(rows[0]["left"])


async def objects(api: Api, media_id: str) -> list[str]:
    """What storage holds of a medium."""
    keys = await api.resources.storage.list_keys("us-east-1/")
    return [key for key in keys if f"/{media_id}/" in key]


async def medium_of(api: Api, story_id: str) -> str:
    record = await api.resources.mongo.story_records.find_one({"_id": story_id})
    assert record is not None
    found: str = record["media"]["media_id"]
    return found


async def test_it_is_unreadable_from_the_second_on(api: Api) -> None:
    """Nothing runs that would delete: no sweep, and the TTL monitor is switched off."""
    admin = api.resources.mongo.client.admin
    await admin.command("setParameter", 1, ttlMonitorEnabled=False)
    try:
        ana, ben = await api.people(2)
        await ben.follow(ana)
        made = await real_story(ana, audience="public")
        path = f"/stories/{made['story_id']}"
        link = (await ben.get(path))["media_url"]
        alive, over = 0, False
        while not over:
            over = await left_ms(api, made["story_id"]) <= 0
            answers = [
                await ben.send("GET", path),
                await ben.send("POST", f"{path}/view"),
                await api.http.get(link),
            ]
            there = (await ben.get(f"/users/{ana.username}/stories"))["stories"]
            shown = await tray(ben)
            if over:  # before any of these was asked
                assert [answer.status_code for answer in answers] == [404, 404, 404]
                assert there == []
                assert shown == {}
            elif await left_ms(api, made["story_id"]) > SOON_MS:  # after all were answered
                assert [answer.status_code for answer in answers] == [200, 200, 200]
                assert there
                assert list(shown) == [ana.username]
                alive += 1
        assert alive
        assert await api.resources.mongo.stories.find_one({"_id": made["story_id"]}) is not None
        for method, sent in (
            ("reactions", {"reaction": "🔥"}),
            ("replies", {"text": "late"}),
            ("repost", None),
        ):
            error = await ben.refused("POST", f"{path}/{method}", sent, status=404)
            assert error["code"] == "story_not_found"
    finally:
        await admin.command("setParameter", 1, ttlMonitorEnabled=True)


@pytest.fixture(scope="module")
async def node(api: Api) -> AsyncIterator[Node]:
    started = await start(api.settings, "endings")
    yield started
    await started.stop()


@pytest.mark.parametrize("way", ["sweep", "TTL index"])
async def test_its_ring_goes_live(
    api: Api, node: Node, pytestconfig: pytest.Config, way: str
) -> None:
    """Whichever of the two deletes it, the other being switched off."""
    if way == "TTL index" and not pytestconfig.getoption("--long"):
        pytest.skip("the index is looked at once a minute: with --long")
    admin = api.resources.mongo.client.admin
    await admin.command("setParameter", 1, ttlMonitorEnabled=way == "TTL index")
    await api.resources.redis.flushall()
    roles = ["relay", "fanout", *(["schedule"] if way == "sweep" else [])]
    try:
        ana, ben = await api.people(2)
        await ben.follow(ana)
        async with at_work(api.resources, *roles), Client(node.url, ben.token) as phone:
            await phone.online()
            made = await story(ana)
            new = await phone.event("story.new", timeout_s=30)
            assert (new.data["story_id"], new.data["ring"]["has_unseen"]) == (
                made["story_id"],
                True,
            )
            gone = await phone.event("story.gone", timeout_s=90)
            assert gone.data["story_id"] == made["story_id"]
            assert gone.data["ring"] == NO_RING
            record = await queries.record(api.resources, made["story_id"])
        assert record is not None
        assert record["has_ended"], "it went before its time"
        assert await api.resources.mongo.stories.find_one({"_id": made["story_id"]}) is None
        assert await tray(ben) == {}
    finally:
        await admin.command("setParameter", 1, ttlMonitorEnabled=True)


async def shown_in(who: Person, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await who.get(path))["stories"]
    return found


async def test_the_sweep_removes_all_but_what_is_kept(api: Api) -> None:
    ana, ben = await api.people(2)
    kept, lost = await real_story(ana, audience="public"), await real_story(ana, archive=False)
    highlight = await ana.call(
        "POST", "/highlights", {"name": "Sea", "story_ids": [kept["story_id"]]}
    )
    before = [kept["media"]["media_id"], lost["media"]["media_id"]]
    for made in (kept, lost):
        thumbnail = await api.http.get(f"{made['media_url']}&w=40")
        assert thumbnail.status_code == 200
    for media_id in before:
        assert any("/w40." in key for key in await objects(api, media_id))
    for made in (kept, lost):
        await end(api, made["story_id"])
    shown = await ben.get(f"/highlights/{highlight['highlight_id']}")
    assert (await api.http.get(shown["stories"][0]["media_url"])).status_code == 200

    await ending.sweep(api.resources)
    await ending.sweep(api.resources)
    await sweep_media(api)

    assert await api.resources.mongo.stories.count_documents({"author_id": ana.user_id}) == 0
    api.forget()  # a yes may be a second old
    await no_file_is_served(api, kept["media"], lost["media"])
    assert await remembered(api, ana) == {}
    for media_id in before:
        assert await objects(api, media_id) == []
        assert await api.resources.mongo.media.find_one({"_id": media_id}) is None
    archived = await shown_in(ana, "/me/stories/archive")
    assert [row["story_id"] for row in archived] == [kept["story_id"]]
    assert archived[0]["status"] == "ended"
    assert (await api.http.get(archived[0]["media_url"])).status_code == 200
    assert await shown_in(ben, "/me/stories/archive") == []
    its_link = archived[0]["media_url"]
    assert (await api.http.get(its_link.partition("&u=")[0])).status_code == 404
    bens = its_link.replace(ana.user_id, ben.user_id)
    assert (await api.http.get(bens)).status_code == 404, "a link from the archive is its owner's"
    await ben.refused("DELETE", f"/me/stories/archive/{kept['story_id']}", status=404)
    again = await ben.get(f"/highlights/{highlight['highlight_id']}")
    assert (await api.http.get(again["stories"][0]["media_url"])).status_code == 200

    copy = await medium_of(api, kept["story_id"])
    await ana.call("DELETE", f"/me/stories/archive/{kept['story_id']}")
    assert await shown_in(ana, "/me/stories/archive") == []
    await ben.refused("GET", f"/highlights/{highlight['highlight_id']}", status=404)
    await sweep_media(api)
    assert await objects(api, copy) == []


async def no_file_is_served(api: Api, *media: dict[str, Any]) -> None:
    """Not to their author either, by any link that they had."""
    for medium in media:
        for source in medium["sources"]:
            for link in (source["url"], f"{source['url']}&w=40"):
                assert (await api.http.get(link)).status_code == 404


async def remembered(api: Api, author: Person) -> dict[str, Any]:
    """What this process would show of the author's stories, from memory or else."""
    return await live_of(api.resources, [author.user_id])


async def sweep_media(api: Api) -> None:
    """As if the time in which upload links still live were over."""
    await api.resources.mongo.media.update_many(
        {"status": "deleted"}, [{"$set": {"created_at": {"$subtract": ["$created_at", 600_000]}}}]
    )
    await media.sweep(api.resources)


async def test_highlights_are_named_ordered_changed_and_searched(api: Api) -> None:
    ana, ben = await api.people(2)
    words = {"kind": "text", "text": "a quiet Lake"}
    one = await story(ana, audience="public", overlays=[words])
    two, three = await story(ana, audience="public"), await story(ana, audience="close_friends")
    ids = [made["story_id"] for made in (one, two, three)]
    sea = await ana.call("POST", "/highlights", {"name": "Sea", "story_ids": ids, "cover": ids[1]})
    hill = await ana.call("POST", "/highlights", {"name": "Hill", "story_ids": [ids[2]]})
    assert (sea["cover"]["story_id"], sea["count"]) == (ids[1], 3)

    async def names(who: Person, q: str = "") -> list[str]:
        found = await who.get(f"/users/{ana.username}/highlights?q={q}")
        return [row["name"] for row in found["highlights"]]

    assert await names(ana) == ["Sea", "Hill"]
    assert await names(ben) == ["Sea"], "what is for close friends shows to nobody else"
    assert [
        s["story_id"] for s in (await ben.get(f"/highlights/{sea['highlight_id']}"))["stories"]
    ] == ids[:2]
    assert await names(ana, "lake") == ["Sea"]
    assert await names(ana, "HILL") == ["Hill"]
    assert await names(ana, "forest") == []
    path = f"/highlights/{sea['highlight_id']}"
    changed = await ana.call("PUT", path, {"name": "Shore", "story_ids": [ids[1], ids[0]]})
    assert [s["story_id"] for s in changed["stories"]] == [ids[1], ids[0]]
    await ana.call("PUT", f"/highlights/{hill['highlight_id']}", {"place": 0})
    assert await names(ana) == ["Hill", "Shore"]
    await ana.refused("PUT", path, {"cover": ids[2]}, status=422)
    theirs = await story(ben)
    await ana.refused("PUT", path, {"story_ids": [theirs["story_id"]]}, status=422)
    await ana.call("DELETE", path)
    assert await names(ana) == ["Hill"]


async def test_a_repeat_after_the_end_does_not_tell_it_again(api: Api) -> None:
    ana = await api.person()
    body = {"media_url": await ana.quick_photo()}
    made = await ana.call("POST", "/stories", body, key="once")
    await end(api, made["story_id"])
    await api.resources.mongo.kept_answers.delete_many({})
    await ana.send("POST", "/stories", body, key="once")
    assert await tray(ana) == {}
