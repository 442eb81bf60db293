"""kill -9 of every role under load; `pytest tests/faults --long` takes each by itself."""

import asyncio
import random

import pytest

from tests.faults.conftest import Lab
from tests.faults.load import Load

ROLES = ("app", "gateway", "relay", "fanout", "counters", "notify", "images", "transcode", "push")


async def test_nothing_breaks_by_itself(lab: Lab) -> None:
    async def nothing(_: Load) -> None:
        await asyncio.sleep(1)

    assert await lab.run(nothing, "no fault") == []


async def test_every_role_killed_in_turn(lab: Lab) -> None:
    dice = random.Random(lab.seed)

    async def kill_all(_: Load) -> None:
        for role in dice.sample(ROLES, len(ROLES)):
            await lab.kill(role, dice.randrange(2))
            await asyncio.sleep(dice.uniform(1.0, 2.5))

    assert await lab.run(kill_all, "every role killed") == []


@pytest.mark.parametrize("role", ROLES)
async def test_one_role_killed_again_and_again(lab: Lab, role: str) -> None:
    if not lab.long:
        pytest.skip("with --long")
    dice = random.Random(lab.seed)

    async def kill(_: Load) -> None:
        for _ in range(4):
            await lab.kill(role, dice.randrange(2))
            await asyncio.sleep(dice.uniform(0.5, 4.0))

    assert await lab.run(kill, f"{role} killed four times") == []
