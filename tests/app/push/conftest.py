"""The app with push switched on, doubles of the push services, and the loop behind it."""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from app import clock, ids
from app.push import outbox
from app.push.delivery import Delivery, Done
from infra.local.secrets import p256_key
from tests.fixtures.api import Api, Person, open_api
from tests.fixtures.full_stack import CHEAP_PASSWORDS, UNLIMITED
from tests.fixtures.loop import at_work, quiet
from tests.fixtures.push_services import (
    Browser,
    FcmDouble,
    PushService,
    fcm_double,
    push_service,
)
from tests.fixtures.stores import Stores
from workers.push import SOURCES, open_senders


@dataclass
class Pushing:
    api: Api
    web: PushService
    fcm: FcmDouble
    delivery: Delivery

    async def subscribed(self, person: Person) -> Browser:
        """A browser of the person's session."""
        browser = self.web.browser(ids.new_id("dev"))
        await person.call("POST", "/push/subscriptions", browser.subscription())
        return browser

    async def push(self) -> list[Done]:
        """All jobs have their turn now, once."""
        await quiet(self.api.resources)
        jobs = self.api.resources.mongo.push_jobs
        waiting = {"due_at": {"$type": "date"}}
        await jobs.update_many(waiting, {"$set": {"due_at": clock.now() - timedelta(seconds=1)}})
        outcomes: list[Done] = []
        while (job := await outbox.take(self.api.resources)) is not None:
            outcomes.append(await self.delivery.run(job))
        return outcomes

    def read(self, browser: Browser) -> list[dict[str, object]]:
        """What the browser was pushed, opened with its keys."""
        path = browser.endpoint.removeprefix(self.web.url)
        return [browser.read(got.body) for got in self.web.got if got.path == path]


def _kept(folder: Path, fcm: FcmDouble) -> str:
    path = folder / "account.json"
    path.write_text(json.dumps(fcm.account()))
    return str(path)


@pytest.fixture(scope="module")
async def pushing(
    stores: Stores, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Pushing]:
    async with AsyncExitStack() as stack:
        web = await stack.enter_async_context(push_service())
        fcm = await stack.enter_async_context(fcm_double())
        account = _kept(tmp_path_factory.mktemp("fcm"), fcm)
        database = f"push_{ids.new_id('db')[-8:]}"
        settings = stores.settings(
            database,
            **UNLIMITED,
            **CHEAP_PASSWORDS,
            GLIMPSE_PUSH_VAPID_PRIVATE_KEY=p256_key(),
            GLIMPSE_PUSH_CONTACT="mailto:op@example.org",
            GLIMPSE_PUSH_TRUSTED_HOSTS=web.host,
            GLIMPSE_PUSH_SERVICES="*.push.example,localhost",
            GLIMPSE_PUSH_FCM_CREDENTIALS=account,
            GLIMPSE_PUSH_FCM_URL=fcm.url,
            GLIMPSE_PUSH_ATTEMPTS_MAX="3",
            GLIMPSE_PUSH_PER_HOUR_MAX="5",
        )
        api = await stack.enter_async_context(open_api(settings))
        client = api.resources.mongo.client
        stack.push_async_callback(client.drop_database, database)
        await api.resources.redis.flushall()
        roles = ("relay", "fanout", "counters", "notify")
        await stack.enter_async_context(at_work(api.resources, *roles))
        senders = await stack.enter_async_context(open_senders(settings))
        yield Pushing(api, web, fcm, Delivery(api.resources, senders, SOURCES))


@pytest.fixture(autouse=True)
async def nothing_left(pushing: Pushing) -> AsyncIterator[None]:
    """A test finds neither jobs nor answers of the one before."""
    yield
    await quiet(pushing.api.resources)
    await pushing.api.resources.mongo.push_jobs.delete_many({})
    for double in (pushing.web, pushing.fcm):
        double.answers.clear()
        double.got.clear()
    pushing.web.gone.clear()
    pushing.web.broken.clear()
