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
from app.errors import GlimpseError, Unauthenticated
from app.identity import queries
from app.identity.tokens import Claims
from app.ids import now_ms
from app.limits import session_key
from app.personlog import Registered, new_epoch
from realtime import protocol
from realtime.connection import Connection
from realtime.frames import frame
from realtime.hub import Hub, Person, resync_message
from realtime.protocol import Resume
from realtime.session import Greet, Renew

if TYPE_CHECKING:
    from realtime.gateway import Gateway

log = logging.getLogger(__name__)

_SESSION_CACHE_S = 60
_REDIS_S = 3.0
_ATTEMPTS_MAX = 20


class Entrance:
    def __init__(self, gateway: "Gateway", hub: Hub) -> None:
        self._gateway = gateway
        self._hub = hub
        self._resources = gateway.resources
        self._logs = gateway.resources.live.logs

    async def greet(self, connection: Connection, greet: Greet) -> None:
        try:
            claims = await self._claims(greet.token)
        except GlimpseError as error:
            await self._turn_away(connection, error)
            return
        person = self._hub.enter(claims.user_id)
        entered = None
        try:
            registered = await self._register(person, connection, greet.resume)
            if connection.socket.open:
                self._admit(person, connection, claims, registered, greet.resume)
                entered = connection
        finally:
            self._hub.entered(person, entered)
        for socket in registered.too_many:
            await self._close_oldest(person.user_id, socket)
        if entered is not None:
            if len(person.connections) == 1:
                self._gateway.delivery.entered(person)
            self._gateway.topics.entered(connection)
            self._gateway.receipts.replayed(person.user_id, registered.missed)

    async def _turn_away(self, connection: Connection, error: GlimpseError) -> None:
        self._gateway.metrics.handshakes_refused_total += 1
        if isinstance(error, Unauthenticated):
            await connection.perform(connection.session.refused(error.message))
        else:  # the database is away: not the client's fault
            connection.end(protocol.GOING_AWAY, error.message, 2000)

    async def _claims(self, token: str) -> Claims:
        """Raises Unauthenticated when the token is not good or its session has ended."""
        claims = self._resources.tokens.verify(token)
        key = session_key(claims.user_id, claims.session_id)
        cached = await self._resources.cache.get(key)
        alive = cached == b"1"
        if cached is None:
            alive = await stored(
                queries.session_alive(self._resources, claims.user_id, claims.session_id)
            )
            await self._resources.cache.fill(key, b"1" if alive else b"0", _SESSION_CACHE_S)
        if not alive:
            raise Unauthenticated("This session has ended. Log in again.", "session_revoked")
        return claims

    async def _register(
        self, person: Person, connection: Connection, resume: Resume | None
    ) -> Registered:
        """The person's place in the log, at least as new as what this node has delivered."""
        point = (resume.epoch, resume.seq) if resume is not None else None
        try:
            for _ in range(_ATTEMPTS_MAX):
                async with asyncio.timeout(_REDIS_S):
                    found = await self._logs.register(
                        person.user_id, self._gateway.node, connection.name, point
                    )
                # An answer may be overtaken by an event that came by the stream meanwhile.
                if person.epoch != found.epoch or found.seq >= person.seq:
                    return found
            raise TimeoutError("the log kept moving")
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("hello without Redis: %r", error)
            self._gateway.metrics.redis_failures_total += 1
            return self._unregistered(person, resume)

    def _unregistered(self, person: Person, resume: Resume | None) -> Registered:
        """Redis is away. The socket is useful still (calls); its numbering is of this node
        alone, and once Redis is back the client is told to reload."""
        self._hub.doubtful.add(person)
        if resume is not None and (resume.epoch, resume.seq) == (person.epoch, person.seq):
            return Registered("resumed", person.epoch, person.seq, [], [])
        verdict: protocol.ResyncReason = "expired"
        epoch = person.epoch or f"{new_epoch()}l"
        fresh = "fresh" if resume is None else verdict
        return Registered(fresh, epoch, person.seq, [], [])

    def _admit(
        self,
        person: Person,
        connection: Connection,
        claims: Claims,
        found: Registered,
        resume: Resume | None,
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
        connection.check_at = connection.session.next_check(now)
        self._gateway.metrics.handshakes_total += 1
        connection.send(self._answer(claims, found, resume))

    def _answer(self, claims: Claims, found: Registered, resume: Resume | None) -> bytes:
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
            frames += [frame(protocol.event(e.seq, e.tail)) for e in found.missed]
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
            claims = await self._claims(renew.token)
        except GlimpseError as error:
            await self._turn_away(connection, error)
            return
        now = time.monotonic()
        ends_at = now + (claims.expires_at - time.time())
        effects = connection.session.renewed(renew.id, claims.user_id, claims.session_id, ends_at)
        connection.check_at = connection.session.next_check(now)
        await connection.perform(effects)
