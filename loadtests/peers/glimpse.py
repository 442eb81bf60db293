"""The gateway as it runs in production, with MongoDB, Redis, people, sessions and tokens."""

import asyncio
import json
import os
import secrets
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pymongo import MongoClient

from app import clock
from app.live import Push
from app.resources import Resources, open_resources
from app.settings import Settings, load_settings
from app.setup import prepare
from infra.local.ports import PortBook
from loadtests import stage
from loadtests.peers.client import PAYLOAD, Publisher, Talk
from loadtests.peers.install import CHECKOUT
from loadtests.peers.server import Running, Target, spawned

Result = TypeVar("Result")
_SAYS_MAX_S = 20.0


@dataclass(frozen=True, slots=True)
class Stage:
    """What the gateway finds in its stores."""

    environment: dict[str, str]
    people: Sequence[str]
    tokens: Sequence[str]
    topic: str
    publish: bytes
    """A `PUBLISH` as Redis gets it from a worker."""
    live: bytes
    """What the sockets get of that."""

    @property
    def settings(self) -> Settings:
        return load_settings(self.environment)

    def do(self, work: Callable[[Resources], Awaitable[Result]]) -> Result:
        return asyncio.run(_within(self.settings, work))

    def send_all(self, count: int) -> None:
        """Durable events, numbered for each person and kept in their logs."""

        async def work(resources: Resources) -> None:
            for _ in range(count):
                push = Push(f"bench-{secrets.token_hex(6)}", "post.new", {"text": PAYLOAD})
                await resources.live.push(self.people, push)

        self.do(work)

    def queries(self) -> int:
        """What MongoDB was asked so far, by anyone."""
        client: MongoClient[dict[str, Any]] = MongoClient(self.settings.mongo.url)
        with client:
            counted = client.admin.command("serverStatus")
        operations = sum(counted["opcounters"][name] for name in _OPERATIONS)
        commands = counted["metrics"]["commands"]
        return int(operations + sum(int(commands[name]["total"]) for name in _COMMANDS))


_OPERATIONS = ("query", "insert", "update", "delete", "getmore")
_COMMANDS = ("aggregate", "count", "distinct", "findAndModify")


async def _within(settings: Settings, work: Callable[[Resources], Awaitable[Result]]) -> Result:
    async with open_resources(settings) as resources:
        return await work(resources)


def staged(environment: dict[str, str], people: int) -> Stage:
    """Fill the stores: people with sessions, a post to watch."""
    settings = load_settings(environment)

    async def work(resources: Resources) -> Stage:
        author, *readers = await stage.make_people(resources, people + 1)
        post = stage.post_row(author, clock.now())
        await resources.mongo.posts.insert_one(post)
        topic = f"post:{post['_id']}"
        publish, live = await _overheard(resources, topic)
        tokens = await stage.log_in(resources, readers)
        return Stage(environment, readers, tokens, topic, publish, live)

    async def prepared() -> Stage:
        await prepare(settings)
        return await _within(settings, work)

    return asyncio.run(prepared())


async def _overheard(resources: Resources, topic: str) -> tuple[bytes, bytes]:
    """The bytes of an update, taken from the product itself: no second encoding to keep in step."""
    pubsub: Any = resources.redis.pubsub()
    await pubsub.psubscribe("*")
    await pubsub.get_message(timeout=_SAYS_MAX_S)
    await resources.live.publish(topic, "post.counts", {"text": PAYLOAD})
    heard = await pubsub.get_message(timeout=_SAYS_MAX_S)
    await pubsub.aclose()
    channel, data = heard["channel"], heard["data"]
    words = (b"PUBLISH", channel, data)
    command = b"*3\r\n" + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words)
    return command, data.partition(b"\n")[2]


def _talk(topic: str) -> Talk:
    def hello(**resume: Any) -> str:
        return json.dumps({"op": "hello", "token": "%T", **resume}, separators=(",", ":"))

    back = hello(resume={"epoch": "%A", "seq": "%B"}).replace('"%B"', "%B")
    sub = json.dumps({"op": "sub", "id": 1, "topics": [topic]})
    return Talk(
        path="/ws",
        protocol="glimpse.v1",
        says=((hello(), '"op":"welcome"'),),
        join=(sub, '"topics":{'),
        catches=('"epoch":"', '"seq":'),
        back_says=(back,),
        resumes=True,
    )


def glimpse(core: int, folder: Path, at: Stage) -> Target:
    return Target(
        "Glimpse",
        lambda: "",
        lambda storm: _gateway(core, folder, at, storm),
        at.settings.socket.ping_interval_ms // 1000,
    )


@contextmanager
def _gateway(core: int, folder: Path, at: Stage, storm: bool) -> Iterator[Running]:
    book = PortBook({})
    talk, redis_port = _talk(at.topic), int(at.settings.redis.url.rpartition(":")[2].split("/")[0])
    publisher = Publisher(redis_port, at.publish, raw=True)
    with _node(core, folder, at, book.take("one"), "-m", "realtime", "--node", "one") as pid:
        port = book.take("one")
        if not storm:
            yield Running(pid, port, talk, publisher, tokens=at.tokens)
            return
        with _node(core, folder, at, book.take("two"), "-m", "realtime", "--node", "two") as other:
            yield Running(
                pid,
                port,
                talk,
                None,
                book.take("two"),
                other,
                at.tokens,
                at.send_all,
                at.queries,
            )


@contextmanager
def bare(core: int, folder: Path, at: Stage) -> Iterator[tuple[Running, Running]]:
    """One process, twice: as it is, and as a bare loop over its transports."""
    book = PortBook({})
    port, other = book.take("gateway"), book.take("bare")
    program = str(CHECKOUT / "loadtests" / "peers" / "bare_gateway.py")
    command = (sys.executable, program, str(port), "bare", str(other))
    environment = {**os.environ, **at.environment}
    log = folder / "bare.log"
    with spawned(core, command, port, log, environment, CHECKOUT) as pid:
        talk, redis = _talk(at.topic), at.settings.redis.url
        redis_port = int(redis.rpartition(":")[2].split("/")[0])
        yield (
            Running(pid, port, talk, Publisher(redis_port, at.publish, raw=True), tokens=at.tokens),
            Running(pid, port, talk, Publisher(other, at.live + b"\n", raw=True), tokens=at.tokens),
        )


@contextmanager
def _node(core: int, folder: Path, at: Stage, port: int, *arguments: str) -> Iterator[int]:
    command = (sys.executable, *arguments, "--port", str(port))
    environment = {**os.environ, **at.environment}
    with spawned(core, command, port, folder / "gateway.log", environment, CHECKOUT) as pid:
        yield pid
