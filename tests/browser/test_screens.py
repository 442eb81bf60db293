"""What screens look like when things are slow, broken, empty, long, or meant to do harm."""

import json
from time import time_ns

from playwright.async_api import Route, expect

from tests.browser.conftest import DESKTOP, PHONE, register, settle
from tests.browser.visitor import PATIENCE_MS, PHOTOS, Site, Visitor, Visits

FEED = "**/api/v1/feed/home*"


async def test_a_slow_feed_shows_its_shape_first(visits: Visits) -> None:
    visitor = await visits.log_in("ana", PHONE)

    async def slow(route: Route) -> None:
        await settle(2.5)
        await route.continue_()

    await visitor.page.route(FEED, slow)
    await visitor.page.reload()
    # Until the first posts come the page holds shapes of their size, and no spinner.
    await expect(visitor.page.locator("main")).to_be_visible(timeout=PATIENCE_MS)
    await expect(visitor.page.locator("[data-post]")).to_have_count(0)
    await visitor.shot("slow-feed")
    await expect(visitor.page.locator("[data-post]").first).to_be_visible(timeout=PATIENCE_MS)


async def test_a_broken_feed_says_so_and_can_be_asked_again(visits: Visits) -> None:
    visitor = await visits.log_in("ana", DESKTOP, dark=True)
    visitor.forgiven = ("Failed to load resource",)
    failure = {
        "success": False,
        "error": {
            "code": "internal",
            "message": "never shown",
            "details": {},
            "request_id": "req_for_the_operator",
        },
    }

    async def broken(route: Route) -> None:
        await route.fulfill(status=500, content_type="application/json", body=json.dumps(failure))

    await visitor.page.route(FEED, broken)
    await visitor.page.reload()
    alert = visitor.page.get_by_role("alert")
    await expect(alert).to_contain_text("Something went wrong on our side", timeout=PATIENCE_MS)
    await expect(alert).not_to_contain_text("never shown")
    await alert.get_by_text("Details").click()
    await expect(alert).to_contain_text("req_for_the_operator")
    await visitor.shot("broken-feed")
    await visitor.page.unroute(FEED)
    await visitor.button("Try again", alert).click()
    await expect(visitor.page.locator("[data-post]").first).to_be_visible(timeout=PATIENCE_MS)


async def test_empty_screens_say_what_belongs_there(visits: Visits, stranger: str) -> None:
    visitor = await visits.log_in(stranger, PHONE)
    for name, path, words in (
        ("feed", "/", "Your feed starts with people"),
        ("profile", f"/u/{stranger}", "Share your first photo"),
        ("saved", f"/u/{stranger}/saved", "Nothing saved yet"),
        ("archive", f"/u/{stranger}/archive", "Nothing archived"),
        ("notifications", "/notifications", "All quiet"),
    ):
        await visitor.go(path)
        await expect(visitor.page.get_by_text(words)).to_be_visible()
        await visitor.shot(f"empty-{name}")


async def test_long_words_stay_inside(visits: Visits, site: Site) -> None:
    name = f"w{time_ns()}".ljust(30, "m")
    await register(site, name)
    visitor = await visits.log_in(name, {"width": 320, "height": 640})
    caption = "Donaudampfschifffahrtsgesellschaft" * 12
    await visitor.page.get_by_role("button", name="Create").last.click()
    await visitor.button("Post").click()
    await visitor.page.locator("dialog input[type=file]").set_input_files(PHOTOS / "moon.png")
    await visitor.page.get_by_label("Write a caption…").fill(caption)
    await visitor.page.get_by_label("Add a place").fill("Llanfairpwllgwyngyllgogerychwyrn" * 3)
    await visitor.button("Share").click()
    await visitor.post(caption[:40]).wait_for(timeout=PATIENCE_MS)
    wide = "document.scrollingElement.scrollWidth - innerWidth"
    assert await visitor.page.evaluate(wide) <= 0
    await visitor.shot("long-feed")
    await visitor.go(f"/u/{name}")
    await expect(visitor.button("Edit profile")).to_be_in_viewport()
    assert await visitor.page.evaluate(wide) <= 0
    await visitor.shot("long-profile")


async def test_what_people_write_is_text_and_nothing_else(ana: Visitor) -> None:
    caption = f'<img src=x onerror="document.title=1"><script>document.title=2</script> {time_ns()}'
    await ana.share(caption, "moon.png")
    await expect(ana.post(caption)).to_contain_text("<script>")
    assert await ana.page.title() == "Glimpse"
    assert await ana.page.locator("img[src='x']").count() == 0
