"""Whatever comes, as JSON or as bytes, gets the close code that belongs to it."""

import asyncio
import json
import os
import struct
from typing import Any

import orjson
import pytest
from hypothesis import given, settings, strategies as st

from realtime import protocol
from realtime.session import End, Greet, Session
from tests.fixtures.tally import count
from tests.realtime.conftest import MakeAccount
from tests.realtime.nodes import Node, until
from tests.realtime.test_limits import closed, hear, raw, say
from tests.realtime.test_session import BOUNDS, opened

OPS = ("hello", "auth", "call", "sub", "unsub", "ack", "ping")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=10,
)  # fmt: skip
FIELDS = st.dictionaries(
    st.sampled_from(
        ["token", "client", "resume", "id", "method", "params", "key", "topics", "seq", "t", "op"]
    ),
    JSON | st.sampled_from(["t", "m", 1, "x" * 9000, ["me"], {"epoch": "e", "seq": 1}]),
    max_size=7,
)
OBJECTS = st.builds(lambda op, rest: {**rest, "op": op}, st.sampled_from(OPS) | JSON, FIELDS)
FRAMES = (
    OBJECTS.map(json.dumps)
    | JSON.map(json.dumps)
    | st.text(max_size=80)
    | st.tuples(OBJECTS.map(json.dumps), st.integers(0, 60), st.text(max_size=3)).map(
        lambda p: p[0][: p[1]] + p[2] + p[0][p[1] + len(p[2]) :]
    )
    | st.sampled_from(['{"op":"ping","op":"hello"}', "\ufeff{}", '{"op":"ack","seq":1e400}'])
)


def _is_json(frame: str) -> Any:
    """The value, or Ellipsis, by the standard library held to the standard."""

    def refuse(_: str) -> Any:
        raise ValueError

    try:
        return json.loads(frame, parse_constant=refuse)
    except (ValueError, RecursionError):
        return ...


@given(FRAMES)
@settings(max_examples=400, deadline=None)
def test_each_frame_has_its_effect_or_its_close_code(frame: str) -> None:
    count("rubbish", examples=1)
    value = _is_json(frame)
    known = isinstance(value, dict) and value.get("op") in OPS and type(value["op"]) is str
    for session in (Session(BOUNDS, 0.0), opened()):
        is_new = not session.user_id
        effects = session.received(frame, 0.0)
        codes = [effect.code for effect in effects if isinstance(effect, End)]
        if not known:
            assert codes == [protocol.MALFORMED]
        elif value["op"] == "hello":
            token = value.get("token")
            is_text = token is None or isinstance(token, str)
            if is_text and not 0 < len(token or "") <= protocol.TOKEN_LENGTH_MAX:
                assert codes in ([protocol.BAD_TOKEN], [protocol.MALFORMED])
            elif is_new and not codes:
                assert isinstance(effects[0], Greet)
            else:
                assert codes == [protocol.MALFORMED]
        else:
            assert codes == [protocol.MALFORMED] or (not is_new and not codes)
        assert not codes or session.received('{"op":"ping"}', 1.0) == []


# Over a real socket

MASK = b"\0\0\0\0"


def client_frame(first: int, payload: bytes, masked: bool = True) -> bytes:
    size, bit = len(payload), 0x80 if masked else 0
    if size < 126:
        head = struct.pack("!BB", first, bit | size)
    elif size < 65_536:
        head = struct.pack("!BBH", first, bit | 126, size)
    else:
        head = struct.pack("!BBQ", first, bit | 127, size)
    return head + (MASK if masked else b"") + payload


PING = b'{"op":"ping","t":1}'
AGAINST_THE_RULES = {
    "unmasked": (client_frame(0x81, PING, masked=False), 1002),
    "reserved opcode": (client_frame(0x83, PING), 1002),
    "reserved control opcode": (client_frame(0x8B, b""), 1002),
    "a reserved bit": (client_frame(0xA1, PING), 1002),
    "compressed without asking": (client_frame(0xC1, PING), 1002),
    "a continuation of nothing": (client_frame(0x80, PING), 1002),
    "a message inside another": (client_frame(0x01, PING) + client_frame(0x81, PING), 1002),
    "a fragmented ping": (client_frame(0x09, b""), 1002),
    "a long ping": (client_frame(0x89, b"x" * 126), 1002),
    "a close of one byte": (client_frame(0x88, b"\x03"), 1002),
    "a close code that is none": (client_frame(0x88, struct.pack("!H", 1005)), 1002),
    "not UTF-8": (client_frame(0x81, b'{"op":"ping","t":"\xff\xfe"}'), 1007),
    "not UTF-8, in fragments": (client_frame(0x01, b'{"t":"\xe2\x82') + client_frame(0x80, b'"}'), 1007),
    "a surrogate": (client_frame(0x81, b'{"op":"ping","t":"\xed\xa0\x80"}'), 1007),
    "ten megabytes": (client_frame(0x81, b"x" * 10_000_000), 1009),
    "the announcement of 2**62 bytes": (struct.pack("!BBQ", 0x81, 0xFF, 2**62) + MASK, 1009),
    "a length with its top bit": (struct.pack("!BBQ", 0x81, 0xFF, 2**63) + MASK, 1009),
    "fragments of too much together": (
        client_frame(0x01, b"x" * 40_000) + client_frame(0x80, b"x" * 40_000), 1009),
    "binary": (client_frame(0x82, PING), 4000),
    "NUL": (client_frame(0x81, b"\0"), 4000),
    "deep": (client_frame(0x81, b'{"op":"ping","t":' + b"[" * 60_000), 4000),
    "a number of 60,000 digits": (client_frame(0x81, b'{"op":"ack","seq":' + b"9" * 60_000 + b"}"), 4000),
    "endless empty fragments": (client_frame(0x01, b"") + client_frame(0x00, b"") * 5000, 4013),
    "a flood of pings": (client_frame(0x89, b"x") * 5000, 4013),
    "a flood of pongs": (client_frame(0x8A, b"x") * 5000, 4013),
}  # fmt: skip


async def test_frames_against_the_rules(node: Node, account: MakeAccount) -> None:
    async def answer(data: bytes) -> tuple[int, str, int]:
        async with raw(node.url, await account()) as ws:
            ws.transport.write(data)
            code, heard = await closed(ws)
            return code, heard[-1]["op"], heard[-1]["code"]

    answers = await asyncio.gather(*(answer(data) for data, _ in AGAINST_THE_RULES.values()))
    expected = [(code, "bye", code) for _, code in AGAINST_THE_RULES.values()]
    assert dict(zip(AGAINST_THE_RULES, answers, strict=True)) == dict(
        zip(AGAINST_THE_RULES, expected, strict=True)
    )


async def test_what_is_odd_and_allowed(node: Node, account: MakeAccount) -> None:
    """Empty fragments between, a ping inside a message, spaces, escapes, unknown fields."""
    async with raw(node.url, await account()) as ws:
        parts = [
            client_frame(0x01, b' {"op":"pi'),
            client_frame(0x00, b""),
            client_frame(0x89, b"hi"),
            client_frame(0x80, b'ng","t":"\\u0000\\ud83d\\ude00","later":[[]]} '),
        ]
        ws.transport.write(b"".join(parts))
        assert await hear(ws) == {"op": "pong", "t": "\0😀"}
        # A key twice: the last counts, as RFC 8259 leaves open and browsers do.
        ws.transport.write(client_frame(0x81, b'{"op":"dance","op":"ping","t":1,"t":2}'))
        assert await hear(ws) == {"op": "pong", "t": 2}


async def test_pings_of_a_peer_that_reads_nothing_pile_up_nothing(
    node: Node, account: MakeAccount
) -> None:
    async with raw(node.url, await account()) as ws:
        [connection] = node.gateway.hub.greeted
        connection.socket.pause_writing()
        ws.transport.write(client_frame(0x89, b"x" * 125) * 1000)
        await until(lambda: connection.socket.small_frames == 1000)
        assert connection.socket.transport.get_write_buffer_size() == 0
        connection.socket.resume_writing()
        await say(ws, op="ping", t=3)
        assert await hear(ws) == {"op": "pong", "t": 3}


async def test_any_bytes_after_the_handshake_leave_the_node_well(
    node: Node, account: MakeAccount, pytestconfig: pytest.Config
) -> None:
    """Random bytes and bent frames: each socket ends with a code of the contract, or by a cut
    from its own side; a steady one beside them notices nothing."""
    allowed = {*protocol.CLOSE_CODES, 1000, 1002, 1007}
    rounds = 200 if pytestconfig.getoption("--long") else 12
    async with raw(node.url, await account()) as steady:
        for number in range(rounds):
            seed = os.urandom(8)
            noise = (seed * 40)[: 8 + number * 7]
            bent = bytearray(client_frame(0x81, orjson.dumps({"op": "ping", "t": seed.hex()})))
            bent[number % len(bent)] ^= 1 + seed[0] % 255
            for data in (noise, bytes(bent)):
                count("bytes over a socket", examples=1)
                async with raw(node.url) as ws:
                    ws.transport.write(data)
                    ws.transport.write_eof()
                    await asyncio.wait_for(ws.wait_closed(), 30)
                    assert ws.close_code in allowed | {1006}, seed.hex()
            await say(steady, op="ping", t=number)
            assert await hear(steady) == {"op": "pong", "t": number}
