"""The load test's own reading of frames, against the gateway's writing of them."""

import itertools

import orjson
import pytest
from hypothesis import given, strategies as st

from loadtests.phone.reader import PING, TEXT, Answered, Event, Live, Malformed, Reader, message
from realtime.frames import PING as PING_FRAME, event, frame

HEAD = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"
SIZES = st.one_of(st.integers(0, 300), st.integers(65_400, 65_700))


@given(sizes=st.lists(SIZES, max_size=4), data=st.data())
def test_frames_come_whole_however_they_are_cut(sizes: list[int], data: st.DataObject) -> None:
    payloads = [b"x" * size for size in sizes]
    stream = HEAD + b"".join(map(frame, payloads)) + PING_FRAME
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=6))
    reader, found = Reader(), []
    for start, end in itertools.pairwise([0, *sorted(cuts), len(stream)]):
        found += list(reader.fed(stream[start:end]))
    wanted = [Answered(101, None), *((TEXT, payload) for payload in payloads), (PING, b"")]
    assert found == wanted


def test_a_refusal_says_when_to_come_again() -> None:
    refusal = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\n\r\n"
    assert list(Reader().fed(refusal)) == [Answered(503, 2.0)]


def test_heads_are_read_as_the_whole_would_be() -> None:
    tail = b'"id":"1-0.post.new","type":"post.new","ts":"2026-11-20T09:00:00.000Z","data":{"a":1}}'
    [_, (_, payload)] = list(Reader().fed(HEAD + event(7, tail)))  # type: ignore[misc]
    found = message(payload)
    assert isinstance(found, Event)
    whole = orjson.loads(payload)
    assert (found.seq, found.id, found.type, found.ts) == (
        whole["seq"], whole["id"], whole["type"], whole["ts"],
    )  # fmt: skip
    assert found.data() == {"a": 1}
    turned = orjson.dumps(dict(reversed(whole.items())))
    again = message(turned)
    assert isinstance(again, Event)
    assert (again.seq, again.id) == (found.seq, found.id)


def test_updates_and_the_rest() -> None:
    update = message(b'{"op":"live","topic":"me","type":"unread","ts":"","data":{"messages":2}}')
    assert isinstance(update, Live)
    assert (update.topic, update.type, update.data()) == ("me", "unread", {"messages": 2})
    assert message(b'{"op":"pong","t":1}') == {"op": "pong", "t": 1}


@pytest.mark.parametrize("wrong", [b"\x81\x85\0\0\0\0hello", b"\x01\x01x"])
def test_masked_frames_and_fragments_are_not_a_server_s(wrong: bytes) -> None:
    with pytest.raises(Malformed):
        list(Reader().fed(HEAD + wrong))
