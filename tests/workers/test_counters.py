"""Counters: equal to the rows, whatever is delivered twice and whoever counts."""

import asyncio
import os
import random
import signal
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from app import clock
from app.counts import queries, reconcile, service
from app.counts.rules import deltas_of, fold
from app.events import (
    CommentDeleted,
    Event,
    FollowCreated,
    FollowDeleted,
    LikeCreated,
    LikeDeleted,
    MessageSent,
    MessageUnsent,
    PostPublished,
    PostUpdated,
    PostWithdrawn,
)
from app.ids import new_id
from tests.workers.rig import Rig, eventually
from workers import counters, relay


def test_deltas() -> None:
    assert deltas_of(FollowCreated("usr_a", "usr_b")) == [
        ("usr_b", "followers", 1),
        ("usr_a", "following", 1),
    ]
    assert deltas_of(CommentDeleted("cmt_2", "post_1", "usr_a", "cmt_1")) == [
        ("post_1", "comments", -1),
        ("cmt_1", "replies", -1),
    ]
    assert deltas_of(MessageSent("conv_1", "msg_1", "usr_a", "post_1")) == [("post_1", "shares", 1)]
    assert deltas_of(MessageUnsent("conv_1", "msg_1", "usr_a", "post_1"))[0][2] == -1
    assert not deltas_of(MessageSent("conv_1", "msg_1", "usr_a"))
    assert deltas_of(PostWithdrawn("post_1", "usr_a", was_visible=True))
    assert not deltas_of(PostWithdrawn("post_1", "usr_a", was_visible=False))
    assert not deltas_of(PostUpdated("post_1", "usr_a"))


events = st.one_of(
    st.builds(LikeCreated, st.sampled_from(["post_1", "post_2"]), st.just("usr_x")),
    st.builds(LikeDeleted, st.sampled_from(["post_1", "post_2"]), st.just("usr_x")),
    st.builds(FollowCreated, st.just("usr_x"), st.just("usr_y")),
    st.builds(FollowDeleted, st.just("usr_x"), st.just("usr_y")),
    st.builds(PostPublished, st.just("post_1"), st.just("usr_x")),
)


@given(st.lists(events))
def test_folding_is_adding_up(happened: list[Event]) -> None:
    folded = fold(happened)
    for subject in ("post_1", "post_2", "usr_x", "usr_y"):
        for counter in ("likes", "followers", "following", "posts"):
            total = sum(
                n for e in happened for s, c, n in deltas_of(e) if (s, c) == (subject, counter)
            )
            assert folded.get(subject, {}).get(counter, 0) == total
    assert all(n for counts in folded.values() for n in counts.values())


async def counts_equal_rows(rig: Rig, ids: list[str]) -> bool:
    rows = await service.count_rows(rig.resources, ids)
    counts = await queries.stored(rig.resources, ids)
    return all(
        getattr(counts[i], counter) == n for i, some in rows.items() for counter, n in some.items()
    )


async def applied_everything(rig: Rig) -> bool:
    bus = rig.resources.bus
    offsets = await service.offsets(rig.resources)
    return all(offsets[p.partition] >= p.tip for p in await bus.progress(["counters"]))


async def raw(rig: Rig, subject: str) -> dict[str, int]:
    return await rig.mongo.counts.find_one({"_id": subject}) or {}


async def test_an_entry_counts_once_however_often_it_is_read(rig: Rig) -> None:
    post = new_id("post")
    await rig.publish(*(LikeCreated(post, f"usr_{n}") for n in range(5)))
    first, second = counters.Counting(rig.resources), counters.Counting(rig.resources)
    for counting in (first, second):
        counting._offsets = await service.offsets(rig.resources)
    batch = await first._gather()
    same = await second._gather()
    await first._apply(batch)
    with pytest.raises(service.OffsetMoved):
        await second._apply(same)
    assert (await raw(rig, post))["likes"] == 5


async def test_two_at_once_count_once(rig: Rig) -> None:
    """Without the lease: the transaction alone keeps them apart."""
    post = new_id("post")
    tasks = [asyncio.create_task(counters.Counting(rig.resources).count()) for _ in range(3)]
    for n in range(20):
        await rig.publish(*(LikeCreated(post, f"usr_{n}_{m}") for m in range(20)))

    async def counted() -> bool:
        return await applied_everything(rig)

    await eventually(counted)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert (await raw(rig, post))["likes"] == 400


async def test_a_zombie_does_no_harm(rig: Rig) -> None:
    post = new_id("post")
    first = rig.process("counters")
    sent = 0

    async def send(count: int) -> None:
        nonlocal sent
        for _ in range(count):
            await rig.publish(*(LikeCreated(post, f"usr_{sent + n}") for n in range(10)))
            sent += 10

    async def counted() -> bool:
        return (await raw(rig, post)).get("likes") == sent

    await send(5)
    await eventually(counted)
    second = rig.process("counters")
    await send(5)
    os.kill(first.pid, signal.SIGSTOP)
    await send(20)
    await eventually(counted)
    os.kill(first.pid, signal.SIGCONT)
    await send(20)
    await eventually(counted)
    await asyncio.sleep(0.5)
    assert await counted()
    assert second.poll() is None
    assert first.poll() is None


async def test_values_go_out_live_and_into_the_cache(rig: Rig) -> None:
    post = new_id("post")
    sent: list[tuple[str, str, dict[str, int]]] = []

    class Live:
        async def publish(self, topic: str, type: str, data: dict[str, int]) -> None:
            sent.append((topic, type, data))

    rig.resources = replace(rig.resources, live=Live())  # type: ignore[arg-type]
    assert (await queries.counts_of(rig.resources, [post]))[post].likes == 0
    await rig.start(counters.ROLE)
    for n in range(60):
        await rig.publish(LikeCreated(post, f"usr_{n}"))
        await asyncio.sleep(0.01)

    async def told() -> bool:
        return bool(sent) and sent[-1][2]["likes"] == 60

    await eventually(told)
    assert sent[-1] == (f"post:{post}", "post.counts", {"likes": 60, "comments": 0, "shares": 0})
    assert len(sent) <= 8  # about a second of likes
    assert (await queries.counts_of(rig.resources, [post]))[post].likes == 60
    await rig.redis.delete(queries.cache_key(post))
    assert (await queries.counts_of(rig.resources, [post]))[post].likes == 60

    async def reported() -> bool:
        return all(p.oldest is None for p in await rig.resources.bus.progress(["counters"]))

    await eventually(reported)


async def test_popular_people_are_marked_and_unmarked(rig: Rig) -> None:
    rig.resources = replace(
        rig.resources,
        settings=replace(
            rig.resources.settings,
            feed=replace(rig.resources.settings.feed, push_followers_max=10),
        ),
    )
    await rig.start(counters.ROLE)

    async def marked() -> bool:
        return await rig.mongo.popular.find_one({"_id": "usr_star"}) is not None

    await rig.publish(*(FollowCreated(f"usr_{n}", "usr_star") for n in range(11)))
    await eventually(marked)
    await rig.publish(*(FollowDeleted(f"usr_{n}", "usr_star") for n in range(3)))
    await asyncio.sleep(1)
    assert await marked()  # 8 of 10: not yet
    await rig.publish(FollowDeleted("usr_3", "usr_star"))

    async def unmarked() -> bool:
        return not await marked()

    await eventually(unmarked)
    await rig.mongo.popular.insert_one({"_id": "usr_nobody", "since": clock.now()})
    await service.mark_all_popular(rig.resources)
    assert await rig.mongo.popular.count_documents({}) == 0


class World:
    """Random acts on a few subjects, straight into the collections."""

    def __init__(self, rig: Rig, seed: int) -> None:
        self.rig = rig
        self.random = random.Random(seed)
        self.users = [new_id("usr") for _ in range(4)]
        self.posts = [new_id("post") for _ in range(3)]
        self.likes: set[tuple[str, str]] = set()
        self.follows: set[tuple[str, str]] = set()
        self.comments: list[tuple[str, str]] = []

    @property
    def subjects(self) -> list[str]:
        return [*self.users, *self.posts, *(c for c, _ in self.comments)]

    async def act(self) -> None:
        dice, user = self.random, self.random.choice(self.users)
        post = dice.choice(self.posts)
        match dice.randrange(4):
            case 0 if (post, user) in self.likes:
                self.likes.discard((post, user))
                await self.rig.unlike(post, user)
            case 0:
                self.likes.add((post, user))
                await self.rig.like(post, user)
            case 1:
                other = dice.choice(self.users)
                if (user, other) in self.follows:
                    self.follows.discard((user, other))
                    await self.rig.mongo.follows.delete_one({"_id": f"{user}:{other}"})
                else:
                    self.follows.add((user, other))
                    await self.rig.follow(user, other)
            case 2:
                parents = [c for c, p in self.comments if p == post]
                parent = dice.choice([None, *parents])
                self.comments.append((await self.rig.comment(post, user, parent), post))
            case 3 if self.comments:
                await self.rig.uncomment(dice.choice(self.comments)[0])
            case _:
                pass


async def test_counts_equal_rows_after_anything(rig: Rig) -> None:
    """Random acts, while Redis is emptied and the counters are restarted."""
    await rig.start(relay.ROLE)
    for seed in range(4):
        world = World(rig, seed)
        end = await rig.start(counters.ROLE)
        for turn in range(150):
            await world.act()
            if turn == 50 and seed % 2:
                await rig.redis.flushall()
            if turn == 100:
                await end()
                end = await rig.start(counters.ROLE)

        async def equal(world: World = world) -> bool:
            return await counts_equal_rows(rig, world.subjects)

        await eventually(equal)
        await end()


@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_the_order_of_batches_and_repeats_does_not_matter(data: st.DataObject) -> None:
    """Pure: any cutting of the same events into batches adds up to the same."""
    happened = data.draw(st.lists(events, max_size=30))
    whole = fold(happened)
    total: dict[tuple[str, str], int] = {}
    rest = happened
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        for subject, counts in fold(rest[:size]).items():
            for counter, n in counts.items():
                total[subject, counter] = total.get((subject, counter), 0) + n
        rest = rest[size:]
    assert {k: n for k, n in total.items() if n} == {
        (s, c): n for s, counts in whole.items() for c, n in counts.items()
    }


async def test_a_recount_corrects_drift_and_only_drift(rig: Rig) -> None:
    await rig.start(relay.ROLE)
    await rig.start(counters.ROLE)
    world = World(rig, 7)
    for _ in range(60):
        await world.act()

    async def equal() -> bool:
        return await counts_equal_rows(rig, world.subjects)

    await eventually(equal)
    assert await service.recount(rig.resources, world.subjects) == {}
    wrong, never = world.posts[0], world.posts[1]
    await rig.mongo.counts.update_one({"_id": wrong}, {"$inc": {"likes": 3}})
    await rig.mongo.counts.delete_one({"_id": never})
    assert not await equal()
    drift = await service.recount(rig.resources, world.subjects)
    assert drift is not None
    assert drift[wrong] == {"likes": -3}
    assert set(drift) == {wrong, never}
    assert await equal()


async def test_a_recount_leaves_what_moves_alone(rig: Rig) -> None:
    """Liking goes on while it counts; nothing is overwritten with an old value."""
    await rig.start(relay.ROLE)
    await rig.start(counters.ROLE)
    post = new_id("post")
    liking = True
    liked = 0

    async def like() -> None:
        nonlocal liked
        while liking:
            await rig.like(post, f"usr_{liked}")
            liked += 1
            await asyncio.sleep(0.005)

    task = asyncio.create_task(like())
    await asyncio.sleep(0.5)
    for _ in range(3):
        assert await service.recount(rig.resources, [post]) == {}
    liking = False
    await task

    async def equal() -> bool:
        return await counts_equal_rows(rig, [post])

    await eventually(equal)
    assert (await raw(rig, post))["likes"] == liked


async def test_a_recount_sees_what_came_and_went_between(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A like is taken back before it was counted, and the recount read the rows in between."""
    await rig.start(relay.ROLE)
    stop = await rig.start(counters.ROLE)
    post = new_id("post")
    await rig.like(post, "usr_1")

    async def equal() -> bool:
        return await counts_equal_rows(rig, [post])

    await eventually(equal)
    await stop()
    count_rows = service.count_rows

    async def between(resources: Any, ids: Any) -> Any:
        await rig.like(post, "usr_2")
        counted = await count_rows(resources, ids)
        await rig.unlike(post, "usr_2")
        await asyncio.sleep(1.0)  # both are in the streams: one batch for who counts next
        await rig.start(counters.ROLE)
        return counted

    with monkeypatch.context() as patched:
        patched.setattr(service, "count_rows", between)
        assert await service.recount(rig.resources, [post]) == {}
    await eventually(equal)


async def test_requested_recounts_are_done(rig: Rig) -> None:
    await rig.start(relay.ROLE)
    await rig.start(counters.ROLE)
    post, user = new_id("post"), new_id("usr")
    await rig.mongo.posts.insert_one({"_id": post, "author_id": user, "status": "published"})
    await rig.mongo.users.insert_one({"_id": user, "username": "u", "email": "e"})
    await rig.like(post, "usr_1")

    async def equal() -> bool:
        return await counts_equal_rows(rig, [post, user])

    await eventually(equal)
    await rig.mongo.counts.update_many({}, {"$set": {"likes": 9, "posts": 9}})
    await service.request_recount(rig.resources, [post])
    assert (await reconcile.do_requested(rig.resources))[1][post] == {"likes": -8}
    await service.request_recount(rig.resources, None)
    for _ in range(3):
        await reconcile.do_requested(rig.resources)
    assert await equal()
    assert await rig.mongo.recounts.count_documents({}) == 0
