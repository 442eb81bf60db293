"""The email digest: once, of what one has not seen, and of nobody who is blocked."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app import clock, ids
from app.digest import service
from app.digest.service import Outcome
from app.notifications.periods import Period, period
from tests.fixtures.api import Api, Person, open_api
from tests.fixtures.full_stack import CHEAP_PASSWORDS, UNLIMITED
from tests.fixtures.loop import at_work, eventually, quiet
from tests.fixtures.mail_server import MailServer, mail_server
from tests.fixtures.stores import Stores

CHECKOUT = Path(__file__).parents[3]
ORIGIN = "https://glimpse.example"


@dataclass
class Mailing:
    api: Api
    server: MailServer
    environment: dict[str, str]

    async def reader(self, digest: str = "daily") -> Person:
        """Someone who wants digests; the first would be due already."""
        person = await self.api.person()
        await person.call("PUT", "/notifications/preferences", {"digest": digest})
        await self.api.resources.mongo.notification_preferences.update_one(
            {"_id": person.user_id}, {"$set": {"digested": ""}}
        )
        return person

    async def liked(self, reader: Person, by: Person) -> str:
        post = await reader.post()
        await by.call("POST", f"/posts/{post['post_id']}/like")
        await quiet(self.api.resources)
        return str(post["post_id"])

    async def run(self) -> dict[Outcome, int]:
        return dict(await service.run_due(self.api.resources))

    async def one(self, reader: Person, name: str) -> Outcome:
        due = Period(name, clock.now() - timedelta(days=1))
        return await service.run_one(self.api.resources, reader.user_id, due)

    async def time_passes(self) -> None:
        """Claims run out."""
        before = clock.now() - timedelta(seconds=1)
        await self.api.resources.mongo.digests.update_many({}, {"$set": {"claimed_until": before}})

    def letters(self, reader: Person) -> list[Any]:
        return [letter for letter in self.server.letters if letter["To"] == reader.email]


@pytest.fixture(scope="module")
async def mailing(stores: Stores) -> AsyncIterator[Mailing]:
    database = f"digest_{ids.new_id('db')[-8:]}"
    async with AsyncExitStack() as stack:
        server, port = stack.enter_context(mail_server())
        settings = {
            **UNLIMITED,
            **CHEAP_PASSWORDS,
            "GLIMPSE_EMAIL_HOST": "127.0.0.1",
            "GLIMPSE_EMAIL_PORT": str(port),
            "GLIMPSE_EMAIL_TLS": "none",
            "GLIMPSE_EMAIL_SENDER": "Glimpse <post@glimpse.example>",
            "GLIMPSE_HTTP_PUBLIC_URL": ORIGIN,
            "GLIMPSE_STORAGE_PUBLIC_ENDPOINT": stores.environment["GLIMPSE_STORAGE_ENDPOINT"],
        }
        api = await stack.enter_async_context(open_api(stores.settings(database, **settings)))
        client = api.resources.mongo.client
        stack.push_async_callback(client.drop_database, database)
        await api.resources.redis.flushall()
        roles = ("relay", "fanout", "counters", "notify")
        await stack.enter_async_context(at_work(api.resources, *roles))
        environment = {**stores.environment, **settings, "GLIMPSE_MONGO_DATABASE": database}
        yield Mailing(api, server, environment)


@pytest.fixture(autouse=True)
async def nobody_waits(mailing: Mailing) -> AsyncIterator[None]:
    yield
    mailing.server.open()
    mailing.server.answers.clear()
    mailing.server.after_data.clear()
    mailing.server.letters.clear()
    everyone = {"$set": {"digest": "off"}}
    await mailing.api.resources.mongo.notification_preferences.update_many({}, everyone)


async def test_a_digest_comes_once(mailing: Mailing) -> None:
    ana, ben = await mailing.reader(), await mailing.api.person("ben")
    post_id = await mailing.liked(ana, ben)
    assert await mailing.run() == {"sent": 1}
    assert await mailing.run() == {}
    [letter] = mailing.letters(ana)
    assert letter["Subject"] == f"{ben.username} liked your post"
    assert letter["From"] == "Glimpse <post@glimpse.example>"
    text = letter.get_body(("plain",)).get_content()
    html = letter.get_body(("html",)).get_content()
    for part in (text, html):
        assert f"{ORIGIN}/p/{post_id}" in part
        assert f"{ben.username} liked your post" in part
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["List-Unsubscribe"].strip("<>") in text


async def test_workers_at_once_send_one(mailing: Mailing) -> None:
    ana, ben = await mailing.reader(), await mailing.api.person("ben")
    await mailing.liked(ana, ben)
    await asyncio.gather(*(mailing.run() for _ in range(4)))
    assert len(mailing.letters(ana)) == 1


@pytest.mark.parametrize("at", ["before it is given", "while it is taken"])
async def test_a_worker_killed_on_the_way(mailing: Mailing, at: str) -> None:
    ana, ben = await mailing.reader(), await mailing.api.person("ben")
    await mailing.liked(ana, ben)
    server = mailing.server
    (server.hold_rcpt if at == "before it is given" else server.hold_data).clear()
    worker = subprocess.Popen(  # noqa: ASYNC220  returns at once
        [sys.executable, "-m", "workers", "push"],
        cwd=CHECKOUT,
        env={"PATH": os.environ["PATH"], **mailing.environment},
    )
    try:

        async def reached() -> bool:
            return server.reached.is_set()

        await eventually(reached, "the mail server", within_s=60)
    finally:
        worker.kill()
        worker.wait()
    server.open()
    assert await mailing.run() in ({"busy": 1}, {"done": 1})  # its claim stands
    await mailing.time_passes()
    await mailing.run()
    await mailing.time_passes()
    assert await mailing.run() == {}
    assert len(mailing.letters(ana)) == 1


async def test_a_mail_server_that_has_no_time_is_asked_again(mailing: Mailing) -> None:
    ana, ben = await mailing.reader(), await mailing.api.person("ben")
    await mailing.liked(ana, ben)
    mailing.server.answers.append("451 greylisted")
    assert await mailing.run() == {"later": 1}
    assert await mailing.run() == {"busy": 1}
    await mailing.time_passes()
    mailing.server.after_data.append("452 no space")
    assert await mailing.run() == {"later": 1}
    await mailing.time_passes()
    assert await mailing.run() == {"sent": 1}
    assert len(mailing.letters(ana)) == 1


async def test_an_address_that_is_refused_is_not_tried_again(mailing: Mailing) -> None:
    ana, ben = await mailing.reader(), await mailing.api.person("ben")
    await mailing.liked(ana, ben)
    mailing.server.answers.append("550 no such person")
    assert await mailing.run() == {"failed": 1}
    assert await mailing.run() == {}


async def test_the_next_one_begins_where_the_last_ended(mailing: Mailing) -> None:
    ana, ben = await mailing.reader(), await mailing.api.person("ben")
    await mailing.liked(ana, ben)
    assert await mailing.one(ana, "2026-01-01") == "sent"
    assert await mailing.one(ana, "2026-01-01") == "done"
    assert await mailing.one(ana, "2026-01-02") == "empty"
    cleo = await mailing.api.person("cleo")
    await cleo.follow(ana)
    await quiet(mailing.api.resources)
    assert await mailing.one(ana, "2026-01-03") == "sent"
    assert [letter["Subject"] for letter in mailing.letters(ana)] == [
        f"{ben.username} liked your post",
        f"{cleo.username} started following you",
    ]


@pytest.mark.parametrize("why", ["read", "blocked", "blocks", "muted", "post", "email", "in_app"])
async def test_what_is_in_no_digest(mailing: Mailing, why: str) -> None:
    ana, ben = await mailing.reader(), await mailing.api.person("ben")
    post_id = await mailing.liked(ana, ben)
    match why:
        case "read":
            await ana.call("POST", "/notifications/read")
        case "blocked":
            await ana.call("POST", f"/users/{ben.username}/block")
        case "blocks":
            await ben.call("POST", f"/users/{ana.username}/block")
        case "muted":
            await ana.call("POST", f"/users/{ben.username}/mute")
        case "post":
            await ana.call("POST", f"/posts/{post_id}/mute")
        case channel:
            choice = {"kinds": {"like": {channel: False}}}
            await ana.call("PUT", "/notifications/preferences", choice)
    assert await mailing.run() == {"empty": 1}
    assert mailing.letters(ana) == []


async def test_nobody_gets_one_who_did_not_ask(mailing: Mailing) -> None:
    ana, ben = await mailing.api.people(2)
    await mailing.liked(ana, ben)
    cleo = await mailing.api.person("cleo")
    await mailing.liked(cleo, ben)
    # Asked for now: the first comes with the next period.
    await cleo.call("PUT", "/notifications/preferences", {"digest": "daily"})
    assert await mailing.run() == {}


async def test_unsubscribing_with_one_click(mailing: Mailing) -> None:
    ana, ben = await mailing.reader("weekly"), await mailing.api.person("ben")
    await mailing.liked(ana, ben)
    assert await mailing.run() == {"sent": 1}
    link = mailing.letters(ana)[0]["List-Unsubscribe"].strip("<>")
    path = link.removeprefix(ORIGIN)
    http = mailing.api.http

    async def wish() -> str:
        return str((await ana.get("/notifications/preferences"))["digest"])

    for wrong in (path[:-1], path[:-1] + "!", path + "x", path[:-25] + path[-24:], "/".join(path)):
        assert (await http.post(wrong)).status_code == 404
    page = await http.get(path)
    assert page.status_code == 200
    assert '<form method="post">' in page.text
    assert await wish() == "weekly"  # a scanner that opens links changes nothing
    for _ in range(2):
        done = await http.post(path, data={"List-Unsubscribe": "One-Click"})
        assert done.status_code == 200
        assert ana.username in done.text
    assert await wish() == "off"


@pytest.mark.parametrize(
    ("wish", "now", "name"),
    [
        ("daily", "2026-11-20T07:59", "2026-11-19"),
        ("daily", "2026-11-20T08:00", "2026-11-20"),
        ("weekly", "2026-11-16T07:59", "2026-W46"),
        ("weekly", "2026-11-16T08:00", "2026-W47"),
        ("weekly", "2027-01-03T12:00", "2026-W53"),
    ],
)
def test_periods(wish: Any, now: str, name: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert period(wish, moment, 8).name == name
