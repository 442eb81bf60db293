"""permessage-deflate: off by default, negotiated when on, one compression for all, bounded."""

import json
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from websockets.asyncio.client import connect
from websockets.client import ClientProtocol
from websockets.extensions.permessage_deflate import (
    ClientPerMessageDeflateFactory,
    PerMessageDeflate,
)
from websockets.frames import Frame
from websockets.protocol import State
from websockets.uri import parse_uri

from app.live import Push
from app.resources import Resources
from app.settings import Settings
from realtime import frames, protocol
from tests.realtime.conftest import MakeAccount, StartNode
from tests.realtime.nodes import Account, Node
from tests.realtime.test_limits import closed, hear, say

WORDS = "a photo of the harbour at dusk, and another photo of the harbour at dawn; "


def read(data: bytes) -> list[bytes]:
    """What a client that negotiated compression makes of the bytes."""
    reader = ClientProtocol(parse_uri("ws://x"), state=State.OPEN)
    reader.extensions = [PerMessageDeflate(True, True, 15, 15)]
    reader.receive_data(data)
    assert reader.parser_exc is None
    return [bytes(e.data) for e in reader.events_received() if isinstance(e, Frame)]


PAYLOADS = st.binary(max_size=600) | st.text(max_size=400).map(str.encode) | st.integers(
    0, 70_000
).map(lambda size: (WORDS.encode() * 1000)[:size])  # fmt: skip


@given(st.lists(PAYLOADS, max_size=5), st.lists(st.integers(1, 2**53), max_size=5))
@settings(max_examples=150, deadline=None)
def test_squeezed_frames_hold_what_plain_ones_do(payloads: list[bytes], seqs: list[int]) -> None:
    plain = [frames.frame(payload) for payload in payloads]
    assert read(b"".join(frames.squeezed(data) for data in plain)) == payloads
    for tail in payloads:
        squeezed = frames.squeeze(tail)
        if squeezed is not None:
            data = b"".join(frames.squeezed_event(seq, squeezed) for seq in seqs)
            assert read(data) == [protocol.event(seq, tail) for seq in seqs]


def test_what_gains_nothing_stays_plain() -> None:
    short, noise = frames.frame(b"x" * 100), frames.frame(bytes(range(256)))
    assert frames.squeezed(short) is short
    assert frames.squeezed(noise) is noise
    assert len(frames.squeezed(frames.frame(WORDS.encode() * 20))) < 150


@asynccontextmanager
async def socket(
    node: Node, account: Account | None = None, **parameters: Any
) -> AsyncIterator[Any]:
    extension = ClientPerMessageDeflateFactory(**parameters)
    async with connect(
        node.url, subprotocols=["glimpse.v1"], compression=None, extensions=[extension], close_timeout=1
    ) as ws:  # fmt: skip
        if account is not None:
            await say(ws, op="hello", token=account.token)
            assert (await hear(ws))["op"] == "welcome"
        yield ws


@pytest.fixture
async def squeezing(start_node: StartNode, fresh_settings: Settings) -> Node:
    bounds = replace(fresh_settings.socket, compression=True, calls_per_s=1000)
    return await start_node("gw1", replace(fresh_settings, socket=bounds))


async def test_it_is_off_by_default(node: Node, account: MakeAccount) -> None:
    async with socket(node, await account()) as ws:
        assert ws.protocol.extensions == []


async def test_nothing_is_kept_between_messages_on_either_side(
    squeezing: Node, account: MakeAccount
) -> None:
    async with socket(squeezing, await account()) as ws:
        [extension] = ws.protocol.extensions
        assert extension.remote_no_context_takeover
        assert extension.local_no_context_takeover
        assert extension.local_max_window_bits == 12
        [connection] = squeezing.gateway.hub.greeted
        [theirs] = connection.socket.conn.extensions
        assert isinstance(theirs, PerMessageDeflate)
        assert not hasattr(theirs, "encoder")
        assert not hasattr(theirs, "decoder")


async def test_a_window_smaller_than_the_shared_frames_is_not_negotiated(
    squeezing: Node, account: MakeAccount
) -> None:
    async with socket(squeezing, await account(), server_max_window_bits=10) as ws:
        assert ws.protocol.extensions == []
        await say(ws, op="ping", t=1)
        assert await hear(ws) == {"op": "pong", "t": 1}


async def test_events_are_compressed_once_for_all_who_take_it(
    resources: Resources,
    squeezing: Node,
    account: MakeAccount,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made: list[int] = []

    def counted(payload: bytes) -> bytes | None:
        made.append(len(payload))
        return frames_squeeze(payload)

    frames_squeeze = frames.squeeze
    monkeypatch.setattr(frames, "squeeze", counted)
    people = [await account() for _ in range(6)]
    sockets = [socket(squeezing, who) for who in people[:5]]
    opened = [await ws.__aenter__() for ws in sockets]
    plain = connect(squeezing.url, subprotocols=["glimpse.v1"], compression=None)
    opened.append(await plain.__aenter__())
    await say(opened[5], op="hello", token=people[5].token)
    await hear(opened[5])
    before = [_bytes_in(ws) for ws in opened]
    await resources.live.push([people[0].user_id], Push("first", "post.new", {}))  # others' numbers
    assert (await hear(opened[0]))["seq"] == 1
    made.clear()
    text = WORDS * 30
    await resources.live.push(
        [who.user_id for who in people], Push("e", "post.new", {"text": text})
    )
    heard = [await hear(ws) for ws in opened]
    assert [event["data"]["text"] for event in heard] == [text] * 6
    assert [event["seq"] for event in heard] == [2, 1, 1, 1, 1, 1]
    assert len(made) == 1
    grown = [_bytes_in(ws) - b for ws, b in zip(opened, before, strict=True)]
    assert max(grown[1:5]) * 5 < grown[5]
    for context in (*sockets, plain):
        await context.__aexit__(None, None, None)


def _bytes_in(ws: Any) -> int:
    """Received by the kernel's socket so far (TCP_INFO's tcpi_bytes_received)."""
    import socket as sockets

    info = ws.transport.get_extra_info("socket").getsockopt(
        sockets.IPPROTO_TCP, sockets.TCP_INFO, 192
    )
    return int.from_bytes(info[128:136], "little")


async def test_a_resume_topics_and_calls_go_through_it(
    resources: Resources, squeezing: Node, account: MakeAccount
) -> None:
    ana = await account()
    async with socket(squeezing, ana) as ws:
        topic = "post:post_" + ana.user_id.removeprefix("usr_")
        await resources.mongo.posts.insert_one(
            {"_id": topic[5:], "author_id": ana.user_id, "status": "published", "audience": "public"}
        )  # fmt: skip
        await say(ws, op="sub", id=1, topics=[topic])
        assert (await hear(ws))["data"]["topics"] == {topic: "ok"}
        await resources.live.publish(topic, "comment.new", {"text": WORDS * 9})
        assert (await hear(ws))["data"] == {"text": WORDS * 9}
        await say(ws, op="call", id=2, method="users.me")
        assert (await hear(ws))["op"] in ("result", "error")
        await resources.live.push([ana.user_id], Push("e1", "post.new", {}))
        epoch = squeezing.gateway.hub.people[ana.user_id].epoch
    for number in range(2, 5):
        await resources.live.push([ana.user_id], Push(f"e{number}", "post.new", {"t": WORDS * 9}))
    async with socket(squeezing) as ws:
        await say(ws, op="hello", token=ana.token, resume={"epoch": epoch, "seq": 1})
        assert (await hear(ws))["resumed"] is True
        assert [(await hear(ws))["seq"] for _ in range(3)] == [2, 3, 4]


async def test_a_frame_that_unpacks_to_too_much_is_too_large(
    squeezing: Node, account: MakeAccount
) -> None:
    for size, code in ((60_000, None), (66_000, 1009), (40_000_000, 1009)):
        async with socket(squeezing, await account()) as ws:
            text = json.dumps({"op": "ping", "t": 1, "more": "x" * size})
            assert len(zlib.compress(text.encode())) < 65_536
            await ws.send(text)
            if code is None:
                assert (await hear(ws))["op"] == "pong"
            else:
                got, heard = await closed(ws)
                assert (got, heard[-1]["op"]) == (code, "bye")


async def test_what_does_not_unpack_breaks_the_rules(squeezing: Node, account: MakeAccount) -> None:
    async with socket(squeezing, await account()) as ws:
        ws.transport.write(b"\xc1\x84\0\0\0\0\xff\xff\xff\xff")
        assert (await closed(ws))[0] == 1002
