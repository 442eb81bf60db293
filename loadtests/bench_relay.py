"""How fast changes in MongoDB become events in the streams, and how late.

    python -m loadtests.bench_relay [--json] [--rate 3000] [--seconds 10] [--backlog 30000]

Starts MongoDB and Redis of its own and one relay process.

    steady   likes are stored at the given rate; a reader of the streams notes when each arrives,
             counted from just before its insert was sent (so MongoDB's time is in it)
    backlog  likes are stored while no relay runs; then one starts: its top speed

Events are counted in the streams, CPU seconds are the relay process's own.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app import clock
from app.events import decode
from app.ids import new_id
from app.position import ORIGIN, Position
from app.resources import Resources, open_resources
from app.settings import load_settings
from app.setup import prepare
from infra.local.launch import running
from infra.local.services import STORES
from loadtests.crowd import cpu_s

GOALS = {"steady_per_s": 3000}
_BURST = 30
_POSTS = 200


@contextmanager
def relay(environment: dict[str, str]) -> Iterator[int]:
    """One relay process; its pid."""
    child = subprocess.Popen(
        [sys.executable, "-m", "workers", "relay"],
        env={**os.environ, **environment},
        cwd=Path(__file__).resolve().parents[1],
        stderr=subprocess.DEVNULL,
    )
    try:
        yield child.pid
    finally:
        child.terminate()
        child.wait()


class Writer:
    def __init__(self, resources: Resources) -> None:
        self._likes = resources.mongo["likes"]
        self._posts = [new_id("post") for _ in range(_POSTS)]
        self.sent_at: dict[str, float] = {}

    async def store(self, count: int) -> None:
        """`count` likes in one command, each its own change."""
        rows = []
        for _ in range(count):
            post, user = self._posts[len(self.sent_at) % _POSTS], f"usr_{len(self.sent_at)}"
            rows.append(
                {
                    "_id": f"{post}:{user}",
                    "post_id": post,
                    "user_id": user,
                    "created_at": clock.now(),
                }
            )
            self.sent_at[user] = time.perf_counter()
        await self._likes.insert_many(rows, ordered=False)


class Reader:
    def __init__(self, resources: Resources) -> None:
        self._bus = resources.bus
        self._after: dict[int, Position] = dict.fromkeys(self._bus.partitions, ORIGIN)
        self.arrived_at: dict[str, float] = {}

    async def read(self, until: int) -> None:
        """Note arrivals until there are that many."""
        while len(self.arrived_at) < until:
            batch = await self._bus.read_after(self._after, 1000, 1000)
            now = time.perf_counter()
            for p, entries in batch.items():
                self._after[p] = entries[-1][0]
                for _, fields in entries:
                    event: Any = decode(fields[b"e"])
                    self.arrived_at[event.user_id] = now


async def steady(resources: Resources, pid: int, rate: int, seconds: float) -> dict[str, Any]:
    writer, reader = Writer(resources), Reader(resources)
    await writer.store(1)
    await reader.read(1)  # it leads
    total = int(rate * seconds) // _BURST * _BURST
    reading = asyncio.create_task(reader.read(total + 1))
    cpu, began = cpu_s(pid), time.perf_counter()
    running: set[asyncio.Task[None]] = set()
    for n in range(total // _BURST):
        due = began + n * _BURST / rate
        await asyncio.sleep(max(0, due - time.perf_counter()))
        task = asyncio.create_task(writer.store(_BURST))
        running.add(task)
        task.add_done_callback(running.discard)
    await asyncio.gather(*running)
    stored = time.perf_counter() - began
    await reading
    relayed = time.perf_counter() - began
    lags = sorted(
        1000 * (reader.arrived_at[user] - sent)
        for user, sent in writer.sent_at.items()
        if user != "usr_0"
    )
    return {
        "events": total,
        "stored_per_s": round(total / stored),
        "relayed_per_s": round(total / relayed),
        "lag_ms_p50": round(statistics.median(lags), 1),
        "lag_ms_p99": round(lags[int(len(lags) * 0.99)], 1),
        "events_per_relay_cpu_s": round(total / (cpu_s(pid) - cpu)),
    }


async def backlog(resources: Resources, environment: dict[str, str], count: int) -> dict[str, Any]:
    writer, reader = Writer(resources), Reader(resources)
    for _ in range(count // 1000):
        await writer.store(1000)
    with relay(environment) as pid:
        await reader.read(1)
        cpu, began, first = cpu_s(pid), time.perf_counter(), len(reader.arrived_at)
        await reader.read(len(writer.sent_at))
        took = time.perf_counter() - began
        used = cpu_s(pid) - cpu
    moved = len(writer.sent_at) - first
    return {
        "events": len(writer.sent_at),
        "relayed_per_s": round(moved / took),
        "events_per_relay_cpu_s": round(moved / used),
    }


async def measure(rate: int, seconds: float, count: int) -> dict[str, Any]:
    with (
        tempfile.TemporaryDirectory(prefix="glimpse-bench-") as folder,
        running(Path(folder), frozenset(STORES)) as state,
    ):
        environment = {**state.environment, "GLIMPSE_MONGO_DATABASE": "bench_relay"}
        settings = load_settings(environment)
        await prepare(settings)
        async with open_resources(settings) as resources:
            with relay(environment) as pid:
                result: dict[str, Any] = {"steady": await steady(resources, pid, rate, seconds)}
            await resources.redis.flushall()
            await resources.mongo["relay"].delete_many({})
            await resources.mongo["likes"].delete_many({})
        environment = {**environment, "GLIMPSE_MONGO_DATABASE": "bench_backlog"}
        settings = load_settings(environment)
        await prepare(settings)
        async with open_resources(settings) as resources:
            result["backlog"] = await backlog(resources, environment, count)
    result["goals"] = GOALS
    result["keeps_up"] = result["steady"]["relayed_per_s"] >= 0.97 * rate
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--rate", type=int, default=GOALS["steady_per_s"])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--backlog", type=int, default=30_000)
    arguments = parser.parse_args()
    result = asyncio.run(measure(arguments.rate, arguments.seconds, arguments.backlog))
    if arguments.json:
        print(json.dumps(result))
        return
    one, two = result["steady"], result["backlog"]
    print(
        f"steady: {one['stored_per_s']:,} stored and {one['relayed_per_s']:,} relayed a second,"
        f" insert to stream p50 {one['lag_ms_p50']} ms, p99 {one['lag_ms_p99']} ms,"
        f" {one['events_per_relay_cpu_s']:,} events a CPU-second"
    )
    print(
        f"backlog: {two['relayed_per_s']:,} relayed a second,"
        f" {two['events_per_relay_cpu_s']:,} a CPU-second (goal {GOALS['steady_per_s']:,})"
    )


if __name__ == "__main__":
    main()
