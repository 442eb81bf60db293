"""The home feed, warm, beside a bare route that returns the same bytes.

    python -m loadtests.bench_home_feed [--json] [--rounds 5] [--seconds 3] [--connections 32]

Starts MongoDB, Redis and S3 of its own, one app process (`python -m app`), and one process with
the same server settings whose only route answers with the bytes of a real answer. Both are
driven by the same client (loadtests/http_load.py: raw sockets, keep-alive) in turns. Counted
are requests per CPU-second of the server process, from its CPU time.

The readers are many, each with a feed of their own, read once before. `half_load` sends half
of what the app took at most, by the clock, and reports how long answers took since due.
"""

import argparse
import itertools
import json
import statistics
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import psutil

from app import clock
from app.graph.models import pair
from app.resources import Resources, open_resources
from app.settings import load_settings
from app.setup import prepare
from infra.local.launch import running
from infra.local.ports import PortBook
from infra.local.services import STORES
from loadtests import stage
from loadtests.http_load import connect, paced, request, saturate

GOAL = 0.5
GOAL_P99_MS = 20
PATH = "/api/v1/feed/home?limit=20"
_READERS, _AUTHORS, _FOLLOWED, _POSTS_EACH = 200, 40, 12, 10


async def _set_stage(resources: Resources) -> list[bytes]:
    """Authors with posts, readers who follow some of them; a request of each reader."""
    now = clock.now()
    authors = await stage.make_people(resources, _AUTHORS)
    readers = await stage.make_people(resources, _READERS)
    posts = [
        stage.post_row(author, now - timedelta(minutes=place * _POSTS_EACH + more))
        for place, author in enumerate(authors)
        for more in range(_POSTS_EACH)
    ]
    await stage.insert(resources, "posts", posts)
    follows = [
        {
            "_id": pair(reader, authors[(place + more) % _AUTHORS]),
            "follower_id": reader,
            "followee_id": authors[(place + more) % _AUTHORS],
            "created_at": now,
            "accepted": False,
        }
        for place, reader in enumerate(readers)
        for more in range(_FOLLOWED)
    ]
    await stage.insert(resources, "follows", follows)
    return [request("GET", PATH, token) for token in await stage.log_in(resources, readers)]


def _cpu_s(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


async def compare(
    app: tuple[int, int], bare: tuple[int, int], requests: list[bytes], options: argparse.Namespace
) -> dict[str, Any]:
    """`app` and `bare` are (pid, port); requests a CPU-second of each, and their ratio."""
    turns = {
        "app": (*app, itertools.cycle(requests)),
        "bare": (*bare, itertools.repeat(requests[0])),
    }
    per_cpu_s: dict[str, list[float]] = {name: [] for name in turns}
    per_s: dict[str, list[float]] = {name: [] for name in turns}
    for _ in range(options.rounds):
        for name, (pid, port, some) in turns.items():
            connections = await connect(port, options.connections)
            await saturate(connections, some.__next__, 0.3)
            before = _cpu_s(pid)
            load = await saturate(connections, some.__next__, options.seconds)
            per_cpu_s[name].append(len(load.latencies_ms) / (_cpu_s(pid) - before))
            per_s[name].append(load.per_s)
            for connection in connections:
                connection.close()
    half = statistics.median(per_s["app"]) / 2
    connections = await connect(app[1], options.connections)
    paced_load = await paced(connections, turns["app"][2].__next__, half, 2 * options.seconds)
    middle = {name: statistics.median(found) for name, found in per_cpu_s.items()}
    return {
        "requests_per_cpu_s": {name: round(value) for name, value in middle.items()},
        "requests_per_s": {name: round(statistics.median(f)) for name, f in per_s.items()},
        "ratio": round(middle["app"] / middle["bare"], 3),
        "goal": GOAL,
        "half_load": {
            "requests_per_s": round(half),
            "p50_ms": round(paced_load.percentile_ms(0.5), 2),
            "p99_ms": round(paced_load.percentile_ms(0.99), 2),
            "goal_p99_ms": GOAL_P99_MS,
        },
    }


async def _run(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    with running(folder, frozenset(STORES), stage.UNLIMITED) as state:
        environment = {**stage.UNLIMITED, **state.environment}
        settings = load_settings(environment)
        await prepare(settings)
        async with open_resources(settings) as resources:
            requests = await _set_stage(resources)
        book = PortBook({})
        port, bare_port = book.take("app"), book.take("bare")
        with stage.process(environment, "-m", "app", "--port", str(port), port=port) as pid:
            [connection] = await connect(port, 1)
            bodies = [await connection.ask(one) for one in requests]
            connection.close()
            assert all(body.count(b'"post_id"') == 20 for body in bodies), "not 20 posts each"
            answer = folder / "answer.json"
            answer.write_bytes(bodies[0])
            arguments = ("-m", "loadtests.bare_route", str(answer), str(bare_port))
            with stage.process(environment, *arguments, port=bare_port) as bare_pid:
                found = await compare((pid, port), (bare_pid, bare_port), requests, options)
    return {
        "body_bytes": len(bodies[0]),
        "readers": len(requests),
        **found,
        "load_average": stage.load_average(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    import uvloop

    with tempfile.TemporaryDirectory(prefix="glimpse-bench-") as folder:
        report = uvloop.run(_run(Path(folder), options))
    if options.json:
        print(json.dumps(report))
        return
    cpu, half = report["requests_per_cpu_s"], report["half_load"]
    print(f"20 posts, {report['body_bytes']:,} bytes, {report['readers']} readers")
    print(f"  app   {cpu['app']:>7,} requests a CPU-second")
    print(f"  bare  {cpu['bare']:>7,}   ratio {report['ratio']:.2f} (goal {GOAL})")
    print(
        f"  at {half['requests_per_s']:,} requests/s: p50 {half['p50_ms']} ms, "
        f"p99 {half['p99_ms']} ms (goal {GOAL_P99_MS})"
    )
    print(f"load average of the machine: {report['load_average']:.1f}")


if __name__ == "__main__":
    main()
