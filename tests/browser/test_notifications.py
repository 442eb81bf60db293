"""The notification centre and what one chooses there; and how back closes what lies over a page."""

import re
from contextlib import AbstractAsyncContextManager
from time import time_ns

import pytest
from playwright.async_api import ViewportSize, expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.visitor import PATIENCE_MS, Site, Visitor, Visits


async def test_messages_and_shares_are_heard_of_and_messages_go_when_read(
    ana: Visitor, kofi: Visitor
) -> None:
    caption, words = f"To be shared {time_ns()}", f"Have a look {time_ns()}"
    await ana.share(caption, "coffee.png")
    await expect(kofi.post(caption)).to_be_visible(timeout=PATIENCE_MS)
    await kofi.button("Send", kofi.post(caption)).click()
    await kofi.page.get_by_label("Search people").fill("mei")
    await kofi.page.locator("dialog").get_by_role("button", name="mei").first.click()
    await kofi.page.locator("dialog").get_by_role("button", name="Send").last.click()
    await ana.go("/notifications")
    rows = ana.page.locator("main li")
    shared = rows.filter(has_text="kofi").filter(has_text="shared your post.").first
    await expect(shared).to_be_visible(timeout=PATIENCE_MS)

    await kofi.go("/u/ana")
    await kofi.button("Message").first.click()
    await kofi.page.get_by_placeholder("Message…").fill(words)
    await kofi.page.keyboard.press("Enter")
    wrote = rows.filter(has_text="kofi").filter(has_text="wrote to you.").first
    await expect(wrote).to_be_visible(timeout=PATIENCE_MS)
    await ana.shot("notifications-talk")
    await wrote.get_by_role("link", name="Open conversation").click()
    await expect(ana.page.locator("main").get_by_text(words).last).to_be_visible()
    await ana.page.go_back()
    await expect(ana.page.get_by_role("heading", name="Notifications")).to_be_visible()
    await expect(wrote).to_have_count(0, timeout=PATIENCE_MS)


def saved(who: Visitor) -> AbstractAsyncContextManager[object]:
    """Until the server has what was chosen."""
    return who.page.expect_response(
        lambda answer: answer.request.method == "PUT" and answer.url.endswith("/preferences")
    )


@pytest.mark.parametrize(
    ("viewport", "dark"), [(PHONE, True), (PHONE, False), (DESKTOP, False), (DESKTOP, True)]
)
async def test_the_settings_of_notifications(
    visits: Visits, viewport: ViewportSize, dark: bool
) -> None:
    who = await visits.log_in("ana", viewport, dark=dark)
    shape = f"{viewport['width']}-{'dark' if dark else 'light'}"
    await who.go("/notifications")
    await who.page.locator("main li").nth(3).wait_for()
    await who.shot(f"notifications-{shape}")
    await who.page.get_by_role("link", name="Notification settings").filter(visible=True).click()
    push = who.page.get_by_role("checkbox", name="Likes: Push")
    await expect(push).to_be_visible()
    await who.shot(f"notification-settings-{shape}")
    app = who.page.get_by_role("checkbox", name="Likes: App")
    async with saved(who):
        await app.uncheck()
    await expect(push).to_be_disabled()
    await who.page.reload()
    await expect(app).not_to_be_checked()
    async with saved(who):
        await app.check()
    async with saved(who):
        await who.page.get_by_text("Weekly").click()
    await who.page.reload()
    await expect(who.page.get_by_role("radio", name="Weekly")).to_be_checked()
    async with saved(who):
        await who.page.get_by_text("Off", exact=True).click()
    await expect(who.page.get_by_role("radio", name="Off")).to_be_checked()
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await who.page.evaluate(wide) <= 0


async def test_a_post_and_a_person_are_muted_and_unmuted(
    kofi: Visitor, ana: Visitor, stranger: str
) -> None:
    mark = str(time_ns())
    caption = f"{mark} {'A very long caption that says a lot ' * 6}"
    await ana.share(caption, "rocket.jpg")
    post = kofi.post(mark)
    await expect(post).to_be_visible(timeout=PATIENCE_MS)
    await kofi.button("Post options", post).click()
    await kofi.button("Mute notifications").click()
    await expect(kofi.page.get_by_text("You won't hear of this post any more")).to_be_visible()
    await kofi.button("Post options", post).click()
    await expect(kofi.button("Unmute notifications")).to_be_visible()
    await kofi.page.keyboard.press("Escape")
    await kofi.page.wait_for_function("!history.state?.sheet")
    await kofi.go(f"/u/{stranger}")
    await kofi.button("Profile options").click()
    await kofi.button("Mute posts").click()

    await kofi.go("/settings/notifications")
    rows = kofi.page.locator("main li")
    await expect(rows.filter(has_text=mark)).to_be_visible()
    await expect(rows.filter(has_text=stranger)).to_be_visible()
    await rows.filter(has_text=stranger).scroll_into_view_if_needed()
    await kofi.shot("muted")
    await kofi.button("Unmute", rows.filter(has_text=mark)).click()
    await expect(rows.filter(has_text=mark)).to_have_count(0)
    await kofi.button("Unmute", rows.filter(has_text=stranger)).click()
    await expect(rows.filter(has_text=stranger)).to_have_count(0)


async def test_back_closes_what_lies_over_the_page(kofi: Visitor, site: Site) -> None:
    page = kofi.page
    await kofi.go("/messages")
    await kofi.go("/")
    first = page.locator("[data-post]").first
    await first.wait_for()
    sheet = page.locator("dialog[open]")
    await kofi.button("Comment", first).click()
    await expect(sheet).to_have_count(1)
    await page.go_back()
    await expect(sheet).to_have_count(0)
    await expect(page).to_have_url(f"{site.url}/")

    # A sheet that opens another in its place, and one that leads elsewhere.
    await kofi.button("Post options", first).click()
    await kofi.button("Save to collection").click()
    await expect(page.get_by_role("dialog", name="Save to")).to_be_visible()
    await page.go_back()
    await expect(sheet).to_have_count(0)
    await kofi.button("Post options", first).click()
    await kofi.button("Go to post").click()
    await expect(page).to_have_url(re.compile("/p/"))
    await page.go_back()
    await expect(first).to_be_visible()
    await expect(page).to_have_url(f"{site.url}/")
    # Closed by hand, it leaves nothing behind: back leads where one came from.
    await kofi.button("Comment", first).click()
    await expect(sheet).to_have_count(1)
    await page.keyboard.press("Escape")
    await expect(sheet).to_have_count(0)
    await page.wait_for_function("!history.state?.sheet")
    await page.go_back()
    await expect(page).to_have_url(f"{site.url}/messages")
