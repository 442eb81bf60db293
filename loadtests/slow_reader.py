"""One who reads a byte a second beside a thousand who read at once: what it costs them.

    python -m loadtests.slow_reader [--json] [--sockets 1000] [--seconds 6] [--rounds 3]

Starts MongoDB and Redis of its own and one gateway process. The crowd gets 10 updates of one
topic and 2 events a second each. One person more gets a stream of their own, 100 messages of
4 KB a second, and in turns takes it as it comes and at 1 B/s: the load is the same, so what
differs is due to slowness. It comes twice over:

    events     durable: the slow one is closed with 4008 when its outbox is full, comes back at
               once, as a client does, and is told what it missed or to reload
    updates    of a topic of their own: the newest replaces the one that waits, nobody is closed

Latency is from the worker's side (push, publish) to the crowd's sockets; memory is the gateway
process's proportional set, at most, above what it was before. On a busy machine latencies are
mostly its own; the CPU time of the gateway process is not.
"""

import argparse
import asyncio
import json
import re
import socket
import statistics
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from app import clock
from app.ids import new_id
from app.live import Push
from app.resources import Resources, open_resources
from app.settings import load_settings
from infra.local.launch import running
from infra.local.ports import PortBook
from loadtests import stage
from loadtests.crowd import Crowd, cpu_s, masked, pss_kib, upgrade

GOAL_RATIO = 1.5
"""p99 of the crowd with the slow one, to p99 with the same one reading fast."""
_TICK_S = 0.01
_TEXT = "x" * 4000
_NARROW_BYTES = 4096
_PING, _PONG = b"\x89\x00", b"\x8a\x80\x00\x00\x00\x00"
_SEQ = re.compile(rb'"op":"event","seq":(\d+)')
_WELCOME = re.compile(rb'"epoch":"(\w+)","seq":(\d+)')


class Reader:
    """The one beside the crowd: connects, reads at a pace, and comes back when it is closed."""

    def __init__(self, port: int, token: str, topic: str, slow: bool) -> None:
        self._port = port
        self._token = token
        self._topic = topic
        self._slow = slow
        self._place: tuple[str, int] | None = None
        self.greeted = asyncio.Event()
        self.connections = 0
        self.read_bytes = 0

    async def run(self) -> None:
        while True:
            with suppress(ConnectionError):
                await self._live()
            await asyncio.sleep(0.01)

    async def _live(self) -> None:
        loop = asyncio.get_running_loop()
        with socket.socket() as sock:
            sock.setblocking(False)
            if self._slow:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _NARROW_BYTES)
            await loop.sock_connect(sock, ("127.0.0.1", self._port))
            self.connections += 1
            await self._greet(sock)
            while data := await loop.sock_recv(sock, 1 if self._slow else 262_144):
                self.read_bytes += len(data)
                if self._slow:
                    await asyncio.sleep(1)
                    continue
                if _PING in data:
                    await loop.sock_sendall(sock, _PONG)
                for seq in _SEQ.findall(data)[-1:]:
                    self._place = (self._place[0] if self._place else "", int(seq))

    async def _greet(self, sock: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(sock, upgrade(self._port))
        await self._until(sock, rb"\r\n\r\n")
        hello: dict[str, Any] = {"op": "hello", "token": self._token}
        if self._place is not None:
            hello["resume"] = {"epoch": self._place[0], "seq": self._place[1]}
        sub = {"op": "sub", "id": 1, "topics": [self._topic]}
        await loop.sock_sendall(sock, masked(hello) + masked(sub))
        epoch, seq = await self._until(sock, _WELCOME.pattern)
        if self._place is None:
            self._place = (epoch.decode(), int(seq))
        self.greeted.set()

    async def _until(self, sock: socket.socket, pattern: bytes) -> tuple[bytes, ...]:
        loop = asyncio.get_running_loop()
        seen = b""
        while (found := re.search(pattern, seen)) is None:
            data = await loop.sock_recv(sock, 512)
            if not data:
                raise ConnectionResetError
            seen += data
        return found.groups()


@dataclass
class Phase:
    """What was measured with one kind of stream and one pace, round by round."""

    p50_ms: list[float] = field(default_factory=list)
    p99_ms: list[float] = field(default_factory=list)
    cpu_s: list[float] = field(default_factory=list)
    grown_kib: list[int] = field(default_factory=list)
    deliveries: int = 0
    closed_slow: int = 0
    connections: int = 0

    def report(self) -> dict[str, Any]:
        return {
            "p50_ms": round(statistics.median(self.p50_ms), 2),
            "p99_ms": round(statistics.median(self.p99_ms), 2),
            "cpu_s": round(statistics.median(self.cpu_s), 2),
            "grown_kib_max": max(self.grown_kib),
            "deliveries": self.deliveries,
            "closed_4008": self.closed_slow,
            "connections": self.connections,
        }


class Bench:
    def __init__(self, resources: Resources, crowd: Crowd, port: int, pid: int, tokens: list[str]):
        self.resources, self.crowd, self.port, self.pid = resources, crowd, port, pid
        self.people: list[str] = []
        self.topic = self.own_topic = ""
        self._loner_token = tokens[-1]
        self._tokens = tokens[:-1]

    def open(self) -> int:
        return self.crowd.open(self.port, self._tokens, self.topic)

    async def measure(self, kind: str, slow: bool, seconds: float, phase: Phase) -> None:
        closed = await self._closed_slow()
        reader = Reader(self.port, self._loner_token, self.own_topic, slow)
        reading = asyncio.create_task(reader.run())
        await asyncio.wait_for(reader.greeted.wait(), 20)
        await self._load(kind, 1.0)  # so that its buffers are full when timing begins
        self.crowd.timed()
        before, used = self._idle_kib, cpu_s(self.pid)
        watching = asyncio.create_task(self._memory())
        await self._load(kind, seconds)
        await asyncio.sleep(0.3)
        watching.cancel()
        phase.cpu_s.append(cpu_s(self.pid) - used)
        count, p50_ms, p99_ms = await asyncio.to_thread(self.crowd.timed)
        phase.p50_ms.append(p50_ms)
        phase.p99_ms.append(p99_ms)
        phase.deliveries += count
        phase.grown_kib.append(self._most_kib - before)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        phase.closed_slow += await self._closed_slow() - closed
        phase.connections += reader.connections
        await asyncio.sleep(0.5)

    async def settle(self) -> None:
        """Some of everything, so that caches and buffers are there; memory counts from here."""
        for kind in ("events", "updates"):
            await self._load(kind, 1.0)
        self._idle_kib = pss_kib(self.pid)

    async def _memory(self) -> None:
        self._most_kib = 0
        while True:
            self._most_kib = max(self._most_kib, pss_kib(self.pid))
            await asyncio.sleep(0.25)

    async def _closed_slow(self) -> int:
        async with httpx.AsyncClient() as http:
            answer = await http.get(f"http://127.0.0.1:{self.port}/metrics", timeout=20)
        found = re.search(r"^glimpse_gateway_closed_slow_total\S* (\d+)", answer.text, re.MULTILINE)
        assert found is not None
        return int(found[1])

    async def _load(self, kind: str, seconds: float) -> None:
        """A steady load, by the clock."""
        live, loner = self.resources.live, self.people[-1]
        began = time.monotonic()
        running: set[asyncio.Task[Any]] = set()
        for tick in range(int(seconds / _TICK_S)):
            works = []
            if kind == "events":
                works.append(live.push([loner], Push(new_id("evt"), "post.new", {"text": _TEXT})))
            else:
                works.append(live.publish(self.own_topic, "post.counts", {"text": _TEXT}))
            stamp = {"at": time.monotonic_ns()}
            if tick % 10 == 0:
                works.append(live.publish(self.topic, "post.counts", stamp))
            if tick % 50 == 5:
                push = Push(new_id("evt"), "post.new", stamp)
                works.append(live.push(self.people[:-1], push))
            for work in works:
                task = asyncio.ensure_future(work)
                running.add(task)
                task.add_done_callback(running.discard)
            await asyncio.sleep(max(0.0, began + (tick + 1) * _TICK_S - time.monotonic()))
        await asyncio.gather(*running)


async def measure(
    environment: dict[str, str], sockets: int, seconds: float, rounds: int
) -> dict[str, Any]:
    settings = load_settings(environment)
    port = PortBook({}).take("gateway")
    phases = {(kind, slow): Phase() for kind in ("events", "updates") for slow in (False, True)}
    async with open_resources(settings) as resources:
        author, *people = await stage.make_people(resources, sockets + 2)
        posts = [stage.post_row(author, clock.now()) for _ in range(2)]
        await stage.insert(resources, "posts", posts)
        tokens = await stage.log_in(resources, people)
        arguments = ("-m", "realtime", "--port", str(port), "--node", "slow")
        with Crowd() as crowd, stage.process(environment, *arguments, port=port) as pid:
            bench = Bench(resources, crowd, port, pid, tokens)
            bench.people = people
            bench.topic, bench.own_topic = (f"post:{post['_id']}" for post in posts)
            opened = await asyncio.to_thread(bench.open)
            if opened != sockets:
                sys.exit(f"{sockets - opened} sockets were not welcomed")
            await bench.settle()
            for number in range(rounds):
                for kind, slow in phases:
                    # Each goes first as often as the other.
                    pace = slow if number % 2 == 0 else not slow
                    await bench.measure(kind, pace, seconds, phases[kind, pace])
            lost = (await asyncio.to_thread(crowd.counted))[1]
    return _report(phases, sockets, rounds, lost, settings.socket.outbox_bytes_max)


def _report(
    phases: dict[tuple[str, bool], Phase], sockets: int, rounds: int, lost: int, outbox: int
) -> dict[str, Any]:
    report: dict[str, Any] = {
        "name": "slow reader",
        "sockets": sockets,
        "rounds": rounds,
        "crowd_closed": lost,
        "outbox_kib_max": outbox // 1024,
        "goal_ratio": GOAL_RATIO,
        "load_average": stage.load_average(),
    }
    for kind in ("events", "updates"):
        fast, slow = phases[kind, False], phases[kind, True]
        report[kind] = {
            "fast": fast.report(),
            "slow": slow.report(),
            "p99_ratio": round(
                statistics.median(a / b for a, b in zip(slow.p99_ms, fast.p99_ms, strict=True)),
                2,
            ),
        }
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--sockets", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=6.0, help="each measurement")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="glimpse-slow-") as folder,
        running(Path(folder), frozenset({"mongod", "redis"})) as state,
    ):
        environment = dict(state.environment)
        report = asyncio.run(
            measure(environment, arguments.sockets, arguments.seconds, arguments.rounds)
        )
    if arguments.json:
        print(json.dumps(report))
        return
    print(f"{report['sockets']} sockets that read at once, and one beside them")
    for kind in ("events", "updates"):
        for pace in ("fast", "slow"):
            found = report[kind][pace]
            print(
                f"  {kind:8} it reads {pace}: p50 {found['p50_ms']:>6} ms  p99"
                f" {found['p99_ms']:>7} ms  CPU {found['cpu_s']:>5} s  memory +{found['grown_kib_max']:>5} KiB"
                f"  closed with 4008: {found['closed_4008']}"
            )
        print(f"  {kind:8} p99 slow to fast: {report[kind]['p99_ratio']}   goal {GOAL_RATIO}")
    print(f"of the crowd, closed: {report['crowd_closed']}")
    print(f"load average of the machine: {report['load_average']:.1f}")


if __name__ == "__main__":
    main()
