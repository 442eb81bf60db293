"""What one gateway process delivers, beside writing the same frame to the bare transports.

    python -m loadtests.bench_gateway [--json] [--sockets 1000] [--idle 5000] [--rounds 5]

Starts MongoDB and Redis of its own and one gateway process; the sockets are read by a process
of raw sockets. Loopback, no TLS, compression off. Deliveries are counted at the reading end;
CPU seconds are the gateway process's own, reading Redis included. Rounds of all kinds take
turns in the same process:

    bare      one pre-encoded frame to each transport: what the machine can do
    topic     an update published to Redis, read, encoded once, sent to each watcher
    burst     16 updates published together
    event     a durable event for each person: their logs, the node's stream, own numbers
"""

import argparse
import asyncio
import json
import os
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from app import clock
from app.live import Push
from app.resources import Resources, open_resources
from app.settings import Settings, load_settings
from infra.local.launch import running
from loadtests import stage
from loadtests.crowd import Crowd, cpu_s, pss_kib
from realtime import frames

GOALS = {
    "topic_to_bare": 0.9,
    "burst_per_cpu_s": 800_000,
    "idle_kib": 30,
    "handshakes_per_cpu_s": 1200,
}
PAYLOAD_BYTES = 200
BURST = 16
PAUSE_S = 0.02
"""Between messages, the same for all kinds: none are joined that did not come together."""
_MESSAGES = 150
_EVENTS = 50


@asynccontextmanager
async def gateway(environment: dict[str, str], port: int) -> Any:
    child = await asyncio.create_subprocess_exec(
        sys.executable, __file__, "--serve", str(port), env={**os.environ, **environment}
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
            for _ in range(200):
                try:
                    await http.get("/healthz")
                    break
                except httpx.TransportError:
                    await asyncio.sleep(0.05)
            yield child.pid, http
    finally:
        child.terminate()
        await child.wait()


def serve(port: int) -> None:
    """The gateway, with one more route: the bare writes."""
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    from realtime.main import create_app
    from realtime.server import BACKLOG, server
    from realtime.transport import listen

    settings = load_settings()
    app = create_app(settings, "bench")

    async def bare(request: Request) -> JSONResponse:
        size, count = int(request.query_params["size"]), int(request.query_params["count"])
        data = frames.frame(b"x" * (size - 4))
        assert app.gateway is not None
        writes = [c.socket.transport.write for c in app.gateway.hub._connections]
        began = time.process_time()
        for _ in range(count):
            for write in writes:
                write(data)
            await asyncio.sleep(PAUSE_S)
        return JSONResponse({"cpu_s": time.process_time() - began, "bytes": len(data)})

    app._http.routes.append(Route("/bench/bare", bare))
    server(app, settings.socket, "127.0.0.1", port).run(
        sockets=[listen("127.0.0.1", port, BACKLOG)]
    )


class Bench:
    def __init__(self, resources: Resources, http: httpx.AsyncClient, pid: int, crowd: Crowd):
        self.resources, self.http, self.pid, self.crowd = resources, http, pid, crowd
        self.users: list[str] = []
        self.topic = ""

    def _update(self) -> dict[str, str]:
        return {"text": "x" * self.padding}

    padding = 0
    pushed = 0

    async def size_up(self) -> int:
        """Pad the payload so that a topic message is 200 bytes; the frame's size."""
        self.padding = 0
        await self.resources.live.publish(self.topic, "post.counts", self._update())
        await asyncio.sleep(0.3)
        size = self.crowd.counted()[0] // len(self.users)
        self.padding = PAYLOAD_BYTES - (size - (2 if size < 128 else 4))
        return PAYLOAD_BYTES + 4

    async def _timed(self, work: Callable[[], Awaitable[int]], size: int) -> float:
        """Deliveries a CPU-second; `work` gives how many there should be."""
        self.crowd.counted()
        began = cpu_s(self.pid)
        expected = await work()
        got = self.crowd.settle(expected * size)
        used = cpu_s(self.pid) - began
        if got < expected * size:
            sys.exit(f"{expected * size - got} of {expected * size} bytes did not arrive")
        return got / size / used

    async def bare(self, size: int) -> float:
        async def work() -> int:
            await self.http.get("/bench/bare", params={"size": size, "count": _MESSAGES})
            return _MESSAGES * len(self.users)

        return await self._timed(work, size)

    async def topics(self, size: int, together: int) -> float:
        async def work() -> int:
            live = self.resources.live
            for _ in range(_MESSAGES):
                await asyncio.gather(
                    *(
                        live.publish(self.topic, "post.counts", self._update())
                        for _ in range(together)
                    )
                )
                await asyncio.sleep(PAUSE_S)
            return _MESSAGES * together * len(self.users)

        return await self._timed(work, size)

    async def events(self) -> float:
        self.crowd.counted()
        tag, size = secrets.token_hex(3), 0
        began = cpu_s(self.pid)
        for number in range(_EVENTS):
            push = Push(f"{tag}-{number:03}", "post.new", {"text": "x" * 80})
            await self.resources.live.push(self.users, push)
            self.pushed += 1
            size += len(frames.event(self.pushed, push.tail()))
            await asyncio.sleep(PAUSE_S)
        expected = size * len(self.users)
        got = self.crowd.settle(expected)
        used = cpu_s(self.pid) - began
        if got != expected:
            sys.exit(f"{got} of {expected} bytes of events arrived")
        return _EVENTS * len(self.users) / used


async def measure(sockets: int, idle: int, rounds: int) -> dict[str, Any]:
    with (
        tempfile.TemporaryDirectory() as folder,
        Crowd() as crowd,
        Crowd() as idlers,
        running(Path(folder), frozenset({"mongod", "redis"})) as state,
    ):
        environment = state.environment | {"GLIMPSE_SOCKET_CALLS_PER_S": "100000"}
        settings: Settings = load_settings(environment)
        port = 20_000 + os.getpid() % 10_000
        async with (
            open_resources(settings) as resources,
            gateway(environment, port) as (pid, http),
        ):
            bench = Bench(resources, http, pid, crowd)
            return await _measure(resources, bench, idlers, port, sockets, idle, rounds)


async def _measure(
    resources: Resources,
    bench: Bench,
    idlers: Crowd,
    port: int,
    sockets: int,
    idle: int,
    rounds: int,
) -> dict[str, Any]:
    author, *bench.users = await stage.make_people(resources, sockets + 1)
    post = stage.post_row(author, clock.now())
    await resources.mongo.posts.insert_one(post)
    bench.topic = f"post:{post['_id']}"
    tokens = await stage.log_in(resources, bench.users)
    opened = await asyncio.to_thread(bench.crowd.open, port, tokens, bench.topic)
    if opened != sockets:
        sys.exit(f"{sockets - opened} sockets were not welcomed")
    size = await bench.size_up()
    rates: dict[str, list[float]] = {"bare": [], "topic": [], "burst": [], "event": []}
    for _ in range(rounds):
        rates["bare"].append(await bench.bare(size))
        rates["topic"].append(await bench.topics(size, 1))
        rates["burst"].append(await bench.topics(size, BURST))
        rates["event"].append(await bench.events())
    result: dict[str, Any] = {
        "name": "gateway",
        "sockets": sockets,
        "payload_bytes": PAYLOAD_BYTES,
        "deliveries_per_cpu_s": {k: round(statistics.median(v)) for k, v in rates.items()},
    }
    ratios = [a / b for a, b in zip(rates["topic"], rates["bare"], strict=True)]
    result["topic_to_bare"] = round(statistics.median(ratios), 3)
    result["event_to_bare"] = round(
        statistics.median(a / b for a, b in zip(rates["event"], rates["bare"], strict=True)), 3
    )
    if idle:
        result |= await _idle(resources, bench, idlers, port, idle)
    result["goals"] = GOALS
    result["load_average"] = stage.load_average()
    return result


async def _idle(
    resources: Resources, bench: Bench, idlers: Crowd, port: int, idle: int
) -> dict[str, Any]:
    """Connect many twice: as strangers, and again as after a node's death."""
    people = await stage.make_people(resources, idle)
    tokens = await stage.log_in(resources, people)
    memory = pss_kib(bench.pid)
    first, _ = await _connect(bench, idlers, port, tokens)
    await asyncio.sleep(3)
    grown = pss_kib(bench.pid) - memory
    began = cpu_s(bench.pid)
    await asyncio.sleep(10)
    heartbeat = (cpu_s(bench.pid) - began) * 10
    await asyncio.to_thread(idlers.close)
    await asyncio.sleep(3)
    again, wall = await _connect(bench, idlers, port, tokens)
    return {
        "idle_sockets": idle,
        "idle_kib": round(grown / idle, 1),
        "idle_cpu_percent": round(heartbeat, 2),
        "handshakes_per_cpu_s": round(first),
        "reconnects_per_cpu_s": round(again),
        "reconnects_per_s": round(wall),
    }


async def _connect(
    bench: Bench, idlers: Crowd, port: int, tokens: list[str]
) -> tuple[float, float]:
    """(handshakes with hello and welcome a CPU-second of the gateway, and a second)."""
    began, wall = cpu_s(bench.pid), time.perf_counter()
    opened = await asyncio.to_thread(idlers.open, port, tokens, "me")
    if opened != len(tokens):
        sys.exit(f"{len(tokens) - opened} sockets were not welcomed")
    return opened / (cpu_s(bench.pid) - began), opened / (time.perf_counter() - wall)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sockets", type=int, default=1000)
    parser.add_argument("--idle", type=int, default=5000, help="0: leave that part out")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--serve", type=int, metavar="PORT", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.serve)
        return
    result = asyncio.run(measure(arguments.sockets, arguments.idle, arguments.rounds))
    if arguments.json:
        print(json.dumps(result))
        return
    print(f"{result['sockets']} sockets, {PAYLOAD_BYTES}-byte messages, deliveries a CPU-second")
    for kind, rate in result["deliveries_per_cpu_s"].items():
        print(f"  {kind:6} {rate:>10,}")
    print(f"  topic to bare {result['topic_to_bare']:.3f}   goal {GOALS['topic_to_bare']}")
    if "idle_kib" in result:
        print(
            f"idle: {result['idle_kib']} KiB a socket over {result['idle_sockets']} (goal"
            f" {GOALS['idle_kib']}), {result['idle_cpu_percent']} % of a core"
        )
        print(
            f"handshakes: {result['handshakes_per_cpu_s']} a CPU-second (goal 1200),"
            f" coming back: {result['reconnects_per_cpu_s']}"
        )
    print(f"load average of the machine: {result['load_average']:.1f}")


if __name__ == "__main__":
    main()
