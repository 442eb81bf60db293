"""Follower feed entries a second, on a real social graph, beside a bare server-side script.

    python -m loadtests.bench_fanout --graph FILE [--json] [--posts 20]

Starts MongoDB, Redis and S3 of its own, imports the graph (`glimpse demo --graph` takes the
same file), gives everybody posts, and builds the feeds of all followers of the account that
has most. Then that account posts. Four ways take turns on the same Redis, same keys; besides
entries a second there are entries a CPU-second of this process and Redis together, which a
busy machine disturbs less:

    bare      a Lua loop of ZADD over the same feeds, 500 keys a call, pipelined
    timeline  Timeline.push to the same people
    service   app.feed.service: the followers read from MongoDB, and pushed to
    worker    all that the fan-out role does for the event, live delivery included

Then GLIMPSE_FEED_PUSH_FOLLOWERS_MAX is set to 5,000: the same account is pulled. Real relay,
fan-out and gateway processes; a follower's socket must hear of the post, and feeds have it.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import orjson

from app import checkpoint, clock
from app.changes import position_now
from app.checkpoint import Checkpoint
from app.counts import service as counts
from app.events import PostPublished
from app.feed import queries as feeds, service as feed
from app.graph import queries as graph
from app.graph.keys import home_key, relations_key
from app.graph.relations import PUSHED_AFTER_PROMOTION_S
from app.resources import Resources, open_resources
from app.settings import load_settings
from app.setup import prepare
from infra.demo.graph import GraphImport, read_graph
from infra.local.launch import running
from infra.local.ports import PortBook
from infra.local.services import STORES
from loadtests import stage
from realtime.client import Client
from workers import fanout

GOAL = 0.6
PULLED_ABOVE = 5000
_CALL_KEYS = 500
_POSTS_EACH = 3
_SAMPLE = 60
_BARE = """
for i = 1, #KEYS do redis.call('ZADD', KEYS[i], ARGV[1], ARGV[2]) end
return #KEYS
"""


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


async def _prepare(resources: Resources, file: Path) -> tuple[str, list[str]]:
    """(the account with most followers, those followers); posts and feeds are there."""
    imported = await GraphImport(resources, lambda *_: None).run(read_graph(file))
    _say(f"imported {imported.people:,} people, {imported.follows:,} follows")
    [top] = await resources.mongo["counts"].find().sort("followers", -1).limit(1).to_list(1)
    followers = [one async for some in graph.follower_chunks(resources, top["_id"]) for one in some]
    now = clock.now()
    people = [row["_id"] async for row in resources.mongo.users.find({}, {"_id": 1})]
    rows = [
        stage.post_row(person, now - timedelta(seconds=place * _POSTS_EACH + more))
        for place, person in enumerate(people)
        for more in range(_POSTS_EACH)
    ]
    await stage.insert(resources, "posts", rows)
    return top["_id"], followers


async def _warm(resources: Resources, people: list[str]) -> float:
    """Build everybody's feed, as their first read would; the mean number of entries."""
    at_once = asyncio.Semaphore(16)

    async def build(person: str) -> None:
        async with at_once:
            await feeds.build(resources, person)

    await asyncio.gather(*map(build, people))
    async with resources.redis.pipeline(transaction=False) as pipe:
        for person in people:
            pipe.zcard(home_key(person))
        return statistics.mean(size - 1 for size in await pipe.execute())


class Ways:
    """The four ways of putting one post into all followers' feeds; each says into how many."""

    def __init__(self, resources: Resources, author: str, followers: list[str]) -> None:
        self.resources = resources
        self._author = author
        self._followers = followers
        self._keys = [home_key(person) for person in followers]
        self._bare: Any = resources.redis.register_script(_BARE)

    async def post(self) -> dict[str, Any]:
        row = stage.post_row(self._author, clock.now())
        await self.resources.mongo.posts.insert_one(row)
        return row

    async def bare(self, row: dict[str, Any]) -> int:
        score = round(row["published_at"].timestamp() * 1000)
        async with self.resources.redis.pipeline(transaction=False) as pipe:
            for start in range(0, len(self._keys), _CALL_KEYS):
                some = self._keys[start : start + _CALL_KEYS]
                await self._bare(keys=some, args=[score, row["_id"]], client=pipe)
            return sum(await pipe.execute())

    async def timeline(self, row: dict[str, Any]) -> int:
        score = round(row["published_at"].timestamp() * 1000)
        return await self.resources.timeline.push(self._followers, (score, row["_id"]))

    async def service(self, row: dict[str, Any]) -> int:
        written = 0
        async for delivery in feed.deliveries(self.resources, row["_id"]):
            written += await feed.push(self.resources, delivery)
        return written

    async def worker(self, row: dict[str, Any]) -> int:
        event = PostPublished(row["_id"], self._author)
        await fanout.handle(f"evt_{time.time_ns()}_0_0", event, self.resources)
        return len(self._followers)

    async def missing(self, row: dict[str, Any]) -> int:
        """Feeds of followers without the post."""
        async with self.resources.redis.pipeline(transaction=False) as pipe:
            for key in self._keys:
                pipe.zscore(key, row["_id"])
            return sum(score is None for score in await pipe.execute())


async def _measure(ways: Ways, posts: int) -> dict[str, Any]:
    kinds: dict[str, Callable[[dict[str, Any]], Awaitable[int]]] = {
        "bare": ways.bare,
        "timeline": ways.timeline,
        "service": ways.service,
        "worker": ways.worker,
    }
    redis_pid = int((await ways.resources.redis.info("server"))["process_id"])
    speeds: dict[str, list[float]] = {name: [] for name in kinds}
    cpu: dict[str, float] = dict.fromkeys(kinds, 0.0)
    entries: dict[str, int] = dict.fromkeys(kinds, 0)
    missing = 0
    for way in kinds.values():  # scripts loaded, connections open
        await way(await ways.post())
    for _ in range(posts):
        # In turns, post by post: a busy moment of the machine hits all alike.
        for name, way in kinds.items():
            row = await ways.post()
            used, began = _cpu_s(redis_pid), time.perf_counter()
            written = await way(row)
            speeds[name].append(written / (time.perf_counter() - began))
            cpu[name] += _cpu_s(redis_pid) - used
            entries[name] += written
            missing += await ways.missing(row)
    per_s = {name: round(statistics.median(found)) for name, found in speeds.items()}
    per_cpu_s = {name: round(entries[name] / cpu[name]) for name in kinds}
    return {
        "entries_per_s": per_s,
        "ratio": {name: round(per_s[name] / per_s["bare"], 2) for name in kinds if name != "bare"},
        "entries_per_cpu_s": per_cpu_s,
        "ratio_cpu": {
            name: round(per_cpu_s[name] / per_cpu_s["bare"], 2) for name in kinds if name != "bare"
        },
        "feeds_without_the_post": missing,
    }


def _cpu_s(redis_pid: int) -> float:
    """CPU seconds of this process and of Redis's one thread so far."""
    on_cpu_ns = int(Path(f"/proc/{redis_pid}/schedstat").read_text().split()[0])
    return time.process_time() + on_cpu_ns / 1e9


async def _pulled(environment: dict[str, str], author: str, followers: list[str]) -> dict[str, Any]:
    """The same author above the threshold: nothing pushed, everything seen."""
    lowered = {**environment, "GLIMPSE_FEED_PUSH_FOLLOWERS_MAX": str(PULLED_ABOVE)}
    book = PortBook({})
    relay, fan, node = (book.take(name) for name in ("relay", "fanout", "gateway"))
    async with open_resources(load_settings(lowered)) as resources:
        await counts.mark_all_popular(resources)
        # What was stored to set the stage is no news.
        now = Checkpoint(await position_now(resources.settings.mongo))
        assert await checkpoint.save(resources.mongo, now, term=0)
        # The time in which posts are still pushed as well is over, as are the caches it is for.
        past = clock.now() - timedelta(seconds=PUSHED_AFTER_PROMOTION_S + 1)
        await resources.mongo.popular.update_many({}, {"$set": {"since": past}})
        async with resources.redis.pipeline(transaction=False) as pipe:
            for person in followers:
                pipe.unlink(relations_key(person))
            await pipe.execute()
        online, *_ = tokens = await stage.log_in(resources, followers[:3])
        assert len(tokens) == 3
        with (
            stage.process(
                lowered, "-m", "workers", "relay", "--metrics-port", str(relay), port=relay
            ),
            stage.process(lowered, "-m", "workers", "fanout", "--metrics-port", str(fan), port=fan),
            stage.process(
                lowered, "-m", "realtime", "--port", str(node), "--node", "bench", port=node
            ),
        ):
            async with Client(f"ws://127.0.0.1:{node}/ws", online) as client:
                await client.online()
                await asyncio.sleep(1)
                waits, first, pushed = [], 0, 0
                ways = Ways(resources, author, followers)
                for _ in range(5):
                    began = time.perf_counter()
                    row = await ways.post()
                    while (await client.update("post.hint", 10)).data["post_id"] != row["_id"]:
                        continue
                    waits.append(1000 * (time.perf_counter() - began))
                    pushed += len(followers) - await ways.missing(row)
                resources.memory.recent.drop(author)
                for person in followers[:: max(1, len(followers) // _SAMPLE)]:
                    page = orjson.loads(bytes(await feeds.home(resources, person, None, 20)))
                    first += page["posts"][0]["post_id"] == row["_id"]
        popular = await resources.mongo.popular.count_documents({})
    asked = len(followers[:: max(1, len(followers) // _SAMPLE)])
    return {
        "push_followers_max": PULLED_ABOVE,
        "people_above": popular,
        "entries_pushed": pushed,
        "feeds_asked": asked,
        "feeds_with_the_post_first": first,
        "hint_ms": [round(wait, 1) for wait in waits],
    }


async def _run(file: Path, posts: int, folder: Path) -> dict[str, Any]:
    with running(folder, frozenset(STORES)) as state:
        settings = load_settings(state.environment)
        await prepare(settings)
        async with open_resources(settings) as resources:
            author, followers = await _prepare(resources, file)
            began = time.monotonic()
            mean = await _warm(resources, followers)
            took = time.monotonic() - began
            _say(f"{len(followers):,} feeds built in {took:.0f} s, {mean:.0f} entries each")
            ways = Ways(resources, author, followers)
            measured = await _measure(ways, posts)
            _say(f"{measured}")
        pulled = await _pulled(state.environment, author, followers)
    return {
        "followers": len(followers),
        "feed_entries_mean": round(mean),
        **measured,
        "goal": GOAL,
        "pulled": pulled,
        "load_average": stage.load_average(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--graph", type=Path, required=True, help="gzipped CSV of id_1,id_2")
    parser.add_argument("--posts", type=int, default=20, help="for each of the four ways")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="glimpse-bench-") as folder:
        report = asyncio.run(_run(arguments.graph, arguments.posts, Path(folder)))
    if arguments.json:
        print(json.dumps(report))
        return
    print(f"{report['followers']:,} followers, feeds of {report['feed_entries_mean']} entries")
    for name, per_s in report["entries_per_s"].items():
        ratio = report["ratio"].get(name)
        by_cpu = report["ratio_cpu"].get(name)
        beside = "" if ratio is None else f"   {ratio:.2f} and {by_cpu:.2f} of bare (goal {GOAL})"
        per_cpu_s = report["entries_per_cpu_s"][name]
        print(f"  {name:9} {per_s:>9,} entries/s {per_cpu_s:>9,} a CPU-second{beside}")
    print(f"  feeds without the post: {report['feeds_without_the_post']}")
    pulled = report["pulled"]
    print(
        f"above {PULLED_ABOVE:,} followers: {pulled['entries_pushed']} entries pushed, first in "
        f"{pulled['feeds_with_the_post_first']} of {pulled['feeds_asked']} feeds asked, "
        f"announced to an open socket after {pulled['hint_ms']} ms"
    )
    print(f"load average of the machine: {report['load_average']:.1f}")


if __name__ == "__main__":
    main()
