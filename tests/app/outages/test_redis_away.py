"""Redis stopped: the product goes on, and what is cached is right once it is back."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from infra.local import hold
from tests.fixtures.api import PASSWORD, Api, Person
from tests.fixtures.loop import at_work, eventually, quiet
from tests.fixtures.stores import Stores
from tests.fixtures.truth import feed_of

SLOW_S = 4.0
"""No single call may hang on a Redis that is away. (Generous: this machine may be busy.)"""


async def redis_answers(api: Api) -> bool:
    try:
        return bool(await api.resources.redis.ping())
    except Exception:
        return False


@asynccontextmanager
async def away(api: Api, stores: Stores) -> AsyncIterator[None]:
    hold.hold(stores.layout, "redis")
    try:
        yield
    finally:
        hold.release(stores.layout, "redis")
        await eventually(lambda: redis_answers(api), "Redis is back")


async def timed(call: Any) -> Any:
    began = time.monotonic()
    answer = await call
    assert time.monotonic() - began < SLOW_S
    return answer


async def feed(who: Person) -> list[str]:
    pages = await who.pages("/feed/home", "posts", 2)
    return [post["post_id"] for page in pages for post in page]


async def test_everything_goes_on_without_redis(api: Api, frail_stores: Stores) -> None:
    ana, ben, cleo = await api.people(3)
    await ben.follow(ana)
    old, doomed = await ana.post("old"), await ana.post("doomed")
    phone = await api.log_in(ben)
    for who in (ana, ben, cleo, phone):  # caches are warm
        await who.get("/feed/home")
        await who.get(f"/posts/{old['post_id']}")

    async with away(api, frail_stores):
        new = await timed(ana.post("new"))
        assert (await timed(ben.get("/feed/home")))["posts"][0]["post_id"] == new["post_id"]
        assert (await timed(ben.get(f"/users/{ana.username}")))["username"] == ana.username
        assert (await timed(ana.get("/users/me")))["username"] == ana.username
        liked = await timed(ben.call("POST", f"/posts/{old['post_id']}/like"))
        assert liked["likes_count"] == 1
        assert (await timed(ben.get(f"/posts/{old['post_id']}")))["is_liked"] is True
        comment = {"text": "still here"}
        await timed(ben.call("POST", f"/posts/{old['post_id']}/comments", comment))
        await timed(cleo.follow(ana))
        assert len((await timed(cleo.get("/feed/home")))["posts"]) == 3
        await timed(ana.call("DELETE", f"/posts/{doomed['post_id']}"))
        await timed(ben.call("POST", f"/posts/{new['post_id']}/save"))
        await timed(ben.call("POST", f"/users/{cleo.username}/block"))
        await timed(ben.refused("GET", f"/users/{cleo.username}", status=404))
        await timed(ben.get(f"/users/search?q={ana.username}"))
        await timed(ben.get("/notifications"))
        sessions = (await timed(ben.get("/auth/sessions")))["sessions"]
        other = next(s["session_id"] for s in sessions if not s["is_current"])
        await timed(ben.call("DELETE", f"/auth/sessions/{other}"))
        await timed(phone.refused("GET", "/users/me", status=401))
        dora = await timed(api.person("dora"))
        login = {"username": dora.username, "password": PASSWORD}
        assert (await timed(api.send("POST", "/users/login", login))).status_code == 200
        fresh = {"refresh_token": dora.refresh_token}
        assert (await timed(api.send("POST", "/auth/refresh", fresh))).status_code == 200

    # Redis has its old contents again (it writes them down); nobody may be served from them.
    api.forget()
    await phone.refused("GET", "/users/me", status=401)
    assert (await ben.get(f"/posts/{old['post_id']}"))["is_liked"] is True
    assert (await ben.get(f"/posts/{new['post_id']}"))["is_saved"] is True
    await ben.refused("GET", f"/users/{cleo.username}", status=404)
    for who in (ana, cleo):
        assert await feed(who) == await feed_of(api.resources.mongo, who.user_id)
    async with at_work(api.resources, "relay", "fanout", "counters", "notify"):
        await quiet(api.resources, 30)
        api.forget()
        for who in (ana, ben, cleo):
            assert await feed(who) == await feed_of(api.resources.mongo, who.user_id)

        async def counted() -> bool:
            api.forget()
            post = await ana.get(f"/posts/{old['post_id']}")
            return (post["likes_count"], post["comments_count"]) == (1, 1)

        await eventually(counted, "counters")
        kinds = {row["kind"] for row in (await ana.get("/notifications"))["notifications"]}
        assert kinds == {"follow", "like", "comment"}


async def test_while_redis_is_away_it_costs_no_more_than_a_moment(
    api: Api, frail_stores: Stores
) -> None:
    """The first call finds out; the next hundred don't each wait for it."""
    ana = await api.person()
    async with away(api, frail_stores):
        await ana.get("/feed/home")
        began = time.monotonic()
        for _ in range(100):
            await ana.get("/feed/home")
        assert time.monotonic() - began < 20


async def test_readiness_names_what_is_away(api: Api, frail_stores: Stores) -> None:
    assert (await api.http.get("/readyz")).json()["status"] == "ready"
    async with away(api, frail_stores):
        answer = await api.http.get("/readyz")
        assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
        assert answer.json()["dependencies"] == {"mongodb": "up", "redis": "down", "storage": "up"}
        assert (await api.http.get("/healthz")).status_code == 200
    await asyncio.sleep(0)
