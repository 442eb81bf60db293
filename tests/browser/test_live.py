"""What one person does appears on the other's screen, without a reload."""

from time import monotonic, time_ns

from playwright.async_api import expect

from tests.browser.conftest import DESKTOP, settle
from tests.browser.visitor import PATIENCE_MS, Visitor, Visits


def unique(words: str) -> str:
    return f"{words} {time_ns()}"


async def test_a_photo_posted_here_appears_there(ana: Visitor, kofi: Visitor) -> None:
    caption = unique("A cat looks back")
    await kofi.page.locator("[data-post]").first.wait_for()
    marker = await kofi.page.evaluate("window.stayed = Math.random()")
    await ana.compose(caption, "chelsea.png", "rocket.jpg")
    begun = monotonic()
    await ana.button("Share").click()
    await expect(ana.page.get_by_text(caption).first).to_be_visible()
    await expect(kofi.post(caption)).to_be_visible(timeout=PATIENCE_MS)
    print(f"on the follower's screen after {monotonic() - begun:.2f} s")
    # The same document: nothing was reloaded to get here.
    assert await kofi.page.evaluate("window.stayed") == marker
    photo = kofi.post(caption).locator("picture img").first
    await expect(photo).to_be_visible()
    await expect(photo).to_have_js_property("complete", True)
    assert await photo.evaluate("image => image.naturalWidth") > 100
    await expect(ana.post(caption)).to_have_count(1)
    await kofi.shot("live-arrival")


async def test_likes_and_comments_move_on_both_screens(ana: Visitor, kofi: Visitor) -> None:
    caption = unique("Coffee, again")
    await ana.share(caption, "coffee.png")
    await expect(kofi.post(caption)).to_be_visible(timeout=PATIENCE_MS)

    await kofi.button("Like", kofi.post(caption)).click()
    await expect(kofi.button("Unlike", kofi.post(caption))).to_be_visible()
    await expect(ana.button("1 like", ana.post(caption))).to_be_visible()
    badge = ana.page.get_by_role("link", name="Notifications").first
    await expect(badge).to_contain_text("unread")

    await ana.button("Comment", ana.post(caption)).click()
    await kofi.comment(caption, "Where is this?")
    await expect(ana.page.locator("dialog").get_by_text("Where is this?")).to_be_visible()
    await ana.button("Reply", ana.page.locator("dialog")).click()
    await ana.page.keyboard.type("At home")
    await ana.page.keyboard.press("Enter")
    await kofi.button("View 1 reply", kofi.page.locator("dialog")).click()
    await expect(kofi.page.locator("dialog").get_by_text("At home")).to_be_visible()


async def test_the_page_never_jumps_under_the_reader(ana: Visitor, kofi: Visitor) -> None:
    caption = unique("Further up")
    await kofi.page.locator("[data-post]").first.wait_for()
    await kofi.page.evaluate("window.scrollTo(0, 1400)")
    await settle()
    looked_at = kofi.page.locator("[data-post]").nth(2)
    before = await looked_at.bounding_box()
    await ana.share(caption, "rocket.jpg")
    pill = kofi.button("1 new post")
    await expect(pill).to_be_visible(timeout=PATIENCE_MS)
    assert await looked_at.bounding_box() == before
    await pill.click()
    await expect(kofi.post(caption)).to_be_in_viewport()
    await expect(pill).to_be_hidden()


async def test_a_deleted_post_leaves_other_screens(ana: Visitor, kofi: Visitor) -> None:
    caption = unique("A mistake")
    await ana.share(caption, "moon.png")
    await expect(kofi.post(caption)).to_be_visible(timeout=PATIENCE_MS)
    await ana.button("Post options", ana.post(caption)).click()
    await ana.button("Delete").click()
    await ana.button("Delete").click()
    await expect(ana.post(caption)).to_have_count(0)
    await expect(kofi.post(caption)).to_have_count(0, timeout=PATIENCE_MS)


async def test_read_on_one_device_is_read_on_the_other(
    visits: Visits, ana: Visitor, kofi: Visitor
) -> None:
    caption = unique("Two screens")
    tablet = await visits.log_in("ana", {"width": 800, "height": 1000})
    await ana.share(caption, "coins.png")
    await expect(kofi.post(caption)).to_be_visible(timeout=PATIENCE_MS)
    await kofi.button("Like", kofi.post(caption)).click()
    badge = tablet.page.get_by_role("link", name="Notifications").first
    await expect(badge).to_contain_text("unread", timeout=PATIENCE_MS)
    await ana.page.get_by_role("link", name="Notifications").first.click()
    await expect(ana.page.get_by_text("kofi").first).to_be_visible()
    await expect(badge).not_to_contain_text("unread", timeout=PATIENCE_MS)


async def test_a_private_account_is_asked_and_answers(visits: Visits, stranger: str) -> None:
    owner = await visits.log_in(stranger, DESKTOP, at="/settings")
    await owner.page.get_by_role("switch", name="Private account").click()
    await expect(owner.page.get_by_role("switch", name="Private account")).to_be_checked()

    asker = await visits.log_in("noor", DESKTOP, at=f"/u/{stranger}")
    await expect(asker.page.get_by_text("This account is private")).to_be_visible()
    await asker.button("Follow").click()
    await expect(asker.button("Requested")).to_be_visible()

    await owner.go("/notifications")
    await owner.button("Accept").first.click()
    await expect(asker.button("Following")).to_be_visible(timeout=PATIENCE_MS)
    await expect(asker.page.get_by_text("This account is private")).to_be_hidden()
