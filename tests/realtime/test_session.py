"""The session by itself: what each message leads to in each state."""

import json
from typing import Any

import pytest

from realtime import protocol
from realtime.protocol import Resume
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

BOUNDS = Bounds(hello_s=5, topics_max=3, messages_per_s=10)


def said(session: Session, now: float = 0.0, **message: Any) -> list[Effect]:
    return session.received(json.dumps(message), now)


def opened(ends_at: float = 3600.0) -> Session:
    session = Session(BOUNDS, 0.0)
    said(session, op="hello", token="t")
    session.greeted("usr_1", "ses_1", ends_at)
    return session


def code(effects: list[Effect]) -> int:
    [end] = effects
    assert isinstance(end, End)
    return end.code


def test_hello_first() -> None:
    session = Session(BOUNDS, 0.0)
    resume = {"epoch": "e", "seq": 3}
    assert said(session, op="hello", token="t", resume=resume) == [Greet("t", Resume("e", 3))]
    assert session.state is State.GREETING
    session.greeted("usr_1", "ses_1", 60.0)
    assert session.state is State.OPEN


@pytest.mark.parametrize("op", ["auth", "call", "sub", "unsub", "ack", "ping"])
def test_nothing_before_hello(op: str) -> None:
    everything = {"id": 1, "token": "t", "method": "m", "topics": [], "seq": 1}
    session = Session(BOUNDS, 0.0)
    assert code(said(session, op=op, **everything)) == protocol.MALFORMED
    assert session.state is State.CLOSED


def test_one_hello() -> None:
    assert code(said(opened(), op="hello", token="t")) == protocol.MALFORMED


def test_binary_is_malformed() -> None:
    assert code(opened().received(None, 0.0)) == protocol.MALFORMED


def test_the_hello_has_a_deadline() -> None:
    session = Session(BOUNDS, 10.0)
    assert session.next_check(10.0) == 15.0
    assert session.tick(14.9) == []
    assert code(session.tick(15.0)) == protocol.NO_HELLO


def test_a_hello_under_way_is_not_late() -> None:
    session = Session(BOUNDS, 0.0)
    said(session, op="hello", token="t")
    assert session.tick(6.0) == []


def test_what_an_open_session_asks_for() -> None:
    session = opened()
    assert said(session, op="call", id=1, method="m") == [Run(protocol.Call(1, "m", {}, None))]
    assert said(session, op="ping", t=[1]) == [Reply({"op": "pong", "t": [1]})]
    assert said(session, op="ack", seq=9) == []
    assert said(session, op="ack", seq=4) == []
    assert session.acked == 9
    assert said(session, op="auth", id="a", token="u") == [Renew("a", "u")]


def test_topics_are_limited() -> None:
    session = opened()
    assert said(session, op="sub", id=1, topics=["a", "b"]) == [Subscribe(1, ["a", "b"], [])]
    session.subscribed(["a", "b"])
    effects = said(session, op="sub", id=2, topics=["b", "c", "d"])
    assert effects == [Subscribe(2, ["b", "c"], ["d"])]
    session.subscribed(["b", "c"])
    assert said(session, op="unsub", id=3, topics=["a", "x"]) == [Unsubscribe(3, ["a", "x"])]
    assert session.topics == {"b", "c"}
    assert session.lost("b")
    assert not session.lost("b")
    assert said(session, op="sub", id=4, topics=["d", "e"]) == [Subscribe(4, ["d", "e"], [])]


def test_too_many_messages() -> None:
    session = opened()
    effects: list[Effect] = []
    for _ in range(30):
        effects = said(session, op="ping")
        if isinstance(effects[0], End):
            break
    assert effects == [End(protocol.TOO_MANY_MESSAGES, "too many messages", 2000)]


def test_a_steady_pace_is_fine() -> None:
    session = opened()
    for step in range(200):
        assert isinstance(said(session, now=step * 0.1, op="ping")[0], Reply)


def test_the_token_runs_out() -> None:
    session = opened(ends_at=100.0)
    assert session.next_check(0.0) == 40.0
    assert session.tick(39.9) == []
    assert session.tick(40.5) == [Reply({"op": "expiring", "in_ms": 59_500})]
    assert session.tick(41.0) == []
    assert session.next_check(41.0) == 100.0
    assert code(session.tick(100.0)) == protocol.BAD_TOKEN


def test_the_token_is_renewed() -> None:
    session = opened(ends_at=100.0)
    session.tick(50.0)
    assert session.renewed("a", "usr_1", "ses_2", 500.0) == [Reply({"op": "ok", "id": "a"})]
    assert session.session_id == "ses_2"
    assert session.tick(100.0) == []
    assert session.tick(450.0) == [Reply({"op": "expiring", "in_ms": 50_000})]


def test_another_persons_token_does_not_renew() -> None:
    assert code(opened().renewed("a", "usr_2", "ses_9", 500.0)) == protocol.BAD_TOKEN


def test_closed_is_closed() -> None:
    session = opened()
    assert code(session.end(protocol.TOO_SLOW, "too slow")) == protocol.TOO_SLOW
    assert session.end(protocol.BAD_TOKEN, "again") == []
    assert said(session, op="ping") == []
    assert session.tick(9999.0) == []
    assert session.renewed("a", "usr_1", "ses_1", 1.0) == []
    session.greeted("usr_2", "ses_2", 1.0)
    assert session.user_id == "usr_1"
