"""What an operator does with dead letters."""

import asyncio

import pytest

from app.bus import retry_key
from app.events import LikeCreated, encode
from app.group import Group
from app.resources import Resources
from infra import dead
from tests.workers.rig import Rig, eventually
from workers.runtime import Role

FIRST, SECOND = LikeCreated("post_1", "usr_1"), LikeCreated("post_1", "usr_2")


async def bury(rig: Rig, role: str, *happened: LikeCreated) -> None:
    for n, event in enumerate(happened):
        await rig.resources.bus.bury(role, f"evt_{n}_1_0", encode(event), "ValueError()", 5, 1000)
        await asyncio.sleep(0.003)  # letters are ordered by milliseconds


async def test_letters_are_listed_shown_and_dropped(rig: Rig) -> None:
    await bury(rig, "notify", FIRST, SECOND)
    await rig.resources.bus.bury("images", "evt_9_1_0", b"\xffjunk", "poison", 1, 2000)
    newest, second, first = await dead.list_dead(rig.resources)
    assert (newest.role, newest.type, newest.error) == ("images", "?", "poison")
    assert (first.event_id, first.type, first.deliveries) == ("evt_0_1_0", "like.created", 5)
    assert [one.id for one in await dead.list_dead(rig.resources, "notify")] == [
        second.id,
        first.id,
    ]
    assert await dead.show_dead(rig.resources, "notify", first.id) == first
    assert await dead.drop_dead(rig.resources, "notify", first.id) == 1
    with pytest.raises(KeyError):
        await dead.show_dead(rig.resources, "notify", first.id)
    assert await dead.drop_dead(rig.resources, "notify", dead.ALL) == 1
    assert await dead.drop_dead(rig.resources, "notify", dead.ALL) == 0


async def test_a_retried_letter_goes_to_its_role_alone(rig: Rig) -> None:
    done: list[str] = []

    async def handle(event_id: str, event: object, resources: Resources) -> None:
        assert event == FIRST
        done.append(event_id)

    bus = rig.resources.settings.bus
    other = Group(rig.redis, bus, "other", "one")
    await other.ensure()
    await bury(rig, "test", FIRST)
    assert await dead.retry_dead(rig.resources, "test", dead.ALL) == 1
    assert await rig.dead("test") == []
    await rig.start(Role("test", handle, frozenset({LikeCreated})))

    async def is_done() -> bool:
        return done == ["evt_0_1_0"] and await rig.redis.xlen(retry_key("test")) == 0

    await eventually(is_done)
    assert await other.read(other.streams, 10, 10) == []


async def test_the_counters_count_again_instead(rig: Rig) -> None:
    await bury(rig, "counters", FIRST)
    await dead.retry_dead(rig.resources, "counters", dead.ALL)
    assert await rig.mongo.recounts.find_one({"_id": "post_1"})
    assert await dead.list_dead(rig.resources) == []
