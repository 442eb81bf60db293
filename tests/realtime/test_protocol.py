"""Decoding: typed messages, or the right close code, whatever the frame holds."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given, settings, strategies as st

from realtime import frames, protocol
from realtime.outbox import Outbox
from realtime.protocol import Ack, Auth, Call, Hello, Ping, Refused, Resume, Sub, Unsub, decode


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (
            '{"op":"hello","token":"t","client":{"name":"web","version":"1.4.0","device":"dev_1"},'
            '"resume":{"epoch":"k3f9","seq":1041}}',
            Hello("t", "web/1.4.0", "dev_1", Resume("k3f9", 1041)),
        ),
        ('{"op":"hello","token":"t"}', Hello("t", "/", "", None)),
        ('{"op":"hello","token":"t","resume":null,"later":1}', Hello("t", "/", "", None)),
        ('{"op":"auth","token":"t"}', Auth(None, "t")),
        ('{"op":"auth","id":"a","token":"t"}', Auth("a", "t")),
        ('{"op":"call","id":1,"method":"users.me"}', Call(1, "users.me", {}, None)),
        (
            '{"op":"call","id":"x","method":"posts.like","params":{"post_id":"p"},"key":"k"}',
            Call("x", "posts.like", {"post_id": "p"}, "k"),
        ),
        ('{"op":"sub","id":0,"topics":["me","a:b","me"]}', Sub(0, ["me", "a:b"])),
        ('{"op":"unsub","id":1.5,"topics":[]}', Unsub(1.5, [])),
        ('{"op":"ack","seq":7}', Ack(7)),
        ('{"op":"ping"}', Ping(None)),
        ('{"op":"ping","t":{"a":[1]}}', Ping({"a": [1]})),
        ('{"op":"ping","t":"' + "x" * 60_000 + '"}', Ping("x" * 60_000)),
        ('{"op":"call","id":null,"method":"m"}', Call(None, "m", {}, None)),
        ('{"op":"sub","id":1,"topics":["' + "x" * 300 + '"]}', Sub(1, ["x" * 300])),
    ],
)
def test_what_clients_say(frame: str, message: object) -> None:
    assert decode(frame) == message
    assert decode(frame.encode()) == message


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "{",
        "nul",
        "1",
        '"hello"',
        "[]",
        "{}",
        '{"op":7}',
        '{"op":["hello"]}',
        '{"op":"HELLO"}',
        '{"op":"hello","token":7}',
        '{"op":"hello","token":"t","client":"web"}',
        '{"op":"hello","token":"t","client":{"name":7}}',
        '{"op":"hello","token":"t","resume":[]}',
        '{"op":"hello","token":"t","resume":{"epoch":"e"}}',
        '{"op":"hello","token":"t","resume":{"epoch":"e","seq":-1}}',
        '{"op":"hello","token":"t","resume":{"epoch":"e","seq":true}}',
        '{"op":"hello","token":"t","resume":{"epoch":"e","seq":1.0}}',
        '{"op":"call","method":"m"}',
        '{"op":"call","id":' + "[" * 500 + "]" * 500 + ',"method":"m"}',
        '{"op":"call","id":1,"id":2,"method":"m"}',
        '{"op":"call","id":1,"method":"m","params":{"text":"a","text":"b"}}',
        '{"op":"call","id":1,"method":"m","params":{"a":[{"b":1,"c":2,"b":3}]}}',
        '{"op":"call","id":1,"method":"m","params":{"a":' + "[" * 1000 + "]" * 1000 + "}}",
        '{"op":"call","id":1}',
        '{"op":"call","id":1,"method":""}',
        '{"op":"call","id":1,"method":"m","params":[]}',
        '{"op":"call","id":1,"method":"m","key":1}',
        '{"op":"sub","id":1,"topics":"me"}',
        '{"op":"sub","id":1,"topics":[1]}',
        '{"op":"ack"}',
        '{"op":"ack","seq":"1"}',
        '{"op":"ack","seq":99999999999999999999}',
        '{"op":"ping","t":' + "[" * 500 + "]" * 500 + "}",
        "[" * 5000,
        b"\xff\xfe",
    ],
)
def test_rubbish_is_malformed(frame: str | bytes) -> None:
    with pytest.raises(Refused) as refused:
        decode(frame)
    assert refused.value.code == protocol.MALFORMED


@pytest.mark.parametrize("token", ["", None, "x" * 10_000])
def test_no_token_is_a_bad_token(token: str | None) -> None:
    with pytest.raises(Refused) as refused:
        decode(json.dumps({"op": "hello", "token": token}))
    assert refused.value.code == protocol.BAD_TOKEN


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
OPS = st.sampled_from(["hello", "auth", "call", "sub", "unsub", "ack", "ping", "event", ""])
FIELDS = ("token", "client", "resume", "id", "method", "params", "key", "topics", "seq", "t")
NEAR_MESSAGES = st.builds(
    lambda op, rest: {"op": op, **rest},
    OPS,
    st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6),
)


def _decodes_or_refuses(frame: str | bytes) -> None:
    refusal: Refused | None = None
    try:
        message = decode(frame)
    except Refused as refused:
        refusal = refused
    if refusal is None:
        assert isinstance(message, protocol.ClientMessage)
    else:
        assert refusal.code in protocol.CLOSE_CODES
        assert len(refusal.reason) < 120


@given(NEAR_MESSAGES)
@settings(max_examples=300, deadline=None)
def test_what_is_nearly_a_message_decodes_or_is_refused(message: dict[str, Any]) -> None:
    _decodes_or_refuses(json.dumps(message))


@given(st.binary(max_size=200) | st.text(max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_bytes_decode_or_are_refused(frame: str | bytes) -> None:
    _decodes_or_refuses(frame)


ECHOED = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=400),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=6,
)


@given(ECHOED)
@settings(deadline=None)
def test_ids_are_echoed_as_they_came(id: Any) -> None:
    call = decode(orjson.dumps({"op": "call", "id": id, "method": "m"}))
    assert isinstance(call, Call)
    assert orjson.loads(protocol.result(call.id, b"null"))["id"] == id


def test_an_event_from_its_parts() -> None:
    tail = b'"id":"e","type":"t","ts":"now","data":{}}'
    assert orjson.loads(protocol.event(7, tail)) == {
        "op": "event",
        "seq": 7,
        "id": "e",
        "type": "t",
        "ts": "now",
        "data": {},
    }
    void = orjson.loads(protocol.event(8, protocol.void_tail("e", "now")))
    assert (void["type"], void["data"], void["seq"]) == ("void", {}, 8)


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 70_000])
def test_frames_are_as_a_websocket_library_reads_them(size: int) -> None:
    from websockets.client import ClientProtocol
    from websockets.frames import Frame
    from websockets.protocol import State
    from websockets.uri import parse_uri

    reader = ClientProtocol(parse_uri("ws://x"), state=State.OPEN)
    reader.receive_data(frames.frame(b"x" * size) + frames.PING)
    first, second = reader.events_received()
    assert isinstance(first, Frame)
    assert isinstance(second, Frame)
    assert (first.opcode.name, first.fin, bytes(first.data)) == ("TEXT", True, b"x" * size)
    assert second.opcode.name == "PING"


@pytest.mark.parametrize("size", [10, 90, 110, 300, 65_490, 65_536])
def test_an_events_frame_is_the_same_in_one_step(size: int) -> None:
    tail = b"x" * size
    for seq in (1, 999, 10**9):
        assert frames.event(seq, tail) == frames.frame(protocol.event(seq, tail))


# The outbox


def test_ephemeral_messages_are_merged_and_go_first() -> None:
    box = Outbox(messages_max=3, bytes_max=1000)
    box.put_live("post:1", "post.counts", b"old")
    assert box.put(b"event")
    box.put_live("post:1", "post.counts", b"new")
    box.put_live("post:1", "comment.new", b"comment")
    assert len(box) == 3
    assert box.put(b"another")
    assert box.put(b"third")
    assert box.take(1000)[0] == b"eventanotherthird"
    assert (len(box), box.size_bytes) == (0, 0)


def test_events_are_never_dropped_for_ephemeral_ones() -> None:
    box = Outbox(messages_max=2, bytes_max=1000)
    assert box.put(b"1")
    assert box.put(b"2")
    box.put_live("t", "x", b"live")
    assert box.take(1000)[0] == b"12"


def test_the_bounds() -> None:
    box = Outbox(messages_max=2, bytes_max=10)
    assert box.put(b"12345")
    assert box.put(b"67890")
    assert not box.put(b"!")
    assert not Outbox(messages_max=9, bytes_max=10).put(b"x" * 11)


@given(st.lists(st.tuples(st.sampled_from("eab"), st.integers(1, 9)), max_size=60))
@settings(deadline=None)
def test_the_outbox_stays_within_its_bounds(steps: list[tuple[str, int]]) -> None:
    box, events = Outbox(messages_max=5, bytes_max=30), b""
    for kind, size in steps:
        if kind != "e":
            box.put_live("t", kind, kind.encode() * size)
        elif box.put(b"e" * size):
            events += b"e" * size
        else:
            return
        assert len(box) <= 5
        assert box.size_bytes <= 30
    assert box.take(10_000)[0].replace(b"a", b"").replace(b"b", b"") == events
