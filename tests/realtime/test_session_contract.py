"""`session.py` and `protocol.py` against the contract, written down here a second time.

The model knows the protocol's page and nothing of the code: exact arithmetic instead of a bucket
of floats, one line a rule. Whatever a client says, whenever, and whatever the node finds out
meanwhile, the session must answer what the model expects.
"""

import json
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from realtime import protocol
from realtime.session import (
    Bounds,
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
from tests.fixtures.tally import Counted, play

RATE, TOPICS, HELLO_S, TOLD_S = 8, 3, 5, 60
BOUNDS = Bounds(hello_s=HELLO_S, topics_max=TOPICS, messages_per_s=RATE)
NAMES = st.lists(st.sampled_from(["me", "post:a", "post:b", "post:c", "media:d"]), max_size=6)
EIGHTHS = st.integers(1, 16) | st.integers(1, 16) | st.integers(0, 500)
"""Eighths of a second, so that floats are exact."""
IDS = st.integers(0, 9) | st.text(min_size=1, max_size=8) | st.booleans()
RUBBISH = st.sampled_from(
    [
        *("", "{", "null", "[]", "7", '"ping"', "{}", '{"op":null}', '{"op":"pong"}'),
        *('{"op":"Hello","token":"t"}', '{"op":"call","id":1}', '{"op":"call","method":"m"}'),
        *('{"op":"sub","id":1,"topics":"me"}', '{"op":"unsub","topics":["me"]}'),
        *('{"op":"ack","seq":-1}', '{"op":"ack"}', '{"op":"auth"}', '{"op":"auth","token":""}'),
        *("\x00", '{"op":"ping","t":"' + "y" * 300 + '"}', "[" * 2000, '{"op":"ping"} x'),
        None,  # a binary frame
    ]
)
SERVER_CODES = st.sampled_from([1001, 4001, 4008, 4009])
SELDOM = st.sampled_from([False] * 5 + [True])
"""What ends the session: else most examples would be short."""
Expected = list[Any]


def ended(code: int) -> Expected:
    return [("end", code)]


def shown(effects: list[Effect]) -> Expected:
    """Effects as the model writes them."""
    found: Expected = []
    for effect in effects:
        match effect:
            case End(code, reason, after):
                assert reason
                assert len(reason) < 120
                assert (after is not None) == (code in (protocol.NO_HELLO, 4013) or after == 9)
                found.append(("end", code))
            case Greet(token, resume):
                point = (resume.epoch, resume.seq) if resume else None
                found.append(("greet", token, point))
            case Renew(id, token):
                found.append(("renew", id, token))
            case Run(call):
                found.append(("run", call.id, call.method, call.params, call.key))
            case Subscribe(id, topics, over):
                found.append(("sub", id, sorted(topics), over))
            case Unsubscribe(id, topics):
                found.append(("unsub", id, topics))
            case Reply(message):
                found.append(message)
    return found


class SessionContract(Counted):
    def __init__(self) -> None:
        super().__init__()
        self.now = Fraction(0)
        self._start()

    def _start(self) -> None:
        self.session = Session(BOUNDS, float(self.now))
        self.began_at = self.now
        self.state = "new"
        self.allowed, self.filled_at = Fraction(2 * RATE), self.now
        self.ends_at = Fraction(0)
        self.told = False
        self.user, self.login = "", ""
        self.topics: set[str] = set()
        self.acked = 0
        self.renewing = 0
        self.ends = 0

    # What the contract says

    @initialize(life=st.integers(400, 1000))
    def begin(self, life: int) -> None:
        """Most steps are about open sessions."""
        self.hello("t", None, True)
        self.welcome(life)

    @precondition(lambda self: self.state == "closed")
    @rule(life=st.none() | st.integers(400, 1000))
    def another_socket(self, life: int | None) -> None:
        """The one before has nothing more to say."""
        assert self.session.tick(float(self.now) + 9999) == []
        self._start()
        if life is not None:
            self.begin(life)

    def _said(self, frame: str | None, expected: Expected) -> list[Effect]:
        """A frame that would have the `expected` effects in an open session."""
        if self.state == "closed":
            expected = []
        else:
            grown = self.allowed + (self.now - self.filled_at) * RATE
            self.allowed, self.filled_at = min(grown, Fraction(2 * RATE)) - 1, self.now
            if self.allowed < 0:
                expected = ended(4013)
        effects = self.session.received(frame, float(self.now))
        self._happened(effects, expected)
        return effects

    def _happened(self, effects: list[Effect], expected: Expected) -> None:
        assert shown(effects) == expected
        if any(part[0] == "end" for part in expected if isinstance(part, tuple)):
            self.state = "closed"
            self.ends += 1

    def _opened(self, expected: Expected) -> Expected:
        return expected if self.state == "open" else ended(4000)

    @property
    def _is_fast_enough(self) -> bool:
        grown = self.allowed + (self.now - self.filled_at) * RATE
        return min(grown, Fraction(2 * RATE)) >= 1

    # From the client

    @rule(
        token=st.sampled_from(["t", "u", "t", "u", "", None]),
        resume=st.none() | st.tuples(st.sampled_from(["e", "f"]), st.integers(0, 2**53)),
        dare=SELDOM,
    )
    def hello(self, token: str | None, resume: tuple[str, int] | None, dare: bool) -> None:
        if not dare and (self.state != "new" or not token):
            return
        message: dict[str, Any] = {"op": "hello", "token": token, "later": [1]}
        if resume is not None:
            message["resume"] = {"epoch": resume[0], "seq": resume[1]}
        if not token:
            expected = ended(4001)
        elif self.state == "new":
            expected = [("greet", token, resume)]
        else:
            expected = ended(4000)
        if self._is_fast_enough and self.state == "new" and token:
            self.state = "greeting"
        self._said(json.dumps(message), expected)

    @rule(id=IDS | st.none(), at_once=st.booleans(), life=st.integers(1, 1000))
    def auth(self, id: Any, at_once: bool, life: int) -> None:
        message = {"op": "auth", "id": id, "token": "new"}
        if self.state == "open" and self._is_fast_enough:
            self.renewing += 1
        self._said(json.dumps(message), self._opened([("renew", id, "new")]))
        if at_once and self.renewing:
            self.a_renewal_was_checked("usr_1", life)

    @rule(id=IDS, params=st.none() | st.just({"a": 1}), key=st.none() | st.just("k"))
    def call(self, id: Any, params: Any, key: str | None) -> None:
        message = {"op": "call", "id": id, "method": "m", "params": params, "key": key}
        self._said(json.dumps(message), self._opened([("run", id, "m", params or {}, key)]))

    @rule(t=IDS | st.none() | st.just({"a": [1.5]}))
    def ping(self, t: Any) -> None:
        self._said(json.dumps({"op": "ping", "t": t}), self._opened([{"op": "pong", "t": t}]))

    @rule(seq=st.integers(0, 2**53))
    def ack(self, seq: int) -> None:
        if self.state == "open" and self._is_fast_enough:
            self.acked = max(self.acked, seq)
        self._said(json.dumps({"op": "ack", "seq": seq}), self._opened([]))

    @rule(id=IDS, topics=NAMES, granted=st.sets(st.sampled_from(["me", "post:a", "post:b"])))
    def sub(self, id: Any, topics: list[str], granted: set[str]) -> None:
        once = list(dict.fromkeys(topics))
        new = [topic for topic in once if topic not in self.topics]
        room = TOPICS - len(self.topics)
        asked = sorted(set(once) & self.topics | set(new[:room]))
        expected = self._opened([("sub", id, asked, new[room:])])
        effects = self._said(json.dumps({"op": "sub", "id": id, "topics": topics}), expected)
        for effect in effects:
            if isinstance(effect, Subscribe):
                allowed = [topic for topic in effect.topics if topic in granted]
                self.session.subscribed(allowed)
                self.topics.update(allowed)

    @rule(id=IDS, topics=NAMES)
    def unsub(self, id: Any, topics: list[str]) -> None:
        once = list(dict.fromkeys(topics))
        if self.state == "open" and self._is_fast_enough:
            self.topics.difference_update(once)
        message = {"op": "unsub", "id": id, "topics": topics}
        self._said(json.dumps(message), self._opened([("unsub", id, once)]))

    @rule(frame=RUBBISH, dare=SELDOM)
    def rubbish(self, frame: str | None, dare: bool) -> None:
        if dare or self.state == "closed":
            self._said(frame, ended(4000))

    # What the node finds out

    @rule(life=st.integers(1, 1000))
    def welcome(self, life: int) -> None:
        if self.state == "greeting":
            self.state, self.user, self.login = "open", "usr_1", "ses_1"
            self.ends_at = self.now + Fraction(life, 8)
        self.session.greeted("usr_1", "ses_1", float(self.now + Fraction(life, 8)))

    @precondition(lambda self: self.state == "greeting" or self.renewing)
    @rule(dare=SELDOM)
    def a_token_was_bad(self, dare: bool) -> None:
        if not dare:
            return
        self.renewing = 0
        expected = [] if self.state == "closed" else ended(4001)
        self._happened(self.session.refused("bad"), expected)

    @precondition(lambda self: self.renewing)
    @rule(whose=st.sampled_from(["usr_1"] * 9 + ["usr_2"]), life=st.integers(1, 1000))
    def a_renewal_was_checked(self, whose: str, life: int) -> None:
        self.renewing -= 1
        until = self.now + Fraction(life, 8)
        expected: Expected = []
        if self.state == "open" and whose == self.user:
            expected = [{"op": "ok", "id": 5}]
            self.ends_at, self.told, self.login = until, False, "ses_2"
        elif self.state == "open":
            expected = ended(4001)
        self._happened(self.session.renewed(5, whose, "ses_2", float(until)), expected)

    @rule(topic=st.sampled_from(["post:a", "post:b", "media:d"]))
    def a_right_ended(self, topic: str) -> None:
        assert self.session.lost(topic) == (topic in self.topics)
        self.topics.discard(topic)

    @rule(code=SERVER_CODES, dare=SELDOM)
    def the_node_ends_it(self, code: int, dare: bool) -> None:
        if not dare and self.state != "closed":
            return
        expected = [] if self.state == "closed" else ended(code)
        self._happened(self.session.end(code, "because", 9), expected)

    @rule(eighths=EIGHTHS)
    def time_passes(self, eighths: int) -> None:
        self.now += Fraction(eighths, 8)
        left = self.ends_at - self.now
        expected: Expected = []
        if self.state == "new" and self.now - self.began_at >= HELLO_S:
            expected = ended(4002)
        elif self.state == "open" and left <= 0:
            expected = ended(4001)
        elif self.state == "open" and left <= TOLD_S and not self.told:
            self.told = True
            expected = [{"op": "expiring", "in_ms": int(left * 1000)}]
        due = self.session.next_check(float(self.now)) <= self.now
        self._happened(self.session.tick(float(self.now)), expected)
        assert due or not expected  # the hub would have asked

    @precondition(lambda self: self.state in ("new", "open"))
    @rule(dare=SELDOM)
    def the_next_moment_comes(self, dare: bool) -> None:
        """The very moment something is due, not a little later."""
        if not dare:
            return
        due = self.began_at + HELLO_S
        if self.state == "open":
            due = self.ends_at if self.told else self.ends_at - TOLD_S
        self.time_passes(max(0, int((due - self.now) * 8)))

    # Always

    @invariant()
    def they_agree(self) -> None:
        assert self.session.state is State(self.state)
        assert self.ends == (self.state == "closed")
        assert self.session.topics == self.topics
        assert len(self.topics) <= TOPICS
        assert self.session.acked == self.acked
        assert (self.session.user_id, self.session.session_id) == (self.user, self.login)


def test_the_session_keeps_the_contract(pytestconfig: pytest.Config) -> None:
    play(SessionContract, pytestconfig, examples=150, steps=40)
