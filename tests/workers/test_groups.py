"""Groups of notifications: whatever order events come in, and however often, the list is what
the rows say, and what was sent over the socket rebuilds it."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import orjson
import pytest
from redis.asyncio import Redis

from app import clock, events, ids
from app.events import Event
from app.notifications import groups, service
from app.notifications.acts import DAY_MS, Act
from app.operation import Context
from app.personlog import Hello
from app.posts.models import PostMedia
from app.resources import Resources, open_resources
from app.setup import prepare
from tests.fixtures.stores import Stores
from workers import notify

ANA = "usr_ana"
PEOPLE = [f"usr_p{number}" for number in range(5)]
STEPS = 60


@pytest.fixture
async def resources(stores: Stores) -> AsyncIterator[Resources]:
    """With a log long enough to hold everything that is told."""
    database = f"groups_{ids.new_id('db')[-8:]}"
    settings = stores.settings(database, GLIMPSE_SOCKET_LOG_EVENTS_MAX="5000")
    async with Redis.from_url(stores.redis_url) as redis:
        await redis.flushall()
    await prepare(settings)
    async with open_resources(settings) as opened:
        yield opened
        await opened.mongo.client.drop_database(database)


class World:
    """Rows as the services write them, and the events that the relay would make of it."""

    def __init__(self, resources: Resources, seed: int) -> None:
        self.resources = resources
        self.mongo = resources.mongo
        self.random = random.Random(seed)
        self.posts: list[str] = []
        self.comments: dict[str, tuple[str, str]] = {}
        self.waiting: list[Event] = []
        self.past: list[Event] = []
        self.blocked: set[str] = set()

    async def begin(self) -> None:
        now = clock.now()
        for user_id in (ANA, *PEOPLE):
            row = {"_id": user_id, "username": user_id[4:], "email": user_id, "created_at": now}
            await self.mongo.users.insert_one(row)
        for _ in range(2):
            post_id = ids.new_id("post")
            item = PostMedia(media_id="media_x", type="photo", status="processing")
            post = {
                "_id": post_id, "author_id": ANA, "status": "published", "audience": "public",
                "media": [item.model_dump()], "mentions": [], "hashtags": [], "caption": "",
                "comments_disabled": False, "created_at": now, "published_at": now,
            }  # fmt: skip
            await self.mongo.posts.insert_one(post)
            self.posts.append(post_id)
        self.own = await self.comment(ANA)
        self.waiting.clear()
        hello = Hello(ANA, "ses_1", "node/1", None)
        await self.resources.live.logs.register("node", [hello], alive=True)

    # Acting

    async def comment(self, who: str) -> str:
        post_id = self.random.choice(self.posts)
        comment_id = ids.new_id("cmt")
        row = {
            "_id": comment_id, "post_id": post_id, "post_author_id": ANA, "author_id": who,
            "text": "hi", "mentions": [], "parent_comment_id": None, "held": False,
            "created_at": clock.now(), "deleted_at": None,
        }  # fmt: skip
        await self.mongo.comments.insert_one(row)
        self.comments[comment_id] = (post_id, who)
        self.waiting.append(events.CommentCreated(comment_id, post_id, who, None))
        return comment_id

    async def toggle(self, collection: str, key: str, made: Event, gone: Event) -> None:
        rows = self.mongo[collection]
        if (await rows.delete_one({"_id": key})).deleted_count:
            self.waiting.append(gone)
            return
        await rows.insert_one({"_id": key, "created_at": clock.now(), "accepted": False})
        self.waiting.append(made)

    async def act(self) -> None:
        who = self.random.choice([p for p in PEOPLE if p not in self.blocked])
        match self.random.randrange(12):
            case 0 | 1 | 2 | 3:
                post_id = self.random.choice(self.posts)
                made = events.LikeCreated(post_id, who), events.LikeDeleted(post_id, who)
                await self.toggle("likes", f"{post_id}:{who}", *made)
            case 4 | 5:
                on = self.own
                both = events.CommentLikeCreated(on, who), events.CommentLikeDeleted(on, who)
                await self.toggle("comment_likes", f"{on}:{who}", *both)
            case 6 | 7:
                pairs = events.FollowCreated(who, ANA), events.FollowDeleted(who, ANA)
                await self.toggle("follows", f"{who}:{ANA}", *pairs)
            case 8 | 9:
                await self.comment(who)
            case 10:
                others = [c for c, (_, by) in self.comments.items() if by != ANA]
                if others:
                    await self.uncomment(self.random.choice(others))
            case _:
                if len(self.blocked) < 2 and self.random.random() < 0.3:
                    await self.block(who)

    async def uncomment(self, comment_id: str) -> None:
        post_id, who = self.comments.pop(comment_id)
        change = {"$set": {"deleted_at": clock.now()}}
        await self.mongo.comments.update_one({"_id": comment_id}, change)
        self.waiting.append(events.CommentDeleted(comment_id, post_id, who, None))

    async def block(self, who: str) -> None:
        self.blocked.add(who)
        row = {"_id": f"{ANA}:{who}", "blocker_id": ANA, "blocked_id": who}
        await self.mongo.blocks.insert_one({**row, "created_at": clock.now()})
        self.waiting.append(events.BlockCreated(ANA, who))
        if (await self.mongo.follows.delete_one({"_id": f"{who}:{ANA}"})).deleted_count:
            self.waiting.append(events.FollowDeleted(who, ANA))

    # Hearing of it

    async def deliver(self) -> None:
        """Some event, at times for the first time, at times again, at times two at once."""
        some = []
        for _ in range(self.random.choice((1, 1, 2, 3))):
            if self.waiting and self.random.random() < 0.8:
                place = self.random.randrange(len(self.waiting))
                self.past.append(self.waiting[place])
                some.append(self.waiting.pop(place))
            elif self.past:
                some.append(self.random.choice(self.past))
        await asyncio.gather(*(notify.handle("1-0", e, self.resources) for e in some))

    async def settle(self) -> None:
        while self.waiting:
            await self.deliver()
        await self.tell_due()

    async def tell_due(self) -> None:
        """The turn of all that waits comes at once."""
        past = {"$set": {"due_at": clock.now() - timedelta(seconds=10)}}
        waiting: dict[str, Any] = {"due_at": {"$type": "date"}}
        while await self.mongo.notification_groups.count_documents(waiting):
            await self.mongo.notification_groups.update_many(waiting, past)
            for group_id in await groups.due(self.resources, 100):
                await notify.tell(self.resources, group_id)

    # What should be seen

    async def expected(self) -> dict[tuple[str, str], list[str]]:
        """(kind, subject) → actors, the one who acted last first."""
        acts: list[tuple[str, str, str, Any]] = []
        async for row in self.mongo.likes.find():
            post_id, who = row["_id"].split(":")
            acts.append(("like", post_id, who, row["created_at"]))
        async for row in self.mongo.comment_likes.find():
            comment_id, who = row["_id"].split(":")
            acts.append(("comment_like", comment_id, who, row["created_at"]))
        async for row in self.mongo.follows.find():
            acts.append(("follow", "", row["_id"].split(":")[0], row["created_at"]))
        async for row in self.mongo.comments.find({"deleted_at": None, "author_id": {"$ne": ANA}}):
            acts.append(("comment", row["post_id"], row["author_id"], row["created_at"]))
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for kind, subject, who, at in acts:
            if who not in self.blocked:
                of = found.setdefault((kind, subject), {})
                of[who] = max(at, of.get(who, at))
        return {
            key: sorted(of, key=lambda who: (-of[who].timestamp(), who))
            for key, of in found.items()
        }

    async def listed(self) -> list[Any]:
        ctx = Context(self.resources, user_id=ANA)
        page = await service.page(ctx, None, 100)
        rows = page["notifications"]
        assert page["unread"] == sum(not row["is_read"] for row in rows)
        order = [(row["updated_at"], row["notification_id"]) for row in rows]
        assert order == sorted(order, reverse=True)
        return list(rows)

    async def check(self) -> None:
        rows = await self.listed()
        seen = {}
        for row in rows:
            grouped = {"like": "post", "comment": "post", "comment_like": "comment"}
            subject = row.get(grouped.get(row["kind"], "")) or {}
            its_id = subject.get("comment_id") if row["kind"] == "comment_like" else None
            key = (row["kind"], its_id or subject.get("post_id", ""))
            assert key not in seen
            seen[key] = ([actor["user_id"] for actor in row["actors"]], row["actor_count"])
        wanted = await self.expected()
        assert seen == {key: (who[:3], len(who)) for key, who in wanted.items()}
        [(_, _, log)] = await self.resources.live.logs.read([(ANA, 0)])
        assert log is not None
        shown = replay([orjson.loads(b'{"x":0,' + entry.tail) for entry in log])
        assert shown == {row["notification_id"]: {**row, "is_read": None} for row in rows}


def replay(log: list[Any]) -> dict[str, Any]:
    """What a client shows that never fetched the list."""
    shown: dict[str, Any] = {}
    for event in log:
        data = event["data"]
        match event["type"]:
            case "notification.new" | "notification.updated" | "notification.shrunk":
                one = data["notification"]
                shown[one["notification_id"]] = {**one, "is_read": None}
            case "notification.deleted":
                shown.pop(data["notification_id"], None)
    return shown


@pytest.mark.parametrize("seed", range(8))
async def test_the_list_is_what_the_rows_say(resources: Resources, seed: int) -> None:
    world = World(resources, seed)
    await world.begin()
    ctx = Context(resources, user_id=ANA)
    for _ in range(STEPS):
        match world.random.randrange(12):
            case 0:
                await service.read(ctx, None)
            case 1:
                await world.tell_due()
            case 2 | 3 | 4 | 5:
                await world.deliver()
            case _:
                await world.act()
    await world.settle()
    await world.check()

    assert await service.read(ctx, None) == 0
    before = await world.listed()
    for event in world.random.sample(world.past, len(world.past)):
        await notify.handle("2-0", event, resources)
    await world.tell_due()
    assert await world.listed() == before  # repeats are no news
    who = next(p for p in PEOPLE if p not in world.blocked)
    await resources.mongo.likes.delete_one({"_id": f"{world.posts[0]}:{who}"})
    await notify.handle("3-0", events.LikeDeleted(world.posts[0], who), resources)
    like = {"_id": f"{world.posts[0]}:{who}", "created_at": clock.now()}
    await resources.mongo.likes.insert_one(like)
    await notify.handle("3-1", events.LikeCreated(world.posts[0], who), resources)
    await world.tell_due()
    assert await service.unread(resources, ANA) == 1
    assert [row["kind"] for row in await world.listed() if not row["is_read"]] == ["like"]
    await world.check()


async def test_a_worker_that_dies_on_the_way_leaves_it_to_the_next(resources: Resources) -> None:
    world = World(resources, 1)
    await world.begin()
    post_id = world.posts[0]
    like = {"_id": f"{post_id}:{PEOPLE[0]}", "created_at": clock.now()}
    await resources.mongo.likes.insert_one(like)
    act = Act(ANA, "like", PEOPLE[0], post_id)
    assert await service.heard(resources, act)  # and here it dies, with nobody told
    await notify.handle("1-0", events.LikeCreated(post_id, PEOPLE[0]), resources)
    assert await world.listed() == []
    await asyncio.sleep(1.1)
    for group_id in await groups.due(resources, 10):
        assert await groups.compute(resources, group_id)  # and here the next
    await world.tell_due()
    await world.check()
    assert await service.unread(resources, ANA) == 1


async def test_what_comes_while_a_group_is_computed_is_in_it(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(resources, 1)
    await world.begin()
    later = list(PEOPLE)

    async def like() -> None:
        """By one more person, heard of by another worker that then dies."""
        if later:
            who = later.pop()
            row = {"_id": f"{world.posts[0]}:{who}", "created_at": clock.now()}
            await resources.mongo.likes.insert_one(row)
            await service.heard(resources, Act(ANA, "like", who, world.posts[0]))

    real_sum, real_finish = groups._sum, groups.finish

    async def slow_sum(resources: Resources, group_id: str) -> Any:
        found = await real_sum(resources, group_id)
        if len(later) > 2:
            await like()
        return found

    async def slow_finish(resources: Resources, computed: groups.Computed) -> None:
        await like()
        await real_finish(resources, computed)

    monkeypatch.setattr(groups, "_sum", slow_sum)
    monkeypatch.setattr(groups, "finish", slow_finish)
    await like()
    await world.tell_due()
    assert later == []
    await world.check()
    assert await service.unread(resources, ANA) == 1


async def test_what_is_taken_back_while_it_is_stored_is_not_left(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(resources, 1)
    await world.begin()
    post_id, who = world.posts[0], PEOPLE[0]
    key = {"_id": f"{post_id}:{who}"}
    await resources.mongo.likes.insert_one({**key, "created_at": clock.now()})
    real_put = groups.put

    async def late_put(*arguments: Any) -> set[str]:
        """Meanwhile it is unliked, and another worker is done with that."""
        monkeypatch.setattr(groups, "put", real_put)
        await resources.mongo.likes.delete_one(key)
        await notify.handle("1-1", events.LikeDeleted(post_id, who), resources)
        return await real_put(*arguments)

    monkeypatch.setattr(groups, "put", late_put)
    await notify.handle("1-0", events.LikeCreated(post_id, who), resources)
    await world.tell_due()
    await world.check()
    assert await world.listed() == []


async def test_a_block_while_it_is_told_leaves_nothing_to_replay(
    resources: Resources, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(resources, 1)
    await world.begin()
    post_id, who = world.posts[0], PEOPLE[0]
    like = {"_id": f"{post_id}:{who}", "created_at": clock.now()}
    await resources.mongo.likes.insert_one(like)
    real_unread = service.unread

    async def late_unread(*arguments: Any) -> int:
        """Meanwhile there is a block, and fan-out is done with it."""
        if not world.blocked:
            await world.block(who)
            await resources.live.withdraw([ANA], who)
        return await real_unread(*arguments)

    monkeypatch.setattr(service, "unread", late_unread)
    await notify.handle("1-0", events.LikeCreated(post_id, who), resources)
    [(_, _, log)] = await resources.live.logs.read([(ANA, 0)])
    assert log is not None
    assert [orjson.loads(b'{"x":0,' + entry.tail)["type"] for entry in log] == ["void"]
    await world.settle()
    assert await world.listed() == []


async def test_a_burst_is_told_of_once_a_second(resources: Resources) -> None:
    world = World(resources, 1)
    await world.begin()
    post_id = world.posts[0]
    for who in PEOPLE:
        row = {"_id": f"{post_id}:{who}", "created_at": clock.now()}
        await resources.mongo.likes.insert_one(row)
        await notify.handle("1-0", events.LikeCreated(post_id, who), resources)
    [(_, told, _)] = await resources.live.logs.read([(ANA, 0)])
    assert told <= 2
    await world.tell_due()
    await world.check()


def test_a_day_of_the_posts_life_is_a_group() -> None:
    made_ms = ids.now_ms() - 5 * DAY_MS
    act = Act(ANA, "like", PEOPLE[0], ids.new_id("post", made_ms))
    other = Act(ANA, "like", PEOPLE[1], act.post_id)
    start = clock.now() - timedelta(days=5)
    hours = [act.group_id(start + timedelta(hours=h)) for h in (1, 23, 25, 47, 49)]
    assert hours[0] == hours[1] != hours[2] == hours[3] != hours[4]
    assert other.group_id(start + timedelta(hours=2)) == hours[0]
    reply = Act(ANA, "reply", PEOPLE[0], act.post_id, "cmt_1")
    assert reply.group_id(start) != Act(ANA, "reply", PEOPLE[0], act.post_id, "cmt_2").group_id(
        start
    )
