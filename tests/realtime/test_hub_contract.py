"""Delivery against a model: whatever comes twice, late, or never, and whoever comes and goes.

The real hub, entrance, connections and healing; Redis and the transports are on paper. Each
socket must see, from its welcome on, each number of its person's log exactly once and in order,
or be told to reload; and once all is quiet nobody lacks anything. The audit must count nothing.
"""

import time
from collections.abc import Coroutine
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from app.identity.tokens import Claims
from app.personlog import Registered
from app.settings import Settings, Socket
from realtime.audit import LOOKS
from realtime.calls import Caller
from realtime.connection import Connection
from realtime.delivery import Delivery
from realtime.door import Door
from realtime.entrance import Entrance
from realtime.hub import Hub, Person
from realtime.metrics import Metrics
from realtime.protocol import Resume
from realtime.session import Bounds
from tests.fixtures.tally import Counted, play
from tests.realtime.paper import PaperLogs, PaperSocket, tail

PEOPLE = st.sampled_from(["usr_ana", "usr_bob"])
ANY = st.integers(0, 50)
PICKS = st.lists(st.just(0), max_size=6) | st.lists(ANY, max_size=6)
"""Which of the entries on the way come next: in order, or out of it."""
COPIES = st.sampled_from([1, 1, 1, 2])
SELDOM = st.sampled_from([False] * 5 + [True])
BOUNDS = Bounds(hello_s=5, topics_max=3, messages_per_s=1000)


def now(work: Coroutine[Any, Any, None]) -> None:
    """Run what waits for nothing on paper."""
    try:
        work.send(None)
    except StopIteration:
        return
    raise AssertionError("it waited")


@dataclass
class Watcher:
    """A socket, and what its client may conclude."""

    connection: Connection
    socket: PaperSocket
    user_id: str
    resume: tuple[str, int] | None
    person: Person | None = None
    found: Registered | None = None
    """Its hello has been answered by the log, and not yet acted upon."""
    inside: bool = False
    seen: int = 0
    epoch: str = ""
    seq: int = 0


class HubContract(Counted):
    def __init__(self) -> None:
        super().__init__()
        self.logs = PaperLogs()
        self.metrics = Metrics()
        self.hub = Hub(self.metrics, 25)
        settings = Settings(socket=Socket(outbox_messages_max=4))
        self.gateway: Any = SimpleNamespace(
            bounds=BOUNDS,
            settings=settings,
            metrics=self.metrics,
            hub=self.hub,
            node="gw1",
            door=Door(Socket(), (), 0.0),
            resources=SimpleNamespace(
                live=SimpleNamespace(logs=self.logs), redis=None, tokens=None
            ),
        )
        self.delivery = Delivery(self.gateway, self.hub)
        self.entrance = Entrance(self.gateway, self.hub)
        self.events = 0
        self.on_the_way: list[tuple[str, str, int, str]] = []
        """(user, epoch, seq, event) in the node's stream."""
        self.watchers: list[Watcher] = []
        self.left: dict[str, tuple[str, int]] = {}
        """Where a client that went stood."""

    def _some(self, which: int) -> Watcher | None:
        return self.watchers[which % len(self.watchers)] if self.watchers else None

    # Workers

    @initialize(users=st.lists(PEOPLE, min_size=2, max_size=4))
    def begin(self, users: list[str]) -> None:
        for user_id in users:
            self.come(user_id, False, 0, True)

    @rule(
        users=st.sets(PEOPLE, min_size=1),
        copies=st.lists(COPIES, min_size=1, max_size=4),
        arrive=st.booleans(),
    )
    def push(self, users: set[str], copies: list[int], arrive: bool) -> None:
        for times in copies:
            self.events += 1
            for user_id in sorted(users):
                if user_id in self.logs.logs:  # the others cost nothing
                    self._send(user_id, f"ev{self.events}", times)
        if arrive:
            self.hear([0] * 6)

    def _send(self, user_id: str, event_id: str, copies: int) -> None:
        epoch, seq = self.logs.append(user_id, event_id)
        self.on_the_way += [(user_id, epoch, seq, event_id)] * copies

    @rule(user_id=PEOPLE, back=st.integers(1, 4))
    def push_again(self, user_id: str, back: int) -> None:
        log = self.logs.logs.get(user_id)
        if log is not None and len(log.events) >= back:
            self._send(user_id, log.events[-back], 1)

    # The node's stream

    @precondition(lambda self: self.on_the_way)
    @rule(picks=PICKS)
    def hear(self, picks: list[int]) -> None:
        """In order, or out of it."""
        for which in picks:
            if self.on_the_way:
                self._hear(which % len(self.on_the_way))

    def _hear(self, index: int) -> None:
        user_id, epoch, seq, event_id = self.on_the_way.pop(index)
        self.hub.deliver(user_id, epoch, seq, event_id, tail(event_id))

    @precondition(lambda self: self.on_the_way)
    @rule(which=ANY)
    def never_hear(self, which: int) -> None:
        self.on_the_way.pop(which % len(self.on_the_way))

    def _while(self, step: Coroutine[Any, Any, None], picks: list[int]) -> None:
        """Run a step; while its first answer is on its way, events arrive."""

        def meanwhile() -> None:
            self.logs.meanwhile = lambda: None
            self.hear(picks)

        self.logs.meanwhile = meanwhile
        now(step)

    @rule(picks=PICKS)
    def heal(self, picks: list[int]) -> None:
        self._while(self.delivery._heal(), picks)

    @rule(picks=PICKS)
    def renew(self, picks: list[int]) -> None:
        self.delivery.doubt_all()
        self._while(self.delivery._renew(), picks)

    @rule()
    def strike(self) -> None:
        now(self.delivery._strike())

    @rule(user_id=PEOPLE, dare=SELDOM, pushed=st.integers(0, 6), arrive=st.booleans())
    def redis_loses_a_log(self, user_id: str, dare: bool, pushed: int, arrive: bool) -> None:
        if dare and user_id in self.logs.logs:
            del self.logs.logs[user_id]
            self.renew([])
            self.push({user_id}, [1] * pushed, arrive)

    # Sockets

    @precondition(lambda self: len(self.watchers) < 6)
    @rule(user_id=PEOPLE, resumes=st.booleans(), ago=st.integers(0, 9), at_once=st.booleans())
    def come(self, user_id: str, resumes: bool, ago: int, at_once: bool) -> None:
        socket = PaperSocket()
        caller = Caller("", "address", "")
        name = f"gw1/boot/{self.events}.{len(self.watchers)}"
        connection = Connection(self.gateway, socket, caller, name)  # type: ignore[arg-type]
        self.hub.connected(connection)
        connection.session.received('{"op":"hello","token":"t"}', time.monotonic())
        point = self.left.get(user_id) if resumes else None
        if point is not None:
            point = (point[0], max(0, point[1] - ago))
        watcher = Watcher(connection, socket, user_id, point)
        watcher.person = self.hub.enter(user_id)
        watcher.found = self.logs.register(user_id, point)
        self.watchers.append(watcher)
        if at_once:
            self.be_welcomed(len(self.watchers) - 1)

    @rule(which=ANY)
    def be_welcomed(self, which: int) -> None:
        watcher = self._some(which)
        if watcher is None or watcher.found is None or watcher.person is None:
            return
        found, person, resume = watcher.found, watcher.person, watcher.resume
        if person.epoch == found.epoch and found.seq < person.seq:  # overtaken: asked again
            found = self.logs.register(watcher.user_id, resume)
            if person.epoch == found.epoch and found.seq < person.seq:
                return
        watcher.found, watcher.person, watcher.inside = None, None, True
        claims = Claims(watcher.user_id, "ses_1", 2**40)
        point = Resume(*resume) if resume is not None else None
        self.entrance._admit(person, watcher.connection, claims, point, found)
        self.hub.entered(person, watcher.connection)

    @rule(which=ANY, missed=st.integers(0, 8), arrive=st.booleans(), at_once=st.booleans())
    def go_and_come_back(self, which: int, missed: int, arrive: bool, at_once: bool) -> None:
        watcher = self._some(which)
        if watcher is not None:
            self.go(which)
            self.push({watcher.user_id}, [1] * missed, arrive)
            self.come(watcher.user_id, True, 0, at_once)

    @precondition(lambda self: len(self.watchers) > 2)
    @rule(which=ANY)
    def go(self, which: int) -> None:
        watcher = self.watchers[which % len(self.watchers)]
        self.watchers.remove(watcher)
        self._read(watcher)
        if watcher.inside:
            self.left[watcher.user_id] = (watcher.epoch, watcher.seq)
        elif watcher.person is not None:
            self.hub.entered(watcher.person, None)
        self.hub.disconnected(watcher.connection)

    @rule(which=ANY)
    def read_nothing(self, which: int) -> None:
        watcher = self._some(which)
        if watcher is not None and watcher.inside and watcher.socket.open:
            watcher.socket.hold()

    @rule(which=ANY)
    def read_on(self, which: int) -> None:
        watcher = self._some(which)
        if watcher is not None and watcher.inside:
            watcher.socket.release()

    # What clients see

    def _read(self, watcher: Watcher) -> None:
        for message in watcher.socket.messages[watcher.seen :]:
            match message["op"]:
                case "welcome":
                    assert watcher.seen == 0
                    watcher.epoch, watcher.seq = message["epoch"], message["seq"]
                    if message["resumed"]:
                        assert watcher.resume is not None
                        assert watcher.resume[0] == message["epoch"]
                        watcher.seq = watcher.resume[1]
                case "event":
                    assert message["seq"] == watcher.seq + 1
                    watcher.seq += 1
                    log = self.logs.history[watcher.epoch]
                    assert message["id"] == log.events[watcher.seq - 1]
                case "resync":
                    watcher.epoch, watcher.seq = message["epoch"], message["seq"]
                case other:
                    raise AssertionError(other)
            watcher.seen += 1

    @invariant()
    def each_socket_sees_each_number_once_and_in_order(self) -> None:
        for watcher in self.watchers:
            self._read(watcher)

    @invariant()
    def nobody_waits_for_the_next_renewal(self) -> None:
        """Whoever is known to lack something is looked after at once."""
        for person in self.hub.people.values():
            known = person.epoch and person.connections and person.seen > person.seq
            assert not known or person in self.hub.behind | self.hub.doubtful

    @invariant()
    def the_audit_has_nothing_to_say(self) -> None:
        assert (self.metrics.events_lost, self.metrics.events_duplicated) == (0, 0)

    def teardown(self) -> None:
        """All is quiet: the claims are renewed, and who reads slowly has caught up."""
        for watcher in self.watchers:
            self.be_welcomed(self.watchers.index(watcher))
            watcher.socket.release()
        while self.on_the_way:
            self._hear(0)
        for _ in range(4):
            self.renew([])
            self.heal([])
        for watcher in self.watchers:
            if not watcher.socket.open:
                continue
            self._read(watcher)
            log = self.logs.logs[watcher.user_id]
            assert watcher.inside
            assert (watcher.epoch, watcher.seq) == (log.epoch, len(log.events))
            for _ in range(LOOKS):
                self.hub.audit.judge(watcher.connection, log.epoch, len(log.events))
        self.the_audit_has_nothing_to_say()
        while self.watchers:
            self.go(0)
        assert self.hub.people == {}
        assert not self.hub.behind
        assert not self.hub.doubtful


def test_each_socket_sees_each_event_once(pytestconfig: pytest.Config) -> None:
    play(HubContract, pytestconfig, examples=150, steps=50)
