"""Where subscriptions may lead to: nowhere inside."""

import json
from typing import Any

import pytest

from app.push import endpoint
from app.push.sender import Message, Refused
from app.push.webpush import WebPush
from app.settings import Push
from infra.local.secrets import p256_key
from tests.app.push.conftest import Pushing
from tests.fixtures.push_services import Browser

NOTE = Message("ntf_1", "like", "ana liked your post", "/p/post_1", 1)


@pytest.mark.parametrize(
    "url",
    [
        "http://updates.push.example/1",
        "https://updates.push.example:8443/1",
        "https://evil.example/1",
        "https://push.example.evil.example/1",
        "https://evilpush.example/1",
        "https://user:pass@updates.push.example/1",
        "https://updates.push.example@evil.example/1",
        "https://updates.push.example/1#x",
        "https://127.0.0.1/1",
        "http://127.0.0.1:1/1",
        "https://[::1]/1",
        "https://2130706433/1",
        "https://0x7f000001/1",
        "https://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/",
        "ftp://updates.push.example/1",
        "file:///etc/passwd",
        "//updates.push.example/1",
        "https:///1",
        "https://updates.push.example:x/1",
        "https://updates.push.example/ 1",
        "https://updates.push.example/\r\nHost: x",
        "updates.push.example",
    ],
)
async def test_what_is_refused(pushing: Pushing, url: str) -> None:
    ana = await pushing.api.person()
    sent = Browser(url).subscription()
    error = await ana.refused("POST", "/push/subscriptions", sent, status=422)
    assert set(error["details"]["fields"]) == {"endpoint"}


async def test_a_known_service_is_taken(pushing: Pushing) -> None:
    ana = await pushing.api.person()
    sent = Browser("https://updates.push.example/wpush/v2/abc").subscription()
    made = await ana.call("POST", "/push/subscriptions", sent)
    assert made["service"] == "web"
    await pushing.api.anonymous("POST", "/push/subscriptions", sent)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"keys": {"p256dh": "AAAA", "auth": "AAAAAAAAAAAAAAAAAAAAAA"}}, "keys.p256dh"),
        ({"keys": {"p256dh": "é", "auth": "AAAAAAAAAAAAAAAAAAAAAA"}}, "keys.p256dh"),
        ({"keys": None}, "keys"),
        ({"endpoint": None}, "endpoint"),
        ({"fcm_token": "x" * 40}, "fcm_token"),
        ({"other": 1}, "other"),
    ],
)
async def test_what_else_is_refused(pushing: Pushing, change: dict[str, Any], field: str) -> None:
    ana = await pushing.api.person()
    sent = {**pushing.web.browser("x").subscription(), **change}
    error = await ana.refused("POST", "/push/subscriptions", sent, status=422)
    assert set(error["details"]["fields"]) == {field}


async def test_secrets_of_another_length_are_refused(pushing: Pushing) -> None:
    ana = await pushing.api.person()
    sent = pushing.web.browser("x").subscription()
    sent["keys"]["auth"] = "AAAA"
    error = await ana.refused("POST", "/push/subscriptions", sent, status=422)
    assert set(error["details"]["fields"]) == {"keys.auth"}


async def test_a_name_that_leads_inside_is_not_called(pushing: Pushing) -> None:
    """`localhost` is on the list of services here, and still resolves to nothing public."""
    ana, ben = await pushing.api.people(2)
    sent = Browser("https://localhost/push/1").subscription()
    await ana.call("POST", "/push/subscriptions", sent)
    post = await ana.post()
    await ben.call("POST", f"/posts/{post['post_id']}/like")
    assert await pushing.push() == ["dead"]
    letters: Any = await pushing.api.resources.redis.xrevrange("dead:push", count=1)
    assert b"no public address" in letters[0][1][b"error"]
    settings = Push(services=("*",))
    with pytest.raises(endpoint.Forbidden):
        await endpoint.PublicResolver(settings).resolve("localhost", 443)


async def test_redirects_are_not_followed(pushing: Pushing) -> None:
    settings = Push(vapid_private_key=p256_key(), services=(), trusted_hosts=(pushing.web.host,))
    sent = pushing.web.browser("a").subscription()
    device = {"address": sent["endpoint"], **sent["keys"]}
    for status in (301, 302, 307, 308):
        pushing.web.answers.append((status, {"Location": f"{pushing.web.url}/push/b"}))
        async with endpoint.open_session(settings) as session:
            assert isinstance(await WebPush(settings, session).send(device, NOTE), Refused)
    assert {got.path for got in pushing.web.got} == {"/push/a"}
    # Settings that changed since count too.
    async with endpoint.open_session(settings) as session:
        elsewhere = {**device, "address": "https://127.0.0.1/push/a"}
        assert isinstance(await WebPush(settings, session).send(elsewhere, NOTE), Refused)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert endpoint.is_public(address) is public


def test_a_message_fits_a_push() -> None:
    names = "é" * 30
    longest = Message("ntf_" + "0" * 26, "follow_request", names * 20, "/p/" + "0" * 40, 999)
    assert len(json.dumps(longest.data())) < 3993  # what aes128gcm leaves of 4096
