"""A photo that the server could make nothing of: whoever sent it has it tried again."""

from time import time_ns

from playwright.async_api import FilePayload, expect

from app.settings import load_settings
from app.storage import Storage
from infra.local.hold import hold, release
from infra.local.state import read_state
from tests.browser.conftest import DESKTOP
from tests.browser.test_messages import open_with, said, thread, write
from tests.browser.visitor import PATIENCE_MS, PHOTOS, Site, Visitor, Visits
from tests.fixtures.missing import missing

GOOD = (PHOTOS / "rocket.jpg").read_bytes()
BAD = GOOD[:64] + bytes(len(GOOD) - 64)
FILE: FilePayload = {"name": "broken.jpg", "mimeType": "image/jpeg", "buffer": BAD}


async def test_a_failed_photo_is_tried_again(visits: Visits, site: Site, kofi: Visitor) -> None:
    if site.layout is None:
        missing("no stack of our own to hold back: set GLIMPSE_BROWSER_DATA")
    ana = await visits.log_in("ana", DESKTOP, workers=False)
    words = f"Look {time_ns() % 10**10}"
    await open_with(ana, "kofi")
    await open_with(kofi, "ana")
    # Nothing is found out before it stands in the conversation and in the feed.
    hold(site.layout, "images")
    try:
        await ana.page.locator("input[type=file]").first.set_input_files(FILE)
        await write(ana, words)
        await expect(said(kofi, words)).to_be_visible(timeout=PATIENCE_MS)
        await ana.page.get_by_role("link", name="Home").first.click()
        await ana.page.keyboard.press("n")
        await ana.page.locator("dialog input[type=file]").set_input_files(FILE)
        await ana.page.get_by_label("Write a caption…").fill(words)
        await ana.button("Share").click()
        await expect(ana.page.get_by_text("Posted")).to_be_visible(timeout=PATIENCE_MS)
    finally:
        release(site.layout, "images")

    again = ana.button("Try again", ana.post(words))
    await expect(again).to_be_visible(timeout=2 * PATIENCE_MS)
    await ana.shot("media-failed-1440")
    # The bytes that should have come come now: the attempt is the server's.
    settings = load_settings(read_state(site.layout).environment)
    async with Storage(settings.storage) as storage:
        for key in await storage.list_keys(f"{settings.storage.region}/incoming/photo/"):
            if await storage.read(key, len(BAD)) == BAD:
                await storage.write(key, GOOD, "image/jpeg")
    await again.click()
    picture = ana.post(words).locator("img[src*='/media/']").last
    await expect(picture).to_be_visible(timeout=PATIENCE_MS)
    await expect(again).to_have_count(0)

    # Of what was sent to Kofi he sees that it failed, and he is not offered what he may not do.
    await expect(thread(kofi).get_by_text("The file is damaged").last).to_be_visible()
    await expect(kofi.button("Try again")).to_have_count(0)
    await open_with(ana, "kofi")
    await ana.button("Try again", thread(ana)).last.click()
    for visitor in (ana, kofi):
        photo = thread(visitor).get_by_role("button", name="Open photo").last
        await expect(photo.locator("img[src*='/media/']")).to_be_visible(timeout=PATIENCE_MS)
