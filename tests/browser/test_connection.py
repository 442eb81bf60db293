"""A bad network: what is said, what waits, and that nothing is missing afterwards."""

from time import time_ns

from playwright.async_api import expect

from tests.browser.visitor import PATIENCE_MS, Visitor

LOST = ("ERR_INTERNET_DISCONNECTED", "WebSocket", "Failed to load resource")


async def test_what_was_missed_is_there_after_the_connection_is_back(
    ana: Visitor, kofi: Visitor
) -> None:
    kofi.forgiven = LOST
    caption = f"While you were away {time_ns()}"
    await kofi.page.locator("[data-post]").first.wait_for()
    await kofi.context.set_offline(True)
    line = kofi.page.get_by_role("status").filter(has_text="You're offline")
    await expect(line).to_be_visible()
    await ana.share(caption, "coffee.png")
    await kofi.context.set_offline(False)
    await expect(kofi.post(caption)).to_be_visible(timeout=PATIENCE_MS)
    await expect(line).to_be_hidden()


async def test_a_like_and_a_comment_wait_for_the_connection(ana: Visitor, kofi: Visitor) -> None:
    kofi.forgiven = LOST
    caption = f"In a tunnel {time_ns()}"
    await ana.share(caption, "rocket.jpg")
    await expect(kofi.post(caption)).to_be_visible(timeout=PATIENCE_MS)
    await kofi.context.set_offline(True)
    await kofi.button("Like", kofi.post(caption)).click()
    await expect(kofi.button("1 like", kofi.post(caption))).to_be_visible()
    await expect(kofi.page.get_by_text("1 waiting to be sent")).to_be_visible()
    await kofi.comment(caption, "Written in the dark")
    await expect(kofi.page.get_by_text("2 waiting to be sent")).to_be_visible()
    await kofi.shot("connection-offline")
    await kofi.context.set_offline(False)
    await expect(ana.button("1 like", ana.post(caption))).to_be_visible(timeout=PATIENCE_MS)
    await expect(ana.button("View 1 comment", ana.post(caption)).last).to_be_visible()
    await expect(kofi.page.get_by_text("waiting to be sent")).to_be_hidden(timeout=PATIENCE_MS)
    await expect(kofi.page.get_by_text("Written in the dark")).to_have_count(1)
