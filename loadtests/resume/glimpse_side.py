"""Glimpse under trial: two gateway processes, Redis and MongoDB, and a worker's pushes."""

import asyncio
import signal
import sys
from dataclasses import replace
from functools import partial

from redis.exceptions import RedisError

from app import clock, ids
from app.identity.tokens import Tokens
from app.live import Push
from app.personlog import log_key
from app.resources import Resources
from infra.local.ports import PortBook
from loadtests import stage
from loadtests.resume.glimpse_device import GlimpseDevice, Seen
from loadtests.resume.redis import BrittleRedis
from loadtests.resume.scenario import Harm, Scenario
from loadtests.resume.server import ServerProcess

SHORT_LIFE_S = 1
"""A log's life, and the time between two pings, where an hour takes seconds."""
_SHORT = {
    "GLIMPSE_SOCKET_LOG_LIFE_S": str(SHORT_LIFE_S),
    "GLIMPSE_SOCKET_PING_INTERVAL_MS": str(SHORT_LIFE_S * 1000),
}
_SHORT_TOKEN_S = 2
_IDLE_S = 5.0
_FORGOTTEN_S = 30.0
_AWAY_S = 30.0


class GlimpseSide:
    name = "Glimpse"

    def __init__(
        self, environment: dict[str, str], resources: Resources, redis: BrittleRedis
    ) -> None:
        self._environment = environment
        self._resources = resources
        self._redis = redis
        self._since: list[Push] | None = None
        """What was pushed since Redis's memory ends: its workers' acknowledgements go too."""
        self._again: list[Push] = []
        self._ports = PortBook({})
        self._nodes: dict[str, ServerProcess] = {}
        self._people: list[str] = []
        self._devices: list[GlimpseDevice] = []
        self._author = ""
        self._hour = False
        auth = resources.settings.auth
        self._short_tokens = Tokens(replace(auth, access_s=_SHORT_TOKEN_S))
        self._seen = Seen("", {})

    async def ready(self, scenario: Scenario) -> tuple[str, str]:
        self._hour = scenario.hour
        names = ["brief"] if scenario.hour else ["gw1", "gw2"]
        await asyncio.gather(*(self._start(name) for name in names))
        urls = [f"ws://127.0.0.1:{self._nodes[name].port}/ws" for name in names]
        return urls[0], urls[-1] if scenario.elsewhere else urls[0]

    async def _start(self, name: str) -> None:
        if name not in self._nodes:
            port = self._ports.take(name)
            command = (sys.executable, "-m", "realtime", "--port", str(port), "--node", name)
            more = _SHORT if name == "brief" else {}
            self._nodes[name] = ServerProcess(command, self._environment | more, port)
        if not self._nodes[name].runs:
            await self._nodes[name].start()

    async def close(self) -> None:
        await asyncio.gather(*(node.end() for node in self._nodes.values()))

    async def devices(self, count: int) -> list[GlimpseDevice]:
        """Of new people, all of whom see what one new author posts."""
        [author, *self._people] = await stage.make_people(self._resources, count + 1)
        card = await self._resources.mongo.users.find_one({"_id": author})
        assert card is not None
        self._seen = Seen(card["username"], {})
        self._author = author
        tokens = self._short_tokens if self._hour else self._resources.tokens
        sessions = await stage.begin_sessions(self._resources, self._people)
        self._devices = [
            GlimpseDevice(partial(tokens.access, user_id, session_id), self._seen)
            for user_id, session_id in zip(self._people, sessions, strict=True)
        ]
        return self._devices

    async def push(self, number: int) -> None:
        """The cause into MongoDB, and then what a fan-out worker does about it, which repeats
        it until it is done."""
        post = stage.post_row(self._author, clock.now())
        post_id = post["_id"]
        self._seen.numbers[post_id] = number
        await self._resources.mongo.posts.insert_one(post)
        data = {"post_id": post_id, "number": number}
        push = Push(ids.new_id("evt"), "post.new", data, about=(self._author, post_id))
        await self._deliver(push)
        if self._since is not None:
            self._since.append(push)
        while self._again:  # repeated by the workers, which have forgotten that they were done
            await self._deliver(self._again.pop(0))

    async def _deliver(self, push: Push) -> None:
        async with asyncio.timeout(_AWAY_S):
            while True:
                try:
                    await self._resources.live.push(self._people, push)
                except (RedisError, OSError):
                    await asyncio.sleep(0.05)
                else:
                    return

    async def remember(self) -> None:
        await self._redis.remember()
        self._since = []

    async def harm(self, harm: Harm, node: str) -> None:
        match harm:
            case Harm.TERMINATED:
                await self._at(node).end(signal.SIGTERM)
            case Harm.KILLED:
                await self._at(node).end(signal.SIGKILL)
            case Harm.REDIS_KILLED:
                await self._redis.restart()
            case Harm.REDIS_FALLS_BACK:
                await self._redis.fall_back()
                self._again, self._since = self._since or [], None
            case Harm.REDIS_EMPTIED:
                await self._resources.redis.flushall()

    def _at(self, url: str) -> ServerProcess:
        return next(node for node in self._nodes.values() if f":{node.port}/" in url)

    async def forgotten(self) -> None:
        keys = [log_key(user_id) for user_id in self._people]
        async with asyncio.timeout(_FORGOTTEN_S):
            while await self._resources.redis.exists(*keys):  # noqa: ASYNC110  Redis tells nobody
                await asyncio.sleep(0.05)

    async def idle(self) -> None:
        """Logs are renewed, sockets pinged and tokens replaced, each several times."""
        before = [device.renewals for device in self._devices]
        await asyncio.sleep(_IDLE_S)
        for device, count in zip(self._devices, before, strict=True):
            if device.renewals - count < _IDLE_S // _SHORT_TOKEN_S:
                raise RuntimeError("a device was not told that its token runs out")
