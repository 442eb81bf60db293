"""The control: a worker with a deliberate hole must be caught, else the other runs prove nothing.

In place of fan-out a worker reads its events, acknowledges them before their effect, and dies.
"""

import asyncio

from app.events import stream_key
from tests.faults.conftest import Lab
from tests.faults.load import Load


async def leak(lab: Lab, seconds: float) -> int:
    """Take fan-out's events and acknowledge them unseen; how many."""
    redis, group = lab.resources.redis, "fanout"
    streams = {stream_key(p): ">" for p in lab.resources.bus.partitions}
    deadline = asyncio.get_running_loop().time() + seconds
    taken = 0
    while asyncio.get_running_loop().time() < deadline:
        for stream, entries in await redis.xreadgroup(group, "leaky", streams, 100, 200) or []:
            await redis.xack(stream, group, *(entry_id for entry_id, _ in entries))
            taken += len(entries)
    for stream in streams:
        await redis.xgroup_delconsumer(stream, group, "leaky")
    return taken


async def test_acknowledging_before_the_effect_is_caught(lab: Lab) -> None:
    taken = 0

    async def hole(_: Load) -> None:
        nonlocal taken
        lab.hold("fanout")
        taken = await leak(lab, 3.0)
        lab.release("fanout")

    found = await lab.run(hole, "control: a worker that loses events")
    await lab.resources.redis.flushall()  # leaves no damage to later runs
    assert taken > 0
    assert any("was never told of" in fault for fault in found), found
    assert any(fault.startswith("feed of") for fault in found), found
