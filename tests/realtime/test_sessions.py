"""Calls over the socket, and the life of the session behind it."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from app.identity.service import revoke
from app.live import Push
from app.operation import Context
from app.resources import Resources
from app.settings import Settings
from realtime.client import CallFailed, Client, Stopped
from tests.realtime.conftest import MakeAccount, StartNode
from tests.realtime.nodes import Account, Node, connected
from tests.realtime.test_limits import closed, hear, raw, say


async def end_session(resources: Resources, who: Account) -> None:
    """As the product does: the session is revoked, and a worker tells the gateway."""
    await revoke(Context(resources, who.user_id), who.user_id, who.session_id)
    await resources.live.revoke_session(who.user_id, who.session_id)


async def test_a_call_is_the_operation(node: Node, account: MakeAccount) -> None:
    async with connected(await account(), node.url) as client:
        assert await client.call("notifications.list") == {
            "notifications": [],
            "unread": 0,
            "pagination": {"next_cursor": None, "has_more": False},
        }
        with pytest.raises(CallFailed) as failed:
            await client.call("posts.get", {"post_id": "post_none", "depth": 3})
        assert failed.value.code == "invalid"
        assert failed.value.details["fields"]["depth"]
        with pytest.raises(CallFailed) as failed:
            await client.call("posts.dance")
        assert failed.value.code == "no_such_method"


async def test_a_call_with_a_key_has_one_effect(node: Node, account: MakeAccount) -> None:
    """A collection made twice under one key is one collection, with one id."""
    async with connected(await account(), node.url) as client:
        params = {"name": "Holidays"}
        first = await client.call("collections.create", params, key="k1")
        assert await client.call("collections.create", params, key="k1") == first
        with pytest.raises(CallFailed) as failed:
            await client.call("collections.create", {"name": "Other"}, key="k1")
        assert failed.value.code == "idempotency_key_reused"


async def test_calls_run_beside_each_other(node: Node, account: MakeAccount) -> None:
    async with connected(await account(), node.url) as client:
        answers = await asyncio.gather(
            *(client.call("notifications.list") for _ in range(30)), return_exceptions=True
        )
    assert not [answer for answer in answers if isinstance(answer, BaseException)]


async def test_a_revoked_session_is_closed_and_others_stay(
    resources: Resources, node: Node, other: Node, account: MakeAccount
) -> None:
    phone = await account()
    laptop = await account(phone.user_id)
    async with connected(laptop, other.url) as client, raw(node.url, phone) as ws:
        await resources.live.push([phone.user_id], Push("ev-1", "post.new", {}))
        await end_session(resources, phone)
        code, heard = await closed(ws)
        assert code == 4001
        assert [(m["op"], m.get("type")) for m in heard] == [
            ("event", "post.new"),
            ("event", "session.revoked"),
            ("bye", None),
        ]
        assert heard[1]["data"] == {"session_id": phone.session_id}
        await resources.live.push([phone.user_id], Push("ev-2", "post.new", {}))
        events = [await client.event(), await client.event()]
        assert [event.id for event in events] == ["ev-1", "ev-2"]
        assert events[1].seq == events[0].seq + 2  # a void stands for the other device's event
    async with raw(node.url) as ws:
        await say(ws, op="hello", token=phone.token)
        assert (await closed(ws))[0] == 4001


async def test_a_revocation_that_redis_lost_is_found(
    resources: Resources, node: Node, account: MakeAccount
) -> None:
    phone = await account()
    laptop = await account(phone.user_id)
    async with raw(node.url, phone) as ws, raw(node.url, laptop) as other_ws:
        await revoke(Context(resources, phone.user_id), phone.user_id, phone.session_id)
        await resources.redis.flushall()
        code, heard = await closed(ws)
        assert code == 4001
        assert [message["op"] for message in heard] == ["resync", "bye"]
        assert (await hear(other_ws))["op"] == "resync"
        await say(other_ws, op="ping", t=1)
        assert (await hear(other_ws))["op"] == "pong"


async def test_auth_renews(
    resources: Resources, start_node: StartNode, fresh_settings: Settings, account: MakeAccount
) -> None:
    short = replace(fresh_settings, auth=replace(fresh_settings.auth, access_s=3))
    ana = await account()
    node = await start_node("gw1", short)
    token = node.gateway.resources.tokens.access(ana.user_id, ana.session_id)
    async with raw(node.url, replace(ana, token=token)) as ws:
        expiring = await hear(ws)
        assert expiring["op"] == "expiring"
        assert 0 < expiring["in_ms"] <= 3000
        await say(ws, op="auth", id="a1", token=ana.token)
        assert await hear(ws) == {"op": "ok", "id": "a1"}
        await asyncio.sleep(3.2)
        await say(ws, op="ping", t=1)
        assert await hear(ws) == {"op": "pong", "t": 1}


async def test_a_token_that_runs_out_closes(
    start_node: StartNode, fresh_settings: Settings, account: MakeAccount
) -> None:
    short = replace(fresh_settings, auth=replace(fresh_settings.auth, access_s=2))
    ana = await account()
    node = await start_node("gw1", short)
    token = node.gateway.resources.tokens.access(ana.user_id, ana.session_id)
    async with raw(node.url, replace(ana, token=token)) as ws:
        code, heard = await closed(ws)
    assert code == 4001
    assert [message["op"] for message in heard] == ["expiring", "bye"]


@pytest.mark.parametrize("whose", ["another", "rubbish"])
async def test_a_wrong_token_does_not_renew(node: Node, account: MakeAccount, whose: str) -> None:
    token = (await account()).token if whose == "another" else "rubbish"
    async with raw(node.url, await account()) as ws:
        await say(ws, op="auth", token=token)
        assert (await closed(ws))[0] == 4001


async def test_the_client_gets_a_new_token_after_4001(
    resources: Resources, node: Node, account: MakeAccount
) -> None:
    first = await account()
    second = await account(first.user_id)
    asked: list[bool] = []

    async def token(fresh: bool) -> str:
        asked.append(fresh)
        return second.token if fresh else first.token

    async with Client(node.url, token) as client:
        await client.online()
        await end_session(resources, first)
        assert (await client.event()).type == "session.revoked"
        await resources.live.push([first.user_id], Push("ev-1", "post.new", {}))
        assert (await client.event("post.new")).id == "ev-1"
        assert client.resumes == 1
    assert asked == [False, True]


async def test_a_client_whose_only_token_is_refused_stops(node: Node) -> None:
    async with Client(node.url, "rubbish") as client:
        with pytest.raises(Stopped) as stopped:
            await client.event()
    assert stopped.value.code == 4001


async def test_what_an_operator_asks(node: Node, account: MakeAccount) -> None:
    import httpx

    async with connected(await account(), node.url), httpx.AsyncClient() as http:
        base = f"http://127.0.0.1:{node.port}"
        answers: dict[str, Any] = {
            path: await http.get(base + path)
            for path in ("/healthz", "/readyz", "/metrics", "/api/v1/asyncapi.json")
        }
    assert [answer.status_code for answer in answers.values()] == [200, 200, 200, 200]
    assert 'glimpse_gateway_sockets{node="gw1"} 1' in answers["/metrics"].text
    document = answers["/api/v1/asyncapi.json"].json()
    assert document["asyncapi"] == "3.0.0"
    assert "event.post.new" in document["components"]["messages"]
