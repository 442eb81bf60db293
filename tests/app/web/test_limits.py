"""Rate limits and their headers, per person, per address, through a proxy or not."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest

from app.main import create_app
from app.settings import Settings
from tests.fixtures.api import BASE, PASSWORD, Api, Person, open_api, refusal
from tests.fixtures.full_stack import CHEAP_PASSWORDS
from tests.fixtures.stores import Stores

LIMITS = {
    "GLIMPSE_LIMITS_WRITES_PER_HOUR": "12",
    "GLIMPSE_LIMITS_READS_PER_HOUR": "8",
    "GLIMPSE_LIMITS_UPLOADS_PER_DAY": "3",
    "GLIMPSE_LIMITS_FOLLOWS_PER_HOUR": "4",
    "GLIMPSE_LIMITS_LIKES_PER_HOUR": "5",
    "GLIMPSE_LIMITS_REGISTRATIONS_PER_HOUR": "40",
    "GLIMPSE_LIMITS_LOGINS_PER_5MIN": "6",
}
OpenWith = Callable[..., Awaitable[Api]]


@pytest.fixture(scope="module")
async def limited(stores: Stores) -> AsyncIterator[Api]:
    settings = stores.settings("api_limits", **LIMITS, **CHEAP_PASSWORDS)
    async with open_api(settings) as opened:
        await opened.resources.redis.flushall()
        yield opened
        await opened.resources.mongo.client.drop_database("api_limits")


@pytest.fixture
async def ana(limited: Api) -> Person:
    await limited.resources.redis.flushall()
    return await limited.person()


def quota(answer: httpx.Response) -> tuple[int, int, int]:
    names = ("X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")
    limit, remaining, reset = (int(answer.headers[name]) for name in names)
    return limit, remaining, reset


async def exhaust(call: Callable[[], Awaitable[httpx.Response]], limit: int) -> httpx.Response:
    """Call until refused; checks the headers on the way. The refusal."""
    for left in range(limit - 1, -1, -1):
        answer = await call()
        assert answer.status_code != 429, f"refused with {left} left"
        assert quota(answer)[:2] == (limit, left)
        assert time.time() <= quota(answer)[2] <= time.time() + 86_400
    answer = await call()
    error = refusal(answer, 429)
    assert error["code"] == "rate_limited"
    assert error["details"]["limit"] == limit
    assert quota(answer)[:2] == (limit, 0)
    assert 1 <= int(answer.headers["Retry-After"]) <= 86_400
    assert error["details"]["retry_after_s"] == int(answer.headers["Retry-After"])
    return answer


async def test_reads(ana: Person) -> None:
    await exhaust(lambda: ana.send("GET", "/users/me"), 8)


async def test_refused_and_malformed_calls_count_and_tell(ana: Person) -> None:
    await exhaust(lambda: ana.send("PUT", "/users/nobody", {"nope": 1}), 12)


async def test_writes_of_a_narrow_class_count_as_writes_too(ana: Person, limited: Api) -> None:
    other = await limited.person()
    path = f"/users/{other.username}/follow"
    await exhaust(lambda: ana.send("POST", path), 4)
    answer = await ana.send("DELETE", path)
    assert quota(answer)[:2] == (12, 12 - 5 - 1)


async def test_likes(ana: Person) -> None:
    await exhaust(lambda: ana.send("POST", "/posts/post_x/like"), 5)


async def test_uploads(ana: Person) -> None:
    body = {"file_type": "image/jpeg", "file_size": 10}
    await exhaust(lambda: ana.send("POST", "/media/upload-url", body), 3)


async def test_one_persons_limit_is_not_anothers(ana: Person, limited: Api) -> None:
    ben = await limited.person()
    await exhaust(lambda: ana.send("GET", "/users/me"), 8)
    assert (await ben.send("GET", "/users/me")).status_code == 200


async def test_log_ins_are_counted_by_address(limited: Api, ana: Person) -> None:
    sent = {"username": ana.username, "password": "wrong password"}
    await exhaust(lambda: limited.send("POST", "/users/login", sent), 6)
    right = {"username": ana.username, "password": PASSWORD}
    refusal(await limited.send("POST", "/users/login", right), 429)


async def test_guessed_tokens_are_counted_by_address(limited: Api, ana: Person) -> None:
    headers = {"Authorization": "Bearer nonsense"}
    await exhaust(lambda: limited.send("GET", "/users/me", headers=headers), 8)
    assert (await ana.send("GET", "/users/me")).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("PATCH", "/posts", 405), ("GET", "/openapi.json", 200)],
)
async def test_what_is_no_operation_counts_and_tells_too(
    limited: Api, ana: Person, method: str, path: str, status: int
) -> None:
    async def call() -> httpx.Response:
        answer = await limited.send(method, path)
        assert answer.status_code in (status, 429)
        return answer

    await exhaust(call, 8)


async def test_without_redis_counting_goes_on(limited: Api, ana: Person) -> None:
    def rest() -> Any:
        limited.resources.cache._rest_until = time.monotonic() + 60
        return ana.send("GET", "/users/me")

    await exhaust(rest, 8)
    limited.resources.cache._rest_until = 0.0


async def through(settings: Settings, peer: str, forwarded: str) -> str:
    """The address that is counted for a request from `peer` that brings the header."""
    app = create_app(settings)
    seen: list[str] = []
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        guard = app.state.resources.guard
        begin = guard.begin

        def note(name: Any, subject: str, session_id: str) -> Any:
            seen.append(subject)
            return begin(name, subject, session_id)

        guard.begin = note
        http = await stack.enter_async_context(
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app, client=(peer, 1)), base_url="http://x"
            )
        )
        headers = {"X-Forwarded-For": forwarded} if forwarded else {}
        await http.post(f"{BASE}/users/login", json={}, headers=headers)
    return seen[0]


@pytest.mark.parametrize(
    ("peer", "forwarded", "counted"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # not a proxy of ours: it may lie
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "10.0.0.1, 198.51.100.1", "198.51.100.1"),  # the nearest is the proxy's word
        ("127.0.0.1", "", "127.0.0.1"),
    ],
)
async def test_whose_address_counts(limited: Api, peer: str, forwarded: str, counted: str) -> None:
    assert await through(limited.settings, peer, forwarded) == counted
