"""Conversations: two people at two browsers, on good networks and bad ones."""

import re
from time import time_ns

import pytest
from playwright.async_api import Locator, ViewportSize, expect

from infra.local.hold import hold, release
from tests.browser.conftest import DESKTOP, PHONE, register, settle
from tests.browser.test_accessibility import AXE, findings
from tests.browser.visitor import PATIENCE_MS, PHOTOS, Site, Visitor, Visits
from tests.fixtures.missing import missing

SERVICE_WORKERS = False

LOST = ("ERR_INTERNET_DISCONNECTED", "WebSocket", "Failed to load resource")
GATEWAYS = ("gateway-1", "gateway-2")


def unique(words: str) -> str:
    return f"{words} {time_ns() % 10**10}"


def thread(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("log")


def said(visitor: Visitor, words: str) -> Locator:
    return thread(visitor).locator("[data-message]").filter(has_text=words)


async def open_with(visitor: Visitor, username: str) -> None:
    await visitor.go(f"/u/{username}")
    await visitor.button("Message").click()
    await thread(visitor).wait_for(timeout=PATIENCE_MS)


async def write(visitor: Visitor, words: str) -> None:
    field = visitor.page.get_by_placeholder("Message…")
    await field.fill(words)
    await field.press("Enter")
    await expect(field).to_have_value("")


async def order(visitor: Visitor, part: str) -> list[str]:
    """What was said with `part` in it, as it stands on the page."""
    return [
        found.group()
        for text in await said(visitor, part).all_inner_texts()
        if (found := re.search(rf"\d+ {part}", text))
    ]


async def test_two_people_converse_live(ana: Visitor, kofi: Visitor) -> None:
    words, answer = unique("Dinner on Friday?"), unique("Yes, at eight")
    await open_with(ana, "kofi")
    await open_with(kofi, "ana")
    stayed = await kofi.page.evaluate("window.stayed = Math.random()")

    await ana.page.get_by_placeholder("Message…").press_sequentially("Din", delay=60)
    await expect(thread(kofi).get_by_text("Ana is typing")).to_be_attached(timeout=PATIENCE_MS)
    await write(ana, words)
    await expect(said(ana, words)).to_have_count(1)
    await expect(said(kofi, words)).to_be_visible(timeout=PATIENCE_MS)
    await expect(thread(kofi).get_by_text("Ana is typing")).not_to_be_attached()
    await expect(ana.page.locator("[data-receipt]")).to_have_text("Seen", timeout=PATIENCE_MS)

    # A long press on a phone opens what a right click does elsewhere.
    await said(kofi, words).click(button="right")
    await kofi.button("Reply").click()
    await write(kofi, answer)
    quote = thread(ana).get_by_role("button").filter(has_text="Kofi replied to you")
    await expect(quote.last).to_be_visible(timeout=PATIENCE_MS)
    await said(ana, answer).dblclick()
    await expect(thread(kofi).get_by_role("button", name="❤️ Ana").last).to_be_visible(
        timeout=PATIENCE_MS
    )
    assert await kofi.page.evaluate("window.stayed") == stayed
    await ana.shot("messages-desktop")
    await kofi.shot("messages-phone")


async def test_a_message_is_changed_and_taken_back_on_both_screens(
    ana: Visitor, kofi: Visitor
) -> None:
    words = unique("See you at sevn")
    await open_with(ana, "kofi")
    await open_with(kofi, "ana")
    await write(ana, words)
    await expect(said(kofi, words)).to_be_visible(timeout=PATIENCE_MS)

    field = ana.page.get_by_placeholder("Message…")
    await expect(said(ana, words).locator("xpath=..")).to_be_visible()
    await expect(ana.page.locator("[data-receipt]")).to_be_visible(timeout=PATIENCE_MS)
    await field.press("ArrowUp")
    await expect(ana.page.get_by_text("Editing your message")).to_be_visible()
    right = words.replace("sevn", "seven")
    await ana.page.get_by_placeholder("Message…").fill(right)
    await ana.page.keyboard.press("Enter")
    await expect(said(kofi, right)).to_be_visible(timeout=PATIENCE_MS)
    await expect(said(kofi, words)).to_have_count(0)

    await said(ana, right).click(button="right")
    await ana.button("Unsend").click()
    await ana.button("Unsend").click()
    await expect(said(kofi, right)).to_have_count(0, timeout=PATIENCE_MS)
    await expect(said(ana, right)).to_have_count(0)


async def test_photos_stand_as_a_grid_and_open_large(ana: Visitor, kofi: Visitor) -> None:
    await open_with(ana, "kofi")
    await open_with(kofi, "ana")
    await write(kofi, unique("From the roof"))
    await kofi.page.locator("input[type=file][multiple]").set_input_files(
        [PHOTOS / "coffee.png", PHOTOS / "rocket.jpg"]
    )
    photos = thread(ana).get_by_role("list", name="Photos").last.locator("picture img")
    await expect(photos).to_have_count(2, timeout=PATIENCE_MS)
    await expect(photos.last).to_have_js_property("complete", True)
    await thread(ana).get_by_role("button", name="Open photo").last.click()
    box = ana.page.get_by_role("dialog", name="Photo from")
    await expect(box).to_be_visible()
    await ana.page.keyboard.press("ArrowLeft")
    await ana.page.keyboard.press("Escape")
    await expect(box).to_be_hidden()


async def test_the_badge_counts_what_is_unread_and_reading_clears_it(
    visits: Visits, stranger: str
) -> None:
    """A follower of the one who writes, so that it reaches the inbox at once."""
    site = visits.site
    reader = await visits.log_in(stranger, PHONE, at="/u/priya")
    await reader.button("Follow").click()
    await expect(reader.button("Following")).to_be_visible()
    await reader.go("/")
    other = await visits.log_in(stranger, DESKTOP)
    priya = await visits.log_in("priya", DESKTOP)
    await open_with(priya, stranger)
    await write(priya, unique("Welcome to"))
    await write(priya, unique("Glimpse"))
    badge = reader.page.get_by_role("link", name="Messages")
    await expect(badge).to_contain_text("2 unread", timeout=PATIENCE_MS)
    on_desktop = other.page.get_by_role("link", name="Messages").first
    await expect(on_desktop).to_contain_text("2 unread", timeout=PATIENCE_MS)
    await badge.click()
    await reader.shot("messages-inbox")
    await reader.page.locator("[data-conversation]").first.click()
    await expect(said(reader, "Glimpse")).to_be_visible()
    await expect(on_desktop).not_to_contain_text("unread", timeout=PATIENCE_MS)
    assert site.url in reader.page.url


async def test_a_stranger_asks_first(visits: Visits, stranger: str, ana: Visitor) -> None:
    words = unique("I love your photos")
    guest = await visits.log_in(stranger, PHONE, dark=True)
    await ana.go("/messages")
    await open_with(guest, "ana")
    await write(guest, words)
    await expect(guest.page.locator("[data-receipt]")).to_have_text("Sent", timeout=PATIENCE_MS)
    await ana.page.get_by_role("link", name="Message requests").click(timeout=PATIENCE_MS)
    await ana.page.locator("[data-conversation]").filter(has_text=words).click()
    await expect(said(ana, words)).to_be_visible()
    await ana.shot("messages-request")
    await settle()
    # Reading a request is not told.
    await expect(guest.page.locator("[data-receipt]")).to_have_text("Sent")
    await ana.button("Accept").click()
    await expect(ana.page.get_by_placeholder("Message…")).to_be_visible()
    await expect(guest.page.locator("[data-receipt]")).to_have_text("Seen", timeout=PATIENCE_MS)
    await write(ana, unique("Thank you!"))
    await expect(said(guest, "Thank you!")).to_be_visible(timeout=PATIENCE_MS)


async def test_a_declined_request_goes_away(visits: Visits, stranger: str, ana: Visitor) -> None:
    words = unique("Buy my course")
    guest = await visits.log_in(stranger, DESKTOP)
    await open_with(guest, "ana")
    await write(guest, words)
    await ana.go("/messages/requests")
    row = ana.page.locator("[data-conversation]").filter(has_text=words)
    await row.click(timeout=PATIENCE_MS)
    await ana.button("Decline").click()
    await expect(row).to_have_count(0)
    await expect(guest.page.locator("[data-receipt]")).to_have_text("Sent")


async def test_what_is_said_offline_goes_out_in_order_and_once(ana: Visitor, kofi: Visitor) -> None:
    part = unique("in the tunnel")
    kofi.forgiven = LOST
    await open_with(ana, "kofi")
    await open_with(kofi, "ana")
    await kofi.context.set_offline(True)
    for number in range(1, 5):
        await write(kofi, f"{number} {part}")
    await expect(kofi.page.get_by_text("4 waiting to be sent")).to_be_visible(timeout=PATIENCE_MS)
    await expect(thread(kofi).get_by_text("Sent when you're back online")).to_be_visible()
    await write(ana, f"0 {part}")
    await kofi.shot("messages-offline")
    await kofi.context.set_offline(False)
    await expect(said(ana, f"4 {part}")).to_be_visible(timeout=PATIENCE_MS)
    await expect(said(kofi, f"0 {part}")).to_be_visible(timeout=PATIENCE_MS)
    await expect(kofi.page.get_by_text("waiting to be sent")).to_be_hidden(timeout=PATIENCE_MS)
    right = [f"{number} {part}" for number in range(5)]
    assert await order(ana, part) == right
    assert await order(kofi, part) == right


async def test_words_said_offline_survive_a_reload(ana: Visitor, kofi: Visitor) -> None:
    part = unique("before the reload")
    kofi.forgiven = LOST
    await open_with(ana, "kofi")
    await open_with(kofi, "ana")
    posts = "**/api/v1/conversations/*/messages"
    await kofi.page.route(posts, lambda route: route.abort())
    await write(kofi, f"1 {part}")
    await write(kofi, f"2 {part}")
    waits = "Sent when you're back online"
    await expect(thread(kofi).get_by_text(waits)).to_be_visible()
    await kofi.go("/messages")
    row = kofi.page.locator("a[data-conversation]").filter(has_text="Ana")
    await expect(row.filter(has_text=waits)).to_be_visible(timeout=PATIENCE_MS)
    await kofi.page.unroute(posts)
    await kofi.page.reload()
    await expect(said(ana, f"2 {part}")).to_be_visible(timeout=PATIENCE_MS)
    await expect(row.filter(has_text=waits)).to_have_count(0)
    await row.first.click()
    await expect(said(kofi, f"2 {part}")).to_be_visible(timeout=PATIENCE_MS)
    await settle(1)
    assert await order(ana, part) == [f"1 {part}", f"2 {part}"]
    assert await order(kofi, part) == [f"1 {part}", f"2 {part}"]


async def test_a_conversation_outlives_its_gateways(
    site: Site, ana: Visitor, kofi: Visitor
) -> None:
    if site.layout is None:
        missing("the stack's folder is not known: set GLIMPSE_BROWSER_DATA")
        return
    part = unique("through the storm")
    ana.forgiven = kofi.forgiven = LOST
    await open_with(ana, "kofi")
    await open_with(kofi, "ana")
    await write(ana, f"1 {part}")
    await expect(said(kofi, f"1 {part}")).to_be_visible(timeout=PATIENCE_MS)
    for name in GATEWAYS:
        hold(site.layout, name)
    try:
        # Nobody hears of it yet, and nothing is lost.
        await write(ana, f"2 {part}")
        await write(kofi, f"3 {part}")
        await settle(2)
    finally:
        for name in GATEWAYS:
            release(site.layout, name)
    for visitor in (ana, kofi):
        await expect(said(visitor, part)).to_have_count(3, timeout=3 * PATIENCE_MS)
    await write(kofi, f"4 {part}")
    await expect(said(ana, f"4 {part}")).to_be_visible(timeout=PATIENCE_MS)
    right = [f"{number} {part}" for number in range(1, 5)]
    assert sorted(await order(ana, part)) == right
    assert await order(ana, part) == await order(kofi, part)


async def test_older_pages_load_upwards_without_a_jump(ana: Visitor, kofi: Visitor) -> None:
    part = unique("of many")
    await open_with(kofi, "ana")
    for number in range(60):
        await write(kofi, f"{number} {part}")
    await expect(thread(kofi).get_by_text("Sending…")).to_have_count(0, timeout=3 * PATIENCE_MS)
    await open_with(ana, "kofi")
    await expect(said(ana, f"59 {part}")).to_be_visible(timeout=PATIENCE_MS)
    scroller = thread(ana).locator("xpath=..")
    first = said(ana, f"30 {part}")
    await first.scroll_into_view_if_needed()
    await settle()
    before = await first.bounding_box()
    await expect(said(ana, f"0 {part}").first).to_be_attached(timeout=PATIENCE_MS)
    after = await first.bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) < 2
    assert await scroller.evaluate("element => element.scrollTop") < 0
    # New words leave the reader's place alone and are offered.
    await write(kofi, unique("Newest"))
    await expect(ana.button("Jump to the newest message")).to_contain_text("1 new message")
    await ana.button("Jump to the newest message").click()
    await expect(said(ana, "Newest").last).to_be_in_viewport()


async def test_a_group_is_made_named_and_left(visits: Visits, site: Site, ana: Visitor) -> None:
    name = unique("Walkers")
    await ana.go("/messages")
    await ana.button("New message").first.click()
    for person in ("kofi", "mateo"):
        await ana.page.get_by_label("Search people").fill(person)
        await (
            ana.page.locator("dialog")
            .get_by_role("button", pressed=False)
            .filter(has_text=person)
            .first.click()
        )
    await ana.page.get_by_label("Group name").fill(name)
    await ana.button("Create group").click()
    await write(ana, "Who has the map?")
    await expect(said(ana, "Who has the map?")).to_be_visible()

    kofi = await visits.log_in("kofi", PHONE, at="/messages")
    await kofi.page.locator("[data-conversation]").filter(has_text=name).click()
    await ana.button("Details").click()
    await ana.page.get_by_label("Group name").fill(f"{name}!")
    await ana.button("Save").click()
    await expect(kofi.page.get_by_role("heading", name=f"{name}!")).to_be_visible(
        timeout=PATIENCE_MS
    )
    await kofi.button("Details").click()
    await kofi.button("Leave group").click()
    await kofi.button("Leave group", kofi.page.locator("dialog").last).click()
    await expect(kofi.page.locator("[data-conversation]").filter(has_text=name)).to_have_count(0)
    await expect(ana.page.get_by_text("2 members").first).to_be_visible(timeout=PATIENCE_MS)


async def test_a_post_is_sent_to_a_friend(ana: Visitor, kofi: Visitor) -> None:
    words = unique("This is so you")
    await open_with(kofi, "ana")
    await ana.go("/")
    await ana.button("Send").first.click()
    await ana.page.get_by_label("Search people").fill("kofi")
    await (
        ana.page.locator("dialog")
        .get_by_role("button", pressed=False)
        .filter(has_text="kofi")
        .first.click()
    )
    await ana.page.get_by_label("Write a message…").fill(words)
    await ana.button("Send", ana.page.locator("dialog")).click()
    await expect(said(kofi, words)).to_be_visible(timeout=PATIENCE_MS)
    card = thread(kofi).get_by_role("link", name="Post by").last
    await expect(card).to_be_visible()
    await card.click()
    await expect(kofi.page).to_have_url(re.compile("/p/post_"))


@pytest.mark.parametrize(("size", "dark"), [(PHONE, True), (DESKTOP, False)])
async def test_axe_finds_nothing_in_a_thread(
    visits: Visits, size: ViewportSize, dark: bool
) -> None:
    if not AXE.exists():
        missing("axe-core is not installed: run `npm ci` in frontend")
    visitor = await visits.log_in("lena", size, dark=dark, still=True)
    await open_with(visitor, "ana")
    await write(visitor, unique("A word"))
    await write(visitor, "❤️")
    await visitor.page.locator("input[type=file][multiple]").set_input_files(
        [PHOTOS / "coffee.png", PHOTOS / "rocket.jpg"]
    )
    await expect(visitor.page.locator("[data-receipt]")).to_be_visible(timeout=PATIENCE_MS)
    problems = await findings(visitor, AXE.read_text())
    await said(visitor, "A word").last.click(button="right")
    await settle()
    problems += await findings(visitor, AXE.read_text())
    await visitor.page.keyboard.press("Escape")
    await visitor.button("Details").click()
    await settle()
    problems += await findings(visitor, AXE.read_text())
    assert problems == []


async def test_the_screens_hold_at_320_px(visits: Visits, site: Site) -> None:
    name = await register(site, f"long{time_ns() % 10**10}")
    visitor = await visits.log_in(name, {"width": 320, "height": 640}, dark=True, at="/messages")
    await expect(visitor.page.get_by_text("Nothing said yet")).to_be_visible(timeout=PATIENCE_MS)
    await open_with(visitor, "ana")
    await write(visitor, "averylongwordwithoutanyspaceinit" * 6)
    wide = await visitor.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 320
    await visitor.shot("messages-narrow")
