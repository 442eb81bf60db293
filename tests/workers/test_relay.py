"""The relay on real MongoDB and Redis: nothing lost, nothing twice, whatever goes wrong."""

import asyncio
import os
import signal
import time
from functools import partial

import pytest

from app import checkpoint
from app.bus import Bus, BusFenced
from app.changes import Change, Changes, HistoryLost
from app.checkpoint import Checkpoint
from app.events import CommentCreated, LikeCreated, LikeDeleted, encode
from app.ids import new_id
from app.position import Position
from infra.local.hold import hold, release
from tests.fixtures.stores import Stores
from tests.workers.rig import Rig, eventually
from workers import relay


async def likes(rig: Rig, post_id: str, first: int, count: int) -> list[str]:
    users = [f"usr_{n}" for n in range(first, first + count)]
    for user in users:
        await rig.like(post_id, user)
    return users


async def liked(rig: Rig, post_id: str) -> list[str]:
    """Who is in the streams as having liked, in order."""
    return [
        e.user_id for e in await rig.events() if isinstance(e, LikeCreated) and e.post_id == post_id
    ]


async def test_changes_arrive_in_order_and_at_once(rig: Rig) -> None:
    await rig.start(relay.ROLE)
    post = new_id("post")
    await rig.like(post, "usr_1")
    await eventually(lambda: liked(rig, post))
    await rig.like(post, "usr_2")
    await rig.unlike(post, "usr_2")
    comment = await rig.comment(post, "usr_3")

    async def all_of_it() -> bool:
        return len(await rig.events()) == 4

    await eventually(all_of_it)
    assert await rig.events() == [
        LikeCreated(post, "usr_1"),
        LikeCreated(post, "usr_2"),
        LikeDeleted(post, "usr_2"),
        CommentCreated(comment, post, "usr_3", None),
    ]
    # The quickest of a few: on a busy machine one may be late.
    took_s = []
    for other in (new_id("post") for _ in range(5)):
        began = time.monotonic()
        await rig.like(other, "usr_1")
        await eventually(partial(liked, rig, other), every_s=0.005)
        took_s.append(time.monotonic() - began)
    assert min(took_s) < 0.5


async def test_a_transaction_keeps_its_order_and_has_places(rig: Rig) -> None:
    await rig.start(relay.ROLE)
    post = new_id("post")
    async with await rig.mongo.client.start_session() as session, session.start_transaction():
        for n in range(5):
            await rig.mongo.likes.insert_one(
                {"_id": f"{post}:usr_{n}", "post_id": post, "user_id": f"usr_{n}"}, session=session
            )

    async def all_of_it() -> bool:
        return len(await rig.events()) == 5

    await eventually(all_of_it)
    entries = await rig.entries()
    assert [e.user_id for _, e in entries if isinstance(e, LikeCreated)] == [
        f"usr_{n}" for n in range(5)
    ]
    assert [position.place for position, _ in entries] == [0, 1, 2, 3, 4]
    assert len({position[:2] for position, _ in entries}) == 1


async def test_killed_relays_lose_and_repeat_nothing(rig: Rig) -> None:
    post = new_id("post")
    expected: list[str] = []
    writing = True

    async def write() -> None:
        while writing:
            expected.extend(await likes(rig, post, len(expected), 1))
            if len(expected) % 20 == 0:
                async with (
                    await rig.mongo.client.start_session() as session,
                    session.start_transaction(),
                ):
                    for _ in range(10):
                        user = f"usr_{len(expected)}"
                        await rig.mongo.likes.insert_one(
                            {"_id": f"{post}:{user}", "post_id": post, "user_id": user},
                            session=session,
                        )
                        expected.append(user)
            await asyncio.sleep(0.002)

    writer = asyncio.create_task(write())
    for _ in range(2):
        process = rig.process("relay")
        known = len(await liked(rig, post))

        async def relays(known: int = known) -> bool:
            return len(await liked(rig, post)) > known + 50

        await eventually(relays)
        process.kill()
        process.wait()
    writing = False
    await writer
    await rig.start(relay.ROLE)

    async def all_of_it() -> bool:
        return len(await liked(rig, post)) >= len(expected)

    await eventually(all_of_it)
    assert await liked(rig, post) == expected


async def test_an_emptied_redis_is_refilled_in_order(rig: Rig) -> None:
    await rig.start(relay.ROLE)
    post = new_id("post")
    expected = await likes(rig, post, 0, 50)

    async def all_of_it() -> bool:
        return len(await liked(rig, post)) >= len(expected)

    await eventually(all_of_it)
    before = await rig.entries()
    await rig.redis.flushall()
    expected += await likes(rig, post, 50, 20)  # while it notices
    await eventually(all_of_it)
    assert await liked(rig, post) == expected
    assert (await rig.entries())[:50] == before  # under the same ids
    await rig.redis.flushall()  # and once more, with nothing happening
    await eventually(all_of_it)
    assert await liked(rig, post) == expected


async def test_a_stream_that_fell_back_is_completed(rig: Rig) -> None:
    """What an AOF cut back to its last fsync does: one stream ends earlier than it did."""
    await rig.start(relay.ROLE)
    post = new_id("post")
    expected = await likes(rig, post, 0, 30)

    async def all_of_it() -> bool:
        return len(await liked(rig, post)) >= len(expected)

    await eventually(all_of_it)
    entries = await rig.entries()
    (key,) = [k for k in await rig.redis.keys("events:*}") if await rig.redis.xlen(k)]
    cut = entries[19][0].entry_id
    async with rig.redis.pipeline(transaction=True) as pipe:
        pipe.delete(key)
        for position, event in entries[:20]:
            pipe.xadd(key, {b"e": encode(event)}, id=position.entry_id)
        await pipe.execute()
    assert (await rig.redis.xinfo_stream(key))["last-generated-id"].decode() == cut
    await eventually(all_of_it)
    assert await liked(rig, post) == expected


async def test_two_relays_have_one_leader_and_the_other_takes_over(rig: Rig) -> None:
    post = new_id("post")
    first, second = rig.process("relay"), rig.process("relay")
    expected = await likes(rig, post, 0, 10)

    async def all_of_it() -> bool:
        return len(await liked(rig, post)) >= len(expected)

    await eventually(all_of_it)
    lease = await rig.mongo.leases.find_one({"_id": "relay"})
    assert lease is not None
    await asyncio.sleep(1.5)
    still = await rig.mongo.leases.find_one({"_id": "relay"})
    assert still is not None
    assert (still["owner"], still["term"]) == (lease["owner"], lease["term"])
    for process in (first, second):  # one of them leads
        process.kill()
        process.wait()
        if process is first:
            expected += await likes(rig, post, 10, 10)
            await eventually(all_of_it, within_s=15)
    assert await liked(rig, post) == expected


async def test_an_old_term_is_refused(rig: Rig) -> None:
    old = Bus(rig.redis, rig.resources.settings.bus)
    new = Bus(rig.redis, rig.resources.settings.bus)
    await old.open(1)
    await new.open(2)
    with pytest.raises(BusFenced):
        await old.publish([])
    await new.publish([])


async def test_the_checkpoint_waits_for_every_role(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "_BEHIND_S", 0)
    await rig.start(relay.ROLE)
    post = new_id("post")
    await likes(rig, post, 0, 3)

    async def arrived() -> bool:
        return len(await liked(rig, post)) == 3

    await eventually(arrived)
    await asyncio.sleep(2.2)
    found = await checkpoint.load(rig.mongo)
    oldest = (await rig.entries())[0][0]
    assert found is not None
    assert found.position <= oldest < found.seen
    await rig.all_read()

    async def moved() -> bool:
        now = await checkpoint.load(rig.mongo)
        return now is not None and now.position > oldest

    await eventually(moved)


class Rolled(Changes):
    """A change stream over an oplog that has rolled over the position below. (An oplog is 1 GB
    at least: too much to fill in a test.)"""

    LOST = Position(1_000_000_000, 1)

    async def batch(self, size_max: int, wait_s: float) -> list[Change]:
        if self._start == self.LOST:
            raise HistoryLost("286")
        return await super().batch(size_max, wait_s)


async def test_a_lost_oplog_is_bridged_from_the_collections(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "Changes", Rolled)
    monkeypatch.setattr(relay, "_BEHIND_S", 0)
    post = new_id("post")
    expected = await likes(rig, post, 0, 5)
    await checkpoint.save(rig.mongo, Checkpoint(Rolled.LOST), term=0)
    await rig.start(relay.ROLE)

    async def all_of_it() -> bool:
        return len(await liked(rig, post)) >= len(expected)

    await eventually(all_of_it)
    assert sorted(await liked(rig, post)) == sorted(expected)
    found = await checkpoint.load(rig.mongo)
    assert found is not None
    assert found.gap_since is not None
    assert await rig.mongo.recounts.find_one({"_id": "*"})
    expected += await likes(rig, post, 5, 5)  # and it goes on
    await eventually(all_of_it)
    assert sorted(await liked(rig, post)) == sorted(expected)
    await rig.all_read()

    async def closed() -> bool:
        now = await checkpoint.load(rig.mongo)
        return now is not None and now.gap_since is None

    await eventually(closed)


async def test_nothing_is_lost_while_redis_is_down(rig: Rig, stores: Stores) -> None:
    await rig.start(relay.ROLE)
    post = new_id("post")
    expected = await likes(rig, post, 0, 20)

    async def all_of_it() -> bool:
        return len(await liked(rig, post)) >= len(expected)

    await eventually(all_of_it)
    hold(stores.layout, "redis")
    try:
        expected += await likes(rig, post, 20, 200)
        await asyncio.sleep(4)  # longer than the lease: it does not depend on Redis
    finally:
        release(stores.layout, "redis")
    await eventually(lambda: rig.is_up())
    await eventually(all_of_it)
    assert await liked(rig, post) == expected
    lease = await rig.mongo.leases.find_one({"_id": "relay"})
    assert lease is not None
    assert lease["term"] == 1


async def test_a_relay_that_slept_does_no_harm(rig: Rig) -> None:
    post = new_id("post")
    first = rig.process("relay")
    expected = await likes(rig, post, 0, 5)

    async def all_of_it() -> bool:
        return len(await liked(rig, post)) >= len(expected)

    await eventually(all_of_it)
    second = rig.process("relay")
    os.kill(first.pid, signal.SIGSTOP)
    expected += await likes(rig, post, 5, 20)
    await eventually(all_of_it)
    await rig.redis.flushall()
    os.kill(first.pid, signal.SIGCONT)
    expected += await likes(rig, post, 25, 100)
    await eventually(all_of_it)
    assert await liked(rig, post) == expected
    assert first.poll() is None
    assert second.poll() is None


async def test_a_full_redis_only_delays(rig: Rig) -> None:
    await rig.start(relay.ROLE)
    post = new_id("post")
    expected = await likes(rig, post, 0, 10)

    async def all_of_it() -> bool:
        return len(await liked(rig, post)) >= len(expected)

    await eventually(all_of_it)
    await rig.redis.config_set("maxmemory", 1)
    try:
        expected += await likes(rig, post, 10, 10)
        await asyncio.sleep(1)
        assert len(await liked(rig, post)) == 10
    finally:
        await rig.redis.config_set("maxmemory", 0)
    await eventually(all_of_it)
    assert await liked(rig, post) == expected
