"""Likes acknowledged a second, beside bare inserts of the same rows with motor.

    python -m loadtests.bench_likes [--json] [--rounds 5] [--seconds 3] [--concurrency 32] [--apps 1]

Starts MongoDB, Redis and S3 of its own and app processes (`python -m app`). In turns:

    app   POST /api/v1/posts/{id}/like by raw sockets (loadtests/http_load.py), all limits off
    bare  insert_one by motor: majority and journaled, in a collection with the same indexes

Every like is a new pair of person and post. As many are outstanding in both.
"""

import argparse
import asyncio
import itertools
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import psutil

from app import clock
from app.graph.models import pair
from app.posts.models import Like
from app.resources import Resources, connect_mongo, open_resources
from app.settings import Settings, load_settings
from app.setup import prepare
from infra.local.launch import running
from infra.local.ports import PortBook
from infra.local.services import STORES
from loadtests import stage
from loadtests.http_load import Connection, connect, request, saturate

GOAL = 0.6
_PEOPLE, _POSTS = 1000, 200


async def _set_stage(resources: Resources) -> tuple[list[str], list[str], list[str]]:
    """(people, their tokens, posts)."""
    people = await stage.make_people(resources, _PEOPLE)
    [author] = await stage.make_people(resources, 1)
    rows = [stage.post_row(author, clock.now()) for _ in range(_POSTS)]
    await stage.insert(resources, "posts", rows)
    bare = resources.mongo["bare_likes"]
    await bare.create_indexes(Like.Settings.indexes)
    return people, await stage.log_in(resources, people), [row["_id"] for row in rows]


def _cpu_s(pids: list[int]) -> float:
    times = [psutil.Process(pid).cpu_times() for pid in pids]
    return float(sum(t.user + t.system for t in times))


async def _bare(
    settings: Settings, pairs: Iterator[tuple[str, str]], concurrency: int, seconds: float
) -> float:
    client = connect_mongo(settings)
    target = client[settings.mongo.database]["bare_likes"]
    done, began = 0, time.perf_counter()
    until = began + seconds

    async def drive() -> None:
        nonlocal done
        while time.perf_counter() < until:
            post_id, user_id = next(pairs)
            await target.insert_one(
                {
                    "_id": pair(post_id, user_id),
                    "post_id": post_id,
                    "user_id": user_id,
                    "reaction": "like",
                    "created_at": clock.now(),
                }
            )
            done += 1

    await asyncio.gather(*(drive() for _ in range(concurrency)))
    client.close()
    return done / (time.perf_counter() - began)


async def _run(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    with ExitStack() as stack:
        state = stack.enter_context(running(folder, frozenset(STORES), stage.UNLIMITED))
        environment = {**stage.UNLIMITED, **state.environment}
        settings = load_settings(environment)
        await prepare(settings)
        async with open_resources(settings) as resources:
            people, tokens, posts = await _set_stage(resources)
        book = PortBook({})
        ports = [book.take(f"app{number}") for number in range(options.apps)]
        pids = [
            stack.enter_context(
                stage.process(environment, "-m", "app", "--port", str(port), port=port)
            )
            for port in ports
        ]
        [mongod] = [row.pid for row in state.processes if row.role == "mongod" and row.pid]
        # Person by person within a post, so that neighbours in time like the same post.
        likes = ((post, place) for post in itertools.cycle(posts) for place in range(_PEOPLE))
        asked = (request("POST", f"/api/v1/posts/{p}/like", tokens[at]) for p, at in likes)
        rows = (
            (f"{post}.{n}", person)
            for n in itertools.count()
            for post in posts
            for person in people
        )
        speeds: dict[str, list[float]] = {"app": [], "bare": []}
        cpu_ms: dict[str, list[float]] = {"app": [], "mongod": []}
        connections: list[Connection] = []
        for port in ports:
            connections += await connect(port, options.concurrency // options.apps)
        await saturate(connections, asked.__next__, 1)
        for _ in range(options.rounds):
            before = _cpu_s(pids), _cpu_s([mongod])
            load = await saturate(connections, asked.__next__, options.seconds)
            speeds["app"].append(load.per_s)
            for name, used in (
                ("app", _cpu_s(pids) - before[0]),
                ("mongod", _cpu_s([mongod]) - before[1]),
            ):
                cpu_ms[name].append(1000 * used / len(load.latencies_ms))
            speeds["bare"].append(await _bare(settings, rows, options.concurrency, options.seconds))
        for connection in connections:
            connection.close()
    per_s = {name: round(statistics.median(found)) for name, found in speeds.items()}
    return {
        "acknowledged_per_s": per_s,
        "ratio": round(per_s["app"] / per_s["bare"], 3),
        "goal": GOAL,
        "cpu_ms_a_like": {name: round(statistics.median(f), 2) for name, f in cpu_ms.items()},
        "concurrency": options.concurrency,
        "apps": options.apps,
        "load_average": stage.load_average(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--concurrency", type=int, default=32)
    parser.add_argument("--apps", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    import uvloop

    with tempfile.TemporaryDirectory(prefix="glimpse-bench-") as folder:
        report = uvloop.run(_run(Path(folder), options))
    if options.json:
        print(json.dumps(report))
        return
    per_s = report["acknowledged_per_s"]
    print(f"{options.concurrency} outstanding, {options.apps} app process(es)")
    print(f"  app   {per_s['app']:>6,} likes/s")
    print(f"  bare  {per_s['bare']:>6,} inserts/s   ratio {report['ratio']:.2f} (goal {GOAL})")
    print(f"  a like costs CPU time of {report['cpu_ms_a_like']} ms")
    print(f"load average of the machine: {report['load_average']:.1f}")


if __name__ == "__main__":
    main()
