"""Who is active: a dot on the face, while they are, for those who may know."""

from playwright.async_api import Locator, expect

from tests.browser.conftest import PHONE
from tests.browser.test_messages import open_with
from tests.browser.visitor import PATIENCE_MS, Visitor, Visits

SERVICE_WORKERS = False

SWITCH = "Show when you're active"


def header(visitor: Visitor) -> Locator:
    return visitor.page.get_by_label("Conversation with").locator("header")


def dots(visitor: Visitor) -> Locator:
    return visitor.page.locator("[data-online]")


async def test_the_dot_comes_and_goes_with_the_person(
    visits: Visits, ana: Visitor, kofi: Visitor
) -> None:
    await open_with(ana, "kofi")
    row = ana.page.locator("[data-conversation]").filter(has_text="Kofi")
    for place in (row, header(ana)):
        await expect(place.locator("[data-online]")).to_be_visible(timeout=PATIENCE_MS)
        await expect(place).to_contain_text("Active now")
    await ana.shot("presence-desktop")
    await open_with(kofi, "ana")
    await expect(header(kofi)).to_contain_text("Active now", timeout=PATIENCE_MS)
    await kofi.shot("presence-phone-dark")
    await kofi.go("/u/ana")
    await expect(dots(kofi)).to_be_visible(timeout=PATIENCE_MS)
    await kofi.shot("presence-profile-phone-dark")

    await kofi.context.close()
    await expect(header(ana)).to_contain_text("Active just now", timeout=PATIENCE_MS)
    await expect(row.locator("[data-online]")).to_have_count(0)
    await ana.shot("presence-gone-desktop")
    await ana.go("/u/kofi")
    back = await visits.log_in("kofi", PHONE)
    await expect(dots(ana)).to_be_visible(timeout=PATIENCE_MS)
    await ana.shot("presence-profile-desktop")

    # Who hides is not seen, and does not see.
    await back.go("/settings")
    switch = back.page.get_by_role("switch", name=SWITCH)
    await expect(switch).to_be_checked()
    await back.shot("presence-settings-phone")
    await switch.click()
    await expect(dots(ana)).to_have_count(0, timeout=PATIENCE_MS)
    await open_with(back, "ana")
    await expect(header(back)).to_contain_text("ana")
    await expect(dots(back)).to_have_count(0)

    await back.go("/settings")
    await expect(switch).not_to_be_checked()
    await switch.click()
    await open_with(back, "ana")
    await expect(header(back)).to_contain_text("Active now", timeout=PATIENCE_MS)
