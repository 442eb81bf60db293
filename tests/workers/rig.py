"""Runs roles inside the test's loop or as real processes, and looks at what they did."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Self

from app import clock, faults, ids
from app.bus import Outgoing
from app.events import ROLES, Event, decode, stream_key
from app.position import Position
from app.resources import Resources
from workers.process import serve
from workers.runtime import Role

CHECKOUT = Path(__file__).parents[2]


async def eventually(
    holds: Callable[[], Awaitable[Any]], within_s: float = 30, every_s: float = 0.05
) -> Any:
    """Wait for a true answer and return it; AssertionError with the last one otherwise."""
    deadline = time.monotonic() + within_s
    while True:
        answer = await holds()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"not within {within_s} s: {answer!r}"
        await asyncio.sleep(every_s)


class Rig:
    def __init__(self, resources: Resources) -> None:
        self.resources = resources
        self.mongo = resources.mongo
        self.redis = resources.redis
        self._stack = AsyncExitStack()
        self._running: list[Callable[[], Awaitable[None]]] = []
        self._second = int(time.time()) - 10_000

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: Any) -> None:
        try:
            await asyncio.gather(*(end() for end in self._running))
        finally:
            await self._stack.aclose()

    # Running

    async def start(self, role: Role) -> Callable[[], Awaitable[None]]:
        """Run a role here; returns what stops it (done at the end in any case)."""
        stop = asyncio.Event()
        task = asyncio.create_task(serve(role, self.resources, stop))

        async def end() -> None:
            stop.set()
            await task

        self._running.append(end)
        await asyncio.sleep(0)
        return end

    def process(self, role: str, **environment: str) -> subprocess.Popen[bytes]:
        """Run a role as its own process, killed at the end in any case."""
        settings = self.resources.settings
        process = subprocess.Popen(
            [sys.executable, "-m", "workers", role],
            cwd=CHECKOUT,
            env={
                "PATH": os.environ["PATH"],
                "GLIMPSE_MONGO_URL": settings.mongo.url,
                "GLIMPSE_MONGO_DATABASE": settings.mongo.database,
                "GLIMPSE_REDIS_URL": settings.redis.url,
                "GLIMPSE_AUTH_SECRET": settings.auth.secret,
                "GLIMPSE_STORAGE_ENDPOINT": settings.storage.endpoint,
                "GLIMPSE_STORAGE_ACCESS_KEY": settings.storage.access_key,
                "GLIMPSE_STORAGE_SECRET_KEY": settings.storage.secret_key,
                **environment,
            },
        )

        def end() -> None:
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()

        self._stack.callback(end)
        return process

    # Looking

    async def is_up(self) -> bool:
        return not await faults.probe(self.resources)

    async def entries(self) -> list[tuple[Position, Event]]:
        """Everything in the streams, in the order of the oplog."""
        found = []
        for p in self.resources.bus.partitions:
            for entry_id, fields in await self.redis.xrange(stream_key(p)):
                found.append((Position.of_entry(entry_id), decode(fields[b"e"])))
        return sorted(found, key=lambda pair: pair[0])

    async def events(self) -> list[Event]:
        return [event for _, event in await self.entries()]

    async def dead(self, role: str) -> list[dict[bytes, bytes]]:
        return [fields for _, fields in await self.redis.xrange(f"dead:{role}")]

    async def pending(self, role: str) -> int:
        return sum(p.pending for p in await self.resources.bus.progress([role]))

    async def all_read(self) -> None:
        """As if every role had finished everything."""
        for p in self.resources.bus.partitions:
            for role in ROLES:
                await self.redis.xgroup_setid(stream_key(p), role, "$")

    def begin_at(self, seconds: int) -> None:
        """The time of what is published next; three hours ago otherwise."""
        self._second = seconds

    async def publish(self, *happened: Event) -> list[Position]:
        """Put events into the streams, as the relay does; their positions."""
        bus = self.resources.bus
        if not bus.tips:
            await bus.open(1)
        self._second += 1
        batch = [
            Outgoing(Position(self._second, 1, place), event)
            for place, event in enumerate(happened)
        ]
        await bus.publish(batch)
        return [item.position for item in batch]

    # Acting, as the services do

    async def like(self, post_id: str, user_id: str) -> None:
        await self.mongo.likes.insert_one(
            {
                "_id": f"{post_id}:{user_id}",
                "post_id": post_id,
                "user_id": user_id,
                "created_at": clock.now(),
            }
        )

    async def unlike(self, post_id: str, user_id: str) -> None:
        await self.mongo.likes.delete_one({"_id": f"{post_id}:{user_id}"})

    async def follow(self, follower: str, followee: str) -> None:
        await self.mongo.follows.insert_one(
            {
                "_id": f"{follower}:{followee}",
                "follower_id": follower,
                "followee_id": followee,
                "created_at": clock.now(),
                "accepted": False,
            }
        )

    async def comment(self, post_id: str, author: str, parent: str | None = None) -> str:
        comment_id = ids.new_id("cmt")
        await self.mongo.comments.insert_one(
            {
                "_id": comment_id,
                "post_id": post_id,
                "post_author_id": "usr_a",
                "author_id": author,
                "text": "hello",
                "parent_comment_id": parent,
                "created_at": clock.now(),
                "deleted_at": None,
            }
        )
        return comment_id

    async def uncomment(self, comment_id: str) -> None:
        await self.mongo.comments.update_one(
            {"_id": comment_id, "deleted_at": None}, {"$set": {"deleted_at": clock.now()}}
        )
