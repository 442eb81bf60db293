"""The reference client: one device of one person, over as many sockets as it takes.

    async with Client("ws://localhost:8080/ws", token=access_token) as client:
        await client.subscribe("post:post_…")
        async for message in client.events():      # Event, or Resync: reload what you show
            …
        await client.call("posts.like", {"post_id": "post_…"}, key="like-1")

Events come in order and once, whatever happens to the connections in between: the client
resumes after the last event it has handed on, passes over repeats, and checks that the
numbering has no gap. A gap would be a fault of the server, and raises `SequenceGap`.
"""

import asyncio
import itertools
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from app.ending import end
from realtime import protocol
from realtime.backoff import Backoff
from realtime.received import (
    CallFailed,
    ClientError,
    ConnectionLost,
    Event,
    Resync,
    SequenceGap,
    Stopped,
    Update,
)

__all__ = [
    "CallFailed",
    "Client",
    "ClientError",
    "ConnectionLost",
    "Event",
    "Resync",
    "SequenceGap",
    "Stopped",
    "Update",
]

PEACE_S = 60.0
PING_S = 25.0
SILENCE_S = 60.0
_ACK_EVERY = 64
_EVENTS_MAX = 1024
_UPDATES_MAX = 4096
_IDS_MAX = 4096
_FRAME_BYTES_MAX = 4 * 1024 * 1024
_STOPPING = {protocol.MALFORMED, protocol.NOT_ALLOWED, protocol.TOO_MANY_SOCKETS}

Token = str | Callable[[bool], Awaitable[str]]
"""A token, or a function that gives one; called with True when the last was refused."""


@dataclass(slots=True)
class _Asked:
    message: dict[str, Any]
    answer: "asyncio.Future[Any]"
    again: bool
    """Safe to send again on a new connection."""


class Client:
    """`urls`: one, or several that are tried in turn. Open with `async with`."""

    def __init__(
        self,
        urls: str | Sequence[str],
        token: Token,
        *,
        name: str = "python",
        version: str = "1",
        device: str = "",
        origin: str | None = None,
    ) -> None:
        self._urls = itertools.cycle([urls] if isinstance(urls, str) else list(urls))
        self._token = token
        self._info = {"name": name, "version": version, "device": device}
        self._origin: Any = origin
        self._socket: ClientConnection | None = None
        self._task: asyncio.Task[None] | None = None
        self._online = asyncio.Event()
        self._events: asyncio.Queue[Event | Resync | ClientError] = asyncio.Queue(_EVENTS_MAX)
        self._updates: deque[Update] = deque(maxlen=_UPDATES_MAX)
        self._updated = asyncio.Event()
        self._ids: OrderedDict[str, None] = OrderedDict()
        self._asked: dict[int, _Asked] = {}
        self._numbers = itertools.count(1)
        self._topics: dict[str, None] = {}
        self._after_ms: int | None = None
        self._acked = 0
        self.point: tuple[str, int] | None = None
        """(epoch, seq) to resume after; keep it to resume in a later process."""
        self.welcome: dict[str, Any] = {}
        self.connections = 0
        self.resumes = 0
        self.repeats = 0
        """Events that came again and were passed over."""

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="glimpse-client")
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            await end([self._task])

    # For the user

    async def online(self) -> None:
        """Wait for a welcome; raises Stopped when there will be none."""
        waiting = asyncio.ensure_future(self._online.wait())
        running = [self._task] if self._task is not None else []
        await asyncio.wait([waiting, *running], return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done():
            waiting.cancel()
            raise Stopped(0, "not connected")

    async def events(self) -> AsyncIterator[Event | Resync]:
        """What happens, in order and once. Raises SequenceGap, and Stopped at the end."""
        while True:
            message = await self._events.get()
            if isinstance(message, ClientError):
                raise message
            yield message
            if isinstance(message, Event):
                await self._ack(message.seq)

    async def event(self, *types: str, timeout_s: float = 5.0) -> Event:
        """The next event of these types; others on the way are passed over."""
        async with asyncio.timeout(timeout_s):
            async for message in self.events():
                if isinstance(message, Event) and (not types or message.type in types):
                    return message
        raise AssertionError("events() never ends quietly")

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

    async def call(
        self, method: str, params: dict[str, Any] | None = None, *, key: str = ""
    ) -> Any:
        """An operation's result; raises CallFailed. With a key it outlives connections."""
        message = {"op": "call", "method": method, "params": params or {}}
        if key:
            message["key"] = key
        return await self._ask(message, again=bool(key))

    async def subscribe(self, *topics: str) -> dict[str, str]:
        """The answer for each topic; those granted are taken up again after each break."""
        answers = await self._ask({"op": "sub", "topics": list(topics)}, again=True)
        granted: dict[str, str] = answers["topics"]
        self._topics.update(dict.fromkeys(t for t, answer in granted.items() if answer == "ok"))
        return granted

    async def unsubscribe(self, *topics: str) -> None:
        for topic in topics:
            self._topics.pop(topic, None)
        await self._ask({"op": "unsub", "topics": list(topics)}, again=True)

    async def authenticate(self, token: str) -> None:
        """Renew the session before its token runs out."""
        await self._ask({"op": "auth", "token": token}, again=False)

    async def ping(self) -> float:
        """Seconds there and back."""
        began = time.perf_counter()
        await self._ask({"op": "ping"}, again=False, name="t")
        return time.perf_counter() - began

    async def cut(self) -> None:
        """Drop the transport without a word, as a bad network does."""
        if self._socket is not None:
            self._socket.transport.abort()

    # Connections

    async def _run(self) -> None:
        backoff = Backoff()
        fresh = False
        while True:
            began = time.monotonic()
            self._after_ms = None
            code, reason = 1006, "no connection"
            try:
                token = self._token if isinstance(self._token, str) else await self._token(fresh)
                code, reason = await self._connect(token)
            except (OSError, InvalidHandshake, TimeoutError) as error:
                if getattr(getattr(error, "response", None), "status_code", 0) == 403:
                    code, reason = protocol.NOT_ALLOWED, "origin not allowed"
            except SequenceGap as gap:
                await self._events.put(gap)
                return
            finally:
                self._offline()
            if time.monotonic() - began > PEACE_S:
                backoff.reset()
            refused_twice = code == protocol.BAD_TOKEN and (fresh or isinstance(self._token, str))
            if code in _STOPPING or refused_twice:
                await self._events.put(Stopped(code, reason))
                return
            fresh = code == protocol.BAD_TOKEN
            await asyncio.sleep(self._wait_s(code, backoff))

    def _wait_s(self, code: int, backoff: Backoff) -> float:
        if code == protocol.TOO_SLOW:
            return 0.0
        if self._after_ms is not None:
            return self._after_ms / 1000
        return backoff.next_s()

    async def _connect(self, token: str) -> tuple[int, str]:
        """One connection from hello to its end: the close code and reason."""
        async with connect(
            next(self._urls),
            subprotocols=[protocol.SUBPROTOCOL],  # type: ignore[list-item]
            origin=self._origin,
            compression=None,
            open_timeout=10,
            ping_interval=PING_S,
            ping_timeout=SILENCE_S - PING_S,
            close_timeout=2,
            max_size=_FRAME_BYTES_MAX,
            proxy=None,
        ) as socket:
            self._socket = socket
            self.connections += 1
            hello: dict[str, Any] = {"op": "hello", "token": token, "client": self._info}
            if self.point is not None:
                hello["resume"] = {"epoch": self.point[0], "seq": self.point[1]}
            await socket.send(orjson.dumps(hello).decode())
            try:
                while True:
                    await self._received(orjson.loads(await socket.recv()))
            except ConnectionClosed as closed:
                received = closed.rcvd
                return (received.code, received.reason) if received else (1006, "lost")

    def _offline(self) -> None:
        self._socket = None
        self._online.clear()
        for number, asked in list(self._asked.items()):
            if not asked.again:
                del self._asked[number]
                if not asked.answer.done():
                    asked.answer.set_exception(ConnectionLost("the connection broke"))

    # Messages

    async def _received(self, message: dict[str, Any]) -> None:
        match message["op"]:
            case "event":
                await self._event(message)
            case "live":
                if message["type"] == "revoked":
                    self._topics.pop(message["topic"], None)
                self._updates.append(
                    Update(
                        message["topic"],
                        message["type"],
                        message.get("ts", ""),
                        message.get("data"),
                    )
                )
                self._updated.set()
            case "welcome":
                await self._welcomed(message)
            case "resync":
                if "epoch" in message:
                    self.point = (message["epoch"], message["seq"])
                await self._events.put(Resync(message["reason"]))
            case "bye":
                self._after_ms = message["reconnect_after_ms"]
            case "expiring":
                if not isinstance(self._token, str):
                    token = await self._token(True)
                    await self._send({"op": "auth", "id": 0, "token": token})
            case "result":
                self._answered(message["id"], message["data"])
            case "ok":
                self._answered(message["id"], None)
            case "pong":
                self._answered(message["t"], None)
            case "error":
                failed = CallFailed(message["code"], message["message"], message["details"])
                self._answered(message["id"], failed)

    async def _welcomed(self, message: dict[str, Any]) -> None:
        self.welcome = message
        if message["resumed"] and self.point is not None:
            self.resumes += 1
            self.point = (message["epoch"], self.point[1])
        else:
            self.point = (message["epoch"], message["seq"])
        waiting = list(self._asked.values())
        self._online.set()
        if self._topics:
            await self._send({"op": "sub", "id": 0, "topics": list(self._topics)})
        for asked in waiting:
            await self._send(asked.message)

    async def _event(self, message: dict[str, Any]) -> None:
        if self.point is None:
            raise SequenceGap("an event before the welcome")
        epoch, seq = self.point
        if message["seq"] > seq + 1:
            raise SequenceGap(f"{message['seq']} came after {seq} in epoch {epoch}")
        if message["seq"] == seq + 1:
            self.point = (epoch, message["seq"])
        if message["id"] in self._ids:
            self.repeats += 1
            return
        self._ids[message["id"]] = None
        if len(self._ids) > _IDS_MAX:
            self._ids.popitem(last=False)
        if message["type"] != "void":
            await self._events.put(
                Event(
                    message["seq"], message["id"], message["type"], message["ts"], message["data"]
                )
            )

    async def _ack(self, seq: int) -> None:
        if seq - self._acked >= _ACK_EVERY or self._events.empty():
            self._acked = seq
            await self._send({"op": "ack", "seq": seq})

    async def _ask(self, message: dict[str, Any], again: bool, name: str = "id") -> Any:
        if not again:
            await self.online()
        number = next(self._numbers)
        message = {**message, name: number}
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._asked[number] = _Asked(message, answer, again)
        try:
            if self._online.is_set():  # else the next welcome sends it
                await self._send(message)
            return await answer
        finally:
            self._asked.pop(number, None)

    def _answered(self, number: Any, answer: Any) -> None:
        asked = self._asked.pop(number, None)
        if asked is None or asked.answer.done():
            return
        if isinstance(answer, ClientError):
            asked.answer.set_exception(answer)
        else:
            asked.answer.set_result(answer)

    async def _send(self, message: dict[str, Any]) -> None:
        if self._socket is None:
            return
        try:
            await self._socket.send(orjson.dumps(message).decode())
        except ConnectionClosed:
            # The reading side notices too, and connects again.
            return
