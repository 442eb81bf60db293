"""Hello: who is it, where does their log stand, what have they missed.

The person's place in the log and the claim of this node on the person are one script, so no
event can fall between them: what was pushed before it is in the log, what is pushed after it
comes by the node's stream.
"""

import asyncio
import logging
import time
from typing import TYPE_CHECKING

import orjson
from redis.exceptions import RedisError

from app import clock
from app.dispatch import stored
from app.errors import GlimpseError, Unauthenticated, Unavailable
from app.identity import queries
from app.identity.tokens import Claims
from app.ids import now_ms
from app.personlog import Hello, Registered, SessionEnded, SessionUnknown, Verdict, new_epoch
from realtime import protocol
from realtime.batcher import Batcher
from realtime.connection import Connection
from realtime.frames import event, frame
from realtime.hub import Hub, Person, resync_message
from realtime.protocol import Resume
from realtime.session import Greet, Renew

if TYPE_CHECKING:
    from realtime.gateway import Gateway

log = logging.getLogger(__name__)

_REDIS_S = 5.0
_ATTEMPTS_MAX = 20
_TOGETHER_MAX = 128


class Entrance:
    def __init__(self, gateway: "Gateway", hub: Hub) -> None:
        self._gateway = gateway
        self._hub = hub
        self._resources = gateway.resources
        self._logs = gateway.resources.live.logs
        self._hellos: Batcher[Hello, Registered] = Batcher(self._together, _TOGETHER_MAX)

    async def greet(self, connection: Connection, greet: Greet) -> None:
        """Who it is, where they stand, and the welcome."""
        entered = person = None
        try:
            claims = self._resources.tokens.verify(greet.token)
            person = self._hub.enter(claims.user_id)
            found = await self._register(person, connection, claims, greet.resume)
            if connection.socket.open:
                self._admit(person, connection, claims, greet.resume, found)
                entered = connection
        except GlimpseError as error:
            await self._turn_away(connection, error)
            return
        finally:
            if person is not None:
                self._hub.entered(person, entered)
        for socket in found.too_many:
            await self._close_oldest(person.user_id, socket)
        if entered is not None:
            if len(person.connections) == 1:
                self._gateway.delivery.entered(person)
            self._gateway.receipts.replayed(person.user_id, found.missed)
            self._gateway.authors.entered(person.user_id)
            self._gateway.presence.arrived(person.user_id)

    async def _turn_away(self, connection: Connection, error: GlimpseError) -> None:
        self._gateway.metrics.handshakes_refused_total += 1
        if isinstance(error, Unauthenticated):
            await connection.perform(connection.session.refused(error.message))
        else:  # the database is away: not the client's fault
            connection.end(protocol.GOING_AWAY, error.message, 2000)

    async def _register(
        self, person: Person, connection: Connection, claims: Claims, resume: Resume | None
    ) -> Registered:
        """The person's place in the log, at least as new as what this node has delivered.

        Raises Unauthenticated when the session has ended.
        """
        point = (resume.epoch, resume.seq) if resume is not None else None
        hello = Hello(claims.user_id, claims.session_id, connection.name, point)
        try:
            for _ in range(_ATTEMPTS_MAX):
                found = await self._hellos.ask(hello)
                # An answer may be overtaken by an event that came by the stream meanwhile.
                if person.epoch != found.epoch or found.seq >= person.seq:
                    return found
            raise TimeoutError("the log kept moving")
        except SessionEnded:
            raise _ended() from None
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("hello without Redis: %r", error)
            self._gateway.metrics.redis_failures_total += 1
            await self._check_alive(claims)
            return self._unregistered(person, resume)

    async def _together(self, hellos: list[Hello]) -> list[Registered | Exception]:
        """Register in one round trip; sessions Redis does not know are looked up, together."""
        node = self._gateway.node
        answers: list[Registered | Exception] = []
        # Around the trip alone: in a storm many wait in line before it, and that is no outage.
        async with asyncio.timeout(_REDIS_S):
            answers += await self._logs.register(node, hellos)
        unknown = [i for i, answer in enumerate(answers) if isinstance(answer, SessionUnknown)]
        if unknown:
            wanted = (hellos[i].session_id for i in unknown)
            try:
                alive = await stored(queries.sessions_alive(self._resources, wanted))
            except Unavailable as error:
                for i in unknown:
                    answers[i] = error
                return answers
            found = [i for i in unknown if (hellos[i].user_id, hellos[i].session_id) in alive]
            again = await self._logs.register(node, [hellos[i] for i in found], alive=True)
            known = dict(zip(found, again, strict=True))
            for i in unknown:
                answers[i] = known.get(i) or SessionEnded()
        return answers

    async def run(self) -> None:
        """Serve the hellos that wait, batch by batch."""
        await self._hellos.run()

    async def _check_alive(self, claims: Claims) -> None:
        pair = (claims.user_id, claims.session_id)
        if pair not in await stored(queries.sessions_alive(self._resources, [pair[1]])):
            raise _ended()

    def _unregistered(self, person: Person, resume: Resume | None) -> Registered:
        """Redis is away. The socket is useful still (calls); its numbering is of this node
        alone, and once Redis is back the client is told to reload."""
        self._hub.doubtful.add(person)
        if resume is not None and (resume.epoch, resume.seq) == (person.epoch, person.seq):
            return Registered("resumed", person.epoch, person.seq, [], [])
        verdict: Verdict = "fresh" if resume is None else "expired"
        return Registered(verdict, person.epoch or new_epoch(), person.seq, [], [])

    def _admit(
        self,
        person: Person,
        connection: Connection,
        claims: Claims,
        resume: Resume | None,
        found: Registered,
    ) -> None:
        """From here to the end nothing waits: the socket joins the numbering exactly here."""
        if not person.epoch:
            person.epoch, person.seq = found.epoch, found.seq
            if found.missed:
                person.last_id = found.missed[-1].id
        elif person.epoch != found.epoch:
            self._hub.resync(person, "epoch", found.epoch, found.seq)
        elif found.seq > person.seq:
            person.seen = max(person.seen, found.seq)
        connection.seq = found.seq
        now = time.monotonic()
        ends_at = now + (claims.expires_at - time.time())
        connection.session.greeted(claims.user_id, claims.session_id, ends_at)
        self._hub.look_again(connection, now)
        self._gateway.metrics.handshakes_total += 1
        if connection.greeted:
            self._gateway.door.welcomed(connection.caller.address)
        connection.send(self._answer(connection, claims, found))
        resumed = resume if found.verdict == "resumed" else None
        connection.epoch, connection.handed = found.epoch, (resumed or found).seq
        self._hub.audit.replayed(connection, [entry.seq for entry in found.missed], found.seq)

    def _answer(self, connection: Connection, claims: Claims, found: Registered) -> bytes:
        bounds = self._gateway.settings.socket
        welcome: protocol.Welcome = {
            "op": "welcome",
            "user_id": claims.user_id,
            "session": claims.session_id,
            "epoch": found.epoch,
            "seq": found.seq,
            "resumed": found.verdict == "resumed",
            "ping_interval_ms": bounds.ping_interval_ms,
            "server_time": clock.iso_ms(now_ms()),
            "limits": {
                "topics": bounds.topics_max,
                "frame_bytes": bounds.frame_bytes_max,
                "calls_per_s": bounds.calls_per_s,
            },
        }
        frames = [frame(orjson.dumps(welcome))]
        metrics = self._gateway.metrics
        if found.verdict == "resumed":
            metrics.resumes_total += 1
            metrics.events_delivered_total += len(found.missed)
            encode = self._hub.squeezed_event if connection.squeezes else event
            frames += [encode(entry.seq, entry.tail) for entry in found.missed]
        elif found.verdict != "fresh":
            metrics.resumes_refused_total += 1
            metrics.resyncs_total += 1
            frames.append(frame(resync_message(found.verdict, found.epoch, found.seq)))
        return b"".join(frames)

    async def _close_oldest(self, user_id: str, socket: str) -> None:
        for connection in self._hub.of(user_id):
            if connection.name == socket:
                connection.end(protocol.TOO_MANY_SOCKETS, "too many sockets")
                return
        if not socket.startswith(self._gateway.node + "/"):
            try:
                await self._resources.live.end_socket(user_id, socket)
            except (RedisError, OSError) as error:
                log.warning("could not close a socket elsewhere: %r", error)

    async def renew(self, connection: Connection, renew: Renew) -> None:
        """`auth`: a new token for the same person."""
        try:
            claims = self._resources.tokens.verify(renew.token)
            await self._check_alive(claims)
        except GlimpseError as error:
            await self._turn_away(connection, error)
            return
        now = time.monotonic()
        ends_at = now + (claims.expires_at - time.time())
        effects = connection.session.renewed(renew.id, claims.user_id, claims.session_id, ends_at)
        self._hub.look_again(connection, now)
        await connection.perform(effects)


def _ended() -> Unauthenticated:
    return Unauthenticated("This session has ended. Log in again.", "session_revoked")
