"""Without a network: the app starts, the last feed is there, and what was done goes out later."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import time_ns

import httpx
from playwright.async_api import expect

from tests.browser.conftest import PHONE, register
from tests.browser.test_connection import LOST
from tests.browser.visitor import PATIENCE_MS, Site, Visitor, Visits
from tests.fixtures.loop import eventually

CONTROLLED = "navigator.serviceWorker.ready.then(() => true)"
KEPT_FEEDS = "caches.keys().then(names => names.filter(one => one.startsWith('glimpse-feed-')))"
KEPT = """async () => {
    for (const name of await caches.keys()) {
        if (!name.startsWith("glimpse-feed-")) continue;
        const cache = await caches.open(name);
        const text = await (await cache.match("/kept/feed.json"))?.text();
        return [text ?? "", (await cache.keys()).length];
    }
    return ["", 0];
}"""
ERRANDS = "Object.keys(localStorage).filter(one => /errands|outgoing/.test(one))"
PICTURES = (
    "[...document.querySelectorAll('[data-post] img')].filter(i => i.naturalWidth > 0).length"
)


@asynccontextmanager
async def at_the_server(site: Site, username: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"{site.url}/api/v1") as client:
        body = {"username": username, "password": site.password}
        answer = (await client.post("/users/login", json=body)).raise_for_status().json()
        client.headers["Authorization"] = f"Bearer {answer['data']['access_token']}"
        yield client


async def offline(visitor: Visitor, caption: str) -> None:
    """Once the feed with this post on top, and its photos, are kept."""
    visitor.forgiven = LOST
    assert await visitor.page.evaluate(CONTROLLED)

    async def kept() -> bool:
        text, files = await visitor.page.evaluate(KEPT)
        return caption in text and files > 1

    await eventually(kept, "the feed is kept", within_s=30)
    await visitor.context.set_offline(True)


async def test_what_was_done_offline_goes_out_once_and_in_order_after_a_reload(
    ana: Visitor, visits: Visits, site: Site
) -> None:
    """A phone in a tunnel: a like, a comment, a message and another comment, and the app was
    closed before the tunnel's end."""
    me = await register(site, f"tunnel_{time_ns() % 10**9}")
    phone = await visits.log_in(me, PHONE, dark=True, at="/u/ana")
    await phone.button("Follow").first.click()
    await phone.button("Following").first.wait_for()
    caption, words = f"Before the tunnel {time_ns()}", f"Soon there {time_ns()}"
    await ana.share(caption, "rocket.jpg")
    await phone.go("/")
    await expect(phone.post(caption)).to_be_visible(timeout=PATIENCE_MS)
    async with at_the_server(site, me) as mine:
        said = {"to": "ana", "text": "Hello"}
        conversation = (await mine.post("/messages", json=said)).json()["data"]["conversation_id"]
        thread = phone.page.locator(f"a[href='/messages/{conversation}']")
        messages_link = phone.page.get_by_role("link", name="Messages").first
        await messages_link.click()
        await thread.click()
        await expect(phone.page.get_by_text("Hello", exact=True).first).to_be_visible()
        for _ in range(2):
            await phone.page.go_back()
        await expect(phone.post(caption)).to_be_visible()
        await offline(phone, caption)

        await phone.button("Like", phone.post(caption)).click()
        await phone.comment(caption, "First")
        await phone.page.keyboard.press("Escape")
        await messages_link.click()
        await thread.click()
        await phone.page.get_by_placeholder("Message…").fill(words)
        await phone.page.keyboard.press("Enter")
        await expect(phone.page.get_by_text("3 waiting to be sent")).to_be_visible()

        await phone.go("/")
        await expect(phone.page.get_by_text("You're offline", exact=False)).to_be_visible()
        await expect(phone.page.get_by_text("3 waiting to be sent")).to_be_visible()
        await expect(phone.button("Unlike", phone.post(caption))).to_be_visible()
        await phone.comment(caption, "Second")
        await phone.page.keyboard.press("Escape")
        await phone.shot("offline-after-a-reload")
        await phone.context.set_offline(False)

        await expect(phone.page.get_by_text("waiting to be sent")).to_be_hidden(
            timeout=2 * PATIENCE_MS
        )
        await expect(ana.button("1 like", ana.post(caption))).to_be_visible(timeout=PATIENCE_MS)
        post_id = await phone.post(caption).first.get_attribute("data-post")
        comments = f"/posts/{post_id}/comments"
        listed = (await mine.get(comments)).json()["data"]["comments"]
        messages = (await mine.get(f"/conversations/{conversation}/messages")).json()["data"]
        post = (await mine.get(f"/posts/{post_id}")).json()["data"]
        assert (post["likes_count"], post["is_liked"]) == (1, True)
        assert [comment["text"] for comment in listed] == ["Second", "First"]
        assert [message["text"] for message in messages["messages"]] == [words, "Hello"]
        said = messages["messages"][0]["created_at"]
        assert listed[1]["created_at"] < said < listed[0]["created_at"]
        assert await phone.page.evaluate(ERRANDS) == []
        # Nor does another reload say it again.
        await phone.page.reload()
        await expect(phone.button("Unlike", phone.post(caption))).to_be_visible(timeout=PATIENCE_MS)
        assert (await mine.get(comments)).json()["data"]["comments"] == listed


async def test_the_last_feed_is_readable_offline_and_goes_with_its_account(
    visits: Visits, site: Site
) -> None:
    phone = await visits.log_in("kofi", PHONE)
    await phone.page.locator("[data-post]").first.wait_for()
    await offline(phone, "")
    await phone.context.set_offline(False)
    await phone.go("/settings")  # from where the feed was never loaded
    await expect(phone.button("Log out").last).to_be_visible()
    await phone.context.set_offline(True)
    await phone.page.get_by_role("link", name="Home").first.click()
    await expect(phone.page.locator("[data-post]").first).to_be_visible(timeout=PATIENCE_MS)
    await expect(phone.page.get_by_text("You're offline").first).to_be_visible()
    await phone.page.reload()
    await expect(phone.page.locator("[data-post]").first).to_be_visible(timeout=PATIENCE_MS)
    await phone.page.wait_for_function(f"({PICTURES}) > 1")
    await phone.shot("offline-feed")
    # A link from elsewhere starts the app too, and says why there is nothing.
    await phone.go("/notifications")
    await expect(phone.page.get_by_role("alert").first).to_contain_text("You're offline")
    await phone.go("/")
    heart = phone.page.get_by_role("button", name=re.compile("^(Like|Unlike)$")).first
    await heart.click()
    await expect(phone.page.get_by_text("1 waiting to be sent")).to_be_visible()
    assert await phone.page.evaluate(ERRANDS) != []

    await phone.go("/settings")
    await phone.button("Log out").last.click()
    await expect(phone.button("Log in")).to_be_visible()

    async def forgotten() -> bool:
        return await phone.page.evaluate(KEPT_FEEDS) == []

    await eventually(forgotten, "the feed is forgotten")
    assert await phone.page.evaluate(ERRANDS) == []
    await phone.page.reload()
    await expect(phone.button("Log in")).to_be_visible()
    assert await phone.page.locator("[data-post]").count() == 0

    await phone.context.set_offline(False)
    acts: list[str] = []
    phone.page.on("request", lambda sent: acts.append(sent.url) if "/like" in sent.url else None)
    guest = await register(site, f"after_{time_ns() % 10**9}")
    await phone.page.get_by_label("Username or email").fill(guest)
    await phone.page.get_by_label("Password", exact=True).fill(site.password)
    await phone.button("Log in").click()
    await expect(phone.page.get_by_text(f"Logged in as {guest}")).to_be_visible()
    await phone.go("/")
    await expect(phone.page.get_by_text("Your feed starts with people")).to_be_visible()
    assert acts == []
    kept = await phone.page.evaluate(KEPT_FEEDS)
    assert len(kept) <= 1  # the guest's own
