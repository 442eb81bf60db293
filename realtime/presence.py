"""Presence: who is connected here, told to the other nodes, and shown to those who watch.

A node says once that a person came, however many their sockets, and that they went a short while
after the last one closed, so that a reconnect is no event. What is true of all nodes together is
judged where somebody watches: a room holds what its person's record says (`app.presence.records`)
and looks at it again when that changes, when a node dies, and now and then, since word may get
lost. Nobody waits on a timer of their own.
"""

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import Awaitable, Callable
from itertools import islice
from typing import TYPE_CHECKING

from redis.exceptions import RedisError

from app.dispatch import stored
from app.errors import Unavailable
from app.ids import now_ms
from app.live import TopicUpdate, live_message
from app.presence import queries, service
from app.presence.records import NOBODY, RENEW_S, Record, Records, decode
from app.wire import presence
from realtime.batcher import Batcher
from realtime.connection import Connection
from realtime.frames import frame
from realtime.metrics import Metrics
from realtime.room import Room

if TYPE_CHECKING:
    from realtime.gateway import Gateway

log = logging.getLogger(__name__)

_TURN_S = 0.25
_RETRY_S = 0.5
_OPEN_S = 2.0
"""A subscription waits no longer for what it says first."""
_PEOPLE_AT_ONCE = 1000
_KEEP_EVERY_S = 5.0
_DEAD_MAX = 10_000
_BEATS_A_LIFE = 3
_BEATS_A_ROUND = 12
"""In so many beats every room is read once again."""
State = tuple[bool, int]
"""(online, last active in ms; 0 while online or when not known)"""


class PresenceRoom(Room):
    """Watchers of one person: told when they come and go."""

    __slots__ = ("_due", "_presence", "_shown", "record", "user_id")

    def __init__(self, topic: str, metrics: Metrics, here: "Presence") -> None:
        super().__init__(topic, metrics)
        self.user_id = topic.partition(":")[2]
        self.record: Record | None = None
        """None: not read yet."""
        self._presence = here
        self._shown: State | None = None
        """None before anything is known."""
        self._due = False

    async def open(self) -> None:
        await self._presence.opened(self)

    def close(self) -> None:
        self._presence.closed(self)

    def welcome(self, connection: Connection) -> None:
        if self._shown is not None:
            connection.send_live(self.topic, "presence", frame(self._message(self._shown)))

    def take(self, update: TopicUpdate) -> None:
        """Looked at once all of this loop turn's is here: the last word counts."""
        self.record = decode(update.message)
        if not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self.look)

    def look(self) -> None:
        """Tell the watchers, if what they were told is not so any more."""
        self._due = False
        state = self._presence.judge(self.record) if self.record is not None else None
        if state is None or state == self._shown:
            return
        first, self._shown = self._shown is None, state
        if not first or self.ready.is_set():
            super().take(TopicUpdate("presence", self._message(state)))

    def _message(self, state: State) -> bytes:
        online, at_ms = state
        return live_message(self.topic, "presence", presence(online, now_ms() if online else at_ms))


class Presence:
    def __init__(self, gateway: "Gateway") -> None:
        socket = gateway.settings.socket
        self._gateway = gateway
        self._resources = gateway.resources
        self._linger_s = socket.presence_linger_ms / 1000
        self._life_ms = socket.presence_life_ms
        self._holder = f"{gateway.node}/{secrets.token_hex(4)}"
        """This life of the node: what an earlier one held, it does not."""
        self._records = Records(self._resources.redis, self._holder, self._life_ms)
        self._known = False
        """The register of holders has this node."""
        # People here
        self._held: dict[str, float] = {}
        """Claimed for this node → when that is to be confirmed, the next first."""
        self._to_claim: dict[str, None] = {}
        self._leaving: dict[str, float] = {}
        """Without a socket since then, the longest first."""
        self._to_keep: dict[str, int] = {}
        self._keep_at = 0.0
        self._due = asyncio.Event()
        # People watched
        self._rooms: dict[str, PresenceRoom] = {}
        self._reads: Batcher[str, Record] = Batcher(self._read, _PEOPLE_AT_ONCE)
        self._lives: dict[str, float] = {}
        """Holder → until when it lives without another word, by this node's clock."""
        self._dead: dict[str, int] = {}
        """Holder → when it was last heard of, in ms; 0: not known."""
        self._asked: set[str] = set()
        """Holders that records name and nobody has heard of."""
        self._deaf_until = 0.0
        """Redis was away, for the others too: their silence means nothing yet."""
        self._beat_due = asyncio.Event()
        self._beats = 0

    # People here

    def arrived(self, user_id: str) -> None:
        """A socket of theirs was greeted."""
        self._leaving.pop(user_id, None)
        if user_id not in self._held:
            self._to_claim[user_id] = None
            self._due.set()

    def left(self, user_id: str) -> None:
        """A socket of theirs closed."""
        if user_id and not self._gateway.hub.of(user_id):
            self._leaving.pop(user_id, None)
            self._leaving[user_id] = time.monotonic()

    async def run(self) -> None:
        """Tell the other nodes who came and who went, in batches."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_TURN_S):
                    await self._due.wait()
            self._due.clear()
            for step in (self._claim, self._release, self._keep):
                await self._attempt(step)

    async def _attempt(self, step: Callable[[], Awaitable[None]]) -> None:
        try:
            await step()
        except (RedisError, OSError, TimeoutError, Unavailable) as error:
            log.warning("presence: %r", error)
            self._gateway.metrics.redis_failures_total += 1
            await asyncio.sleep(_RETRY_S)

    async def _claim(self) -> None:
        now = time.monotonic()
        for user_id, renew_at in islice(self._held.items(), _PEOPLE_AT_ONCE):
            if renew_at > now:
                break
            self._to_claim[user_id] = None
        if self._to_claim and not self._known:  # a claim counts only while its holder is known
            await self._beat()
        while self._to_claim:
            people = list(islice(self._to_claim, _PEOPLE_AT_ONCE))
            await self._records.claim(people)
            renew_at = time.monotonic() + RENEW_S
            for user_id in people:
                self._to_claim.pop(user_id, None)
                self._held.pop(user_id, None)
                self._held[user_id] = renew_at

    async def _release(self) -> None:
        now = time.monotonic()
        while self._leaving:
            gone = {}
            for user_id, since in islice(self._leaving.items(), _PEOPLE_AT_ONCE):
                if since + self._linger_s > now:
                    break
                gone[user_id] = since
            if not gone:
                return
            for user_id in gone:  # who comes back from here on is claimed anew
                self._held.pop(user_id, None)
                self._to_claim.pop(user_id, None)
            ago_ms = {u: round((now - since) * 1000) for u, since in gone.items()}
            self._to_keep |= await self._records.release(ago_ms)
            for user_id, since in gone.items():
                if self._leaving.get(user_id) == since:
                    del self._leaving[user_id]

    async def _keep(self) -> None:
        if not self._to_keep or time.monotonic() < self._keep_at:
            return
        self._keep_at = time.monotonic() + _KEEP_EVERY_S
        some = dict(islice(self._to_keep.items(), _PEOPLE_AT_ONCE))
        await stored(service.keep_last_active(self._resources, some))
        for user_id, at_ms in some.items():
            if self._to_keep.get(user_id) == at_ms:
                del self._to_keep[user_id]

    # The nodes

    async def beat(self) -> None:
        """Say that this node lives, hear which others do, and look at those watched again."""
        while True:
            self._beat_due.clear()
            await self._attempt(self._beat)
            await self._attempt(self._reread)
            for room in list(self._rooms.values()):
                room.look()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._life_ms / 1000 / _BEATS_A_LIFE):
                    await self._beat_due.wait()

    async def _beat(self) -> None:
        try:
            known, left_ms = await self._records.beat()
        except (RedisError, OSError, TimeoutError):
            self._deaf_until = float("inf")
            raise
        now = time.monotonic()
        if self._deaf_until == float("inf"):
            self._deaf_until = now + self._life_ms / 1000
        if self._known and not known:  # Redis was emptied, or this node was away for long
            self._to_claim |= dict.fromkeys(self._held)
            self._due.set()
        self._known = True
        self._learn(left_ms, now)

    def _learn(self, left_ms: dict[str, int], now: float) -> None:
        """Who lives. A register that lost a holder is no word of its death: it may not have
        spoken up again yet."""
        for holder, ms in left_ms.items():
            if ms > 0:
                self._lives[holder] = now + ms / 1000
        asked, self._asked = self._asked, set()
        silent = {h for h, until in self._lives.items() if until <= now or left_ms.get(h, 1) <= 0}
        if now < self._deaf_until:
            silent.clear()
        for holder in silent:
            del self._lives[holder]
        gone = (silent | asked | set(left_ms)) - set(self._lives)
        self._dead = {h: at for h, at in self._dead.items() if h in left_ms or not at}
        while len(self._dead) > _DEAD_MAX:
            self._dead.pop(next(iter(self._dead)))
        for holder in gone:
            left = left_ms.get(holder)
            last = 0 if left is None else now_ms() + left - self._life_ms
            self._dead[holder] = self._dead.get(holder) or last
        for holder in self._lives:
            self._dead.pop(holder, None)

    async def leave(self) -> None:
        """The node goes: its people have the time of a reconnect to turn up elsewhere."""
        try:
            async with asyncio.timeout(2):
                await self._records.beat(min(self._life_ms, round(self._linger_s * 1000)))
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("left without saying so: %r", error)

    # People watched

    def room(self, topic: str) -> PresenceRoom:
        return PresenceRoom(topic, self._gateway.metrics, self)

    async def opened(self, room: PresenceRoom) -> None:
        self._rooms[room.user_id] = room
        try:
            async with asyncio.timeout(_OPEN_S):
                room.record = await self._reads.ask(room.user_id)
                if self._strangers(room.record):
                    await self._beat()
        except (RedisError, OSError, TimeoutError, Unavailable) as error:
            log.warning("presence of %s not known yet: %r", room.user_id, error)
        room.look()

    def closed(self, room: PresenceRoom) -> None:
        self._rooms.pop(room.user_id, None)

    def judge(self, record: Record) -> State | None:
        """What a record means now; None: a holder has to be asked after first."""
        wall = now_ms()
        if any(h in self._lives and ends > wall for h, ends in record.holders.items()):
            return True, 0
        if self._strangers(record):
            self._beat_due.set()
            return None
        return False, max([record.seen_ms, *(self._dead.get(h, 0) for h in record.holders)])

    def _strangers(self, record: Record) -> bool:
        found = {h for h in record.holders if h not in self._lives and h not in self._dead}
        self._asked |= found
        return bool(found)

    async def read(self) -> None:
        """Answer those who open rooms, batch by batch."""
        await self._reads.run()

    async def _read(self, user_ids: list[str]) -> list[Record | Exception]:
        found = await self._records.read(user_ids)
        unknown = [u for u, record in zip(user_ids, found, strict=True) if record is None]
        if not unknown:
            return [record or NOBODY for record in found]
        stored_ms = await stored(queries.last_active(self._resources, unknown))
        seen_ms = {user_id: stored_ms.get(user_id, 0) for user_id in unknown}
        await self._records.fill(seen_ms)
        return [
            record or Record({}, seen_ms[user_id])
            for user_id, record in zip(user_ids, found, strict=True)
        ]

    async def _reread(self) -> None:
        """A share of the rooms: what was published may not have arrived."""
        self._beats = (self._beats + 1) % _BEATS_A_ROUND
        share = [
            (room, room.record)
            for place, room in enumerate(self._rooms.values())
            if place % _BEATS_A_ROUND == self._beats or room.record is None
        ]
        for start in range(0, len(share), _PEOPLE_AT_ONCE):
            some = share[start : start + _PEOPLE_AT_ONCE]
            found = await self._records.read([room.user_id for room, _ in some])
            for (room, before), record in zip(some, found, strict=True):
                # Without a record Redis has lost it, which says nothing of the person.
                if record is not None and room.record is before:
                    room.record = record
