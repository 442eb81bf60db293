"""The client itself: what the user asks for, and what to do with each message that comes.
How connections are made, kept and left is `link`'s."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, Self

from realtime import protocol
from realtime.client.calls import Calls
from realtime.client.inbox import Inbox, Point
from realtime.client.link import Gone, Link, Token
from realtime.client.received import (
    CallFailed,
    ClientError,
    ConnectionLost,
    Event,
    Resync,
    SequenceGap,
    Update,
)
from realtime.client.topics import Topics
from realtime.client.wire import Opener, over_websockets

UPDATES_MAX = 4096
ANSWER_S = 30.0
ACK_S = 1.0
"""What was handled is acknowledged once in this time, and kept by `on_point`."""


class Client:
    """One device of one person. Open with `async with`, once.

    `urls`: one, or several that are tried in turn. `token`: a text, or an async function that
    gives one; it is called with True when the last was refused or runs out, and gives None when
    there is no way to another. `point`: where an earlier process had come (`client.point`),
    `on_point`: told about once a second how far this one is. `strict`: a gap in the numbering
    raises SequenceGap instead of being mended by a resume.
    """

    def __init__(
        self,
        urls: str | Sequence[str],
        token: Token,
        *,
        name: str = "python",
        version: str = "1",
        device: str = "",
        origin: str | None = None,
        point: Point | None = None,
        on_point: Callable[[Point], None] | None = None,
        strict: bool = False,
        open: Opener | None = None,
        random: Callable[[], float] | None = None,
    ) -> None:
        self._inbox = Inbox(point)
        self._topics = Topics()
        self._updates: deque[Update] = deque(maxlen=UPDATES_MAX)
        self._updated = asyncio.Event()
        self._on_point = on_point
        self._strict = strict
        self._told: Point | None = point
        self._acked: Point | None = None
        self._ack_timer: asyncio.TimerHandle | None = None
        self._pinged: dict[float, asyncio.Future[None]] = {}
        self._side: set[asyncio.Task[Any]] = set()
        self._link = Link(
            [urls] if isinstance(urls, str) else list(urls),
            token,
            {"name": name, "version": version, "device": device},
            open or over_websockets(origin),
            self._place,
            self._received,
            self._lost,
            self._ended,
            random,
        )
        self._calls = Calls(self._link.say)
        self._resuming = False
        self.resumes = 0
        self.gaps = 0
        """Events that were missing, and had to be fetched by a resume: the server's faults."""

    async def __aenter__(self) -> Self:
        self._link.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """For good: what waits for an answer fails, nothing is sent any more."""
        self._keep_point()
        await self._link.close()
        for task in self._side:
            task.cancel()
        await asyncio.gather(*self._side, return_exceptions=True)

    # How it stands

    @property
    def point(self) -> Point | None:
        """(epoch, seq) of what was handled; keep it to resume in a later process."""
        return self._inbox.handled

    @property
    def welcome(self) -> dict[str, Any]:
        """The newest, as it came."""
        return self._link.welcome

    @property
    def connections(self) -> int:
        return self._link.connections

    @property
    def repeats(self) -> int:
        """Events that came again and were passed over."""
        return self._inbox.repeats

    @property
    def is_online(self) -> bool:
        return self._link.online.is_set()

    async def online(self) -> None:
        """Wait for a welcome; raises Stopped when there will be none."""
        await self._link.wait_online()

    def hurry(self) -> None:
        """The network is back: don't sit out the backoff."""
        self._link.hurry()

    async def cut(self) -> None:
        """Drop the transport without a word, as a bad network does."""
        self._link.cut()

    # Events and updates

    def __aiter__(self) -> AsyncIterator[Event | Resync]:
        return self.events()

    async def events(self) -> AsyncIterator[Event | Resync]:
        """What happens, in order and once; to ask for the next is to have done with the one
        before. Raises Stopped at the end."""
        while True:
            yield await self._take()

    async def event(self, *types: str, timeout_s: float = 5.0) -> Event:
        """The next event of these types; others on the way are passed over."""
        async with asyncio.timeout(timeout_s):
            while True:
                message = await self._take()
                if isinstance(message, Event) and (not types or message.type in types):
                    self._inbox.done()
                    self._ack_soon()
                    return message

    async def updates(self) -> AsyncIterator[Update]:
        """Topic updates; the oldest are lost when they aren't taken."""
        while True:
            while not self._updates:
                self._updated.clear()
                await self._updated.wait()
            yield self._updates.popleft()

    async def update(self, type: str, timeout_s: float = 5.0) -> Update:
        async with asyncio.timeout(timeout_s):
            async for update in self.updates():
                if update.type == type:
                    return update
        raise AssertionError("updates() never ends quietly")

    async def _take(self) -> Event | Resync:
        self._inbox.done()
        self._ack_soon()
        return await self._inbox.take()

    # Requests

    async def call(
        self,
        method: str,
        params: dict[str, Any] | None = None,
        *,
        key: str = "",
        timeout_s: float | None = ANSWER_S,
    ) -> Any:
        """An operation's result. Without a connection it waits in the outbox, in order.

        With a key it outlives connections. Raises CallFailed, CallTimeout, ConnectionLost,
        CallTooLarge, OutboxFull or Stopped.
        """
        message = {"op": "call", "method": method, "params": params or {}}
        if key:
            message["key"] = key
        return await self._calls.ask(message, bool(key), timeout_s)

    async def subscribe(self, *topics: str) -> dict[str, str]:
        """The answer for each topic; those granted are taken up again after each break."""
        self._link.check_open()
        answers = {topic: self._topics.want(topic) for topic in topics}
        if self.is_online:
            self._sub(list(topics))
        return {topic: await answer for topic, answer in answers.items()}

    async def unsubscribe(self, *topics: str) -> None:
        for topic in topics:
            self._topics.forget(topic)
        if self.is_online:
            try:
                await self._calls.now({"op": "unsub", "topics": list(topics)})
            except ConnectionLost:
                return  # The next connection never hears of them.

    async def authenticate(self, token: str) -> None:
        """Renew the session before its token runs out."""
        self._link.renewed(token)
        if self.is_online:
            await self._calls.now({"op": "auth", "token": token})

    async def ping(self) -> float:
        """Seconds there and back."""
        await self.online()
        began = time.perf_counter()
        pong: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._pinged[began] = pong
        self._link.say_message({"op": "ping", "t": began})
        await pong
        return time.perf_counter() - began

    def _sub(self, topics: list[str]) -> None:
        answer = self._calls.now({"op": "sub", "topics": topics})
        self._aside(self._subscribed(topics, answer))

    async def _subscribed(self, topics: list[str], answer: "asyncio.Future[Any]") -> None:
        try:
            answers = (await answer)["topics"]
        except CallFailed as failed:
            self._topics.failed(topics, failed)
            return
        except ClientError:
            return  # The next connection asks again.
        for topic, each in answers.items():
            if self._topics.answered(topic, each):
                self._update(Update(topic, "revoked", "", None))

    async def _renew(self) -> None:
        token = await self._link.fresh_token()
        if token is not None and self.is_online:
            try:
                await self._calls.now({"op": "auth", "token": token})
            except ClientError:
                return  # The next hello brings the new token.

    def _aside(self, work: Any) -> None:
        """Beside the reading, which must not wait for an answer it has to read itself."""
        task = asyncio.get_running_loop().create_task(work)
        self._side.add(task)
        task.add_done_callback(self._side.discard)

    # From the connection

    def _place(self) -> Point | None:
        self._resuming = self._inbox.received is not None
        return self._inbox.received

    def _received(self, message: dict[str, Any]) -> bool:
        """True: the user has much to take, so the reading should give way."""
        match message["op"]:
            case "welcome" if not self.is_online:
                self._welcomed(message)
            case "event" if self.is_online:
                self._event(message)
            case "live" if self.is_online:
                if message["type"] == "revoked":
                    self._topics.forget(message["topic"])
                self._update(
                    Update(
                        message["topic"],
                        message["type"],
                        message.get("ts", ""),
                        message.get("data"),
                    )
                )
            case "resync" if self.is_online:
                self._inbox.resync(message["reason"], (message["epoch"], message["seq"]))
            case "expiring":
                if self._link.can_renew:
                    self._aside(self._renew())
            case "result":
                self._calls.result(message["id"], message["data"])
            case "ok":
                self._calls.result(message["id"], None)
            case "pong":
                pong = self._pinged.pop(message["t"], None)
                if pong is not None and not pong.done():
                    pong.set_result(None)
            case "error":
                failed = CallFailed(message["code"], message["message"], message["details"])
                self._calls.error(message["id"], failed)
        return self._inbox.crowded

    def _welcomed(self, message: dict[str, Any]) -> None:
        if message["resumed"] and self._inbox.received is not None:
            self.resumes += 1
            # The numbering may go on under another epoch: Redis has begun a new life.
            self._inbox.place((message["epoch"], self._inbox.received[1]))
        elif not self._resuming:
            self._inbox.place((message["epoch"], message["seq"]))
            self._ack_soon()
        # Else a resync follows, and until it does the old place stands: to forget it here would
        # be a silent gap if the connection broke between the two.
        limits = message["limits"]
        self._link.welcomed(message)
        topics = self._topics.all()
        if topics:
            self._sub(topics)
        self._calls.welcomed(limits["frame_bytes"], limits["calls_per_s"])

    def _event(self, message: dict[str, Any]) -> None:
        if self._inbox.event(message):
            return
        gap = f"{message['seq']} came after {self._inbox.received}"
        if self._strict:
            raise SequenceGap(gap)
        self.gaps += 1
        raise Gone(gap)

    def _update(self, update: Update) -> None:
        self._updates.append(update)
        self._updated.set()

    def _lost(self, code: int) -> None:
        self._calls.lost(nothing_again=code == protocol.FRAME_TOO_LARGE)
        self._acked = None
        for pong in self._pinged.values():
            if not pong.done():
                pong.set_exception(ConnectionLost("the connection broke"))
        self._pinged.clear()

    def _ended(self, error: ClientError) -> None:
        self._calls.end(error)
        self._topics.end(error)
        self._inbox.end(error)

    # Acknowledging

    def _ack_soon(self) -> None:
        if self._ack_timer is None and self.point not in (None, self._told, self._acked):
            self._ack_timer = asyncio.get_running_loop().call_later(ACK_S, self._ack)

    def _ack(self) -> None:
        self._ack_timer = None
        if self.point is not None and self.is_online:
            self._acked = self.point
            self._link.say_message({"op": "ack", "seq": self.point[1]})
        self._keep_point()

    def _keep_point(self) -> None:
        if self._ack_timer is not None:
            self._ack_timer.cancel()
            self._ack_timer = None
        if self.point is not None and self.point != self._told:
            self._told = self.point
            if self._on_point is not None:
                self._on_point(self.point)
