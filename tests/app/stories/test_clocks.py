"""Clocks of processes that are minutes apart: a story's end is the database's all the same."""

import time
from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from app import clock
from app.stories import ending
from tests.app.stories.telling import real_story, tray
from tests.fixtures.api import Api, open_api
from tests.fixtures.full_stack import CHEAP_PASSWORDS, UNLIMITED
from tests.fixtures.stores import Stores

LIFE_S = 5
SOON_S = 1.0
LINK_SLACK_S = 600
"""As decision 0010 has it: links name the end and some slack."""


@pytest.fixture(scope="module")
async def api(stores: Stores) -> AsyncIterator[Api]:
    settings = stores.settings(
        "api_story_clocks",
        GLIMPSE_STORIES_LIFETIME_S=str(LIFE_S),
        **UNLIMITED,
        **CHEAP_PASSWORDS,
    )
    async with open_api(settings) as opened:
        yield opened
        await opened.resources.mongo.client.drop_database("api_story_clocks")


async def database_now_s(api: Api) -> float:
    found = await api.resources.mongo.command("hello")
    return float(found["localTime"].timestamp())


def set_clock(patch: pytest.MonkeyPatch, apart_s: int) -> None:
    """All by which this process knows what time it is."""
    now, seconds, nanoseconds = clock.now, time.time, time.time_ns
    patch.setattr(clock, "now", lambda: now() + timedelta(seconds=apart_s))
    patch.setattr(time, "time", lambda: seconds() + apart_s)
    patch.setattr(time, "time_ns", lambda: nanoseconds() + apart_s * 10**9)


@pytest.mark.parametrize("apart_s", [-300, 300])
async def test_the_end_is_the_databases(
    api: Api, monkeypatch: pytest.MonkeyPatch, apart_s: int
) -> None:
    set_clock(monkeypatch, apart_s)
    ana, ben = await api.people(2)
    await ben.follow(ana)
    before = await database_now_s(api)
    made = await real_story(ana, audience="public", archive=False)
    path = f"/stories/{made['story_id']}"
    row = await api.resources.mongo.stories.find_one({"_id": made["story_id"]})
    assert row is not None
    end = row["expires_at"].timestamp()
    assert before - 1 <= row["created_at"].timestamp() <= await database_now_s(api) + 1
    assert end - row["created_at"].timestamp() == pytest.approx(LIFE_S)

    link = (await ben.get(path))["media_url"]
    runs_out = int(parse_qs(urlsplit(link).query)["e"][0])
    assert runs_out <= end + 1 + LINK_SLACK_S, "the link outlives the story by more than is said"

    alive, left_s = 0, float(LIFE_S)
    while left_s > 0:
        left_s = end - await database_now_s(api)
        picture = await api.http.get(link)
        answer, viewed = await ben.send("GET", path), await ben.send("POST", f"{path}/view")
        shown = await tray(ben)
        await ending.sweep(api.resources)
        if left_s <= 0:  # before any of these was asked
            assert [picture.status_code, answer.status_code, viewed.status_code] == [404, 404, 404]
            assert shown == {}
        elif end - await database_now_s(api) > SOON_S:  # after all were answered
            assert [picture.status_code, answer.status_code, viewed.status_code] == [200, 200, 200]
            assert list(shown) == [ana.username]
            age_s = int(picture.headers["cache-control"].partition("max-age=")[2].split(",")[0])
            assert age_s <= left_s, "caches keep the picture beyond its end"
            alive += 1
    assert alive, "nothing was asked while it lived"
    assert await api.resources.mongo.stories.find_one({"_id": made["story_id"]}) is None
