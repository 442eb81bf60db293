"""From the acknowledgement of a post to followers' sockets on a gateway node.

    python -m loadtests.bench_post_to_screen [--json] [--rate 20] [--seconds 15] [--followers 100]

Starts MongoDB, Redis and S3 of its own, a relay, a fan-out worker and a gateway node, each a
process. Posts are made by calling the service in this process, at a steady rate; every
follower's socket is read here too, so all times are of one clock. Each hop is timed on its
own: into the event stream (relay), into the node's stream (fan-out, its read of the
followers and its write to their logs), onto the sockets (gateway).
"""

import argparse
import asyncio
import json
import re
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app import clock, events, ids, nodestream
from app.operation import Context
from app.posts import service as posts
from app.resources import Resources, open_resources
from app.settings import load_settings
from app.setup import prepare
from infra.local.launch import running
from infra.local.ports import PortBook
from infra.local.services import STORES
from loadtests import stage
from loadtests.crowd import masked, upgrade

GOAL_P50_MS, GOAL_P99_MS = 15.0, 60.0
_NODE = "screen"
_POST_ID = re.compile(rb'"type":"post\.new".{0,400}?"post_id":"(post_\w+)"', re.DOTALL)
_SETTLE_S = 10.0


class Times:
    """When each post was where, in seconds of one clock."""

    def __init__(self) -> None:
        self.called: dict[str, float] = {}
        self.acknowledged: dict[str, float] = {}
        self.in_stream: dict[str, float] = {}
        self.at_node: dict[str, float] = {}
        self.on_screen: dict[str, list[float]] = {}


class Screen(asyncio.Protocol):
    """A follower's socket: handshake, hello, and from then on the time of each post."""

    def __init__(self, port: int, token: str, times: Times) -> None:
        self._port, self._token, self._times = port, token, times
        self._rest = b""
        self.welcomed = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(upgrade(self._port))

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        self._rest += data
        if not self.welcomed.done():
            if self._rest.endswith(b"\r\n\r\n"):
                self._transport.write(masked({"op": "hello", "token": self._token}))
            elif b'"op":"welcome"' in self._rest:
                self.welcomed.set_result(None)
            return
        last = 0
        for found in _POST_ID.finditer(self._rest):
            self._times.on_screen.setdefault(found[1].decode(), []).append(now)
            last = found.end()
        self._rest = self._rest[last:][-4096:]


async def _watch_events(resources: Resources, times: Times) -> None:
    """The relay's entries, as they are added."""
    streams: Any = {events.stream_key(p): "$" for p in resources.bus.partitions}
    while True:
        answer: Any = await resources.redis.xread(streams, count=100, block=500)
        now = time.perf_counter()
        for key, entries in answer or []:
            for entry_id, fields in entries:
                streams[key.decode()] = entry_id
                event = events.decode(fields[b"e"])
                if isinstance(event, events.PostPublished):
                    times.in_stream[event.post_id] = now


async def _watch_node(resources: Resources, times: Times) -> None:
    """What the fan-out hands to the node, as it is added."""
    key = nodestream.stream_key(_NODE)
    last: Any = "$"
    while True:
        answer: Any = await resources.redis.xread({key: last}, count=100, block=500)
        now = time.perf_counter()
        for _, entries in answer or []:
            for entry_id, fields in entries:
                last = entry_id
                found = _POST_ID.search(fields[b"m"])
                if found:
                    times.at_node.setdefault(found[1].decode(), now)


async def _people(resources: Resources, followers: int) -> tuple[str, list[str], list[str]]:
    author, *people = await stage.make_people(resources, followers + 1)
    now = clock.now()
    rows = [
        {
            "_id": f"{person}:{author}",
            "follower_id": person,
            "followee_id": author,
            "created_at": now,
            "accepted": False,
        }
        for person in people
    ]
    await stage.insert(resources, "follows", rows)
    return author, people, await stage.log_in(resources, people)


async def _photos(resources: Resources, owner: str, count: int) -> list[str]:
    """Keys of uploads that are processed already: this is about posts, not photos."""
    now = clock.now() - timedelta(seconds=1)
    shown = stage.post_row(owner, now)["media"][0]
    rows = []
    for _ in range(count):
        media_id = ids.new_id("media")
        rows.append(
            {
                "_id": media_id,
                "owner_id": owner,
                "media_key": f"bench/{media_id}",
                "kind": "photo",
                "declared_type": "image/jpeg",
                "declared_size_bytes": 1,
                "original_stored": False,
                "status": "ready",
                "reason": None,
                "width": shown["width"],
                "height": shown["height"],
                "thumbhash": shown["thumbhash"],
                "variants": shown["variants"],
                "attached_to": None,
                "attempts": 1,
                "created_at": now,
                "updated_at": now,
            }
        )
    await stage.insert(resources, "media", rows)
    return [row["media_key"] for row in rows]


async def _post(resources: Resources, author: str, key: str, times: Times) -> None:
    draft = posts.Draft("A morning by the lake #morning", [{"url": key}], None, "public", False)
    called = time.perf_counter()
    made = json.loads(await posts.create(Context(resources, author, origin="http://x"), draft))
    times.called[made["post_id"]] = called
    times.acknowledged[made["post_id"]] = time.perf_counter()


async def _steadily(
    resources: Resources, author: str, keys: list[str], rate: float, times: Times
) -> None:
    began = time.perf_counter()
    running_posts = []
    for number, key in enumerate(keys):
        await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
        running_posts.append(asyncio.create_task(_post(resources, author, key, times)))
    await asyncio.gather(*running_posts)


def _percentiles(values: list[float]) -> dict[str, float]:
    cut = statistics.quantiles(values, n=100, method="inclusive")
    return {"p50": round(cut[49] * 1000, 1), "p99": round(cut[98] * 1000, 1)}


def _report(times: Times, posts_made: int, followers: int) -> dict[str, Any]:
    acknowledged = times.acknowledged
    screens = [(post, at) for post, found in times.on_screen.items() for at in found]
    seen = {post: len(found) for post, found in times.on_screen.items()}
    whole = [at - acknowledged[post] for post, at in screens if post in acknowledged]
    report: dict[str, Any] = {
        "name": "post to screen",
        "posts": posts_made,
        "followers": followers,
        "lost": sum(followers - seen.get(post, 0) for post in acknowledged),
        "doubled": sum(max(0, count - followers) for count in seen.values()),
        "ack_to_screen_ms": _percentiles(whole),
        "hops_ms": {
            "service call": _percentiles(
                [at - times.called[post] for post, at in acknowledged.items()]
            ),
            "ack to event stream": _percentiles(
                [at - acknowledged[p] for p, at in times.in_stream.items() if p in acknowledged]
            ),
            "event stream to node": _percentiles(
                [
                    at - times.in_stream[post]
                    for post, at in times.at_node.items()
                    if post in times.in_stream
                ]
            ),
            "node to sockets": _percentiles(
                [at - times.at_node[post] for post, at in screens if post in times.at_node]
            ),
        },
        "goal_ms": {"p50": GOAL_P50_MS, "p99": GOAL_P99_MS},
        "load_average": stage.load_average(),
    }
    found = report["ack_to_screen_ms"]
    report["met"] = found["p50"] <= GOAL_P50_MS and found["p99"] <= GOAL_P99_MS
    return report


async def _measure(
    environment: dict[str, str], rate: float, seconds: float, followers: int
) -> dict[str, Any]:
    settings = load_settings(environment)
    await prepare(settings)
    book = PortBook({})
    relay, fan, node = (book.take(name) for name in ("relay", "fanout", "gateway"))
    times, warm = Times(), Times()
    async with open_resources(settings) as resources:
        author, _, tokens = await _people(resources, followers)
        count = round(rate * seconds)
        keys = await _photos(resources, author, count + 10)
        worker = ("-m", "workers")
        with (
            stage.process(environment, *worker, "relay", "--metrics-port", str(relay), port=relay),
            stage.process(environment, *worker, "fanout", "--metrics-port", str(fan), port=fan),
            stage.process(
                environment, "-m", "realtime", "--port", str(node), "--node", _NODE, port=node
            ),
        ):
            loop = asyncio.get_running_loop()
            for token in tokens:
                _, screen = await loop.create_connection(
                    lambda token=token: Screen(node, token, times), "127.0.0.1", node
                )
                await asyncio.wait_for(screen.welcomed, 10)
            watchers = [
                asyncio.create_task(_watch_events(resources, times)),
                asyncio.create_task(_watch_node(resources, times)),
            ]
            await asyncio.sleep(1)
            await _steadily(resources, author, keys[:10], rate, warm)  # caches, scripts
            await asyncio.sleep(1)
            times.on_screen.clear()
            await _steadily(resources, author, keys[10:], rate, times)
            until = time.perf_counter() + _SETTLE_S
            expected = count * followers
            while time.perf_counter() < until:
                if sum(map(len, times.on_screen.values())) >= expected:
                    break
                await asyncio.sleep(0.05)
            for watcher in watchers:
                watcher.cancel()
            await asyncio.gather(*watchers, return_exceptions=True)
    return _report(times, count, followers)


def measure(rate: float, seconds: float, followers: int) -> dict[str, Any]:
    """The report, on stores and processes of its own."""
    with (
        tempfile.TemporaryDirectory(prefix="glimpse-bench-") as folder,
        running(Path(folder), frozenset(STORES)) as state,
    ):
        return asyncio.run(_measure(dict(state.environment), rate, seconds, followers))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rate", type=float, default=20.0, help="posts a second")
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--followers", type=int, default=100)
    arguments = parser.parse_args()
    report = measure(arguments.rate, arguments.seconds, arguments.followers)
    if arguments.json:
        print(json.dumps(report))
        return
    found, goal = report["ack_to_screen_ms"], report["goal_ms"]
    print(
        f"{report['posts']} posts to {report['followers']} followers' sockets:"
        f" p50 {found['p50']} ms (goal {goal['p50']}), p99 {found['p99']} ms (goal {goal['p99']});"
        f" {report['lost']} lost, {report['doubled']} doubled"
    )
    for hop, part in report["hops_ms"].items():
        print(f"  {hop:22} p50 {part['p50']:>6} ms   p99 {part['p99']:>6} ms")
    print(f"load average of the machine: {report['load_average']:.1f}")


if __name__ == "__main__":
    main()
