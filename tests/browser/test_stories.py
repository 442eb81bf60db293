"""Stories between two people and their devices: nobody reloads a page."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from time import time_ns

import pytest
from playwright.async_api import Locator, Route, ViewportSize, expect

from tests.browser.conftest import DESKTOP, PHONE, settle
from tests.browser.telling import Teller
from tests.browser.test_accessibility import axe, findings
from tests.browser.visitor import PATIENCE_MS, Site, Visitor, Visits

__all__ = ["axe"]
POLL = {
    "kind": "poll",
    "question": "Second cup?",
    "options": ["Always", "Never"],
    "x": 0.5,
    "y": 0.4,
}
LINK = {"kind": "link", "url": "https://example.org/a", "label": "Prints", "x": 0.5, "y": 0.8}
TEXT = {"kind": "text", "text": "Golden hour", "x": 0.5, "y": 0.2, "font": "strong"}
SCENE = {"overlays": [TEXT, LINK, {"kind": "mention", "username": "kofi", "x": 0.4, "y": 0.65}]}


@pytest.fixture
async def teller(site: Site) -> AsyncIterator[Teller]:
    """Ana, with no story yet; what she tells is gone after the test."""
    async with Teller(site, "ana") as ana:
        await ana.end_all()
        yield ana
        await ana.end_all()


def face(visitor: Visitor, username: str) -> Locator:
    return visitor.page.locator(f"[data-teller={username}]")


def ring(visitor: Visitor, username: str, state: str) -> Locator:
    return face(visitor, username).locator(f"[data-ring={state}]")


async def until_told(visitor: Visitor, username: str) -> None:
    await expect(ring(visitor, username, "unseen")).to_be_visible(timeout=PATIENCE_MS)


async def said(visitor: Visitor, words: str) -> None:
    """What a screen reader hears of the story that is on."""
    heard = visitor.page.locator("dialog [role=status]").last
    await expect(heard).to_contain_text(words, timeout=PATIENCE_MS)


async def test_a_ring_appears_is_seen_everywhere_and_goes(
    visits: Visits, teller: Teller, kofi: Visitor
) -> None:
    desk = await visits.log_in("kofi", DESKTOP)
    await expect(face(kofi, "ana")).to_have_count(0)
    stayed = await kofi.page.evaluate("window.stayed = Math.random()")
    first = await teller.tell("bridge-at-night", **SCENE)
    await teller.tell("casa-mila")
    for screen in (kofi, desk):
        await until_told(screen, "ana")
    # The second one comes a moment after the first: both are wanted.
    await settle(2)
    await kofi.shot("story-tray-phone-dark")
    await desk.shot("story-tray-desktop-light")

    await face(kofi, "ana").click()
    await said(kofi, "Story 1 of 2 by ana")
    assert first["story_id"] in kofi.page.url
    link = kofi.page.get_by_role("link", name="Prints")
    await expect(link).to_have_attribute("rel", "noopener noreferrer nofollow ugc")
    await kofi.button("Pause").click()
    await kofi.shot("story-phone-dark")
    await expect(ring(desk, "ana", "unseen")).to_be_visible()
    # A tap on the right goes on, and after the last the viewer leaves by itself.
    await kofi.page.mouse.click(PHONE["width"] * 0.8, 420)
    await said(kofi, "Story 2 of 2 by ana")
    await expect(ring(desk, "ana", "seen")).to_be_visible(timeout=PATIENCE_MS)
    await kofi.page.mouse.click(PHONE["width"] * 0.1, 420)
    await said(kofi, "Story 1 of 2 by ana")
    await kofi.page.keyboard.press("Escape")
    await expect(ring(kofi, "ana", "seen")).to_be_visible()
    await expect(face(kofi, "ana")).to_be_focused()
    assert await kofi.page.evaluate("window.stayed") == stayed
    # How it was watched was told when the viewer closed.
    path = f"/stories/{first['story_id']}/insights"
    for _ in range(20):
        insights = await teller.ask("GET", path)
        if insights["exits"]:
            break
        await settle()
    watched = {name: insights[name] for name in ("reach", "impressions", "taps_forward", "exits")}
    assert watched == {"reach": 1, "impressions": 2, "taps_forward": 1, "exits": 1}

    await teller.end_all()
    for screen in (kofi, desk):
        await expect(face(screen, "ana")).to_have_count(0, timeout=PATIENCE_MS)


async def test_answers_and_views_move_on_the_authors_screen(
    teller: Teller, ana: Visitor, kofi: Visitor
) -> None:
    await teller.tell("osprey", stickers=[POLL], filter="warm")
    await expect(face(ana, "ana")).to_be_visible(timeout=PATIENCE_MS)
    await face(ana, "ana").click()
    await said(ana, "Story 1 of 1 by ana")
    await ana.button("Pause").click()
    await expect(ana.button("Nobody yet")).to_be_visible()

    await until_told(kofi, "ana")
    await face(kofi, "ana").click()
    await kofi.button("Always").click()
    await expect(kofi.page.get_by_role("button", name="Always 100%")).to_be_visible()
    await expect(ana.page.get_by_role("button", name="Always 100%")).to_be_visible(
        timeout=PATIENCE_MS
    )
    # What was answered gives the keys back, and the time goes on.
    await kofi.page.keyboard.press("Space")
    await expect(kofi.button("Play")).to_be_visible()
    await kofi.button("React with a heart").click()
    await said(kofi, "You reacted")
    await kofi.shot("story-answered-phone-dark")
    viewers = ana.page.locator("[data-viewers]")
    await expect(viewers).to_contain_text("Seen by 1", timeout=PATIENCE_MS)
    await ana.shot("story-own-desktop-light")
    await viewers.click()
    await expect(ana.page.get_by_role("link", name="kofi")).to_be_visible(timeout=PATIENCE_MS)
    await expect(ana.page.get_by_label("Reacted with")).to_be_visible(timeout=PATIENCE_MS)
    await ana.shot("story-viewers-desktop-light")
    await ana.go("/notifications")
    notice = ana.page.get_by_role("listitem").filter(has_text="reacted to your story").first
    await expect(notice).to_be_visible(timeout=PATIENCE_MS)
    await ana.shot("story-notice-desktop-light")
    await notice.get_by_role("link", name="Open story").click()
    await said(ana, "Story 1 of 1 by ana")


async def test_a_reply_is_a_message_and_outlives_the_story(
    teller: Teller, ana: Visitor, kofi: Visitor
) -> None:
    words = f"Save me a cup {time_ns()}"
    story = await teller.tell("osprey")
    await until_told(kofi, "ana")
    await kofi.go(f"/stories/ana/{story['story_id']}")
    field = kofi.page.get_by_label("Reply to ana")
    await field.click()
    await kofi.page.keyboard.type(words)
    # While one writes the story stands still.
    await settle(story["duration"] + 0.5)
    await kofi.shot("story-reply-phone-dark")
    await kofi.page.keyboard.press("Enter")
    await said(kofi, "Sent")

    await ana.page.get_by_role("link", name="Messages").first.click()
    await ana.page.locator("a[data-conversation]").filter(has_text=words).click()
    thread = ana.page.locator("[data-message]").filter(has_text=words)
    await expect(thread).to_be_visible(timeout=PATIENCE_MS)
    card = thread.get_by_role("link", name="Story by ana")
    await expect(card).to_be_visible()
    await ana.shot("story-quoted-desktop-light")
    await teller.end_all()
    await expect(thread.get_by_text("Story expired")).to_be_visible(timeout=PATIENCE_MS)
    await expect(card).to_have_count(0)


async def test_a_story_that_ends_while_it_is_on_says_so_and_goes_on(
    teller: Teller, kofi: Visitor
) -> None:
    first = await teller.tell("lake-peak")
    await teller.tell("casa-mila")
    await until_told(kofi, "ana")
    await settle(2)
    await face(kofi, "ana").click()
    await said(kofi, "Story 1 of 2")
    await kofi.button("Pause").click()
    await teller.ask("DELETE", f"/stories/{first['story_id']}")
    await expect(kofi.page.get_by_text("This story is over")).to_be_visible(timeout=PATIENCE_MS)
    await said(kofi, "Story 2 of 2")
    await kofi.page.keyboard.press("Escape")
    await kofi.go(f"/stories/ana/{first['story_id']}")
    # The link is to one that is gone; what there still is comes instead, and that is said.
    await expect(kofi.page.get_by_text("That story is over.")).to_be_visible(timeout=PATIENCE_MS)
    await said(kofi, "Story 1 of 1")


async def test_one_can_leave_while_nothing_came_yet(kofi: Visitor) -> None:
    async def never(_: Route) -> None:
        pass

    await kofi.page.route("**/api/v1/users/ana/stories*", never)
    await kofi.page.route("**/api/v1/stories/feed*", never)
    await kofi.go("/stories/ana")
    await kofi.button("Close").click()
    await expect(kofi.page.get_by_role("link", name="Home").last).to_be_visible()
    assert "/stories/" not in kofi.page.url


@pytest.mark.parametrize(("size", "dark"), [(PHONE, True), (DESKTOP, False)])
async def test_the_keyboard_alone_and_axe(
    visits: Visits, site: Site, teller: Teller, axe: str, size: ViewportSize, dark: bool
) -> None:
    async with AsyncExitStack() as stack:
        noor = await stack.enter_async_context(Teller(site, "noor"))
        await noor.end_all()
        stack.push_async_callback(noor.end_all)
        await teller.tell("bridge-at-night", stickers=[POLL], **SCENE)
        await teller.tell("casa-mila")
        await noor.tell("osprey")
        visitor = await visits.log_in("kofi", size, dark=dark, still=True)
        await until_told(visitor, "ana")
        await until_told(visitor, "noor")
        assert await findings(visitor, axe) == []
        await face(visitor, "ana").focus()
        await visitor.page.keyboard.press("Enter")
        await said(visitor, "Story 1 of 2 by ana")
        await visitor.page.keyboard.press("Space")
        await expect(visitor.button("Play")).to_be_visible()
        assert await findings(visitor, axe) == []
        where = f"{size['width']}-{'dark' if dark else 'light'}"
        await visitor.shot(f"story-{where}")
        # The focus stays inside, and comes by the picture's links on its way round.
        met = set()
        for _ in range(24):
            await visitor.page.keyboard.press("Tab")
            met.add(await visitor.page.evaluate("document.activeElement.textContent"))
            inside = "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
            assert await visitor.page.evaluate(inside)
        assert {"@kofi", "Always"} <= met
        await visitor.button("Pause").or_(visitor.button("Play")).focus()
        await visitor.page.keyboard.press("ArrowRight")
        await said(visitor, "Story 2 of 2 by ana")
        await visitor.page.keyboard.press("ArrowLeft")
        await said(visitor, "Story 1 of 2 by ana")
        # Whoever told something last comes first.
        await visitor.page.keyboard.press("Shift+ArrowLeft")
        await said(visitor, "Story 1 of 1 by noor")
        await visitor.page.keyboard.press("Shift+ArrowRight")
        await said(visitor, "by ana")
        await visitor.page.keyboard.press("Escape")
        await expect(face(visitor, "ana")).to_be_focused()
