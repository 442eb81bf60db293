"""The demo on a whole stack: filled once, through the real upload pipeline."""

import json
import os
import subprocess
import sys
from typing import Any

import httpx
import pytest
from pymongo import AsyncMongoClient

from infra.local.layout import CHECKOUT
from tests.fixtures.full_stack import FullStack


def _fill(glimpse: FullStack) -> dict[str, Any]:
    command = [sys.executable, "-m", "infra.demo", "--url", glimpse.url, "--json"]
    environment = {"PATH": os.environ["PATH"], **glimpse.environment}
    done = subprocess.run(
        command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


class _Person:
    def __init__(self, url: str, username: str, password: str) -> None:
        self._base = f"{url}/api/v1"
        login = {"username": username, "password": password}
        tokens = httpx.post(f"{self._base}/users/login", json=login).json()["data"]
        self._headers = {"Authorization": f"Bearer {tokens['access_token']}"}

    def get(self, path: str) -> dict[str, Any]:
        answer = httpx.get(self._base + path, headers=self._headers)
        assert answer.status_code == 200, answer.text
        data: dict[str, Any] = answer.json()["data"]
        return data


@pytest.fixture(scope="module")
def report(glimpse: FullStack) -> dict[str, Any]:
    return _fill(glimpse)


@pytest.fixture
def logged_in(glimpse: FullStack, report: dict[str, Any]) -> list[_Person]:
    return [_Person(glimpse.url, **login) for login in report["logins"]]


def test_it_is_filled_within_a_minute(report: dict[str, Any]) -> None:
    assert not report["filled_before"]
    assert report["photos"] >= 30


def test_the_feed_runs_back_in_time_and_shows_its_photos(
    glimpse: FullStack, logged_in: list[_Person]
) -> None:
    posts = logged_in[0].get("/feed/home?limit=50")["posts"]
    times = [post["created_at"] for post in posts]
    assert len(posts) > 25
    assert times == sorted(times, reverse=True)
    assert sum(post["likes_count"] for post in posts) > 200
    for url in {posts[0]["media"][0]["url"], posts[1]["media"][0]["sources"][0]["url"]}:
        answer = httpx.get(glimpse.url + url)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("image/")


def test_notifications_are_in_order_and_some_are_unread(logged_in: list[_Person]) -> None:
    page = logged_in[0].get("/notifications?limit=100")
    times = [row["updated_at"] for row in page["notifications"]]
    assert times == sorted(times, reverse=True)
    assert 0 < page["unread"] < len(times)


def test_a_private_account_has_requests_waiting(logged_in: list[_Person]) -> None:
    assert logged_in[0].get("/users/yuki")["follow_status"] == "requested"
    assert len(logged_in[2].get("/follow-requests")["users"]) == 2


def test_the_tray_has_stories_seen_and_unseen(logged_in: list[_Person]) -> None:
    tray = logged_in[0].get("/stories/feed")["stories"]
    unseen = [entry["user"]["username"] for entry in tray if entry["unviewed_count"]]
    assert len(tray) > 10
    assert "lena" in unseen  # for her close friends
    assert 0 < len(unseen) < len(tray)
    [own] = [entry for entry in tray if entry["user"]["username"] == "ana"]
    assert own["items"][0]["view_count"] == 8
    assert [h["name"] for h in logged_in[0].get("/users/ana/highlights")["highlights"]] == [
        "Rooftops"
    ]


def test_conversations_wait_to_be_read(logged_in: list[_Person]) -> None:
    inbox = logged_in[0].get("/conversations")
    assert len(inbox["conversations"]) == 4
    assert inbox["requests"] == 1
    times = [talk["last_message"]["created_at"] for talk in inbox["conversations"]]
    assert times == sorted(times, reverse=True)
    assert [talk["unread"] for talk in inbox["conversations"]][:2] == [1, 3]


async def test_a_repeat_changes_nothing(glimpse: FullStack, report: dict[str, Any]) -> None:
    async def sizes() -> dict[str, int]:
        async with AsyncMongoClient[dict[str, Any]](glimpse.environment["GLIMPSE_MONGO_URL"]) as c:
            database = c["glimpse"]
            names = ("users", "posts", "likes", "comments", "follows", "media")
            told = ("notification_acts", "notification_groups", "stories", "messages")
            return {name: await database[name].count_documents({}) for name in names + told}

    before = await sizes()
    assert _fill(glimpse)["filled_before"]
    assert await sizes() == before


async def test_a_fill_that_was_cut_off_is_finished(
    glimpse: FullStack, report: dict[str, Any]
) -> None:
    async with AsyncMongoClient[dict[str, Any]](glimpse.environment["GLIMPSE_MONGO_URL"]) as client:
        database = client["glimpse"]
        posts = await database["posts"].distinct("_id")
        await database["demo"].update_one({"_id": "fill"}, {"$unset": {"done_at": 1}})
        lost = await database["likes"].find_one_and_delete({})
        assert lost is not None
        assert not _fill(glimpse)["filled_before"]
        assert await database["posts"].distinct("_id") == posts
        assert await database["likes"].find_one({"_id": lost["_id"]}) is not None


async def test_stories_that_are_over_are_told_again(
    glimpse: FullStack, report: dict[str, Any], logged_in: list[_Person]
) -> None:
    async with AsyncMongoClient[dict[str, Any]](glimpse.environment["GLIMPSE_MONGO_URL"]) as client:
        database = client["glimpse"]
        await database["demo"].update_one({"_id": "fill"}, {"$inc": {"edition_ms": -86_400_000}})
        before = await database["stories"].distinct("_id")
        again = _fill(glimpse)
        assert again["filled_before"]
        assert again["stories"] == report["stories"]
        after = await database["stories"].distinct("_id")
        assert len(after) == len(before) + again["stories"]
        assert len(logged_in[0].get("/users/ana/highlights")["highlights"]) == 1
    assert _fill(glimpse)["stories"] == 0
