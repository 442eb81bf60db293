"""The service worker: what it shows of pushes, and how it follows a deploy.

Pushes are handed over by the browser's own tools: a real push service is not reached from here.
Of a subscription the part of the browser that would ask such a service stands in; what follows
from it, on the page and the server, is real.
"""

import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web
from playwright.async_api import BrowserContext, Page, Worker, expect

from tests.browser.conftest import BUILT, DESKTOP, PHONE
from tests.browser.test_connection import LOST
from tests.browser.visitor import PATIENCE_MS, Site, Visitor, Visits
from tests.fixtures.loop import eventually

READY = "navigator.serviceWorker.ready.then(() => true)"
SHOWN = """async () => (await self.registration.getNotifications())
    .map(({ title, body, tag, data }) => ({ title, body, tag, path: data.path }))"""
TAP = """async () => {
    const [notification] = await self.registration.getNotifications();
    let done;
    const event = new Event("notificationclick");
    self.dispatchEvent(Object.assign(event, { notification, waitUntil: (work) => done = work }));
    await done;
}"""
SHELLS = "caches.keys().then(names => names.filter(one => one.startsWith('glimpse-shell-')))"


class Pusher:
    """Hands pushes to the service worker of an origin."""

    def __init__(self, session: Any, origin: str, registration_id: str) -> None:
        self._session, self._origin, self._id = session, origin, registration_id

    @classmethod
    async def of(cls, page: Page, origin: str) -> "Pusher":
        session = await page.context.new_cdp_session(page)
        found: list[dict[str, Any]] = []
        session.on(
            "ServiceWorker.workerRegistrationUpdated",
            lambda event: found.extend(event["registrations"]),
        )
        await session.send("ServiceWorker.enable")

        async def known() -> str | None:
            ids = [one["registrationId"] for one in found if one["scopeURL"] == f"{origin}/"]
            return ids[0] if ids else None

        return cls(session, origin, await eventually(known, "a registration"))

    async def push(self, data: str) -> None:
        await self._session.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": self._origin, "registrationId": self._id, "data": data},
        )


def like(others: int, **more: Any) -> str:
    """As `Message.data` has it."""
    text = f"ben and {others} others liked your post"
    row = {"id": "ntf_1", "kind": "like", "title": "Glimpse", "text": text}
    return json.dumps({**row, "path": "/notifications", "unread": 1, **more})


async def allowed(visitor: Visitor, site: Site) -> Pusher:
    await visitor.context.grant_permissions(["notifications"], origin=site.url)
    assert await visitor.page.evaluate(READY)
    return await Pusher.of(visitor.page, site.url)


def worker(context: BrowserContext) -> Worker:
    [found] = context.service_workers
    return found


async def test_a_push_is_shown_once_and_leads_into_the_app(visits: Visits, site: Site) -> None:
    who = await visits.log_in("ana", PHONE)
    pusher = await allowed(who, site)

    async def shown() -> list[dict[str, str]]:
        found: list[dict[str, str]] = await worker(who.context).evaluate(SHOWN)
        return found

    async def body(words: str) -> bool:
        return any(words in one["body"] for one in await shown())

    # Somebody looks at the app: there it is told live, and not a second time.
    await pusher.push(like(1))
    # Nobody does. What grows takes the place of what is shown of it.
    await who.page.goto("about:blank")
    await pusher.push(like(2))
    await eventually(lambda: body("2 others"), "shown")
    await pusher.push(like(3))
    await eventually(lambda: body("3 others"), "replaced")
    [one] = await shown()
    assert one == {
        "title": "Glimpse",
        "body": "ben and 3 others liked your post",
        "tag": "ntf_1",
        "path": "/notifications",
    }
    # What is not ours, or leads elsewhere, is shown without doing harm.
    await pusher.push("{")
    await pusher.push(like(4, id="ntf_2", path="https://elsewhere.example/x"))
    await eventually(lambda: body("4 others"), "shown")
    assert {one["path"] for one in await shown()} == {"/notifications", "/"}

    await who.go("/settings")
    await expect(who.page.get_by_role("heading", name="Settings")).to_be_attached()
    await worker(who.context).evaluate(
        "async () => { for (const one of await self.registration.getNotifications())"
        " if (one.tag !== 'ntf_1') one.close(); }"
    )
    await worker(who.context).evaluate(TAP)
    await expect(who.page).to_have_url(f"{site.url}/notifications")
    assert await shown() == []


# Stands in for the browser asking its push service, which is out of reach.
SUBSCRIBING = """
const key = new Uint8Array([4, ...KEY]);
let held = null;
const text = (bytes) => btoa(String.fromCharCode(...bytes))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
PushManager.prototype.getSubscription = async () => held;
PushManager.prototype.subscribe = async (options) => held = {
  endpoint: "https://fcm.googleapis.com/fcm/send/glimpse-test",
  options: { applicationServerKey: null, ...options },
  unsubscribe: async () => { window.unsubscribed = true; held = null; return true; },
  toJSON: () => ({
    endpoint: "https://fcm.googleapis.com/fcm/send/glimpse-test",
    expirationTime: null,
    keys: { p256dh: text(key), auth: text(new Uint8Array(16)) },
  }),
};
"""


async def test_push_is_turned_on_and_off_and_ends_with_the_log_out(
    visits: Visits, site: Site
) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    point = ec.generate_private_key(ec.SECP256R1()).public_key()
    key = list(point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:])
    who = await visits.arrive(PHONE)
    await who.context.add_init_script(SUBSCRIBING.replace("KEY", str(key)))
    await who.context.grant_permissions(["notifications"], origin=site.url)
    await visits.enter(who, "kofi")
    sent: list[tuple[str, int]] = []
    who.page.on(
        "response",
        lambda answer: (
            sent.append((answer.request.method, answer.status))
            if answer.url.endswith("/push/subscriptions")
            else None
        ),
    )
    await who.go("/settings/notifications")
    push = who.page.get_by_role("switch", name="Push notifications")
    await expect(push).to_have_attribute("aria-checked", "false")
    assert sent == []  # nothing is asked before a person asks
    await push.click()
    await expect(push).to_have_attribute("aria-checked", "true")
    assert sent == [("POST", 201)]
    await push.click()
    await expect(push).to_have_attribute("aria-checked", "false")
    assert sent == [("POST", 201), ("DELETE", 200)]
    await push.click()
    await expect(push).to_have_attribute("aria-checked", "true")
    await who.page.evaluate("window.unsubscribed = false")
    await who.page.evaluate("history.pushState(null, '', '/settings')")
    await who.button("Log out").last.click()
    await expect(who.button("Log in")).to_be_visible()
    await who.page.wait_for_function("window.unsubscribed === true")
    assert await who.page.evaluate("localStorage.getItem('glimpse.push')") is None


async def test_a_refused_permission_says_what_to_do(visits: Visits) -> None:
    who = await visits.log_in("mei", PHONE)
    await who.context.add_init_script(
        "Object.defineProperty(Notification, 'permission', { get: () => 'denied' })"
    )
    await who.go("/settings/notifications")
    await expect(who.page.get_by_text("Notifications are blocked for this site.")).to_be_visible()
    await expect(who.page.get_by_role("switch", name="Push notifications")).to_have_count(0)


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[tuple[str, web.AppRunner]]:
    """The web app alone, as Caddy serves it; without an API."""

    async def page(request: web.Request) -> web.StreamResponse:
        path = folder / request.path.lstrip("/")
        if request.path.startswith("/assets/") and not path.is_file():
            raise web.HTTPNotFound
        if request.path.startswith("/api/"):
            raise web.HTTPNotFound
        found = path if path.is_file() else folder / "index.html"
        return web.FileResponse(found, headers={"Cache-Control": "no-cache"})

    app = web.Application()
    app.router.add_get("/{path:.*}", page)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "localhost", 0)
    await site.start()
    try:
        yield f"http://localhost:{runner.addresses[0][1]}", runner
    finally:
        await runner.cleanup()


def deploy(folder: Path, number: int) -> None:
    """The next build: its script has another name, its page another title."""
    [script] = [path for path in (folder / "assets").glob("index-*.js")]
    name = f"index-deploy{number}.js"
    script.rename(script.with_name(name))
    for path in (folder / "index.html", *folder.glob("assets/*.js"), folder / "sw.js"):
        path.write_text(path.read_text().replace(script.name, name))
    index = folder / "index.html"
    index.write_text(index.read_text().replace("Glimpse</title>", f"Glimpse {number}</title>"))
    worker = folder / "sw.js"
    head, mark, rest = worker.read_text().partition('"version":"')
    worker.write_text(f"{head}{mark}{number}{rest[1:]}")


async def test_a_deploy_is_seen_at_the_next_visit_and_the_newest_build_starts_offline(
    visits: Visits, tmp_path: Path
) -> None:
    folder = tmp_path / "dist"
    shutil.copytree(BUILT.parent, folder)
    who = await visits.arrive(DESKTOP)
    who.forgiven = LOST
    loads = 0

    def count(_: Any) -> None:
        nonlocal loads
        loads += 1

    async with served(folder) as (url, runner):
        await who.page.goto(url)
        assert await who.page.evaluate(READY)
        who.page.on("load", count)
        first = await who.page.evaluate(SHELLS)
        for number in (1, 2):
            deploy(folder, number)
            await who.page.reload()
            script = who.page.locator("script[type=module]")
            await expect(script).to_have_attribute("src", f"/assets/index-deploy{number}.js")
            await expect(who.button("Log in")).to_be_visible()

            async def followed(number: int = number) -> bool:
                names: list[str] = await who.page.evaluate(SHELLS)
                return len(names) == 2 and names[-1].startswith(f"glimpse-shell-{number}")

            await eventually(followed, "the worker of the deploy")
        assert not set(first) & set(await who.page.evaluate(SHELLS))
        assert loads == 2  # each visit loaded once: no page reloads itself
        await runner.cleanup()
        await who.page.reload()
        await expect(who.page.locator("script[type=module]")).to_have_attribute(
            "src", "/assets/index-deploy2.js"
        )
        await expect(who.button("Log in")).to_be_visible(timeout=PATIENCE_MS)


async def test_a_part_that_never_comes_reloads_once_and_then_says_so(visits: Visits) -> None:
    who = await visits.log_in("ana", PHONE, workers=False)
    who.forgiven = ("Failed to load", "dynamically imported", "404")
    await who.page.route("**/assets/SettingsScreen*.js", lambda route: route.fulfill(status=404))
    loads: list[str] = []
    who.page.on("load", lambda page: loads.append(page.url))
    await who.go("/settings")
    await expect(who.page.get_by_text("Glimpse stumbled")).to_be_visible(timeout=PATIENCE_MS)
    await who.page.wait_for_timeout(1_000)
    assert len(loads) == 2
    who.errors.clear()
