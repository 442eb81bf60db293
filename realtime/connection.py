"""A socket and its session: reads frames, carries out effects, and writes without waiting.

Nothing that is delivered waits for a reader. While the transport takes bytes they go straight
to it; when the peer reads too slowly they wait in an outbox, and past its bound the
connection is closed with 4008 and the client resumes.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import orjson

from realtime import protocol
from realtime.frames import PING, frame, squeezed
from realtime.outbox import Mark, Outbox
from realtime.session import (
    Effect,
    End,
    Greet,
    Renew,
    Reply,
    Run,
    Session,
    State,
    Subscribe,
    Unsubscribe,
)
from realtime.transport import GatewaySocket

if TYPE_CHECKING:
    from realtime.calls import Caller
    from realtime.gateway import Gateway

log = logging.getLogger(__name__)

CALLS_AT_ONCE_MAX = 8
_FLUSH_BYTES = 65_536
Receive = Callable[[], Awaitable[Any]]


class Connection:
    __slots__ = (
        "_calls",
        "_freed",
        "_gateway",
        "_leave_after_ms",
        "_outbox",
        "authors",
        "blocked",
        "caller",
        "check_at",
        "epoch",
        "handed",
        "hidden",
        "missed_pings",
        "name",
        "ping_slot",
        "seq",
        "session",
        "socket",
        "squeezes",
        "write",
    )

    def __init__(
        self, gateway: "Gateway", socket: GatewaySocket, caller: "Caller", name: str
    ) -> None:
        now = time.monotonic()
        self._gateway = gateway
        self.socket = socket
        self.session = Session(gateway.bounds, now)
        self.name = name
        """`<node>/<boot>/<number>`."""
        self.caller = caller
        self.write = socket.write
        self.squeezes = socket.deflates
        """Takes compressed frames; plain ones too."""
        self.blocked = False
        """Bytes may not go straight to the transport."""
        self.seq = 0
        """The number of the newest event written, or skipped because it came before hello."""
        self.epoch = ""
        self.handed = 0
        """The numbering the client was told of, and the newest event of it that the transport
        took: what the audit goes by, and nothing else."""
        self.hidden: frozenset[str] = frozenset()
        """People with a block between them and this one: topics don't show them."""
        self.authors: tuple[str, ...] = ()
        """Popular authors' topics this socket is told of."""
        self.check_at = 0
        """Kept by the hub's calendar of deadlines."""
        self.missed_pings = 0
        self.ping_slot = 0
        self._outbox: Outbox | None = None
        self._calls: set[asyncio.Task[None]] | None = None
        self._freed: asyncio.Event | None = None
        self._leave_after_ms: int | None = None
        socket.flow = self._flow
        socket.leave = self.leave

    # Reading

    async def serve(self, receive: Receive) -> None:
        """Until either side closes."""
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            await self.perform(self.session.received(message.get("text"), time.monotonic()))

    async def perform(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Run():
                    await self._start(effect.call)
                case Reply():
                    self.send(frame(orjson.dumps(effect.message)))
                case End():
                    self._end(effect)
                case Greet():
                    await self._gateway.entrance.greet(self, effect)
                case Renew():
                    await self._gateway.entrance.renew(self, effect)
                case Subscribe():
                    await self._subscribe(effect)
                case Unsubscribe():
                    self._gateway.topics.unsubscribe(self, effect.topics)
                    self._answer_topics(effect.id, dict.fromkeys(effect.topics, "ok"))

    async def _subscribe(self, effect: Subscribe) -> None:
        answers = await self._gateway.topics.subscribe(self, effect.topics)
        granted = [topic for topic, answer in answers.items() if answer == "ok"]
        self.session.subscribed(granted)
        self._answer_topics(effect.id, {**answers, **dict.fromkeys(effect.over, "too_many")})
        self._gateway.topics.subscribed(self, granted)

    def _answer_topics(self, id: protocol.Id, answers: dict[str, str]) -> None:
        self.send(frame(protocol.result(id, orjson.dumps({"topics": answers}))))

    async def _start(self, call: protocol.Call) -> None:
        """Run a call beside others; with too many running, read no further."""
        if self._calls is None:
            self._calls = set()
            self._freed = asyncio.Event()
        while len(self._calls) >= CALLS_AT_ONCE_MAX and self._freed is not None:
            self._freed.clear()
            await self._freed.wait()
        task = asyncio.create_task(self._call(call))
        self._calls.add(task)
        task.add_done_callback(self._called)

    async def _call(self, call: protocol.Call) -> None:
        answer = await self._gateway.calls.run(
            self.caller, self.session.user_id, self.session.session_id, call
        )
        data = frame(answer)
        self.send(squeezed(data) if self.squeezes else data)

    def _called(self, task: asyncio.Task[None]) -> None:
        if self._calls is not None and self._freed is not None:
            self._calls.discard(task)
            self._freed.set()
            if not self._calls and self._leave_after_ms is not None:
                self.leave(self._leave_after_ms)

    # Writing

    def send(self, data: bytes) -> None:
        """A frame that must arrive."""
        if self.blocked:
            self._hold(data, None)
        else:
            self._write(data)

    def event(self, seq: int, data: bytes) -> None:
        """A durable event's frame."""
        if self.blocked:
            self._hold(data, ("", seq))
        else:
            self._write(data)
            self._took("", seq)

    def resync(self, epoch: str, seq: int, data: bytes) -> None:
        """The frame after which the client counts from `seq` of `epoch`."""
        if self.blocked:
            self._hold(data, (epoch, seq))
        else:
            self._write(data)
            self._took(epoch, seq)

    def _took(self, epoch: str, seq: int) -> None:
        if epoch:
            self.epoch, self.handed = epoch, seq
        elif seq == self.handed + 1:
            self.handed = seq
        else:
            self._gateway.hub.audit.wrong(self, seq)

    def _hold(self, data: bytes, mark: Mark | None) -> None:
        if not self.socket.open:
            return
        if not self._box().put(data, mark):
            self._gateway.metrics.closed_slow_total += 1
            self.end(protocol.TOO_SLOW, "too slow", 0)

    def hold_live(self, topic: str, type: str, data: bytes) -> None:
        """An ephemeral frame, while blocked."""
        if self.socket.open:
            self._box().put_live(topic, type, data)

    def send_live(self, topic: str, type: str, data: bytes) -> None:
        if self.blocked:
            self.hold_live(topic, type, data)
        else:
            self._write(data)

    def _write(self, data: bytes) -> None:
        try:
            self.write(data)
        except RuntimeError:
            self.shut()

    def shut(self) -> None:
        """The transport refused bytes: uvloop's closes at once, and says so in the next turn of
        the loop."""
        self._block(True)

    def _block(self, blocked: bool) -> None:
        if blocked != self.blocked:
            self.blocked = blocked
            self._gateway.metrics.flow_changes_total += 1

    def ping(self) -> bool:
        """False: nothing came for too long, whatever was asked."""
        if self.socket.heard or self.socket.read_paused:
            self.missed_pings = 0
        else:
            self.missed_pings += 1
        self.socket.heard = False
        self.socket.small_frames = 0
        if not self.blocked:
            self._write(PING)
        return self.missed_pings < 2

    def _box(self) -> Outbox:
        if self._outbox is None:
            bounds = self._gateway.settings.socket
            self._outbox = Outbox(bounds.outbox_messages_max, bounds.outbox_bytes_max)
        return self._outbox

    def _flow(self, blocked: bool) -> None:
        self._block(True)
        if blocked or not self.socket.open:
            return
        while self._outbox is not None and self.socket.writable.is_set():
            data, marks = self._outbox.take(_FLUSH_BYTES)
            if data:
                self._write(data)
                for mark in marks:
                    self._took(*mark)
            else:
                self._outbox = None
        self._block(not (self.socket.open and self.socket.writable.is_set()))

    # Closing

    def end(self, code: int, reason: str, reconnect_after_ms: int | None = None) -> None:
        """Say bye and close, unless that is under way."""
        for effect in self.session.end(code, reason, reconnect_after_ms):
            if isinstance(effect, End):
                self._end(effect)

    def _end(self, effect: End) -> None:
        self._block(True)
        self._outbox = None
        last = protocol.bye(effect.code, effect.reason, effect.reconnect_after_ms)
        self.socket.end(effect.code, effect.reason, frame(last))

    def leave(self, reconnect_after_ms: int) -> None:
        """The node is going: close, once the calls that run have been answered."""
        self._leave_after_ms = reconnect_after_ms
        if not self._calls:
            self.end(protocol.GOING_AWAY, "node going away", reconnect_after_ms)

    @property
    def greeted(self) -> bool:
        return self.session.state is State.OPEN
