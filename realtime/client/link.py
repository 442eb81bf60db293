"""One connection after another: hello, the heartbeat, the end, and when to come back."""

import asyncio
import itertools
import logging
import math
import random as chance
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import orjson

from app.ending import end
from realtime import protocol
from realtime.client.backoff import Backoff
from realtime.client.closing import LOST, NO_CODE, Next, after_close
from realtime.client.inbox import Point
from realtime.client.received import ClientError, SequenceGap, Stopped
from realtime.client.wire import Closed, Opener, Wire

log = logging.getLogger(__name__)

PEACE_S = 60.0
SILENCE_S = 60.0
PING_S = 25.0
"""Until a welcome says otherwise."""
CLOSED = 1000
_PAUSE_MIN_S = 0.001

Token = str | Callable[[bool], Awaitable[str | None]]


class Gone(Exception):
    """We leave the connection: it is silent, or what comes on it makes no sense."""


class Link:
    """`place` says where to resume, `received` takes each message (True: give way to others),
    `lost` hears of each end with its code, `ended` of the last one."""

    def __init__(
        self,
        urls: list[str],
        token: Token,
        info: dict[str, str],
        open: Opener,
        place: Callable[[], Point | None],
        received: Callable[[dict[str, Any]], bool],
        lost: Callable[[int], None],
        ended: Callable[[ClientError], None],
        random: Callable[[], float] | None,
    ) -> None:
        self._urls = itertools.cycle(urls)
        self._token = token
        self._info = info
        self._open = open
        self._place, self._received = place, received
        self._lost, self._ended = lost, ended
        self._backoff = Backoff(random or chance.random)
        self._task: asyncio.Task[None] | None = None
        self._wire: Wire | None = None
        self._out: deque[str] = deque()
        self._more = asyncio.Event()
        self._soon = asyncio.Event()
        self._beat_now = asyncio.Event()
        self._heard_at = 0.0
        self._pinged_at = 0.0
        self._welcomed_at: float | None = None
        self._ping_s = PING_S
        self._bye: protocol.Bye | None = None
        self._fresh = False
        """The last token was refused, and no other has been welcomed since."""
        self._over: ClientError | None = None
        self.online = asyncio.Event()
        self.welcome: dict[str, Any] = {}
        self.connections = 0

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="glimpse-client")

    async def close(self) -> None:
        if self._task is not None:
            await end([self._task])
        self._finish(Stopped(CLOSED, "closed"))

    def check_open(self) -> None:
        if self._over is not None:
            raise self._over

    async def wait_online(self) -> None:
        """Raises Stopped when there will be no welcome."""
        waiting = asyncio.ensure_future(self.online.wait())
        running = [self._task] if self._task is not None else []
        try:
            await asyncio.wait([waiting, *running], return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
        if not self.online.is_set():
            raise self._over if isinstance(self._over, Stopped) else Stopped(0, "not connected")

    def hurry(self) -> None:
        self._soon.set()
        self._pinged_at = -math.inf
        self._beat_now.set()

    def cut(self) -> None:
        if self._wire is not None:
            self._wire.cut()

    def welcomed(self, message: dict[str, Any]) -> None:
        self._fresh = False
        self._welcomed_at = asyncio.get_running_loop().time()
        self._ping_s = message["ping_interval_ms"] / 1000
        self.welcome = message
        self.online.set()
        self._beat_now.set()

    # Tokens

    @property
    def can_renew(self) -> bool:
        return not isinstance(self._token, str)

    def renewed(self, token: str) -> None:
        """A given token is replaced for the next hello too."""
        if isinstance(self._token, str):
            self._token = token

    async def fresh_token(self) -> str | None:
        """None when there is none just now; the old one may serve for a while."""
        if isinstance(self._token, str):
            return None
        try:
            return await self._token(True)
        except Exception:
            log.warning("no new token", exc_info=True)
            return None

    # Connections

    async def _run(self) -> None:
        try:
            while True:
                code, reason = await self._attempt()
                wait_s = self._wait_s(code, reason)
                with suppress(TimeoutError):
                    self._soon.clear()
                    async with asyncio.timeout(wait_s):
                        await self._soon.wait()
        except (Stopped, SequenceGap) as error:
            self._finish(error)
        except Exception as error:
            # The task's boundary: a fault of ours is told to the user, who would wait for ever.
            log.exception("the client failed")
            self._finish(ClientError(f"the client failed: {error!r}"))

    def _finish(self, error: ClientError) -> None:
        if self._over is None:
            self._over = error
            self._ended(error)

    def _wait_s(self, code: int, reason: str) -> float:
        """How long to stay away; raises Stopped when it is for good."""
        if self._bye is not None and code in (LOST, NO_CODE):
            # The close itself was lost, but not the reason for it.
            code, reason = self._bye["code"], self._bye["reason"]
        now = asyncio.get_running_loop().time()
        if self._welcomed_at is not None and now - self._welcomed_at >= PEACE_S:
            self._backoff.reset()
        match after_close(code):
            case Next.STOP:
                raise Stopped(code, reason)
            case Next.NEW_TOKEN:
                if self._fresh or isinstance(self._token, str):
                    raise Stopped(code, reason)
                self._fresh = True
            case Next.AT_ONCE:
                return 0.0
        after_ms = self._bye["reconnect_after_ms"] if self._bye is not None else None
        return after_ms / 1000 if after_ms is not None else self._backoff.next_s()

    async def _attempt(self) -> tuple[int, str]:
        """One connection from its token to its end: the close code and reason."""
        self._bye = None
        self._welcomed_at = None
        try:
            token = self._token if isinstance(self._token, str) else await self._token(self._fresh)
        except Exception:
            log.warning("no token", exc_info=True)
            return LOST, "no token"
        if token is None:
            raise Stopped(protocol.BAD_TOKEN, "no token")
        code, reason = LOST, "lost"
        try:
            self.connections += 1
            async with asyncio.timeout(SILENCE_S):
                self._wire = await self._open(next(self._urls))
            await self._talk(self._wire, token)
        except Closed as closed:
            code, reason = closed.code, closed.reason
        except (OSError, Gone) as error:
            reason = str(error)
        finally:
            self.online.clear()
            self._out.clear()
            self._wire, wire = None, self._wire
            if wire is not None:
                await wire.close()
            self._lost(code)
        return code, reason

    async def _talk(self, wire: Wire, token: str) -> None:
        """Until one of the two who work on it is done with it: raises Closed, Gone or OSError."""
        self._heard_at = self._pinged_at = asyncio.get_running_loop().time()
        hello: dict[str, Any] = {"op": "hello", "token": token, "client": self._info}
        place = self._place()
        if place is not None:
            hello["resume"] = {"epoch": place[0], "seq": place[1]}
        self.say_message(hello)
        tasks = [asyncio.create_task(work) for work in (self._read(wire), self._write(wire))]
        tasks.append(asyncio.create_task(self._beat()))
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            # The reader knows the close code.
            first = tasks[0] if tasks[0] in done or tasks[1] in done else done.pop()
            await first
        finally:
            await end(tasks)
            for task in tasks:
                if not task.cancelled():
                    task.exception()  # looked at: one of them has been raised

    async def _read(self, wire: Wire) -> None:
        while True:
            message = _decoded(await wire.receive())
            self._heard_at = asyncio.get_running_loop().time()
            if message is None:
                continue
            if message["op"] == "bye":
                self._bye = {
                    "op": "bye",
                    "code": message.get("code", LOST),
                    "reason": message.get("reason", ""),
                    "reconnect_after_ms": message.get("reconnect_after_ms"),
                }
                continue
            try:
                busy = self._received(message)
            except (KeyError, TypeError) as error:
                raise Gone(f"a malformed {message['op']}: {error!r}") from None
            if busy:
                await asyncio.sleep(0)

    async def _write(self, wire: Wire) -> None:
        while True:
            while self._out:
                await wire.send(self._out.popleft())
            self._more.clear()
            await self._more.wait()

    async def _beat(self) -> None:
        """Ask for a sign of life now and then; raises Gone when there is none."""
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            if now - self._heard_at >= SILENCE_S:
                raise Gone("silence")
            if now - self._pinged_at >= self._ping_s:
                self._pinged_at = now
                if self.online.is_set():
                    self.say_message({"op": "ping", "t": int(now * 1000)})
            due_at = min(self._pinged_at + self._ping_s, self._heard_at + SILENCE_S)
            with suppress(TimeoutError):
                self._beat_now.clear()
                async with asyncio.timeout(max(_PAUSE_MIN_S, due_at - now)):
                    await self._beat_now.wait()

    # Saying

    def say_message(self, message: dict[str, Any]) -> None:
        self.say(orjson.dumps(message).decode())

    def say(self, text: str) -> None:
        self._out.append(text)
        self._more.set()


def _decoded(frame: str | bytes) -> dict[str, Any] | None:
    """None for a frame that is no message of ours: it is dropped, never raised on."""
    if not isinstance(frame, str):
        return None
    try:
        message = orjson.loads(frame)
    except orjson.JSONDecodeError:
        return None
    return message if isinstance(message, dict) and isinstance(message.get("op"), str) else None
