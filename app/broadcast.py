"""A backend for `broadcaster` over Redis pub/sub that outlives Redis.

broadcaster's own loses its listener when the connection drops and queues without bound. This
one reconnects with backoff and takes its channels up again, sends subscriptions in batches,
and keeps at most `QUEUE_MAX` messages: beyond that the oldest go, since what travels here is
ephemeral and the newest state is what counts.
"""

import asyncio
import logging
import random
from collections import deque
from typing import Any

from broadcaster import BroadcastBackend, Event
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.ending import end

log = logging.getLogger(__name__)

QUEUE_MAX = 10_000
_PREFIX = "topic:"
_CONFIRM_S = 2.0
_WAIT_MAX_S = 5.0


def channel(topic: str) -> str:
    """Where a topic's updates travel, for scripts that publish by themselves."""
    return _PREFIX + topic


class PubSubBackend(BroadcastBackend):
    """Classic pub/sub reaches every node of a cluster, so one connection to any will do."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(
            url, socket_connect_timeout=2, health_check_interval=10, retry=Retry(NoBackoff(), 0)
        )
        self._wanted: set[str] = set()
        self._held: set[str] = set()
        self._confirmed: dict[str, asyncio.Future[None]] = {}
        self._changed = asyncio.Event()
        self._arrived = asyncio.Event()
        self._queue: deque[Event] = deque(maxlen=QUEUE_MAX)
        self._task: asyncio.Task[None] | None = None
        self.dropped = 0
        self.connected = False

    async def connect(self) -> None:
        """Returns at once; the connection is made when the first topic is wanted."""

    async def disconnect(self) -> None:
        if self._task is not None:
            await end([self._task])
        await self._redis.aclose()

    async def subscribe(self, group: str) -> None:
        """Waits for Redis to confirm, but not for a Redis that is away: then the topic is taken
        up when it is back."""
        self._wanted.add(group)
        if group in self._held:  # given up a moment ago, and not yet let go
            return
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="broadcast")
        confirmed = self._confirmed.setdefault(group, asyncio.get_running_loop().create_future())
        self._changed.set()
        await asyncio.wait([confirmed], timeout=_CONFIRM_S)

    async def unsubscribe(self, group: str) -> None:
        self._wanted.discard(group)
        self._confirmed.pop(group, None)
        self._changed.set()

    async def publish(self, channel: str, message: Any) -> None:
        await self._redis.publish(_PREFIX + channel, message)

    async def next_published(self) -> Event:
        while not self._queue:
            self._arrived.clear()
            await self._arrived.wait()
        return self._queue.popleft()

    async def _run(self) -> None:
        wait_s = 0.1
        while True:
            await self._changed.wait()
            pubsub = self._redis.pubsub()
            try:
                await pubsub.connect()  # type: ignore[no-untyped-call]
                self.connected, wait_s = True, 0.1
                await self._serve(pubsub)
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("topics: Redis is away: %r", error)
            finally:
                self.connected = False
                self._held.clear()
                await _close(pubsub)
            await asyncio.sleep(random.uniform(0, wait_s))
            wait_s = min(_WAIT_MAX_S, wait_s * 2)
            self._changed.set()

    async def _serve(self, pubsub: PubSub) -> None:
        """Until the connection fails: one task reads, this one keeps the channels as wanted."""
        reader = asyncio.create_task(self._read(pubsub), name="broadcast-read")
        try:
            while not reader.done():
                self._changed.clear()
                await self._reconcile(pubsub)
                changed = asyncio.ensure_future(self._changed.wait())
                await asyncio.wait({reader, changed}, return_when=asyncio.FIRST_COMPLETED)
                changed.cancel()
            await reader
        finally:
            await end([reader])

    async def _reconcile(self, pubsub: PubSub) -> None:
        new, old = self._wanted - self._held, self._held - self._wanted
        self._held = set(self._wanted)
        if old:
            await pubsub.unsubscribe(*(_PREFIX + name for name in old))
        if new:
            await pubsub.subscribe(*(_PREFIX + name for name in new))

    async def _read(self, pubsub: PubSub) -> None:
        while True:
            if not pubsub.subscribed:
                await asyncio.sleep(0.05)
                continue
            message = await pubsub.get_message(timeout=15)
            if message is None:
                continue
            channel = message["channel"].decode().removeprefix(_PREFIX)
            if message["type"] == "message":
                if len(self._queue) == QUEUE_MAX:
                    self.dropped += 1
                self._queue.append(Event(channel, message["data"]))
                self._arrived.set()
            elif message["type"] == "subscribe":
                confirmed = self._confirmed.get(channel)
                if confirmed is not None and not confirmed.done():
                    confirmed.set_result(None)


async def _close(pubsub: PubSub) -> None:
    try:
        await pubsub.aclose()  # type: ignore[no-untyped-call]
    except (RedisError, OSError):
        log.debug("topics: closing a connection that was gone already")
