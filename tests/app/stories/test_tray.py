"""The tray is what MongoDB says it is, whatever was done, cached, lost, repeated or killed."""

import random
import subprocess
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from app import clock
from app.events import decode, stream_key
from app.position import Position
from app.stories import ending
from tests.app.stories.telling import end, story
from tests.fixtures.api import Api, Person
from tests.fixtures.loop import at_work, quiet
from tests.fixtures.story_truth import tray_of
from tests.workers.rig import Rig
from workers import fanout

AUDIENCES = ("public", "followers", "followers", "close_friends")


async def shown(who: Person) -> list[tuple[str, list[str], int]]:
    return [
        (
            entry["user"]["user_id"],
            [item["story_id"] for item in entry["items"]],
            entry["unviewed_count"],
        )
        for entry in (await who.get("/stories/feed"))["stories"]
    ]


async def drop_caches(api: Api) -> None:
    """All that is kept of people; not their sockets' logs, nor the streams."""
    redis = api.resources.redis
    async for key in redis.scan_iter("{u*", count=1000):
        if not key.endswith((b":log", b":at", b":sockets")):
            await redis.unlink(key)
    api.forget()


@dataclass
class World:
    api: Api
    people: list[Person]
    stories: list[tuple[Person, str]] = field(default_factory=list)

    async def begin(self) -> None:
        """Most follow most: trays hold several people from the start."""
        for at, who in enumerate(self.people):
            await who.follow(*self.people[:at], *self.people[at + 2 :])

    async def look(self) -> None:
        for who in self.people:
            await shown(who)

    async def do(self, step: tuple[str, int, int]) -> None:
        what, one, two = step
        actor = self.people[one % len(self.people)]
        target = self.people[two % len(self.people)]
        match what:
            case "tell":
                made = await story(actor, audience=AUDIENCES[two % len(AUDIENCES)])
                self.stories.append((actor, made["story_id"]))
            case "follow" | "block" | "mute":
                await actor.send("POST", f"/users/{target.username}/{what}")
            case "unfollow" | "unblock" | "unmute":
                await actor.send("DELETE", f"/users/{target.username}/{what[2:]}")
            case "add" | "remove":
                await actor.send("PUT", "/me/close-friends", {what: [target.username]})
            case "private" | "public":
                body = {"privacy_level": what}
                await actor.send("PUT", f"/users/{actor.username}", body)
            case "view" | "delete" | "expire" if self.stories:
                author, story_id = self.stories[two % len(self.stories)]
                if what == "view":
                    await actor.send("POST", f"/stories/{story_id}/view")
                elif what == "delete":
                    await author.send("DELETE", f"/stories/{story_id}")
                else:
                    await end(self.api, story_id)
            case "die":
                await self.die(actor, target, two)
            case "sweep":
                await ending.sweep(self.api.resources)
            case "again":
                await self.repeat(two)
            case "empty":
                await drop_caches(self.api)

    async def do_and_look(self, step: tuple[str, int, int]) -> None:
        """What one does oneself holds from the answer on, before any worker has heard of it."""
        what, one, two = step
        actor = self.people[one % len(self.people)]
        target = self.people[two % len(self.people)]
        followed = await self.follows(actor, target)
        await self.do(step)
        if what not in ("follow", "unfollow", "block", "mute", "view") or actor is target:
            return
        self.api.forget()
        entries = {e["user"]["user_id"]: e for e in (await actor.get("/stories/feed"))["stories"]}
        if what == "view":
            viewed = {self.stories[two % len(self.stories)][1]} if self.stories else set()
            for entry in entries.values():
                for item in entry["items"]:
                    assert item["is_viewed"] or item["story_id"] not in viewed
        elif what != "follow":
            assert target.user_id not in entries, what
        elif not followed and await self.follows(actor, target):
            truth = await tray_of(self.api.resources.mongo, actor.user_id)
            wanted = [ids for author, ids, _ in truth if author == target.user_id]
            entry = entries.get(target.user_id)
            got = [[item["story_id"] for item in entry["items"]]] if entry else []
            assert got == wanted, what

    async def follows(self, actor: Person, target: Person) -> bool:
        pair = {"follower_id": actor.user_id, "followee_id": target.user_id}
        return await self.api.resources.mongo.follows.find_one(pair) is not None

    async def die(self, actor: Person, target: Person, number: int) -> None:
        """A process stored a follow or a view, and died before it could do anything else."""
        mongo, one, other = self.api.resources.mongo, actor.user_id, target.user_id
        if self.stories and number % 2:
            author, story_id = self.stories[number % len(self.stories)]
            if author is not actor:
                key = {"_id": f"{story_id}:{one}"}
                row = {"story_id": story_id, "viewer_id": one, "seen_at": clock.now()}
                await mongo.story_views.update_one(key, {"$setOnInsert": row}, upsert=True)
        elif actor is not target:
            pairs = [f"{one}:{other}", f"{other}:{one}"]
            if await mongo.blocks.find_one({"_id": {"$in": pairs}}) is None:
                row = {"follower_id": one, "followee_id": other}
                row |= {"created_at": clock.now(), "accepted": False}
                key = {"_id": pairs[0]}
                await mongo.follows.update_one(key, {"$setOnInsert": row}, upsert=True)

    async def repeat(self, number: int) -> None:
        """An event that was delivered already is delivered once more, out of its order."""
        resources = self.api.resources
        newest = []
        for p in resources.bus.partitions:
            newest += await resources.redis.xrevrange(stream_key(p), count=4)
        if newest:
            entry_id, fields = sorted(newest)[number % len(newest)]
            event = decode(fields[b"e"])
            if type(event) in fanout.ROLE.events:
                await fanout.handle(Position.of_entry(entry_id).event_id, event, resources)

    async def agree(self, what: str) -> None:
        self.api.forget()
        for who in self.people:
            wanted = await tray_of(self.api.resources.mongo, who.user_id)
            assert await shown(who) == wanted, f"{what}: {who.username}"


KINDS = (
    ["tell"] * 5 + ["follow"] * 5 + ["die"] * 3 + ["view"] * 3 + ["add"] * 2 + ["again"] * 2
    + ["unfollow", "block", "unblock", "mute", "unmute", "remove", "delete", "expire", "sweep"]
    + ["empty", "private", "public"]
)  # fmt: skip
STEPS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 3), st.integers(0, 11)),
    min_size=8,
    max_size=24,
)


@pytest.mark.usefixtures("loop_at_work")
@settings(
    max_examples=12,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
async def test_the_tray_equals_the_one_computed(api: Api, steps: list[Any]) -> None:
    world = World(api, await api.people(4, "hy"))
    await world.begin()
    for step in steps:
        await world.look()  # so that there is something cached that the step has to change
        await world.do_and_look(step)
    await quiet(api.resources)
    await world.agree("cached")
    await drop_caches(api)
    await world.agree("rebuilt")
    api.resources.cache._rest_until = float("inf")
    try:
        await world.agree("without Redis")
    finally:
        api.resources.cache._rest_until = 0.0


@pytest.mark.usefixtures("loop_at_work")
async def test_workers_finish_what_a_dead_process_began(api: Api) -> None:
    world = World(api, await api.people(2, "died"))
    me, ana = world.people
    made = await story(ana, audience="public")
    world.stories = [(ana, made["story_id"])]
    assert await shown(me) == []
    await world.die(me, ana, 0)
    await quiet(api.resources)
    assert await shown(me) == [(ana.user_id, [made["story_id"]], 1)]
    await world.die(me, ana, 1)
    await quiet(api.resources)
    assert await shown(me) == [(ana.user_id, [made["story_id"]], 0)]


async def test_it_does_so_when_workers_are_killed(api: Api) -> None:
    """Fan-out is a process here, killed in the middle of its work twice, and Redis is emptied."""
    seed = random.randrange(10**6)
    chosen = random.Random(seed)
    print(f"seed {seed}")
    await api.resources.redis.flushall()
    async with at_work(api.resources, "relay", "counters", "notify"), Rig(api.resources) as rig:
        world = World(api, await api.people(5, "kill"))
        await world.begin()
        worker: subprocess.Popen[bytes] = rig.process("fanout")
        for number in range(45):
            kind = chosen.choice([k for k in KINDS if k not in ("again", "empty")])
            await world.look()
            await world.do((kind, chosen.randrange(5), chosen.randrange(12)))
            if number in (15, 30):
                worker.kill()
                worker.wait()
                worker = rig.process("fanout")
            if number == 22:
                await api.resources.redis.flushall()
                api.forget()
        await quiet(api.resources, within_s=60)
        await world.agree(f"seed {seed}")
