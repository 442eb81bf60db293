"""A story of an account with many followers: told live, pulled by trays, and what a tray costs.

    python -m loadtests.bench_story_trays [--graph FILE] [--json FILE] [--online 100]
        [--rounds 3] [--seconds 3]

Starts MongoDB, Redis and S3 of its own and real app, relay, fan-out and gateway processes, and
imports the graph (`glimpse demo --graph` takes the same file). Without `--graph` the followers
are made up: as many of them, but nobody's real network. One person in ten has a story.

The account with most followers, whom trays have been asking for longer than they live (see
infra/decisions/0010), tells a story by the API. `--online` followers hold a socket: from the
acknowledgement to each one's `story.new` it takes `live_ms`. Trays that stood in Redis before
must not be written to. Then 1,000 followers read their trays, all in the same moment, twice:
when none is in Redis (`cold`) and again (`warm`). At last the readers come in turns, beside a
bare route that answers with the same bytes, as in `bench_home_feed`.
"""

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import httpx
import orjson

from app import checkpoint, clock, ids
from app.changes import position_now
from app.checkpoint import Checkpoint
from app.graph.keys import tray_key
from app.graph.models import pair
from app.media import keys
from app.resources import Resources, open_resources
from app.settings import load_settings
from app.setup import prepare
from infra.demo.graph import GraphImport, read_graph
from infra.local.launch import running
from infra.local.ports import PortBook
from infra.local.services import STORES
from loadtests import stage
from loadtests.bench_home_feed import GOAL, GOAL_P99_MS, compare
from loadtests.http_load import Load, connect, request
from loadtests.walkthrough import percentile
from realtime.client import Client

PATH = "/api/v1/stories/feed"
_MADE_UP, _FOLLOWED = 9458, 20
_READERS, _TOLD_BY_ONE_IN, _SAMPLE = 1000, 10, 200


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


async def _import(resources: Resources, file: Path | None) -> tuple[str, list[str], list[str]]:
    """(the account with most followers, those followers, everybody)."""
    if file is None:
        return await _make_up(resources)
    imported = await GraphImport(resources, lambda *_: None).run(read_graph(file))
    _say(f"imported {imported.people:,} people, {imported.follows:,} follows")
    mongo = resources.mongo
    [top] = await mongo["counts"].find().sort("followers", -1).limit(1).to_list(1)
    follows = mongo.follows.find({"followee_id": top["_id"]}, {"follower_id": 1})
    followers = [row["follower_id"] async for row in follows]
    return top["_id"], followers, [row["_id"] async for row in mongo.users.find({}, {"_id": 1})]


async def _make_up(resources: Resources) -> tuple[str, list[str], list[str]]:
    _say(f"no --graph: {_MADE_UP:,} followers are made up, each follows {_FOLLOWED} more")
    top, *followers = await stage.make_people(resources, _MADE_UP + 1)
    chosen = random.Random(1)  # the same network in every run
    follows = [
        {
            "_id": pair(follower, followee),
            "follower_id": follower,
            "followee_id": followee,
            "created_at": clock.now(),
            "accepted": False,
        }
        for follower in followers
        for followee in {top, *chosen.sample(followers, _FOLLOWED)} - {follower}
    ]
    await stage.insert(resources, "follows", follows)
    await resources.mongo["counts"].insert_one({"_id": top, "followers": len(followers)})
    return top, followers, [top, *followers]


def _story_row(author_id: str, seconds_ago: int) -> dict[str, Any]:
    """As the product would have stored it."""
    at = clock.now() - timedelta(seconds=seconds_ago)
    post = stage.post_row(author_id, at)
    return {
        "_id": ids.new_id("story", round(at.timestamp() * 1000)),
        "author_id": author_id,
        "audience": "followers",
        "media": post["media"][0],
        "duration": 5.0,
        "overlays": [],
        "filter": "none",
        "stickers": [],
        "mentions": [],
        "allow_repost": True,
        "allow_replies": True,
        "origin": None,
        "sequence": None,
        "created_at": at,
        "expires_at": at + timedelta(days=1),
        "status": "live",
    }


async def _set_stage(resources: Resources, top: str, people: list[str]) -> None:
    """Others' stories; the account is one that trays have been asking for."""
    tellers = [person for person in people[::_TOLD_BY_ONE_IN] if person != top]
    rows = [_story_row(person, place % 3600) for place, person in enumerate(tellers)]
    await stage.insert(resources, "stories", rows)
    now = clock.now()
    mark = {"_id": top, "since": now - timedelta(days=1), "until": now + timedelta(days=30)}
    await resources.mongo.story_pulls.insert_one(mark)
    # What was stored to set the stage is no news.
    begun = Checkpoint(await position_now(resources.settings.mongo))
    assert await checkpoint.save(resources.mongo, begun, term=0)


async def _medium(resources: Resources, owner: str) -> str:
    """The key of a processed photo of theirs; nobody looks at its files here."""
    now, media_id = clock.now(), ids.new_id("media")
    item = stage.post_row(owner, now)["media"][0]
    key = keys.original_key("us-east-1", "photo", owner, media_id)
    row = {name: item[name] for name in ("status", "width", "height", "thumbhash", "variants")}
    row |= {"_id": media_id, "owner_id": owner, "media_key": key, "kind": "photo"}
    row |= {"declared_type": "image/jpeg", "declared_size_bytes": 9, "original_stored": False}
    row |= {"created_at": now, "updated_at": now, "attached_to": None, "attempts": 1}
    await resources.mongo.media.insert_one(row)
    return key


async def _tell(port: int, token: str, media_key: str) -> str:
    """By the API; the story's id."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        answer = await http.post(
            "/api/v1/stories",
            json={"media_url": media_key},
            headers={"Authorization": f"Bearer {token}"},
        )
    assert answer.status_code == 201, answer.text
    story_id: str = answer.json()["data"]["story_id"]
    return story_id


async def _heard(client: Client, author: str) -> tuple[str, float]:
    """(the story, when) of the next ring of the author's."""
    while True:
        found = await client.event("story.new", timeout_s=60)
        if found.data["user"]["user_id"] == author:
            return found.data["story_id"], time.perf_counter()


async def _old_trays(resources: Resources, followers: list[str]) -> list[str]:
    """Trays as they were made before the account was asked for: they stand without it."""
    some = followers[-_SAMPLE:]
    for person in some:
        await resources.trays.finish(person, await resources.trays.begin(person), {})
    return some


async def _live(
    resources: Resources, ports: tuple[int, int], top: str, followers: list[str], online: int
) -> dict[str, Any]:
    """Five stories, each heard by all who are online."""
    app_port, gateway_port = ports
    author_token, *tokens = await stage.log_in(resources, [top, *followers[:online]])
    old = await _old_trays(resources, followers)
    waits_ms: list[float] = []
    async with AsyncExitStack() as stack:
        clients = [Client(f"ws://127.0.0.1:{gateway_port}/ws", token) for token in tokens]
        for client in clients:
            await stack.enter_async_context(client)
            await client.online()
        await asyncio.sleep(1)
        for _ in range(5):
            hearing = [asyncio.create_task(_heard(client, top)) for client in clients]
            story_id = await _tell(app_port, author_token, await _medium(resources, top))
            acknowledged = time.perf_counter()
            for told, at in await asyncio.gather(*hearing):
                assert told == story_id, f"{told} came, not {story_id}"
                waits_ms.append(max(0.0, 1000 * (at - acknowledged)))
    async with resources.redis.pipeline(transaction=False) as pipe:
        for person in old:
            pipe.zscore(tray_key(person), top)
        written = sum(score is not None for score in await pipe.execute())
    return {
        "online": online,
        "stories": 5,
        "live_ms": {
            "p50": round(percentile(waits_ms, 0.5), 1),
            "p99": round(percentile(waits_ms, 0.99), 1),
        },
        "trays_asked": len(old),
        "trays_written": written,
    }


async def _at_once(port: int, requests: list[bytes]) -> tuple[dict[str, float], list[bytes]]:
    """All in the same moment, each on a connection of its own: (figures, answers)."""
    connections = await connect(port, len(requests))
    load = Load()
    began = time.perf_counter()

    async def one(place: int) -> bytes:
        body = await connections[place].ask(requests[place])
        load.latencies_ms.append(1000 * (time.perf_counter() - began))
        return body

    bodies = await asyncio.gather(*map(one, range(len(requests))))
    load.seconds = time.perf_counter() - began
    for connection in connections:
        connection.close()
    figures = {
        "p50_ms": round(load.percentile_ms(0.5)),
        "p99_ms": round(load.percentile_ms(0.99)),
        "per_s": round(load.per_s),
    }
    return figures, bodies


async def _read(
    resources: Resources, app: tuple[int, int], top: str, tokens: list[str]
) -> tuple[dict[str, Any], list[bytes]]:
    requests = [request("GET", PATH, token) for token in tokens]
    async for key in resources.redis.scan_iter("{u*", count=1000):
        await resources.redis.unlink(key)
    cold, _ = await _at_once(app[1], requests)
    warm, bodies = await _at_once(app[1], requests)
    trays = [orjson.loads(body)["data"]["stories"] for body in bodies]
    entries = sorted(len(tray) for tray in trays)
    with_top = sum(any(e["user"]["user_id"] == top for e in tray) for tray in trays)
    return {
        "readers": len(requests),
        "trays_with_the_story": with_top,
        "entries": {"median": entries[len(entries) // 2], "max": entries[-1]},
        "cold": cold,
        "warm": warm,
    }, bodies


async def _run(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    async with AsyncExitStack() as stack:
        state = stack.enter_context(running(folder, frozenset(STORES), stage.UNLIMITED))
        environment = {**stage.UNLIMITED, **state.environment}
        settings = load_settings(environment)
        await prepare(settings)
        resources = await stack.enter_async_context(open_resources(settings))
        top, followers, people = await _import(resources, options.graph)
        await _set_stage(resources, top, people)
        tokens = await stage.log_in(resources, followers[:_READERS])
        book = PortBook({})

        def start(name: str, *arguments: str, option: str) -> tuple[int, int]:
            port = book.take(name)
            command = ("-m", *arguments, option, str(port))
            return stack.enter_context(stage.process(environment, *command, port=port)), port

        app = start("app", "app", option="--port")
        for role in ("relay", "fanout"):
            start(role, "workers", role, option="--metrics-port")
        _, gateway = start("gateway", "realtime", "--node", "bench", option="--port")
        live = await _live(resources, (app[1], gateway), top, followers, options.online)
        _say(f"{live}")
        read, bodies = await _read(resources, app, top, tokens)
        _say(f"{read}")
        answer = folder / "answer.json"
        answer.write_bytes(sorted(bodies, key=len)[len(bodies) // 2])
        bare_port = book.take("bare")
        arguments = ("-m", "loadtests.bare_route", str(answer), str(bare_port), PATH)
        bare = stack.enter_context(stage.process(environment, *arguments, port=bare_port))
        requests = [request("GET", PATH, token) for token in tokens]
        compared = await compare(app, (bare, bare_port), requests, options)
        return {
            "graph": options.graph.name if options.graph else "made up",
            "followers": len(followers),
            "push_followers_max": settings.stories.push_followers_max,
            "live": live,
            "read": read,
            "body_bytes": answer.stat().st_size,
            **compared,
            "load_average": stage.load_average(),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--graph", type=Path, help="gzipped CSV of id_1,id_2")
    parser.add_argument("--online", type=int, default=100, help="followers with a socket")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report there")
    options = parser.parse_args()
    import uvloop

    with tempfile.TemporaryDirectory(prefix="glimpse-bench-") as folder:
        report = uvloop.run(_run(Path(folder), options))
    if options.json:
        options.json.write_text(json.dumps(report, indent=2))
    live, read, cpu = report["live"], report["read"], report["requests_per_cpu_s"]
    print(f"{report['followers']:,} followers (graph: {report['graph']})")
    print(
        f"  {live['stories']} stories at {live['online']} followers online: p50 "
        f"{live['live_ms']['p50']} ms, p99 {live['live_ms']['p99']} ms after the answer"
    )
    print(
        f"  written to {live['trays_written']} of {live['trays_asked']} trays that stood in Redis"
    )
    print(f"  in {read['trays_with_the_story']} of {read['readers']} trays, read at once:")
    for name in ("cold", "warm"):
        print(f"    {name}  p50 {read[name]['p50_ms']} ms, p99 {read[name]['p99_ms']} ms")
    entries = read["entries"]
    print(f"  tray of {entries['median']} people (at most {entries['max']}), a CPU-second:")
    print(f"    app   {cpu['app']:>7,}")
    print(
        f"    bare  {cpu['bare']:>7,}   ratio {report['ratio']:.3f} (the home feed's goal: {GOAL})"
    )
    half = report["half_load"]
    print(
        f"    at {half['requests_per_s']:,} requests/s: p50 {half['p50_ms']} ms, "
        f"p99 {half['p99_ms']} ms (the home feed's goal: {GOAL_P99_MS})"
    )
    print(f"load average of the machine: {report['load_average']:.1f}")


if __name__ == "__main__":
    main()
