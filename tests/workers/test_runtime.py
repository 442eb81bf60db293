"""The worker runtime on real Redis: order, retries, claims, dead letters, outages, drain."""

import asyncio
import os
import signal
from collections import Counter
from dataclasses import replace

from pymongo.errors import AutoReconnect

from app.events import Event, LikeCreated, LikeDeleted, stream_key
from app.group import Group
from app.resources import Resources
from infra.local.hold import hold, release
from tests.fixtures.stores import Stores
from tests.workers.rig import Rig, eventually
from workers.runtime import Role, Worker

WANTED = frozenset({LikeCreated})


class Recorder:
    """A handler that notes what it did, and does what the test says."""

    def __init__(self) -> None:
        self.done: list[tuple[str, Event]] = []
        self.tries: Counter[str] = Counter()
        self.broken: set[str] = set()
        self.slow: dict[str, float] = {}
        self.error: Exception = ValueError("broken")
        self.running = 0
        self.most = 0

    async def __call__(self, event_id: str, event: Event, resources: Resources) -> None:
        assert isinstance(event, LikeCreated)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            self.tries[event.user_id] += 1
            await asyncio.sleep(self.slow.get(event.user_id, 0))
            if event.user_id in self.broken:
                raise self.error
            self.done.append((event_id, event))
        finally:
            self.running -= 1

    @property
    def users(self) -> list[str]:
        return [event.user_id for _, event in self.done if isinstance(event, LikeCreated)]


def like(post: str, number: int) -> LikeCreated:
    return LikeCreated(post, f"usr_{number}")


async def all_done(rig: Rig, record: Recorder, count: int) -> None:
    async def is_done() -> bool:
        return len(record.done) >= count and await rig.pending("test") == 0

    await eventually(is_done)


async def test_events_of_one_key_run_in_order_and_others_beside_them(rig: Rig) -> None:
    record = Recorder()
    record.slow = {f"usr_{n}": 0.01 for n in range(200)}
    positions = []
    for n in range(10):
        positions += await rig.publish(*(like(f"post_{p}", n) for p in range(20)))
    await rig.publish(LikeDeleted("post_1", "usr_1"))  # of no interest here
    end = await rig.start(Role("test", record, WANTED, concurrency=8))
    await all_done(rig, record, 200)
    for p in range(20):
        mine = [
            e.user_id for _, e in record.done if isinstance(e, LikeCreated) and e.key == f"post_{p}"
        ]
        assert mine == [f"usr_{n}" for n in range(10)]
    assert record.most == 8
    assert sorted(i for i, _ in record.done) == sorted(p.event_id for p in positions)
    await end()
    for p in rig.resources.bus.partitions:  # it left no trace
        assert await rig.redis.xinfo_consumers(stream_key(p), "test") == []


async def test_a_failure_is_retried_then_buried_and_holds_up_only_its_key(rig: Rig) -> None:
    record = Recorder()
    record.broken = {"usr_1"}
    await rig.start(Role("test", record, WANTED, concurrency=1))
    positions = await rig.publish(like("post_1", 0), like("post_1", 1), like("post_1", 2))
    await rig.publish(like("post_2", 3))

    async def others_done() -> bool:
        return record.users == ["usr_0", "usr_3"]

    await eventually(others_done)

    async def buried() -> list[dict[bytes, bytes]]:
        return await rig.dead("test")

    (letter,) = await eventually(buried)
    assert letter[b"id"] == positions[1].event_id.encode()
    assert b"broken" in letter[b"error"]
    assert letter[b"deliveries"] == b"5"
    await all_done(rig, record, 3)
    assert record.users[2] == "usr_2"
    assert record.tries["usr_1"] == 5


async def test_a_passing_failure_is_got_over(rig: Rig) -> None:
    record = Recorder()
    record.broken = {"usr_1"}
    await rig.start(Role("test", record, WANTED))
    await rig.publish(like("post_1", 1))

    async def tried() -> bool:
        return record.tries["usr_1"] >= 2

    await eventually(tried)
    record.broken.clear()
    await all_done(rig, record, 1)
    assert await rig.dead("test") == []


async def test_work_that_never_ends_is_given_up(rig: Rig) -> None:
    record = Recorder()
    record.slow = {"usr_1": 600}
    await rig.start(Role("test", record, WANTED, timeout_s=0.05))
    await rig.publish(like("post_1", 1), like("post_1", 2))
    await all_done(rig, record, 1)
    (letter,) = await rig.dead("test")
    assert b"TimeoutError" in letter[b"error"]


async def test_poison_is_buried_at_once(rig: Rig) -> None:
    record = Recorder()
    await rig.start(Role("test", record, WANTED))
    await rig.publish(like("post_1", 0))
    await rig.redis.xadd(stream_key(0), {b"e": b'{"type":"nonsense"}'})
    await rig.redis.xadd(stream_key(0), {b"e": b'{"type":"like.created","post_id":7}'})

    async def buried() -> bool:
        return len(await rig.dead("test")) == 2

    await eventually(buried, within_s=10)
    await all_done(rig, record, 1)


async def test_work_of_a_vanished_consumer_is_taken_over(rig: Rig) -> None:
    resources = replace(
        rig.resources,
        settings=replace(
            rig.resources.settings, bus=replace(rig.resources.settings.bus, claim_idle_ms=500)
        ),
    )
    await rig.publish(*(like(f"post_{n}", n) for n in range(10)))
    gone = Group(rig.redis, resources.settings.bus, "test", "gone")
    await gone.ensure()
    read = await gone.read(gone.streams, 100, 100)
    assert len(read) == 10
    trimmed = read[0]
    await rig.redis.xdel(trimmed.stream, trimmed.id)
    # The last one was delivered five times already: it must not be run again.
    await gone.keep({read[9].stream: [read[9].id]}, deliveries=5)
    record = Recorder()
    rig.resources = resources
    await rig.start(Role("test", record, WANTED))
    await all_done(rig, record, 8)
    assert len(record.done) == 8
    (letter,) = await rig.dead("test")
    assert letter[b"id"].decode() == read[9].event_id


async def test_an_answer_lost_on_the_way_is_noticed(rig: Rig) -> None:
    record = Recorder()
    worker = Worker(Role("test", record, WANTED), rig.resources)
    await rig.publish(like("post_1", 1))
    await worker.group.ensure()
    await worker.group.read(worker.group.streams, 10, 100)  # as if the answer never came
    stop = asyncio.Event()
    task = asyncio.create_task(worker.run(stop))
    await all_done(rig, record, 1)
    stop.set()
    await task


async def test_long_work_is_not_claimed_by_others(rig: Rig) -> None:
    rig.resources = replace(
        rig.resources,
        settings=replace(
            rig.resources.settings, bus=replace(rig.resources.settings.bus, claim_idle_ms=400)
        ),
    )
    first, second = Recorder(), Recorder()
    for record in (first, second):
        record.slow = {"usr_1": 1.5}
        await rig.start(Role("test", record, WANTED, concurrency=1))
    await rig.publish(like("post_1", 1))

    async def finished() -> bool:
        return len(first.done) + len(second.done) > 0 and await rig.pending("test") == 0

    await eventually(finished)
    assert first.tries["usr_1"] + second.tries["usr_1"] == 1


async def test_an_outage_uses_up_no_delivery(rig: Rig) -> None:
    record = Recorder()
    record.error, record.broken = AutoReconnect("away"), {"usr_1"}
    await rig.start(Role("test", record, WANTED))
    await rig.publish(like("post_1", 1))

    async def often() -> bool:
        return record.tries["usr_1"] > 5

    await eventually(often)
    assert await rig.dead("test") == []
    record.broken.clear()
    await all_done(rig, record, 1)


async def test_it_works_through_redis_going_away_and_coming_back_empty(
    rig: Rig, stores: Stores
) -> None:
    record = Recorder()
    await rig.start(Role("test", record, WANTED))
    await rig.publish(like("post_1", 1))
    await all_done(rig, record, 1)
    hold(stores.layout, "redis")
    await asyncio.sleep(1.5)
    release(stores.layout, "redis")
    await eventually(rig.is_up)
    await rig.redis.flushall()
    await rig.resources.bus.open(1)
    await rig.publish(like("post_1", 2))
    await all_done(rig, record, 2)


async def test_stopping_finishes_what_is_in_hand_and_hands_back_the_rest(rig: Rig) -> None:
    record = Recorder()
    record.slow = {"usr_1": 0.3, "usr_2": 60}
    stop = asyncio.Event()
    worker = Worker(Role("test", record, WANTED), rig.resources, drain_s=2)
    task = asyncio.create_task(worker.run(stop))
    await rig.publish(like("post_1", 1), like("post_2", 2), like("post_2", 3))

    async def begun() -> bool:
        return record.running == 2

    await eventually(begun)
    stop.set()
    await asyncio.wait_for(task, 30)
    assert record.users == ["usr_1"]
    other = Recorder()
    await rig.start(Role("test", other, WANTED))
    await all_done(rig, other, 2)  # at once, not after claim_idle_ms
    assert other.users == ["usr_2", "usr_3"]


async def test_a_batch_that_fails_is_given_again_one_by_one(rig: Rig) -> None:
    sizes: list[int] = []
    done: list[str] = []

    async def handle(batch: object, resources: Resources) -> None:
        assert isinstance(batch, list)
        sizes.append(len(batch))
        users = [event.user_id for _, event in batch]
        if "usr_3" in users:
            raise ValueError("broken")
        done.extend(users)

    await rig.publish(*(like("post_1", n) for n in range(6)))
    await rig.start(Role("test", events=WANTED, batch_handler=handle, batch_max=100))

    async def finished() -> bool:
        return len(done) == 5 and await rig.pending("test") == 0

    await eventually(finished)
    assert sizes[0] == 6
    assert sorted(done) == ["usr_0", "usr_1", "usr_2", "usr_4", "usr_5"]
    assert len(await rig.dead("test")) == 1


async def test_a_process_drains_on_sigterm(rig: Rig) -> None:
    process = rig.process("notify")

    async def reads() -> bool:
        groups = [g for g in await rig.resources.bus.progress(["notify"])]
        return bool(groups) and await rig.redis.exists(stream_key(0)) == 1

    await eventually(reads)
    os.kill(process.pid, signal.SIGTERM)

    async def ended() -> bool:
        return process.poll() is not None

    await eventually(ended)
    assert process.returncode == 0


async def test_a_full_redis_uses_up_no_delivery(rig: Rig) -> None:
    record = Recorder()

    async def write(event_id: str, event: Event, resources: Resources) -> None:
        await record(event_id, event, resources)
        await resources.redis.set(f"effect:{event_id}", 1)

    await rig.start(Role("test", write, WANTED))
    await rig.publish(like("post_1", 1))
    await all_done(rig, record, 1)
    await rig.publish(like("post_1", 2))
    await rig.redis.config_set("maxmemory", 1)
    try:
        await asyncio.sleep(2)
    finally:
        await rig.redis.config_set("maxmemory", 0)

    async def done() -> bool:
        return await rig.pending("test") == 0 and "usr_2" in record.users

    await eventually(done)
    assert await rig.dead("test") == []
