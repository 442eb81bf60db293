"""A blocked person gets nothing: not live, not by resume, not by push, not by digest.

Three people are done the same things to, by the same four: Bea, who sees all of it, Ana, who
blocks the four, and Dan, whom the four block. What Bea gets shows that each way and each kind is
looked at in truth: a kind of event, notification or topic update that nobody provokes here, or
that has no row below, fails.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, get_args

import pytest

from app import clock, ids, wire
from app.catalogue import OPERATIONS
from app.digest import service as digest
from app.notifications.models import Kind
from app.notifications.preferences import KINDS
from app.push import outbox
from app.push.delivery import Delivery
from infra.local.secrets import p256_key
from realtime.client import Client, Event
from tests.fixtures.api import Api, Person, open_api
from tests.fixtures.full_stack import CHEAP_PASSWORDS, UNLIMITED
from tests.fixtures.loop import at_work, quiet
from tests.fixtures.mail_server import MailServer, mail_server
from tests.fixtures.push_services import Browser, PushService, push_service
from tests.fixtures.stores import Stores
from tests.realtime import nodes
from tests.realtime.talk import collect
from workers.push import SOURCES, open_senders

OWN = "one's own affairs: nothing of others is in it"
SHOWS = "shows what others are or did"
TAKES = "takes from the screen what was shown: names who it was of, and no more"

EVENTS = {
    "post.new": SHOWS,
    "post.updated": SHOWS,
    "post.deleted": OWN,
    "media.ready": OWN,
    "media.failed": OWN,
    "notification.new": SHOWS,
    "notification.updated": SHOWS,
    "notification.shrunk": SHOWS,
    "notification.deleted": OWN,
    "notification.read": OWN,
    "follow.requested": SHOWS,
    "follow.accepted": SHOWS,
    "follow.removed": SHOWS,
    "message.new": SHOWS,
    "message.updated": SHOWS,
    "message.deleted": OWN,
    "message.read": SHOWS,
    "message.delivered": SHOWS,
    "conversation.updated": SHOWS,
    "conversation.removed": OWN,
    "session.revoked": OWN,
    "story.new": SHOWS,
    "story.seen": OWN,
    "story.gone": TAKES,
    "void": OWN,
}
UPDATES = {
    "post.counts": OWN,
    "comment.new": SHOWS,
    "comment.deleted": OWN,
    "typing": SHOWS,
    "media.progress": OWN,
    "unread": OWN,
    "post.hint": "of popular authors: tests/realtime/test_topics.py",
    "story.hint": "of popular authors, as post.hint",
    "story.counts": OWN,
    "poll.results": OWN,
    "presence": SHOWS,
    "revoked": OWN,
}
WORDS = "psst"
ASKED = {"/users/search": "?q=eve", "/messages/search": f"?q={WORDS}"}
"""What a list needs to be told."""


def test_each_kind_has_its_row() -> None:
    assert set(EVENTS) == set(wire.EVENTS)
    assert set(UPDATES) == {type for types in wire.TOPICS.values() for type in types}
    assert set(KINDS) == set(get_args(Kind))


@dataclass
class Reader:
    """Somebody who is done things to."""

    person: Person
    browser: Browser
    post: str
    second: str
    comment: str
    of_cat: str
    group: str
    story: str
    point: tuple[str, int]
    heard: list[tuple[str, Any]] = field(default_factory=list)
    updates: list[tuple[str, Any]] = field(default_factory=list)


@dataclass
class World:
    api: Api
    node: nodes.Node
    web: PushService
    mail: MailServer
    delivery: Delivery
    cat: Person
    eves: list[Person]

    def shows(self, what: Any) -> bool:
        """Whether there is a trace of one of the four."""
        text = what if isinstance(what, str) else json.dumps(what, default=str)
        known = [word for eve in self.eves for word in (eve.user_id, eve.username)]
        return any(word in text for word in (*known, WORDS))

    async def reader(self, name: str) -> Reader:
        """With a post, a comment, a group, a phone that was there and is away, and all ways of
        being told switched on."""
        person = await self.api.person(name)
        eve, *_ = self.eves
        await person.follow(self.cat, eve)
        await self.cat.follow(person)
        every = {kind: {"push": True, "email": True} for kind in KINDS}
        chosen = {"digest": "daily", "kinds": every}
        await person.call("PUT", "/notifications/preferences", chosen)
        await self.api.resources.mongo.notification_preferences.update_one(
            {"_id": person.user_id}, {"$set": {"digested": ""}}
        )
        browser = self.web.browser(ids.new_id("dev"))
        await person.call("POST", "/push/subscriptions", browser.subscription())
        posts = [(await person.post("mine"))["post_id"] for _ in range(2)]
        made = await person.call("POST", f"/posts/{posts[0]}/comments", {"text": "my own"})
        of_cat = (await self.cat.post("of cat"))["post_id"]
        members = {"usernames": [person.username, eve.username], "name": "All"}
        group = (await self.cat.call("POST", "/conversations", members))["conversation_id"]
        await eve.call("POST", f"/conversations/{group}/messages", {"text": "before"})
        admin = {"is_admin": True}
        await self.cat.call("PUT", f"/conversations/{group}/members/{eve.username}", admin)
        told = {"media_url": await person.quick_photo(), "audience": "public"}
        story = (await person.call("POST", "/stories", told))["story_id"]
        await quiet(self.api.resources)
        async with Client([self.node.url], person.token) as phone:
            await phone.online()
            await collect(phone, 0.2)
            assert phone.point is not None
            point = phone.point
        return Reader(person, browser, *posts, made["comment_id"], of_cat, group, story, point)

    async def provoke(self, to: Reader) -> None:
        """All that can be done to somebody; what is refused after a block is refused."""
        eve, eva, evi, evo = self.eves
        name = to.person.username

        async def do(who: Person, method: str, path: str, body: Any = None) -> Any:
            answer = await who.send(method, path, body)
            return answer.json().get("data") if answer.content and answer.is_success else {}

        post = f"/posts/{to.post}"
        for who in (eve, eva):
            await do(who, "POST", f"/users/{name}/follow")
            await do(who, "POST", f"{post}/like")
            await quiet(self.api.resources)  # the first is told of before the second comes
        await do(eve, "POST", f"/posts/{to.second}/like")
        await do(eva, "POST", f"/posts/{to.second}/like")
        await quiet(self.api.resources)
        await do(eva, "DELETE", f"/posts/{to.second}/like")
        await do(eve, "POST", f"{post}/comments", {"text": WORDS})
        reply = {"text": WORDS, "parent_comment_id": to.comment}
        await do(eve, "POST", f"{post}/comments", reply)
        await do(eve, "POST", f"/comments/{to.comment}/like")
        at_cats = f"/posts/{to.of_cat}/comments"
        made = await do(eve, "POST", at_cats, {"text": f"{WORDS} @{name}"})
        await do(eve, "DELETE", f"/comments/{(await self._comment(eve, at_cats))}")
        await do(eva, "POST", at_cats, {"text": f"{WORDS} @{name}"})
        assert made["text"].startswith(WORDS)
        media = [{"url": await eve.quick_photo(), "tags": [{"username": name}]}]
        new = await do(eve, "POST", "/posts", {"caption": WORDS, "media": media})
        if new:  # a tag of somebody behind a block is refused
            await do(eve, "PUT", f"/posts/{new['post_id']}", {"caption": f"{WORDS}, {WORDS}"})
        await eve.post(f"{WORDS} @{name}")
        await do(eve, "POST", f"/stories/{to.story}/reactions", {"reaction": "🔥"})
        named = {"kind": "mention", "username": name}
        told = {"media_url": await eve.quick_photo(), "audience": "public"}
        await do(eve, "POST", "/stories", told | {"overlays": [named]})
        await do(eve, "POST", f"{post}/share", {"to": [self.cat.username], "text": WORDS})
        await do(eve, "POST", "/messages", {"to": name, "text": WORDS})
        place = f"/conversations/{to.group}"
        said = await do(eve, "POST", f"{place}/messages", {"text": WORDS})
        await do(eve, "PUT", f"/messages/{said['message_id']}", {"text": f"{WORDS}!"})
        await do(eve, "PUT", place, {"name": f"All {ids.new_id('x')[-4:]}"})
        await do(self.cat, "POST", f"{place}/messages", {"text": "from cat"})
        await quiet(self.api.resources)
        await do(eve, "POST", f"{place}/read", {})
        await do(eve, "POST", f"{place}/typing")
        await do(evi, "POST", f"/users/{name}/follow")
        await quiet(self.api.resources)
        await do(evi, "DELETE", f"/users/{name}/follow")
        await do(evo, "PUT", f"/users/{evo.username}", {"privacy_level": "private"})
        await do(to.person, "POST", f"/users/{evo.username}/follow")
        await do(evo, "POST", f"/follow-requests/{name}/accept")
        await do(to.person, "PUT", f"/users/{name}", {"privacy_level": "private"})
        await do(evi, "POST", f"/users/{name}/follow")
        await quiet(self.api.resources)

    async def _comment(self, who: Person, path: str) -> str:
        listed = (await who.get(path))["comments"]
        return str(next(row["comment_id"] for row in listed if WORDS in row["text"]))

    async def replay(self, to: Reader) -> None:
        """The phone is back."""
        async with Client([self.node.url], to.person.token, point=to.point) as phone:
            events = await collect(phone, 1.0)
            assert phone.resumes == 1
        assert not any(not isinstance(event, Event) for event in events)
        to.heard = [(event.type, event.data) for event in events]

    async def pushed(self) -> None:
        """Every waiting job has its turn."""
        jobs = self.api.resources.mongo.push_jobs
        due = {"$set": {"due_at": clock.now() - timedelta(seconds=1)}}
        await jobs.update_many({"due_at": {"$type": "date"}}, due)
        while (job := await outbox.take(self.api.resources)) is not None:
            await self.delivery.run(job)

    def pushes(self, to: Reader) -> list[dict[str, Any]]:
        path = to.browser.endpoint.removeprefix(self.web.url)
        return [to.browser.read(got.body) for got in self.web.got if got.path == path]

    def letters(self, to: Reader) -> list[str]:
        mine = [one for one in self.mail.letters if one["To"] == to.person.email]
        return [one.as_string() for one in mine]

    async def lists(self, to: Reader) -> dict[str, Any]:
        """Everything that can be asked for without naming a thing."""
        found = {}
        for operation in OPERATIONS:
            if operation.method == "GET" and "{" not in operation.path:
                path = operation.path + ASKED.get(operation.path, "")
                found[operation.path] = await to.person.get(path)
        for path in (f"/posts/{to.post}/comments", f"/posts/{to.post}/likes"):
            found[path] = await to.person.get(path)
        found["members"] = await to.person.get(f"/conversations/{to.group}")
        found["said"] = await to.person.get(f"/conversations/{to.group}/messages")
        found["at cats"] = await to.person.get(f"/posts/{to.of_cat}/comments")
        return found


@pytest.fixture(scope="module")
async def world(stores: Stores) -> AsyncIterator[World]:
    database = f"blocked_{ids.new_id('db')[-8:]}"
    async with AsyncExitStack() as stack:
        web = await stack.enter_async_context(push_service())
        mail, port = stack.enter_context(mail_server())
        settings = stores.settings(
            database,
            **UNLIMITED,
            **CHEAP_PASSWORDS,
            GLIMPSE_PUSH_VAPID_PRIVATE_KEY=p256_key(),
            GLIMPSE_PUSH_CONTACT="mailto:op@example.org",
            GLIMPSE_PUSH_TRUSTED_HOSTS=web.host,
            GLIMPSE_PUSH_SERVICES="localhost",
            GLIMPSE_PUSH_PER_HOUR_MAX="200",
            GLIMPSE_EMAIL_HOST="127.0.0.1",
            GLIMPSE_EMAIL_PORT=str(port),
            GLIMPSE_EMAIL_TLS="none",
            GLIMPSE_HTTP_PUBLIC_URL="https://glimpse.example",
            GLIMPSE_STORAGE_PUBLIC_ENDPOINT=stores.environment["GLIMPSE_STORAGE_ENDPOINT"],
        )
        api = await stack.enter_async_context(open_api(settings))
        stack.push_async_callback(api.resources.mongo.client.drop_database, database)
        await api.resources.redis.flushall()
        roles = ("relay", "fanout", "counters", "notify")
        await stack.enter_async_context(at_work(api.resources, *roles))
        senders = await stack.enter_async_context(open_senders(settings))
        node = await nodes.start(settings, "gw1")
        stack.push_async_callback(node.stop)
        cat, *eves = [await api.person(name) for name in ("cat", "eve", "eva", "evi", "evo")]
        eve = eves[0]
        await eve.follow(cat)
        await cat.follow(eve)
        made = World(api, node, web, mail, Delivery(api.resources, senders, SOURCES), cat, eves)
        yield made


async def test_a_blocked_person_gets_nothing_by_any_way(world: World) -> None:
    bea, ana, dan = await asyncio.gather(*map(world.reader, ("bea", "ana", "dan")))
    everyone, parted = (bea, ana, dan), (ana, dan)
    # Also Eve's devices are there: what is delivered to her is told to the others.
    async with Client([world.node.url], world.eves[0].token) as device:
        await device.online()
        await asyncio.gather(*map(world.provoke, everyone))
    for eve in world.eves:
        await ana.person.call("POST", f"/users/{eve.username}/block")
        await eve.call("POST", f"/users/{dan.person.username}/block")
    await quiet(world.api.resources)

    # By resume: it all happened while their phones were away.
    await asyncio.gather(*map(world.replay, everyone))
    needed = {type for type, row in EVENTS.items() if row is SHOWS}
    assert {type for type, data in bea.heard if world.shows(data)} == needed
    for reader in parted:
        assert [
            one for one in reader.heard if EVENTS[one[0]] is not TAKES and world.shows(one)
        ] == []
        assert reader.heard, "cat's words at least"

    # By push, by digest, by asking.
    await world.pushed()
    await digest.run_due(world.api.resources)
    kinds = {push["kind"] for push in world.pushes(bea) if world.shows(push)}
    assert kinds == set(KINDS)
    assert len(world.letters(bea)) == 1
    assert world.shows(world.letters(bea)[0])
    lists = await world.lists(bea)
    assert {row["kind"] for row in lists["/notifications"]["notifications"]} == set(KINDS)
    seen = {path for path, answer in lists.items() if world.shows(answer)}
    assert seen >= {
        "/notifications",
        "/conversations",
        "/messages/search",
        "/feed/home",
        "/users/search",
        f"/posts/{bea.post}/comments",
        f"/posts/{bea.post}/likes",
        "members",
        "said",
        "at cats",
    }
    for reader in parted:
        assert [push for push in world.pushes(reader) if world.shows(push)] == []
        assert [letter for letter in world.letters(reader) if world.shows(letter)] == []
        found = {
            path for path, answer in (await world.lists(reader)).items() if world.shows(answer)
        }
        # Whom one blocked one may see, to end it.
        assert found == ({"/me/blocked"} if reader is ana else set())

    # Live: all of it once more, with their screens open on what they share with the four.
    async with AsyncExitStack() as stack:
        screens = []
        for reader in everyone:
            screen = Client([world.node.url], reader.person.token)
            screens.append(await stack.enter_async_context(screen))
            await screen.online()
            topics = (f"post:{reader.of_cat}", f"conversation:{reader.group}")
            assert set((await screen.subscribe(*topics)).values()) == {"ok"}
            presence = f"presence:{world.eves[0].user_id}"
            seen = await screen.subscribe(presence)
            assert seen == {presence: "ok" if reader is bea else "forbidden"}
        await stack.enter_async_context(Client([world.node.url], world.eves[0].token))
        await asyncio.gather(*map(world.provoke, everyone))
        came = await asyncio.gather(*(collect(screen, 0.5) for screen in screens))
        for reader, screen, events in zip(everyone, screens, came, strict=True):
            reader.heard = [(event.type, event.data) for event in events]
            reader.updates = [(one.type, [one.topic, one.data]) for one in screen._updates]
    live = {type for type, data in bea.heard if world.shows(data)}
    assert live >= {"post.new", "notification.new", "message.new", "conversation.updated"}
    needed = {type for type, row in UPDATES.items() if row is SHOWS}
    assert {type for type, data in bea.updates if world.shows(data)} == needed
    for reader in parted:
        assert [
            one for one in reader.heard if EVENTS[one[0]] is not TAKES and world.shows(one)
        ] == []
        assert [update for update in reader.updates if world.shows(update)] == []
        assert reader.heard, "cat's words at least"
    await world.pushed()
    for reader in parted:
        assert [push for push in world.pushes(reader) if world.shows(push)] == []
