"""One connection's state machine: what comes in, what to do about it. No I/O, no clock.

    new ──hello──▶ greeting ──greeted──▶ open ──▶ closed
     └── no hello in time, or anything else ─────────▲

Each method takes the time (seconds, monotonic) where it matters and returns effects for the
connection to carry out, in order. After an `End` the session is closed and takes nothing more.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from realtime import protocol
from realtime.protocol import Refused, Resume

EXPIRING_S = 60.0
"""How long before the token runs out the client is told."""
BURST_S = 2
"""Messages of so many seconds may come at once."""


class State(Enum):
    NEW = "new"
    GREETING = "greeting"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Bounds:
    hello_s: float
    topics_max: int
    messages_per_s: int
    reconnect_ms: int = 2000
    """What a client that sent too much is told to wait."""


@dataclass(frozen=True, slots=True)
class Greet:
    """Check the token, claim the person, answer `welcome`, then call `greeted`."""

    token: str
    resume: Resume | None


@dataclass(frozen=True, slots=True)
class Renew:
    """Check the new token, then call `renewed`."""

    id: protocol.Id
    token: str


@dataclass(frozen=True, slots=True)
class Run:
    call: protocol.Call


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Ask for permission, call `subscribed`, answer; `over` is beyond the limit."""

    id: protocol.Id
    topics: list[str]
    over: list[str]


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    id: protocol.Id
    topics: list[str]


@dataclass(frozen=True, slots=True)
class Reply:
    message: dict[str, Any]


@dataclass(frozen=True, slots=True)
class End:
    """Say `bye` and close."""

    code: int
    reason: str
    reconnect_after_ms: int | None = None


Effect = Greet | Renew | Run | Subscribe | Unsubscribe | Reply | End


class Session:
    __slots__ = (
        "_allowance",
        "_bounds",
        "_ends_at",
        "_refilled_at",
        "_started_at",
        "_told",
        "acked",
        "session_id",
        "state",
        "topics",
        "user_id",
    )

    def __init__(self, bounds: Bounds, now: float) -> None:
        self._bounds = bounds
        self._started_at = now
        self._refilled_at = now
        self._allowance = float(bounds.messages_per_s * BURST_S)
        self._ends_at = 0.0
        self._told = False
        self.state = State.NEW
        self.user_id = ""
        self.session_id = ""
        self.topics: set[str] = set()
        self.acked = 0

    # From the client

    def received(self, frame: str | bytes | None, now: float) -> list[Effect]:
        """A text frame; None stands for a binary one."""
        if self.state is State.CLOSED:
            return []
        if not self._allowed(now):
            return self._end(
                protocol.TOO_MANY_MESSAGES, "too many messages", self._bounds.reconnect_ms
            )
        try:
            if frame is None:
                raise Refused("binary frame")
            message = protocol.decode(frame)
        except Refused as refused:
            return self._end(refused.code, refused.reason)
        if self.state is State.NEW:
            return self._first(message)
        if self.state is State.GREETING:
            return self._end(protocol.MALFORMED, "wait for the welcome")
        return self._message(message)

    def _first(self, message: protocol.ClientMessage) -> list[Effect]:
        if not isinstance(message, protocol.Hello):
            return self._end(protocol.MALFORMED, "say hello first")
        self.state = State.GREETING
        return [Greet(message.token, message.resume)]

    def _message(self, message: protocol.ClientMessage) -> list[Effect]:
        match message:
            case protocol.Call():
                return [Run(message)]
            case protocol.Ack():
                self.acked = max(self.acked, message.seq)
                return []
            case protocol.Ping():
                return [Reply({"op": "pong", "t": message.t})]
            case protocol.Sub():
                new = [topic for topic in message.topics if topic not in self.topics]
                room = max(0, self._bounds.topics_max - len(self.topics))
                held = [topic for topic in message.topics if topic in self.topics]
                return [Subscribe(message.id, held + new[:room], new[room:])]
            case protocol.Unsub():
                self.topics.difference_update(message.topics)
                return [Unsubscribe(message.id, message.topics)]
            case protocol.Auth():
                return [Renew(message.id, message.token)]
            case protocol.Hello():
                return self._end(protocol.MALFORMED, "hello twice")

    def _allowed(self, now: float) -> bool:
        rate = self._bounds.messages_per_s
        grown = self._allowance + (now - self._refilled_at) * rate
        self._allowance = min(grown, float(rate * BURST_S)) - 1
        self._refilled_at = now
        return self._allowance >= 0

    # What the connection found out

    def greeted(self, user_id: str, session_id: str, ends_at: float) -> None:
        """The token was good until `ends_at`; the welcome is on its way."""
        if self.state is State.GREETING:
            self.state = State.OPEN
            self.user_id, self.session_id = user_id, session_id
            self._ends_at = ends_at

    def refused(self, reason: str) -> list[Effect]:
        """The token of a `hello` or an `auth` was not good."""
        return self._end(protocol.BAD_TOKEN, reason)

    def renewed(
        self, id: protocol.Id, user_id: str, session_id: str, ends_at: float
    ) -> list[Effect]:
        if self.state is not State.OPEN:
            return []
        if user_id != self.user_id:
            return self._end(protocol.BAD_TOKEN, "the token is another person's")
        self.session_id = session_id
        self._ends_at = ends_at
        self._told = False
        return [Reply({"op": "ok", "id": id})]

    def subscribed(self, topics: list[str]) -> None:
        self.topics.update(topics)

    def lost(self, topic: str) -> bool:
        """The right to a topic ended; was it held?"""
        if topic not in self.topics:
            return False
        self.topics.discard(topic)
        return True

    # Time

    def tick(self, now: float) -> list[Effect]:
        """Called about once a second."""
        if self.state is State.NEW and now - self._started_at >= self._bounds.hello_s:
            return self._end(protocol.NO_HELLO, "no hello in time", 500)
        if self.state is not State.OPEN:
            return []
        left = self._ends_at - now
        if left <= 0:
            return self._end(protocol.BAD_TOKEN, "the token has expired")
        if left <= EXPIRING_S and not self._told:
            self._told = True
            return [Reply({"op": "expiring", "in_ms": int(left * 1000)})]
        return []

    def next_check(self, now: float) -> float:
        """When `tick` has something to do again."""
        if self.state is State.NEW:
            return self._started_at + self._bounds.hello_s
        if self.state is State.OPEN:
            return self._ends_at if self._told else self._ends_at - EXPIRING_S
        return now + 60

    def _end(self, code: int, reason: str, reconnect_after_ms: int | None = None) -> list[Effect]:
        if self.state is State.CLOSED:
            return []
        self.state = State.CLOSED
        return [End(code, reason, reconnect_after_ms)]

    def end(self, code: int, reason: str, reconnect_after_ms: int | None = None) -> list[Effect]:
        """Closed from our side: revoked, too slow, too many, going away."""
        return self._end(code, reason, reconnect_after_ms)
