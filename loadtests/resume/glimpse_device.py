"""A device that speaks the socket protocol by itself, and writes down all that it is handed.

Not the reference client: that one passes over repeats and connects again by itself, and here
repeats are counted and the scenario says when to come back.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from loadtests.resume.history import Got, History, Loaded, Lost, Said
from loadtests.resume.scenario import RESUMED, Point

_ARRIVE_S = 20.0
_ANSWER_S = 10.0
_PAGE = 100
Place = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a device has to know to read the state: one person's posts, each with its number."""

    author: str
    numbers: dict[str, int]
    """post → number"""


class GlimpseDevice:
    def __init__(self, token: Callable[[], str], seen: Seen, history: History | None = None):
        self._token = token
        self._seen = seen
        self._socket: ClientConnection | None = None
        self._reading: asyncio.Task[None] | None = None
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._settled = asyncio.Event()
        self._loading: asyncio.Task[None] | None = None
        self._asked = 0
        self._place: Place | None = None
        self._stale = True
        self.history: History = history or []
        self.renewals = 0

    def twin(self) -> "GlimpseDevice":
        other = GlimpseDevice(self._token, self._seen, list(self.history))
        other._place, other._stale = self._place, self._stale
        return other

    # Coming and going

    async def arrive(self, node: str, point: Point = Point.OWN) -> None:
        async with asyncio.timeout(_ARRIVE_S):
            while True:
                if await self._try(node, point):
                    return
                await asyncio.sleep(0.05)

    async def _try(self, node: str, point: Point) -> bool:
        """False: it was not to be had, or closed before all that belongs to a welcome was here."""
        with suppress(OSError, InvalidHandshake, ConnectionClosed):
            self._socket = await self._connect(node, point)
            self._settled.clear()
            self._reading = asyncio.create_task(self._read(self._socket))
            settled = asyncio.create_task(self._settled.wait())
            await asyncio.wait({settled, self._reading}, return_when=asyncio.FIRST_COMPLETED)
            settled.cancel()
            if self._loading is not None:
                await self._loading
            return self._settled.is_set() and not self._stale
        return False

    async def arrive_in_vain(self, node: str) -> None:
        socket = await self._connect(node, Point.OWN)
        await socket.recv()  # the server has done its part, and it never reaches the device
        socket.transport.abort()
        await socket.wait_closed()

    async def _connect(self, node: str, point: Point) -> ClientConnection:
        socket = await connect(
            node,
            subprotocols=["glimpse.v1"],  # type: ignore[list-item]
            compression=None,
            ping_interval=None,
            max_size=None,
            proxy=None,
        )
        hello: dict[str, Any] = {"op": "hello", "token": self._token()}
        if self._place is not None:
            epoch, seq = self._place
            match point:
                case Point.FOREIGN:
                    epoch = secrets.token_hex(4)
                case Point.AHEAD:
                    seq += 10_000
            hello["resume"] = {"epoch": epoch, "seq": seq}
        await socket.send(orjson.dumps(hello).decode())
        return socket

    async def cut(self) -> None:
        if self._socket is not None:
            self._socket.transport.abort()
        await self.gone()

    async def gone(self) -> None:
        if self._reading is not None:
            await self._reading

    async def close(self) -> None:
        await self.cut()

    # The state

    async def fresh(self) -> frozenset[int]:
        return await self._load()

    async def _load(self) -> frozenset[int]:
        """Everything that can be seen now, page by page."""
        found: set[int] = set()
        cursor: str | None = None
        while True:
            params: dict[str, Any] = {"username": self._seen.author, "limit": _PAGE}
            if cursor is not None:
                params["cursor"] = cursor
            page = await self._call("feed.user", params)
            found |= {self._seen.numbers[post["post_id"]] for post in page["posts"]}
            cursor = page["pagination"]["next_cursor"]
            if cursor is None:
                return frozenset(found)

    async def _call(self, method: str, params: dict[str, Any]) -> Any:
        assert self._socket is not None
        self._asked += 1
        number = self._asked
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._say(op="call", id=number, method=method, params=params)
        return await asyncio.wait_for(answer, _ANSWER_S)

    # Messages

    async def _say(self, **message: Any) -> None:
        if self._socket is not None:
            await self._socket.send(orjson.dumps(message).decode())

    async def _read(self, socket: ClientConnection) -> None:
        handlers: dict[str, Callable[[dict[str, Any]], Awaitable[None]]] = {
            "event": self._event,
            "welcome": self._welcome,
            "resync": self._resync,
            "pong": self._pong,
            "result": self._result,
            "error": self._error,
            "expiring": self._expiring,
        }
        try:
            while True:
                message = orjson.loads(await socket.recv())
                handler = handlers.get(message["op"])
                if handler is not None:
                    await handler(message)
        except ConnectionClosed as closed:
            self.history.append(Lost(closed.rcvd.code if closed.rcvd else 1006))
        finally:
            for answer in self._answers.values():
                if not answer.done():
                    answer.set_exception(ConnectionClosed(None, None))
            self._answers.clear()

    async def _event(self, message: dict[str, Any]) -> None:
        assert self._place is not None
        epoch, seq = self._place
        self._place = (epoch, max(seq, message["seq"]))
        self.history.append(Got(message["data"]["number"]))

    async def _welcome(self, message: dict[str, Any]) -> None:
        if message["resumed"]:
            self.history.append(Said(RESUMED))
            if self._place is not None:
                self._place = (message["epoch"], self._place[1])
        else:
            self._place = (message["epoch"], message["seq"])
        if self._stale:
            self._reload()
        # What belongs to the welcome follows it at once, before the answer to this.
        await self._say(op="ping", t="settled")

    async def _pong(self, message: dict[str, Any]) -> None:
        self._settled.set()

    async def _resync(self, message: dict[str, Any]) -> None:
        self._place = (message["epoch"], message["seq"])
        self.history.append(Said(message["reason"]))
        self._stale = True
        self._reload()

    def _reload(self) -> None:
        if self._loading is not None:
            self._loading.cancel()
        self._loading = asyncio.create_task(self._load_all())

    async def _load_all(self) -> None:
        with suppress(ConnectionClosed):  # then the next welcome begins it again
            numbers = await self._load()
            self._stale = False
            self.history.append(Loaded(numbers))

    async def _expiring(self, message: dict[str, Any]) -> None:
        self.renewals += 1
        await self._say(op="auth", id="renewal", token=self._token())

    async def _result(self, message: dict[str, Any]) -> None:
        self._answers.pop(message["id"]).set_result(message["data"])

    async def _error(self, message: dict[str, Any]) -> None:
        failed = RuntimeError(f"{message['code']}: {message['message']}")
        self._answers.pop(message["id"]).set_exception(failed)
