"""Socket.IO under trial: two nodes with connection state recovery over Redis Streams, and
devices with its own client in a Node process beside them."""

import asyncio
import signal
from itertools import count
from typing import Any, Self

import httpx
import orjson
from redis.asyncio import Redis

from infra.local.ports import PortBook
from infra.local.process import leashed
from loadtests.peers import install
from loadtests.resume.history import Got, History, Loaded, Lost, Said
from loadtests.resume.redis import BrittleRedis
from loadtests.resume.scenario import LOG_EVENTS, Harm, Point, Scenario
from loadtests.resume.server import ServerProcess

_ARRIVE_S = 20.0
_LIFE_MS, _SHORT_MS = 600_000, 1000
_PING_MS = 25_000
_STREAM_ENTRIES = LOG_EVENTS
"""It trims by whole blocks of a hundred or so, never to less."""
_IDLE_S = 5.0


class SocketIoDevice:
    def __init__(self, side: "SocketIoSide", number: int) -> None:
        self._side = side
        self._number = number
        self._answered = asyncio.Event()
        self._refused = False
        self._ended = asyncio.Event()
        self._done = asyncio.Event()
        self.history: History = []

    async def arrive(self, node: str, point: Point = Point.OWN) -> None:
        async with asyncio.timeout(_ARRIVE_S):
            while True:
                self._answered.clear()
                self._ended.clear()
                await self._order(do="arrive", url=node, point=point.name)
                await self._answered.wait()
                if not self._refused:
                    return
                await asyncio.sleep(0.05)

    async def arrive_in_vain(self, node: str) -> None:
        self._done.clear()
        await self._order(do="arrive_in_vain", url=node)
        await self._done.wait()

    async def cut(self) -> None:
        await self._order(do="cut")
        await self.gone()

    async def gone(self) -> None:
        await self._ended.wait()

    def twin(self) -> "SocketIoDevice":
        other = self._side.device()
        other.history = list(self.history)
        self._side.order_soon(do="twin", device=self._number, other=other._number)
        return other

    async def fresh(self) -> None:
        return None

    async def close(self) -> None:
        await self._order(do="cut")

    async def _order(self, **order: Any) -> None:
        await self._side.order(device=self._number, **order)

    def told(self, message: dict[str, Any]) -> None:
        match message:
            case {"got": number}:
                self.history.append(Got(number))
            case {"said": word}:
                if word != "welcome":
                    self.history.append(Said(word))
                if word != "resumed":
                    # An app would load its state now; taken as whole.
                    self.history.append(Loaded(frozenset(self._side.pushed)))
                self._refused = False
                self._answered.set()
            case {"refused": _}:
                self._refused = True
                self._answered.set()
            case {"closed": _}:
                self.history.append(Lost(1006))
                self._ended.set()
            case {"done": _}:
                self._done.set()


class SocketIoSide:
    """`async with SocketIoSide(…) as side`; raises install.Absent without Node."""

    name = "Socket.IO"

    def __init__(self, redis_url: str, redis: "Redis", brittle: BrittleRedis) -> None:
        self._redis_url = redis_url
        self._redis = redis
        self._brittle = brittle
        self._ports = PortBook({})
        self._nodes: dict[str, ServerProcess] = {}
        self._devices: dict[int, SocketIoDevice] = {}
        self._numbers = count(1)
        self._child: asyncio.subprocess.Process | None = None
        self._http = httpx.AsyncClient()
        self.pushed: set[int] = set()

    async def __aenter__(self) -> Self:
        self._node = await asyncio.to_thread(install.node)
        self._child = await asyncio.create_subprocess_exec(
            *leashed((self._node, str(install.HERE / "resume_device.js"))),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        self._reading = asyncio.create_task(self._read())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._reading.cancel()
        if self._child is not None:
            self._child.kill()
            await self._child.wait()
        await asyncio.gather(*(node.end(signal.SIGKILL) for node in self._nodes.values()))
        await self._http.aclose()

    async def _read(self) -> None:
        assert self._child is not None
        assert self._child.stdout is not None
        while line := await self._child.stdout.readline():
            message = orjson.loads(line)
            self._devices[message["device"]].told(message)

    def order_soon(self, **order: Any) -> None:
        assert self._child is not None
        assert self._child.stdin is not None
        self._child.stdin.write(orjson.dumps(order) + b"\n")

    async def order(self, **order: Any) -> None:
        self.order_soon(**order)
        assert self._child is not None
        assert self._child.stdin is not None
        await self._child.stdin.drain()

    async def ready(self, scenario: Scenario) -> tuple[str, str]:
        names = ["brief"] if scenario.hour else ["one", "two"]
        await asyncio.gather(*(self._start(name) for name in names))
        self._here = [self._nodes[name] for name in names]
        urls = [f"http://127.0.0.1:{node.port}" for node in self._here]
        return urls[0], urls[-1] if scenario.elsewhere else urls[0]

    async def _start(self, name: str) -> None:
        port = self._ports.take(name)
        if name not in self._nodes:
            life, ping = (_SHORT_MS,) * 2 if name == "brief" else (_LIFE_MS, _PING_MS)
            script = str(install.HERE / "resume_server.js")
            numbers = (life, ping, _STREAM_ENTRIES)
            command = (self._node, script, str(port), self._redis_url, *map(str, numbers))
            self._nodes[name] = ServerProcess(command, {}, port)
        if not self._nodes[name].runs:
            await self._nodes[name].start()

    def device(self) -> SocketIoDevice:
        number = next(self._numbers)
        self._devices[number] = SocketIoDevice(self, number)
        return self._devices[number]

    async def devices(self, count: int) -> list[SocketIoDevice]:
        return [self.device() for _ in range(count)]

    async def push(self, number: int) -> None:
        node = [node for node in self._here if node.runs][-1]
        self.pushed.add(number)  # stored before it is told of, as an app would
        await self._http.post(f"http://127.0.0.1:{node.port}/push", content=str(number))

    async def remember(self) -> None:
        await self._brittle.remember()

    async def harm(self, harm: Harm, node: str) -> None:
        server = next(one for one in self._here if f":{one.port}" in node)
        match harm:
            case Harm.TERMINATED:
                await server.end(signal.SIGTERM)
            case Harm.KILLED:
                await server.end(signal.SIGKILL)
            case Harm.REDIS_KILLED:
                await self._brittle.restart()
            case Harm.REDIS_FALLS_BACK:
                await self._brittle.fall_back()
            case Harm.REDIS_EMPTIED:
                await self._redis.flushall()

    async def forgotten(self) -> None:
        await asyncio.sleep(1.5 * _SHORT_MS / 1000)

    async def idle(self) -> None:
        await asyncio.sleep(_IDLE_S)
