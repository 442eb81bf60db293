"""Finding what was said, and going there."""

from time import time_ns

import httpx
from playwright.async_api import Locator, Route, expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_messages import open_with, said, thread, unique, write
from tests.browser.visitor import PATIENCE_MS, Site, Visitor, Visits

SERVICE_WORKERS = False

SEARCH = "**/api/v1/messages/search*"


def field(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("textbox", name="Search messages")


def hits(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("region", name="Messages", exact=True).locator("[data-hit]")


async def say(site: Site, name: str, to: str, *texts: str) -> list[str]:
    """Without a browser; their ids."""
    async with httpx.AsyncClient(base_url=f"{site.url}/api/v1", timeout=20) as client:
        body = {"username": name, "password": site.password}
        token = (await client.post("/users/login", json=body)).json()["data"]["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        made = []
        for text in texts:
            answer = await client.post("/messages", json={"to": to, "text": text})
            answer.raise_for_status()
            made.append(answer.json()["data"]["message_id"])
        return made


async def in_view(visitor: Visitor, words: str) -> bool:
    """Whether it stands inside the thread's frame, wholly."""
    inside: bool = await said(visitor, words).evaluate(
        """element => {
            const frame = element.closest("[role=log]").parentElement.getBoundingClientRect();
            const own = element.getBoundingClientRect();
            return own.top >= frame.top - 1 && own.bottom <= frame.bottom + 1;
        }"""
    )
    return inside


async def test_two_people_find_what_one_of_them_said(ana: Visitor, kofi: Visitor) -> None:
    rare = f"marmelade{time_ns() % 10**8}"
    await open_with(ana, "kofi")
    await write(ana, f"I bring the {rare.capitalize()} tomorrow")
    await kofi.go("/messages")
    await field(kofi).press_sequentially(rare[:12], delay=30)
    await expect(hits(kofi)).to_have_count(1, timeout=PATIENCE_MS)
    await expect(hits(kofi).locator("mark")).to_have_text(rare[:12].capitalize())
    await kofi.shot("search-phone")

    # Edited and taken back, it is found as it is.
    await hits(kofi).click()
    await expect(said(kofi, rare)).to_be_visible(timeout=PATIENCE_MS)
    await ana.page.get_by_placeholder("Message…").press("ArrowUp")
    await ana.page.get_by_placeholder("Message…").fill("I bring nothing")
    await ana.page.keyboard.press("Enter")
    await expect(said(kofi, "I bring nothing").last).to_be_visible(timeout=PATIENCE_MS)
    await kofi.button("Back").click()
    await field(kofi).fill("")
    await field(kofi).fill(rare)
    await expect(kofi.page.get_by_text(f"Nothing found for “{rare}”")).to_be_visible(
        timeout=PATIENCE_MS
    )
    await kofi.shot("search-nothing")


async def test_a_hit_far_back_is_gone_to_and_the_thread_goes_on_from_there(
    visits: Visits, stranger: str
) -> None:
    number = time_ns() % 10**8
    await say(visits.site, stranger, "priya", f"lighthouse{number} at the cape")
    await say(visits.site, stranger, "priya", *(f"{n} filler{number}" for n in range(230)))
    visitor = await visits.log_in(stranger, DESKTOP, at="/messages")
    await visitor.page.locator("[data-conversation]").first.click()
    await expect(said(visitor, f"229 filler{number}")).to_be_visible(timeout=PATIENCE_MS)
    await field(visitor).fill(f"lighthouse{number}")
    await expect(hits(visitor)).to_have_count(1, timeout=PATIENCE_MS)
    # With the keyboard alone.
    await field(visitor).press("ArrowDown")
    await expect(hits(visitor).first).to_be_focused()
    await visitor.page.keyboard.press("ArrowUp")
    await expect(field(visitor)).to_be_focused()
    await visitor.page.keyboard.press("Enter")
    found = said(visitor, f"lighthouse{number}")
    await expect(found).to_be_focused(timeout=PATIENCE_MS)
    await expect(found).to_have_attribute("data-found", "")
    assert await in_view(visitor, f"lighthouse{number}")
    await visitor.shot("search-gone-to")
    await expect(found).not_to_have_attribute("data-found", "", timeout=PATIENCE_MS)
    # A stretch of its own: the newest are not below it yet.
    await expect(said(visitor, f"229 filler{number}")).to_have_count(0)
    scroller = thread(visitor).locator("xpath=..")
    for _ in range(300):
        await scroller.hover()
        await visitor.page.mouse.wheel(0, 900)
        if await said(visitor, f"229 filler{number}").count() and await in_view(
            visitor, f"229 filler{number}"
        ):
            break
        await visitor.page.wait_for_timeout(80)
    assert await in_view(visitor, f"229 filler{number}")
    shown = await said(visitor, f"filler{number}").all_text_contents()
    order = [int(text.split("filler")[0].split()[-1]) for text in shown]
    assert order == list(range(230))
    await expect(visitor.button("Jump to the newest message")).to_have_count(0)


async def test_the_newest_are_one_press_away(visits: Visits, stranger: str) -> None:
    number = time_ns() % 10**8
    [old] = await say(visits.site, stranger, "priya", f"anchor{number}")
    await say(visits.site, stranger, "priya", *(f"{n} rope{number}" for n in range(90)))
    visitor = await visits.log_in(stranger, PHONE, dark=True, at="/messages")
    await visitor.page.locator("[data-conversation]").first.click()
    await expect(said(visitor, f"89 rope{number}")).to_be_visible(timeout=PATIENCE_MS)
    await visitor.button("Search in conversation").click()
    here = visitor.page.get_by_role("textbox", name="Search in conversation")
    await expect(here).to_be_focused()
    await here.fill(f"anchor{number}")
    await expect(hits(visitor)).to_have_count(1, timeout=PATIENCE_MS)
    await visitor.shot("search-within")
    await hits(visitor).click()
    await expect(said(visitor, f"anchor{number}")).to_be_visible(timeout=PATIENCE_MS)
    await visitor.button("Jump to the newest message").click()
    await expect(said(visitor, f"89 rope{number}")).to_be_visible(timeout=PATIENCE_MS)
    # One that is gone is said to be; the thread stays as it is.
    where = visitor.page.url
    async with httpx.AsyncClient(base_url=f"{visits.site.url}/api/v1") as client:
        body = {"username": stranger, "password": visits.site.password}
        token = (await client.post("/users/login", json=body)).json()["data"]["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        (await client.delete(f"/messages/{old}", headers=headers)).raise_for_status()
    await visitor.page.goto(f"{where}?at={old}")
    await expect(visitor.page.get_by_text("This message isn't there any more.")).to_be_visible(
        timeout=PATIENCE_MS
    )
    await expect(said(visitor, f"89 rope{number}")).to_be_visible()


async def test_a_search_that_fails_says_so_and_goes_on_when_the_net_is_back(
    ana: Visitor,
) -> None:
    ana.forgiven = ("Failed to load resource", "ERR_INTERNET_DISCONNECTED", "WebSocket")
    words = unique("Umbrella")
    await open_with(ana, "kofi")
    await write(ana, words)

    async def broken(route: Route) -> None:
        await route.fulfill(status=500, content_type="application/json", body="{}")

    await ana.page.route(SEARCH, broken)
    await field(ana).fill(words)
    alert = ana.page.get_by_role("alert")
    await expect(alert).to_contain_text("Something went wrong", timeout=PATIENCE_MS)
    await ana.shot("search-broken")
    await ana.page.unroute(SEARCH)
    await ana.button("Try again", alert).click()
    await expect(hits(ana)).to_have_count(1, timeout=PATIENCE_MS)
    await field(ana).fill("")
    await ana.context.set_offline(True)
    await field(ana).fill(words)
    await expect(ana.page.get_by_role("alert")).to_be_visible(timeout=PATIENCE_MS)
    await ana.shot("search-offline")
    await ana.context.set_offline(False)
    await expect(hits(ana)).to_have_count(1, timeout=PATIENCE_MS)


async def test_people_and_conversations_stand_above_what_was_said(ana: Visitor) -> None:
    await open_with(ana, "kofi")
    await write(ana, unique("Kofi, look"))
    await field(ana).fill("kofi")
    conversations = ana.page.get_by_role("region", name="Conversations").last
    await expect(conversations.locator("[data-conversation]").first).to_be_visible(
        timeout=PATIENCE_MS
    )
    await expect(hits(ana).first).to_be_visible()
    await ana.shot("search-desktop")
    await field(ana).press("Escape")
    await expect(field(ana)).to_have_value("")
    await expect(hits(ana)).to_have_count(0)
