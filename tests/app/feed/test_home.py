"""The home feed is what MongoDB says it is, whatever was done, cached, or lost."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from app import clock, ids
from tests.fixtures.api import Api, Person
from tests.fixtures.loop import quiet
from tests.fixtures.truth import feed_of

pytestmark = pytest.mark.usefixtures("loop_at_work")


async def expected(api: Api, who: Person) -> list[str]:
    return await feed_of(api.resources.mongo, who.user_id)


async def shown(who: Person, limit: int = 3) -> list[str]:
    """Post ids of all pages of the feed."""
    pages = await who.pages("/feed/home", "posts", limit)
    assert all(len(page) == limit for page in pages[:-1])
    return [post["post_id"] for page in pages for post in page]


async def drop_caches(api: Api) -> None:
    """What is kept of people: feeds, relations, marks."""
    redis = api.resources.redis
    async for key in redis.scan_iter("{u*", count=1000):
        if not key.endswith((b":log", b":at", b":sockets")):
            await redis.unlink(key)
    api.forget()


@dataclass
class World:
    api: Api
    people: list[Person]
    posts: list[tuple[Person, str]] = field(default_factory=list)

    async def do(self, step: tuple[str, int, int]) -> None:
        what, one, two = step
        actor = self.people[one % len(self.people)]
        target = self.people[two % len(self.people)].username
        match what:
            case "post":
                made = await actor.post()
                self.posts.append((actor, made["post_id"]))
                assert (await actor.get("/feed/home"))["posts"][0]["post_id"] == made["post_id"]
            case "follow" | "block" | "mute":
                await actor.send("POST", f"/users/{target}/{what}")
            case "unfollow" | "unblock" | "unmute":
                await actor.send("DELETE", f"/users/{target}/{what[2:]}")
            case "delete" | "archive" | "unarchive" if self.posts:
                author, post_id = self.posts[two % len(self.posts)]
                if what == "delete":
                    await author.send("DELETE", f"/posts/{post_id}")
                else:
                    await author.send("POST", f"/posts/{post_id}/{what}")
            case "read":
                await actor.get("/feed/home?limit=2")
            case "empty":
                await drop_caches(self.api)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["post"] * 4 + ["follow"] * 4 + ["read"] * 3
            + ["unfollow", "delete", "archive", "unarchive", "block", "unblock", "mute", "unmute"]
            + ["empty"]
        ),
        st.integers(0, 3),
        st.integers(0, 7),
    ),
    min_size=6,
    max_size=24,
)  # fmt: skip


@settings(
    max_examples=25,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
async def test_the_feed_equals_the_one_computed(api: Api, steps: list[Any]) -> None:
    world = World(api, await api.people(4, "hy"))
    for step in steps:
        await world.do(step)
    await quiet(api.resources)
    api.forget()
    for who in world.people:
        wanted = await expected(api, who)
        assert await shown(who) == wanted, "cached"
    await drop_caches(api)
    for who in world.people:
        assert await shown(who, 7) == await expected(api, who), "rebuilt"
    api.resources.cache._rest_until = float("inf")
    try:
        for who in world.people:
            assert await shown(who) == await expected(api, who), "without Redis"
    finally:
        api.resources.cache._rest_until = 0.0


@pytest.mark.parametrize("emptied", [False, True], ids=["cached", "emptied"])
async def test_pages_have_no_gap_or_duplicate_while_posts_arrive(api: Api, emptied: bool) -> None:
    ana, *authors = await api.people(4)
    await ana.follow(*authors)
    for number in range(12):
        await authors[number % 3].post()
    await quiet(api.resources)
    wanted = await expected(api, ana)
    found: list[str] = []
    cursor = ""
    while True:
        page = await ana.get(f"/feed/home?limit=2{cursor}")
        found += [post["post_id"] for post in page["posts"]]
        if not page["pagination"]["has_more"]:
            break
        cursor = f"&cursor={page['pagination']['next_cursor']}"
        await authors[len(found) % 3].post("late")
        if emptied:
            await drop_caches(api)
        else:
            await quiet(api.resources)
    assert found == wanted


async def insert_posts(api: Api, author: Person, count: int, apart_ms: int) -> None:
    """Published at exact times, as an import does it."""
    model = await author.post()
    document = await api.resources.mongo.posts.find_one({"_id": model["post_id"]})
    assert document is not None
    at = clock.now() - timedelta(hours=1)
    rows = []
    for number in range(count):
        moment = at + timedelta(milliseconds=number * apart_ms)
        rows.append(
            {**document, "_id": ids.new_id("post"), "published_at": moment, "created_at": moment}
        )
    await api.resources.mongo.posts.insert_many(rows)


async def test_many_posts_of_the_same_millisecond(api: Api) -> None:
    ana, ben = await api.people(2)
    await ana.follow(ben)
    await insert_posts(api, ben, 40, apart_ms=0)
    await quiet(api.resources)
    wanted = await expected(api, ana)
    assert len(wanted) == 41
    for limit in (3, 10, 100):
        assert await shown(ana, limit) == wanted


async def test_the_cached_feed_is_cut_to_the_newest(api: Api) -> None:
    ana, ben = await api.people(2)
    await ana.follow(ben)
    await insert_posts(api, ben, 520, apart_ms=5)
    await quiet(api.resources)
    wanted = await expected(api, ana)
    found = await shown(ana, 100)
    assert found[:500] == wanted[:500]
    await ben.post()
    await quiet(api.resources)
    assert (await shown(ana, 100))[:500] == (await expected(api, ana))[:500]
    key = [k async for k in api.resources.redis.scan_iter(f"*{ana.user_id}:home")]
    assert await api.resources.redis.zcard(key[0]) <= 501


async def test_a_popular_author_is_pulled(api: Api) -> None:
    ana, star, ben = await api.people(3)
    await ana.follow(star, ben)
    for number in range(6):
        await (star if number % 2 else ben).post()
    await api.resources.mongo.popular.insert_one(
        {"_id": star.user_id, "since": clock.now() - timedelta(hours=2)}
    )
    await drop_caches(api)
    await shown(ana)
    late = await star.post("late")
    await quiet(api.resources)
    api.forget()
    wanted = await expected(api, ana)
    assert wanted[0] == late["post_id"]
    assert await shown(ana, 2) == wanted


async def test_the_feed_refuses_other_orders(api: Api) -> None:
    ana = await api.person()
    error = await ana.refused("GET", "/feed/home?order=loudest", status=422)
    assert set(error["details"]["fields"]) == {"order"}


async def test_the_grid_page_by_page(api: Api) -> None:
    ana, ben = await api.people(2)
    posts = [(await ana.post(str(n)))["post_id"] for n in range(5)]
    pages = await ben.pages(f"/feed/user/{ana.username}", "posts", 2)
    assert [p["post_id"] for page in pages for p in page] == posts[::-1]


async def test_a_post_that_changed_is_made_anew(api: Api) -> None:
    """Only what was made of the very same post is taken again."""
    ana, ben = await api.people(2, "kept")
    await ana.follow(ben)
    made = await ben.post("before")
    await quiet(api.resources)
    memory, mongo = api.resources.memory, api.resources.mongo

    async def first() -> Any:
        """As a process sees it that heard of nothing, a second later."""
        memory.posts._values.clear()
        memory.shared._values.clear()
        return (await ana.get("/feed/home"))["posts"][0]

    assert (await first())["caption"] == "before"
    kept = memory.made.get(made["post_id"])
    await first()
    assert memory.made.get(made["post_id"]) is kept, "the same post is not made twice"
    await mongo.posts.update_one({"_id": made["post_id"]}, {"$set": {"caption": "after"}})
    assert (await first())["caption"] == "after"
    await mongo.users.update_one({"_id": ben.user_id}, {"$set": {"is_private": True}})
    url = (await first())["media"][0]["url"]
    assert f"u={ana.user_id}" in url, "links of a private account are bound to the viewer"
