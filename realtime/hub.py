"""Who is on this node, and handing events to their sockets in the order of their numbers.

A person's numbering is followed once for all their sockets: an event is written when its
number is the next. A number seen before is a repeat and dropped; a later one means a gap, and
the person is put among those `behind`, whose log is then read (`delivery.py`). A person whose
epoch is not the one expected is `doubtful`: what is known of them is confirmed or given up.
"""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import orjson

from realtime import frames, protocol
from realtime.audit import Audit
from realtime.connection import Connection
from realtime.deadlines import Deadlines
from realtime.frames import frame
from realtime.metrics import Metrics


@dataclass(slots=True, eq=False)
class Person:
    user_id: str
    epoch: str = ""
    """Empty until the first socket's hello has found it."""
    seq: int = 0
    """The newest event delivered here."""
    last_id: str = ""
    seen: int = 0
    """The newest number heard of."""
    entering: int = 0
    """Sockets whose hello is under way."""
    connections: list[Connection] = field(default_factory=list)
    """In the order they came."""


@dataclass(frozen=True, slots=True)
class Departure:
    user_id: str
    socket: str


class Hub:
    def __init__(self, metrics: Metrics, ping_interval_s: int) -> None:
        self.metrics = metrics
        self.audit = Audit(metrics)
        self.people: dict[str, Person] = {}
        self.behind: set[Person] = set()
        self.doubtful: set[Person] = set()
        self.unverified: set[Connection] = set()
        """Whose session may have ended unheard: Redis lost what it was told meanwhile."""
        self.departed: list[Departure] = []
        """Sockets that closed, to be struck from the people's records."""
        self.due = asyncio.Event()
        """Someone is behind, doubtful or departed."""
        self._connections: set[Connection] = set()
        self._deadlines = Deadlines(time.monotonic())
        slots = max(1, ping_interval_s)
        self._ping_slots: list[set[Connection]] = [set() for _ in range(slots)]
        self._tick = 0
        self._tail = b""
        self._squeezed: bytes | None = None
        """What became of the tail that was compressed last."""

    # Coming and going

    def connected(self, connection: Connection) -> None:
        """A socket that has not said hello yet."""
        self._connections.add(connection)
        self.look_again(connection, time.monotonic())
        connection.ping_slot = len(self._connections) % len(self._ping_slots)
        self._ping_slots[connection.ping_slot].add(connection)
        self.metrics.sockets = len(self._connections)

    def look_again(self, connection: Connection, now: float) -> None:
        """Its session waits for another moment than before."""
        if connection in self._connections:
            self._deadlines.set(connection, connection.session.next_check(now))

    def enter(self, user_id: str) -> Person:
        """A hello begins: from now on the person's numbers are watched."""
        person = self.people.get(user_id)
        if person is None:
            person = self.people[user_id] = Person(user_id)
        person.entering += 1
        return person

    def entered(self, person: Person, connection: Connection | None) -> None:
        """The hello is done; without a connection it failed."""
        person.entering -= 1
        if connection is not None:
            person.connections.append(connection)
            if person.seen > person.seq:
                self._mark(person, self.behind)
        self._forget_if_gone(person)
        self.metrics.people = len(self.people)

    def disconnected(self, connection: Connection) -> None:
        self._connections.discard(connection)
        self._deadlines.drop(connection)
        self.unverified.discard(connection)
        self._ping_slots[connection.ping_slot].discard(connection)
        person = self.people.get(connection.session.user_id)
        if person is not None and connection in person.connections:
            person.connections.remove(connection)
            self.departed.append(Departure(person.user_id, connection.name))
            self.due.set()
            self._forget_if_gone(person)
        self.metrics.sockets = len(self._connections)
        self.metrics.people = len(self.people)

    def _forget_if_gone(self, person: Person) -> None:
        if not person.connections and not person.entering:
            self.people.pop(person.user_id, None)
            self.behind.discard(person)
            self.doubtful.discard(person)

    @property
    def greeted(self) -> "set[Connection]":
        """The sockets that were welcomed, whomever the hub has them under."""
        return {connection for connection in self._connections if connection.greeted}

    def of(self, user_id: str) -> list[Connection]:
        person = self.people.get(user_id)
        return list(person.connections) if person is not None else []

    # Delivering

    def deliver(
        self,
        user_id: str,
        epoch: str,
        seq: int,
        event_id: str,
        tail: bytes,
        only: tuple[str, bytes] | None = None,
    ) -> None:
        """An event from the node's stream. `only`: (session, the tail for all others)."""
        person = self.people.get(user_id)
        if person is None:
            return
        if person.epoch != epoch:
            if person.epoch:
                self._mark(person, self.doubtful)
            else:
                person.seen = max(person.seen, seq)
        elif seq == person.seq + 1:
            self.write(person, seq, event_id, tail, only)
        elif seq <= person.seq:
            self.metrics.repeats_dropped_total += 1
        else:
            person.seen = max(person.seen, seq)
            if person not in self.behind:
                self.metrics.gaps_total += 1
                self._mark(person, self.behind)

    def _mark(self, person: Person, among: set[Person]) -> None:
        among.add(person)
        self.due.set()

    def write(
        self,
        person: Person,
        seq: int,
        event_id: str,
        tail: bytes,
        only: tuple[str, bytes] | None = None,
    ) -> None:
        """The person's next event, to each of their sockets that came before it."""
        person.seq = seq
        person.last_id = event_id
        data = frames.event(seq, tail)
        for connection in person.connections:
            if connection.seq >= seq:
                continue
            connection.seq = seq
            self.metrics.events_delivered_total += 1
            if only is not None and connection.session.session_id != only[0]:
                connection.event(seq, frames.event(seq, only[1]))
            elif connection.squeezes:
                connection.event(seq, self.squeezed_event(seq, tail))
            elif connection.blocked:
                connection.event(seq, data)
            else:
                try:  # as `event` does, without its cost
                    connection.write(data)
                except RuntimeError:
                    connection.shut()
                if seq == connection.handed + 1:
                    connection.handed = seq
                else:
                    self.audit.wrong(connection, seq)

    def squeezed_event(self, seq: int, tail: bytes) -> bytes:
        """The event's frame for sockets that compress; a tail is compressed once for all."""
        if tail is not self._tail:
            self._tail, self._squeezed = tail, frames.squeeze(tail)
        if self._squeezed is None:
            return frames.event(seq, tail)
        return frames.squeezed_event(seq, self._squeezed)

    def resync(self, person: Person, reason: protocol.ResyncReason, epoch: str, seq: int) -> None:
        """What was missed can't be delivered: the person's clients reload."""
        person.epoch, person.seq, person.last_id, person.seen = epoch, seq, "", seq
        data = frame(resync_message(reason, epoch, seq))
        for connection in person.connections:
            connection.seq = seq
            connection.resync(epoch, seq, data)
            self.metrics.resyncs_total += 1
        self.behind.discard(person)
        self.unverified.update(person.connections)

    def tell(self, user_ids: Iterable[str], type: str, message: bytes) -> None:
        """An ephemeral message on `me`."""
        data = frame(message)
        for user_id in user_ids:
            for connection in self.of(user_id):
                connection.send_live("me", type, data)
                self.metrics.updates_delivered_total += 1

    # Time

    async def tick(self) -> None:
        """Each second: deadlines, and a ping to this second's share of the sockets."""
        now = time.monotonic()
        for connection in self._deadlines.due(now):
            effects = connection.session.tick(now)
            self.look_again(connection, now)
            await connection.perform(effects)
        self._tick = (self._tick + 1) % len(self._ping_slots)
        for connection in list(self._ping_slots[self._tick]):
            if not connection.ping():
                self.metrics.closed_silent_total += 1
                connection.socket.abort()


def resync_message(reason: protocol.ResyncReason, epoch: str, seq: int) -> bytes:
    message: protocol.Resync = {"op": "resync", "reason": reason, "epoch": epoch, "seq": seq}
    return orjson.dumps(message)
