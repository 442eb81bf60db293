"""Trimming: by age, by need, and never past what a role has not finished."""

import time

from app.counts import service
from app.events import LikeCreated, stream_key
from app.position import ORIGIN
from tests.workers.rig import Rig
from workers import schedule


async def test_streams_are_trimmed_behind_everyone(rig: Rig) -> None:
    assert set((await service.offsets(rig.resources)).values()) == {ORIGIN}
    positions = await rig.publish(*(LikeCreated("post_1", f"usr_{n}") for n in range(5)))
    await schedule.trim(rig.resources)
    assert len(await rig.entries()) == 5  # old enough, but nobody has read them
    for role in ("fanout", "notify", "images", "transcode", "push"):
        for p in rig.resources.bus.partitions:
            await rig.redis.xgroup_setid(stream_key(p), role, "$")
    await schedule.trim(rig.resources)
    assert len(await rig.entries()) == 5  # the counters have not
    for counter in (positions[2], positions[4]):
        # As the counters keep it; that Redis has not heard of it does not matter.
        await rig.mongo.counter_offsets.update_many({}, {"$set": {"entry_id": counter.entry_id}})
        await schedule.trim(rig.resources)
        assert len(await rig.entries()) == (2 if counter is positions[2] else 0)


async def test_a_redis_that_fills_up_keeps_nothing_finished(rig: Rig) -> None:
    rig.begin_at(int(time.time()) - 60)
    await rig.publish(*(LikeCreated("post_1", f"usr_{n}") for n in range(5)))
    await rig.all_read()
    last = (await rig.entries())[-1][0]
    await service.offsets(rig.resources)
    await rig.mongo.counter_offsets.update_many({}, {"$set": {"entry_id": last.entry_id}})
    await schedule.trim(rig.resources)
    assert len(await rig.entries()) == 5  # young
    used = (await rig.redis.info("memory"))["used_memory"]
    await rig.redis.config_set("maxmemory", int(used / 0.9))
    try:
        await schedule.trim(rig.resources)
    finally:
        await rig.redis.config_set("maxmemory", 0)
    assert await rig.entries() == []
