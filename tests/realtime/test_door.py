"""Limits on handshakes: refused before the upgrade, with a word on when to come back."""

from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st
from websockets.exceptions import InvalidStatus

from app.settings import Settings, Socket
from realtime.door import BURST_S, Door
from tests.realtime.conftest import MakeAccount, StartNode
from tests.realtime.nodes import Node, until
from tests.realtime.test_limits import closed, hear, raw, say

BOUNDS = Socket(
    sockets_max=8,
    handshakes_per_s=10,
    pending_max=6,
    address_handshakes_per_s=3,
    address_pending_max=2,
)
PROXY = "10.0.0.1"


def status(door: Door, address: str, now: float = 0.0) -> int:
    turned = door.knock(address, now)
    assert turned is None or turned.retry_after_s > 0
    return turned.status if turned is not None else 101


def test_the_nodes_own_bounds() -> None:
    door = Door(BOUNDS, (PROXY,), 0.0)
    assert [status(door, PROXY) for _ in range(7)] == [101] * 6 + [503]
    for _ in range(6):
        door.welcomed(PROXY)
    assert [status(door, PROXY) for _ in range(3)] == [101, 101, 503]
    door.left(PROXY, welcomed=True)
    assert status(door, PROXY) == 101


def test_the_bounds_of_an_address_leave_others_room() -> None:
    door = Door(BOUNDS, (PROXY,), 0.0)
    assert [status(door, "a") for _ in range(3)] == [101, 101, 429]
    assert status(door, "b") == 101
    door.welcomed("a")
    assert status(door, "a") == 101
    door.left("a", welcomed=False)
    assert status(door, "a") == 101


def test_a_pace_with_a_burst() -> None:
    door = Door(replace(BOUNDS, sockets_max=0, pending_max=0, address_pending_max=0), (), 0.0)
    burst = BOUNDS.address_handshakes_per_s * BURST_S
    assert Counter(status(door, "a") for _ in range(10)) == {101: burst, 429: 10 - burst}
    assert Counter(status(door, "a", 1.0) for _ in range(10)) == {101: 3, 429: 7}
    assert Counter(status(door, f"other {i}", 1.0) for i in range(30)) == {101: 17, 503: 13}


def test_nothing_is_limited_by_zeros() -> None:
    names = ("sockets_max", "handshakes_per_s", "pending_max")
    free = Socket(**dict.fromkeys((*names, "address_handshakes_per_s", "address_pending_max"), 0))
    door = Door(free, (), 0.0)
    assert {status(door, "a") for _ in range(10_000)} == {101}


COMINGS = st.lists(
    st.tuples(st.sampled_from(["knock", "welcome", "leave", "wait"]), st.sampled_from("abcP")),
    max_size=120,
)


@given(COMINGS)
@settings(max_examples=150, deadline=None)
def test_whoever_comes_and_goes_the_bounds_hold_and_nothing_is_kept(
    comings: list[tuple[str, str]],
) -> None:
    door, now = Door(BOUNDS, ("P",), 0.0), 0.0
    pending: list[str] = []
    inside: list[str] = []
    for what, who in comings:
        if what == "wait":
            now += 0.5
            door.sweep(now)
        elif what == "welcome" and who in pending:
            pending.remove(who)
            inside.append(who)
            door.welcomed(who)
        elif what == "leave" and who in pending + inside:
            welcomed = who in inside
            (inside if welcomed else pending).remove(who)
            door.left(who, welcomed)
        elif what == "knock":
            full = len(inside) + len(pending) >= BOUNDS.sockets_max
            busy = len(pending) >= BOUNDS.pending_max
            crowded = who != "P" and pending.count(who) >= BOUNDS.address_pending_max
            code = status(door, who, now)
            assert code != 101 or not (full or busy or crowded)
            assert code != 429 or who != "P"
            if code == 101:
                pending.append(who)
        assert door.sockets == len(inside) + len(pending)
        assert door.pending == len(pending)
    for who in pending:
        door.left(who, welcomed=False)
    for who in inside:
        door.left(who, welcomed=True)
    door.sweep(now + 60)
    assert (door.sockets, door.pending, door.addresses) == (0, 0, 0)


# Over a real node

Refused = tuple[int, int]


async def refusal(node: Node, **options: object) -> Refused:
    """(status, Retry-After) of a handshake that is turned away."""
    with pytest.raises(InvalidStatus) as refused:
        async with raw(node.url, **options):
            pass
    response = refused.value.response
    return response.status_code, int(response.headers["Retry-After"])


def bounded(settings: Settings, **bounds: int) -> Settings:
    return replace(settings, socket=replace(settings.socket, **bounds))


async def test_a_full_node_says_so_and_a_place_that_is_left_is_given_again(
    start_node: StartNode, fresh_settings: Settings, account: MakeAccount
) -> None:
    node = await start_node("gw1", bounded(fresh_settings, sockets_max=2))
    async with raw(node.url, await account()) as first, raw(node.url):
        assert await refusal(node) == (503, 10)
        assert node.gateway.metrics.handshakes_turned_away_total == 1
        await first.send("{")
        await closed(first)
        async with raw(node.url, await account()):
            pass
    await until(lambda: (node.gateway.door.sockets, node.gateway.door.pending) == (0, 0))


async def test_an_address_behind_the_proxy_is_limited_alone(
    start_node: StartNode, fresh_settings: Settings, account: MakeAccount
) -> None:
    node = await start_node("gw1", bounded(fresh_settings, address_pending_max=2))
    theirs = {"additional_headers": {"X-Forwarded-For": "1.2.3.4, 203.0.113.7"}}
    others = {"additional_headers": {"X-Forwarded-For": "203.0.113.7, 198.51.100.2"}}
    async with AsyncExitStack() as stack:
        waiting = [await stack.enter_async_context(raw(node.url, **theirs)) for _ in range(2)]
        assert await refusal(node, **theirs) == (429, 5)
        await stack.enter_async_context(raw(node.url, **others))
        await stack.enter_async_context(raw(node.url))  # the proxy's own machine
        await say(waiting[0], op="hello", token=(await account()).token)
        assert (await hear(waiting[0]))["op"] == "welcome"
        await stack.enter_async_context(raw(node.url, **theirs))


async def test_handshakes_that_come_too_fast_are_turned_away(
    start_node: StartNode, fresh_settings: Settings
) -> None:
    node = await start_node("gw1", bounded(fresh_settings, handshakes_per_s=1))
    answers: list[int] = []
    for _ in range(6):
        try:
            async with raw(node.url):
                answers.append(101)
        except InvalidStatus as refused:
            answers.append(refused.response.status_code)
    assert answers[:BURST_S] == [101] * BURST_S
    assert 503 in answers
