"""Redis emptied, killed, and gone for a while."""

import asyncio

import pytest

from tests.faults.conftest import Lab
from tests.faults.load import Load


async def test_redis_emptied(lab: Lab) -> None:
    async def empty(_: Load) -> None:
        for _ in range(3 if lab.long else 1):
            await lab.resources.redis.flushall()
            await asyncio.sleep(3)

    assert await lab.run(empty, "FLUSHALL") == []


async def test_redis_gone_for_a_while(lab: Lab) -> None:
    away_s = 30 if lab.long else 10
    meanwhile: dict[str, int] = {}

    async def stop(load: Load) -> None:
        lab.hold("redis")
        await asyncio.sleep(1)
        before = dict(load.ledger.acts)
        await asyncio.sleep(away_s - 1)
        meanwhile.update({what: n - before.get(what, 0) for what, n in load.ledger.acts.items()})
        lab.release("redis")

    assert await lab.run(stop, f"Redis away for {away_s} s") == []
    for what in ("post", "like", "comment", "follow"):
        assert meanwhile[what] > 0, f"no {what} was possible without Redis: {meanwhile}"


async def test_redis_killed(lab: Lab) -> None:
    if not lab.long:
        pytest.skip("with --long")

    async def kill(_: Load) -> None:
        for _ in range(3):
            await lab.kill("redis")
            await asyncio.sleep(3)

    assert await lab.run(kill, "Redis killed three times") == []
