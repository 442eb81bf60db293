"""Requests and their answers: the outbox while there is no connection, in order, with bounds.

A request that was never sent waits for the next connection. One that was sent when the
connection broke may have been carried out: with a key it is sent again, in its old place and
with its old id, else it fails. No more leave in a second than the server allows.
"""

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from realtime.client.received import (
    CallFailed,
    CallTimeout,
    CallTooLarge,
    ClientError,
    ConnectionLost,
    OutboxFull,
)

WAITING_MAX = 256
FRAME_BYTES = 65_536
PER_S = 50
"""Both until a welcome says what the server takes."""
_PAUSE_MIN_S = 0.001


@dataclass(slots=True, eq=False)
class _Asked:
    text: str
    answer: "asyncio.Future[Any]"
    again: bool
    """May be sent again on a new connection."""
    sent: bool = False


class Calls:
    """`say` puts a text on the connection there is."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._asked: dict[int, _Asked] = {}
        self._numbers = itertools.count(1)
        self._online = False
        self._frame_bytes = FRAME_BYTES
        self._per_s = PER_S
        self._allowance = float(PER_S)
        self._refilled_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._ended: ClientError | None = None

    async def ask(self, message: dict[str, Any], again: bool, timeout_s: float | None) -> Any:
        """The answer; raises a ClientError."""
        if self._ended is not None:
            raise self._ended
        if len(self._asked) >= WAITING_MAX:
            raise OutboxFull(f"{WAITING_MAX} calls wait already")
        number = next(self._numbers)
        text = orjson.dumps({**message, "id": number}).decode()
        if len(text.encode()) > self._frame_bytes:
            raise CallTooLarge(f"the server takes {self._frame_bytes} bytes")
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._asked[number] = _Asked(text, answer, again)
        try:
            self._pump()
            async with asyncio.timeout(timeout_s):
                return await answer
        except TimeoutError:
            raise CallTimeout(f"no answer in {timeout_s} s") from None
        finally:
            self._asked.pop(number, None)

    def now(self, message: dict[str, Any]) -> "asyncio.Future[Any]":
        """Sent at once, before what waits: the connection's own business (`sub`, `auth`). Call
        it while online alone."""
        number = next(self._numbers)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        text = orjson.dumps({**message, "id": number}).decode()
        self._asked[number] = _Asked(text, answer, again=False, sent=True)
        answer.add_done_callback(lambda _: self._asked.pop(number, None))
        self._say(text)
        return answer

    def welcomed(self, frame_bytes: int, per_s: int) -> None:
        self._online = True
        self._frame_bytes, self._per_s = frame_bytes, max(1, per_s)
        self._allowance = float(self._per_s)
        self._refilled_at = asyncio.get_running_loop().time()
        self._pump()

    def lost(self, nothing_again: bool) -> None:
        """The connection is gone; `nothing_again`: not even what has a key."""
        self._online = False
        self._stop_timer()
        for asked in list(self._asked.values()):
            if asked.sent and (nothing_again or not asked.again):
                self._fail(asked, ConnectionLost("the connection broke"))
            asked.sent = False

    def end(self, error: ClientError) -> None:
        self._ended = error
        self._stop_timer()
        for asked in self._asked.values():
            self._fail(asked, error)

    # Answers

    def result(self, number: Any, data: Any) -> None:
        asked = self._asked.get(number)
        if asked is not None and not asked.answer.done():
            asked.answer.set_result(data)

    def error(self, number: Any, failed: CallFailed) -> None:
        asked = self._asked.get(number)
        if asked is not None:
            self._fail(asked, failed)

    def _fail(self, asked: _Asked, error: ClientError) -> None:
        if not asked.answer.done():
            asked.answer.set_exception(error)

    # Sending

    def _pump(self) -> None:
        if not self._online or self._timer is not None:
            return
        now = asyncio.get_running_loop().time()
        grown = self._allowance + (now - self._refilled_at) * self._per_s
        self._allowance, self._refilled_at = min(grown, float(self._per_s)), now
        for asked in list(self._asked.values()):
            if asked.sent or asked.answer.done():
                continue
            if self._allowance < 1:
                wait_s = max(_PAUSE_MIN_S, (1 - self._allowance) / self._per_s)
                self._timer = asyncio.get_running_loop().call_later(wait_s, self._pump_again)
                return
            self._allowance -= 1
            asked.sent = True
            self._say(asked.text)

    def _pump_again(self) -> None:
        self._timer = None
        self._pump()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
