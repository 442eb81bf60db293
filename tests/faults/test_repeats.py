"""The same events delivered twice, and published twice."""

import asyncio
from datetime import timedelta

from app import checkpoint
from app.bus import is_cluster
from app.events import stream_key
from app.position import Position
from tests.faults.conftest import Lab
from tests.faults.load import Load


async def test_every_event_delivered_twice(lab: Lab) -> None:
    redis, bus = lab.resources.redis, lab.resources.bus
    assert not is_cluster(redis)

    async def replay(_: Load) -> None:
        for _ in range(2):
            for p in bus.partitions:
                for role in ("fanout", "notify", "images", "transcode", "push"):
                    await redis.xgroup_setid(stream_key(p), role, id="0")
            await asyncio.sleep(2)

    assert await lab.run(replay, "every event again") == []


async def test_single_events_given_again_out_of_order(lab: Lab) -> None:
    bus = lab.resources.bus

    async def again(_: Load) -> None:
        for p in bus.partitions:
            entries = await lab.resources.redis.xrevrange(stream_key(p), count=30)
            for entry_id, fields in entries:
                for role in ("fanout", "notify"):
                    event_id = Position.of_entry(entry_id).event_id
                    await bus.revive(role, event_id, fields[b"e"])

    assert await lab.run(again, "single events again, newest first") == []


async def test_the_relay_publishes_again_from_long_ago(lab: Lab) -> None:
    mongo = lab.resources.mongo

    async def rewind(_: Load) -> None:
        lab.hold("relay")
        await asyncio.sleep(0.3)
        found = await checkpoint.load(mongo)
        assert found is not None
        back = int((found.position.at - timedelta(seconds=40)).timestamp())
        await mongo[checkpoint.COLLECTION].update_one({}, {"$set": {"position": [back, 0]}})
        lab.release("relay")
        await asyncio.sleep(1)

    assert await lab.run(rewind, "the relay set back by 40 s") == []
