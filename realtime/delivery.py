"""From Redis to the hub: the node's stream, the people's logs, and this node's claims on them.

The stream is read with a consumer group, so that a reply lost with a connection is not lost.
What it brings may come twice, late, or not at all; the numbers tell, and the people's logs have
the rest. Claims are renewed before they run out; that also finds events that never came, logs
that Redis has lost, and a Redis that was emptied. None of it is ever passed over in silence:
either the events are delivered from the log, or the clients are told to reload.
"""

import asyncio
import contextlib
import logging
import secrets
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from redis.exceptions import RedisError, ResponseError

from app import clock, nodestream
from app.identity.queries import sessions_alive
from app.ids import now_ms
from app.nodestream import UnknownMessage
from app.personlog import Standing
from realtime import protocol
from realtime.hub import Departure, Hub, Person

if TYPE_CHECKING:
    from realtime.gateway import Gateway

log = logging.getLogger(__name__)

_GROUP = "gateway"
_COUNT = 128
_BLOCK_MS = 1000
_BATCH = 500
_BEAT_S = 5.0
_KEEP_S = 0.25
_RETRY_S = 0.25


class Delivery:
    def __init__(self, gateway: "Gateway", hub: Hub) -> None:
        self._gateway = gateway
        self._hub = hub
        self._redis = gateway.resources.redis
        self._logs = gateway.resources.live.logs
        self._node = gateway.node
        self._stream = nodestream.stream_key(gateway.node)
        self._consumer = secrets.token_hex(4)
        self._renewals: deque[tuple[float, Person]] = deque()
        self._started = False
        self._first = True

    # The node's stream

    async def read(self) -> None:
        """Read the stream for ever."""
        done: list[bytes] = []
        cursor = b">"
        while True:
            try:
                if not self._started:
                    await self._start()
                found = await self._next(cursor, done)
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("node stream: %r", error)
                self._gateway.metrics.redis_failures_total += 1
                if "NOGROUP" in str(error):  # Redis was emptied
                    self._started = False
                else:
                    await asyncio.sleep(_RETRY_S)
                done, cursor = [], b"0"
                self.doubt_all()
                continue
            done = [entry_id for entry_id, _ in found]
            for entry_id, fields in found:
                self._take(entry_id, fields)
            if not found:
                # With nothing new, look once among what was handed out but not acknowledged.
                cursor = b"0" if cursor == b">" else b">"

    async def _start(self) -> None:
        if self._first:
            # An earlier life's entries are for sockets that are gone.
            await self._redis.unlink(self._stream)
        try:
            await self._redis.xgroup_create(self._stream, _GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise
        await nodestream.beat(self._redis, self._node)
        self._started, self._first = True, False

    async def _next(self, cursor: bytes, done: list[bytes]) -> list[tuple[bytes, dict[Any, Any]]]:
        """Acknowledge what was handled and read on, in one round trip."""
        async with self._redis.pipeline(transaction=False) as pipe:
            if done:
                pipe.xack(self._stream, _GROUP, *done)
                pipe.xdel(self._stream, *done)
            pipe.xreadgroup(
                _GROUP, self._consumer, {self._stream: cursor}, count=_COUNT, block=_BLOCK_MS
            )
            answers = await pipe.execute()
        found: list[tuple[bytes, dict[Any, Any]]] = answers[-1][0][1] if answers[-1] else []
        return found

    def _take(self, entry_id: bytes, fields: dict[Any, Any] | None) -> None:
        self._gateway.metrics.node_entries_total += 1
        try:
            self._handle(nodestream.decode((fields or {})[b"m"]))
        except (UnknownMessage, KeyError) as error:
            log.error("node stream entry %r skipped: %r", entry_id, error)
            self.doubt_all()

    def _handle(self, message: nodestream.NodeMessage) -> None:
        match message:
            case nodestream.Deliver():
                only = None
                if message.session_id:
                    ts = clock.iso_ms(now_ms())
                    only = (message.session_id, protocol.void_tail(message.event_id, ts))
                for user_id, epoch, seq in message.to:
                    self._hub.deliver(user_id, epoch, seq, message.event_id, message.tail, only)
            case nodestream.Tell():
                self._hub.tell(message.to, message.type, message.message)
            case nodestream.EndSession():
                for connection in self._hub.of(message.user_id):
                    if connection.session.session_id == message.session_id:
                        connection.end(protocol.BAD_TOKEN, "session revoked")
            case nodestream.EndSocket():
                for connection in self._hub.of(message.user_id):
                    if connection.name == message.socket:
                        connection.end(protocol.TOO_MANY_SOCKETS, "too many sockets")
            case nodestream.RevokeTopic():
                self._gateway.topics.revoke(message.topic, message.user_id)
            case nodestream.Recheck():
                self._gateway.topics.recheck(message.user_id)
                self._gateway.authors.entered(message.user_id)
            case nodestream.RecheckTopics():
                self._gateway.topics.recheck_watchers(message.topics)

    def doubt_all(self) -> None:
        """Redis was away or emptied: confirm what is known of everyone here."""
        self._hub.doubtful.update(self._hub.people.values())
        self._hub.due.set()

    # The people's logs

    async def keep(self) -> None:
        """When it is due, and several times a second: heal gaps, renew claims, strike out who
        left."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_KEEP_S):
                    await self._hub.due.wait()
            self._hub.due.clear()
            for step in (self._heal, self._renew, self._strike, self._verify):
                await self._attempt(step)

    async def _attempt(self, step: Callable[[], Awaitable[None]]) -> None:
        try:
            await step()
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("people's logs: %r", error)
            self._gateway.metrics.redis_failures_total += 1
        except Exception:
            # The boundary of this task: recorded, and tried again.
            log.exception("people's logs")

    async def _heal(self) -> None:
        """Deliver from the log what did not come by the stream."""
        while self._hub.behind:
            people = list(self._hub.behind)[:_BATCH]
            known = [(person.epoch, person.seq) for person in people]
            wanted = [(person.user_id, person.seq) for person in people]
            answers = await self._logs.read(wanted)
            for person, (epoch, _), (now_epoch, seq, entries) in zip(
                people, known, answers, strict=True
            ):
                self._hub.behind.discard(person)
                if self._hub.people.get(person.user_id) is not person or person.epoch != epoch:
                    continue
                if now_epoch != epoch:
                    self._hub.doubtful.add(person)
                elif entries is None:
                    if seq > person.seq:
                        self._hub.resync(person, "trimmed", epoch, seq)
                else:
                    self._bridge(person, entries)

    def _bridge(self, person: Person, entries: list[Any]) -> None:
        for entry in entries:
            if entry.seq == person.seq + 1:
                self._hub.write(person, entry.seq, entry.id, entry.tail)
                self._gateway.metrics.gaps_healed_total += 1
        if person.seen > person.seq:
            # A number was given out that the log does not have: Redis fell back in time.
            self._hub.doubtful.add(person)

    async def _renew(self) -> None:
        now = time.monotonic()
        while self._renewals and self._renewals[0][0] <= now:
            _, person = self._renewals.popleft()
            if self._hub.people.get(person.user_id) is person:
                self._hub.doubtful.add(person)
                self.entered(person)
        while self._hub.doubtful:
            people = list(self._hub.doubtful)[:_BATCH]
            standings = [
                Standing(
                    person.user_id,
                    person.epoch,
                    max(person.seq, person.seen),
                    person.last_id if person.seen <= person.seq else "",
                    tuple(connection.name for connection in person.connections),
                    tuple({connection.session.session_id for connection in person.connections}),
                )
                for person in people
            ]
            answers = await self._logs.renew(self._node, standings)
            for person, standing, (epoch, seq, so) in zip(people, standings, answers, strict=True):
                self._hub.doubtful.discard(person)
                self._renewed(person, standing, epoch, seq, so)

    def _renewed(self, person: Person, standing: Standing, epoch: str, seq: int, so: bool) -> None:
        if self._hub.people.get(person.user_id) is not person:
            self._hub.departed.append(Departure(person.user_id, ""))
            return
        if person.epoch != standing.epoch:  # a hello found out more meanwhile: ask again
            self._hub.doubtful.add(person)
            return
        if person.epoch and so:
            # Also in a new epoch: Redis started again, and the numbering goes on.
            person.epoch = epoch
            for connection in person.connections:
                connection.epoch = epoch
        elif person.epoch and epoch != person.epoch:
            self._hub.resync(person, "epoch", epoch, seq)
        if person.epoch and seq > person.seq:
            person.seen = max(person.seen, seq)
            self._hub.behind.add(person)

    def entered(self, person: Person) -> None:
        """A claim was made or renewed: it is to be renewed again in time."""
        self._renewals.append((time.monotonic() + self._logs.renew_ms / 1000, person))

    async def _strike(self) -> None:
        while self._hub.departed:
            departed = self._hub.departed[:_BATCH]
            gone: dict[str, list[str]] = {}
            for departure in departed:
                gone.setdefault(departure.user_id, []).append(departure.socket)
            await self._logs.leave(
                self._node,
                [
                    (u, [s for s in names if s], u not in self._hub.people)
                    for u, names in gone.items()
                ],
            )
            del self._hub.departed[: len(departed)]
            for user_id in gone:
                person = self._hub.people.get(user_id)
                if person is not None and person.connections:
                    self._hub.doubtful.add(person)  # back while leaving: claim again

    async def _verify(self) -> None:
        """A revocation, of a session or a topic, may have been lost with what else Redis lost."""
        while self._hub.unverified:
            some = list(self._hub.unverified)[:_BATCH]
            alive = await sessions_alive(
                self._gateway.resources, {c.session.session_id for c in some}
            )
            for connection in some:
                self._hub.unverified.discard(connection)
                self._gateway.topics.recheck(connection.session.user_id)
                session = connection.session
                if (session.user_id, session.session_id) not in alive:
                    connection.end(protocol.BAD_TOKEN, "session revoked")

    async def beat(self) -> None:
        """Say that this node lives."""
        while True:
            await asyncio.sleep(_BEAT_S)
            try:
                await nodestream.beat(self._redis, self._node)
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("node's claim to live: %r", error)

    async def leave(self) -> None:
        """The node goes, all its sockets are closed: leave nothing behind."""
        try:
            async with asyncio.timeout(2):
                await self._strike()
                await self._redis.unlink(self._stream)
                await self._redis.zrem(nodestream.NODES_KEY, self._node)
        except (RedisError, OSError, TimeoutError, ResponseError) as error:
            log.warning("left without saying so: %r", error)
