"""What a socket may not do, and the close code that says so."""

import asyncio
import json
import socket as sockets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from app.live import Push
from app.resources import Resources
from app.settings import Settings
from realtime.client import Client, Stopped
from realtime.transport import spread_ms
from tests.realtime.conftest import MakeAccount, SpawnNode, StartNode
from tests.realtime.nodes import Account, Node, connected


@asynccontextmanager
async def raw(url: str, account: Account | None = None, **options: Any) -> AsyncIterator[Any]:
    """A bare WebSocket, after hello when an account is given."""
    async with connect(
        url, subprotocols=["glimpse.v1"], compression=None, close_timeout=1, **options
    ) as ws:
        if account is not None:
            await say(ws, op="hello", token=account.token, client={"name": "t", "version": "1"})
            assert (await hear(ws))["op"] == "welcome"
        yield ws


async def say(ws: ClientConnection, **message: Any) -> None:
    await ws.send(json.dumps(message))


async def hear(ws: ClientConnection) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(await asyncio.wait_for(ws.recv(), 30))
    return message


async def closed(ws: ClientConnection) -> tuple[int, list[dict[str, Any]]]:
    """The close code, and what came before it."""
    heard: list[dict[str, Any]] = []

    async def to_the_end() -> None:
        while True:
            heard.append(await hear(ws))

    with pytest.raises(ConnectionClosed) as end:
        await to_the_end()
    assert end.value.rcvd is not None
    return end.value.rcvd.code, heard


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{", 4000),
        ("[]", 4000),
        ('{"op":"dance"}', 4000),
        ('{"op":"call","id":1,"method":"users.me"}', 4000),
        ('{"op":"hello"}', 4001),
        ('{"op":"hello","token":"rubbish"}', 4001),
        (b"\x00\x01", 4000),
        ('{"op":"hello","token":"' + "x" * 70_000 + '"}', 1009),
    ],
)
async def test_before_hello(node: Node, frame: str | bytes, code: int) -> None:
    async with raw(node.url) as ws:
        await ws.send(frame)
        got, heard = await closed(ws)
    assert got == code
    assert [message["op"] for message in heard] == ["bye"]
    assert heard[0]["code"] == code


@pytest.mark.parametrize(
    "frame",
    [
        '{"op":"hello","token":"x"}',
        "null",
        '{"op":"call","id":1,"method":"x","params":{"a":1,"a":2}}',
        b"{}",
    ],
)
async def test_after_hello(node: Node, account: MakeAccount, frame: str | bytes) -> None:
    async with raw(node.url, await account()) as ws:
        await ws.send(frame)
        assert (await closed(ws))[0] == 4000


async def test_a_fragmented_message_is_one_message(node: Node, account: MakeAccount) -> None:
    async with raw(node.url, await account()) as ws:
        await ws.send(['{"op":"pi', 'ng","t":', "7}"])
        assert await hear(ws) == {"op": "pong", "t": 7}


async def test_nobody_waits_for_a_hello(start_node: StartNode, fresh_settings: Settings) -> None:
    quick = replace(fresh_settings, socket=replace(fresh_settings.socket, hello_timeout_ms=300))
    node = await start_node("gw1", quick)
    async with raw(node.url) as ws:
        assert (await closed(ws))[0] == 4002


async def test_a_foreign_origin_is_refused(node: Node) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        async with raw(node.url, origin="https://evil.example"):
            pass
    assert refusal.value.response.status_code == 403


async def test_the_own_origin_and_the_subprotocol(node: Node) -> None:
    async with raw(node.url, origin=f"http://127.0.0.1:{node.port}") as ws:
        assert ws.subprotocol == "glimpse.v1"


async def test_a_token_in_the_url_is_nothing(node: Node, account: MakeAccount) -> None:
    token = (await account()).token
    async with raw(f"{node.url}?token={token}") as ws:
        await say(ws, op="ping")
        assert (await closed(ws))[0] == 4000


async def test_other_addresses_are_not_there(node: Node) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        async with raw(node.url + "/other"):
            pass
    assert refusal.value.response.status_code == 404


async def test_too_many_messages_a_second(node: Node, account: MakeAccount) -> None:
    async with raw(node.url, await account()) as ws:
        for number in range(300):
            try:
                await say(ws, op="ping", t=number)
            except ConnectionClosed:
                break
        code, heard = await closed(ws)
    assert code == 4013
    assert heard[-1]["op"] == "bye"
    assert heard[-1]["reconnect_after_ms"] > 0


async def test_the_oldest_of_eleven_sockets_goes_whatever_its_node(
    node: Node, other: Node, account: MakeAccount
) -> None:
    ana = await account()
    clients = [Client([(node, other)[i % 2].url], ana.token) for i in range(11)]
    for client in clients:
        await client.__aenter__()
        await client.online()
    with pytest.raises(Stopped) as stopped:
        await clients[0].event()
    assert stopped.value.code == 4009
    assert all(client.is_online for client in clients[1:])
    for client in clients:
        await client.__aexit__()


async def test_a_socket_that_closed_makes_room(node: Node, account: MakeAccount) -> None:
    ana = await account()
    async with connected(ana, node.url) as first:
        for _ in range(15):
            async with connected(ana, node.url):
                pass
            await asyncio.sleep(0.05)
        assert first.is_online


async def test_a_slow_reader_is_closed_and_costs_the_others_nothing(
    resources: Resources, node: Node, account: MakeAccount
) -> None:
    slow, quick = await account(), await account()
    narrow = sockets.socket()
    narrow.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    narrow.setblocking(False)
    await asyncio.get_running_loop().sock_connect(narrow, ("127.0.0.1", node.port))
    big = "x" * 4000
    async with (
        connected(quick, node.url) as client,
        raw(node.url, slow, sock=narrow, max_queue=1) as ws,
    ):
        numbers = []
        for number in range(900):
            push = Push(f"e{number}", "post.new", {"n": number, "text": big})
            await resources.live.push([slow.user_id, quick.user_id], push)
            numbers.append((await client.event()).data["n"])
        assert numbers == list(range(900))
        assert node.gateway.metrics.closed_slow_total == 1
        code, heard = await closed(ws)
    assert code == 4008
    assert heard[-1] == {
        "op": "bye",
        "code": 4008,
        "reason": "too slow",
        "reconnect_after_ms": 0,
    }
    seqs = [message["seq"] for message in heard if message["op"] == "event"]
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))


async def test_a_node_that_is_told_to_go_says_bye_to_all_each_another_delay(
    spawn_node: SpawnNode, account: MakeAccount
) -> None:
    node = await spawn_node("gw9")
    async with AsyncExitStack() as stack:
        sockets = [
            await stack.enter_async_context(raw(node.url, await account())) for _ in range(8)
        ]
        silent = await stack.enter_async_context(raw(node.url))
        node.child.terminate()
        ends = await asyncio.gather(*(closed(ws) for ws in (*sockets, silent)))
    delays = [heard[-1].pop("reconnect_after_ms") for _, heard in ends]
    for code, heard in ends:
        assert code == 1001
        assert heard == [{"op": "bye", "code": 1001, "reason": "node going away"}]
    assert len(set(delays)) > 1
    assert max(delays) <= spread_ms(len(ends))
    assert spread_ms(20_000) == 20_000
    assert await asyncio.wait_for(node.child.wait(), 30) in (0, -15)


async def test_topics_beyond_the_limit_are_refused(node: Node, account: MakeAccount) -> None:
    async with raw(node.url, await account()) as ws:
        names = [f"x:{number}" for number in range(300)]
        await say(ws, op="sub", id="s", topics=["me", *names])
        answer = await hear(ws)
    states = answer["data"]["topics"]
    assert answer["op"] == "result"
    assert answer["id"] == "s"
    assert states["me"] == "ok"
    assert states["x:0"] == "unknown"
    assert states["x:299"] == "too_many"
