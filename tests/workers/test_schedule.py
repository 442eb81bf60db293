"""Jobs by the clock, and the process around a role."""

import asyncio
import json
from datetime import timedelta

import httpx
import pytest

from app import clock, sweep
from app.ids import new_id
from app.resources import Resources
from tests.workers.rig import Rig, eventually
from workers import metrics, relay, schedule
from workers.__main__ import MODULES, load_role


def test_every_role_loads() -> None:
    assert [load_role(name).name for name in MODULES] == list(MODULES)


async def test_deleted_posts_go_for_good_after_the_grace(rig: Rig) -> None:
    old, fresh, live = (new_id("post") for _ in range(3))
    week = clock.now() - timedelta(days=8)
    await rig.mongo.posts.insert_many(
        [
            {"_id": old, "author_id": "usr_a", "status": "deleted", "deleted_at": week},
            {"_id": fresh, "author_id": "usr_a", "status": "deleted", "deleted_at": clock.now()},
            {"_id": live, "author_id": "usr_a", "status": "published"},
        ]
    )
    for post in (old, fresh, live):
        await rig.like(post, "usr_b")
        await rig.comment(post, "usr_b")
    await rig.mongo.counts.insert_many([{"_id": p, "likes": 1} for p in (old, fresh, live)])
    assert await sweep.sweep_posts(rig.resources) == 0  # its rows first
    assert await sweep.sweep_posts(rig.resources) == 1
    assert await rig.mongo.posts.distinct("_id") == sorted([fresh, live])
    for collection in ("likes", "comments"):
        assert sorted(await rig.mongo[collection].distinct("post_id")) == sorted([fresh, live])
    assert sorted(await rig.mongo.counts.distinct("_id")) == sorted([fresh, live])


async def test_deleted_comments_wait_for_their_replies(rig: Rig) -> None:
    parent = await rig.comment("post_1", "usr_a")
    reply = await rig.comment("post_1", "usr_b", parent)
    week = {"$set": {"deleted_at": clock.now() - timedelta(days=8)}}
    await rig.mongo.comments.update_one({"_id": parent}, week)
    assert await sweep.sweep_comments(rig.resources) == 0
    await rig.mongo.comments.update_one({"_id": reply}, week)
    assert await sweep.sweep_comments(rig.resources) == 2


async def test_one_jobs_bug_does_not_stop_the_others(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[str] = []

    async def good(resources: Resources) -> None:
        ran.append("good")

    async def bad(resources: Resources) -> None:
        ran.append("bad")
        raise ValueError("a bug")

    jobs = (schedule.Job("bad", 0.05, bad), schedule.Job("good", 0.05, good))
    monkeypatch.setattr(schedule, "JOBS", jobs)
    await rig.start(schedule.ROLE)

    async def both() -> bool:
        return ran.count("good") > 3 and ran.count("bad") > 3

    await eventually(both)


async def test_all_jobs_run_on_an_empty_system(rig: Rig) -> None:
    await rig.start(relay.ROLE)
    for job in schedule.JOBS:
        await asyncio.wait_for(job.run(rig.resources), 20)


async def test_the_monitor_port_answers() -> None:
    wrong: dict[str, str] = {}

    async def readiness() -> dict[str, str]:
        return wrong

    server = await metrics.serve("127.0.0.1", 0, readiness)
    port = server.sockets[0].getsockname()[1]
    metrics_before = metrics.render()
    async with server, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/readyz")).status_code == 200
        wrong["redis"] = "away"
        answer = await client.get("/readyz")
        assert answer.status_code == 503
        assert json.loads(answer.content)["wrong"] == {"redis": "away"}
        shown = await client.get("/metrics")
        assert shown.text == metrics_before
        assert (await client.get("/else")).status_code == 404
        assert (await client.post("/metrics")).status_code == 405
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"x" * 20_000)
        assert await reader.read() == b""
        writer.close()
