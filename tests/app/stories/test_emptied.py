"""Redis is emptied while people tell, see and react: what was seen, trays and counts come back."""

import asyncio
from typing import Any

import pytest

from tests.app.stories.telling import story, tray
from tests.fixtures.api import Api, Person
from tests.fixtures.loop import eventually, quiet
from tests.fixtures.story_truth import tray_of

pytestmark = pytest.mark.usefixtures("loop_at_work")

WATCHERS, STORIES = 5, 3


async def watch(who: Person, at: int, story_ids: list[str]) -> None:
    """See some, react to some, take some reactions back, answer some, look in between."""
    for place, story_id in enumerate(story_ids):
        path = f"/stories/{story_id}"
        if (at + place) % 4 != 3:
            await who.call("POST", f"{path}/view")
        await tray(who)
        await who.call("POST", f"{path}/reactions", {"reaction": "🔥"})
        if (at + place) % 3 == 0:
            await who.call("DELETE", f"{path}/reactions")
        await who.call("POST", f"{path}/replies", {"text": "lovely"})


async def stored_counts(api: Api, story_id: str) -> dict[str, int]:
    mongo = api.resources.mongo
    one = {"story_id": story_id}
    return {
        "view_count": await mongo.story_views.count_documents(one),
        "reactions_count": await mongo.story_reactions.count_documents(one),
        "replies_count": await mongo.messages.count_documents({"story.story_id": story_id}),
    }


async def test_views_trays_and_counts_come_back(api: Api) -> None:
    ana, *watchers = await api.people(1 + WATCHERS, "empty")
    for who in watchers:
        await who.follow(ana)
        await tray(who)
    told = [(await story(ana))["story_id"] for _ in range(STORIES)]
    using = asyncio.gather(*(watch(who, at, told) for at, who in enumerate(watchers)))
    emptied = 0
    while not using.done():
        await asyncio.sleep(0.15)
        if emptied < 4:
            await api.resources.redis.flushall()
            emptied += 1
    await using
    assert emptied >= 2
    await api.resources.redis.flushall()
    told.append((await story(ana))["story_id"])
    await quiet(api.resources, within_s=60)
    api.forget()

    for who in (ana, *watchers):
        shown = [
            (e["user"]["user_id"], [i["story_id"] for i in e["items"]], e["unviewed_count"])
            for e in (await who.get("/stories/feed"))["stories"]
        ]
        assert shown == await tray_of(api.resources.mongo, who.user_id), who.username
    seen = {row["_id"] async for row in api.resources.mongo.story_views.find({}, {"_id": 1})}
    for who in watchers:
        items = (await tray(who))[ana.username]["items"]
        viewed = {item["story_id"] for item in items if item["is_viewed"]}
        assert viewed == {i for i in told if f"{i}:{who.user_id}" in seen}

    for story_id in told:
        wanted = await stored_counts(api, story_id)

        async def agree(story_id: str = story_id, wanted: dict[str, int] = wanted) -> Any:
            own = await ana.get(f"/stories/{story_id}")
            return {name: own[name] for name in wanted} == wanted

        await eventually(agree, f"{story_id} has {wanted}", within_s=30)
        found = await ana.get(f"/stories/{story_id}/insights")
        assert (found["reach"], found["reactions"], found["replies"]) == tuple(wanted.values())
    items = (await tray(ana))[ana.username]["items"]
    counts = {item["story_id"]: item["view_count"] for item in items}
    assert counts == {i: (await stored_counts(api, i))["view_count"] for i in told}
