"""Every screen for everyone: axe, the keyboard alone, narrow screens, and pictures to look at."""

import pytest
from playwright.async_api import ViewportSize, expect

from tests.browser.conftest import DESKTOP, PHONE, ROOT, settle
from tests.browser.visitor import PATIENCE_MS, Visitor, Visits
from tests.fixtures.missing import missing

SERVICE_WORKERS = False

AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
AXE_RUN = """(rules) => axe.run(document, {
    resultTypes: ['violations'],
    ...(rules ? { runOnly: { type: 'rule', values: rules } } : {}),
}).then((found) => found.violations)"""
COLOURS = ["color-contrast", "link-in-text-block"]
"""The rules that look at colours: all that another light can break."""
SCREENS = {
    "feed": "/",
    "profile": "/u/ana",
    "other": "/u/kofi",
    "saved": "/u/ana/saved",
    "notifications": "/notifications",
    "settings": "/settings",
    "messages": "/messages",
    "requests": "/messages/requests",
    "missing": "/nowhere",
}
SIZES = (PHONE, DESKTOP)
SHEETS = {
    "comments": "c",
    "composer": "n",
    "keys": "?",
}


async def findings(visitor: Visitor, axe: str, rules: list[str] | None = None) -> list[str]:
    """What axe finds by these rules (all), with the elements; evaluated, as the policy of the page allows no script.
    What it finds in order is neither gathered nor sent here: that took most of its time."""
    if not await visitor.page.evaluate("'axe' in window"):
        await visitor.page.evaluate(axe)
    found = await visitor.page.evaluate(AXE_RUN, rules)
    return [
        f"{violation['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for violation in found
        for node in violation["nodes"]
    ]


async def in_both_lights(visitor: Visitor, axe: str, name: str) -> list[str]:
    """What axe finds on the screen as it stands, by day and by night, with a picture of each."""
    size = visitor.page.viewport_size
    assert size is not None
    problems = []
    for light in ("light", "dark"):
        await visitor.page.emulate_media(color_scheme=light)
        await settle(0.3)
        await visitor.shot(f"{name}-{size['width']}-{light}")
        found = await findings(visitor, axe, COLOURS if light == "dark" else None)
        problems += [f"{name}, {light}: {finding}" for finding in found]
    return problems


@pytest.fixture(scope="module")
def axe() -> str:
    if not AXE.exists():
        missing("axe-core is not installed: run `npm ci` in frontend")
    return AXE.read_text()


async def shown(visitor: Visitor, path: str) -> None:
    await visitor.go(path)
    await visitor.page.locator("main").wait_for()
    await settle(1.2)


@pytest.mark.parametrize("size", SIZES, ids=["phone", "desktop"])
async def test_axe_finds_nothing(visits: Visits, axe: str, size: ViewportSize) -> None:
    visitor = await visits.log_in("ana", size, still=True)
    problems: list[str] = []
    for name, path in SCREENS.items():
        await shown(visitor, path)
        problems += await in_both_lights(visitor, axe, name)
    await shown(visitor, "/")
    await visitor.page.locator("[data-post] a[href^='/p/']").first.click()
    await settle(1.2)
    problems += await in_both_lights(visitor, axe, "post")
    await shown(visitor, "/")
    for name, key in SHEETS.items():
        await visitor.page.keyboard.press(key)
        await visitor.page.locator("dialog").wait_for()
        await settle(0.8)
        problems += await in_both_lights(visitor, axe, name)
        await visitor.page.keyboard.press("Escape")
        await expect(visitor.page.locator("dialog")).to_have_count(0)
    assert problems == []


@pytest.mark.parametrize("path", ["/login", "/register"])
async def test_axe_finds_nothing_at_the_door(visits: Visits, axe: str, path: str) -> None:
    for size in SIZES:
        guest = await visits.arrive(size, still=True)
        await shown(guest, path)
        assert await in_both_lights(guest, axe, path[1:]) == []


async def test_nothing_scrolls_sideways_on_the_narrowest_screen(visits: Visits) -> None:
    visitor = await visits.log_in("ana", {"width": 320, "height": 640})
    wide = """() => document.scrollingElement.scrollWidth - innerWidth"""
    for name, path in SCREENS.items():
        await shown(visitor, path)
        assert await visitor.page.evaluate(wide) <= 0, name
    await visitor.page.keyboard.press("n")
    await visitor.page.locator("dialog").wait_for()
    assert await visitor.page.evaluate(wide) <= 0


async def test_everything_by_keyboard(visits: Visits) -> None:
    visitor = await visits.log_in("mei", DESKTOP)
    page = visitor.page
    await page.locator("[data-post]").first.wait_for()
    # The first stop leads past the navigation.
    await page.keyboard.press("Tab")
    await expect(page.get_by_text("Skip to content")).to_be_focused()

    await page.keyboard.press("j")
    first = page.locator("[data-post]:focus")
    await expect(first).to_have_count(1)
    one = await first.get_attribute("data-post")
    await page.keyboard.press("j")
    await expect(page.locator(f"[data-post='{one}']:focus")).to_have_count(0)
    await page.keyboard.press("k")
    await expect(page.locator(f"[data-post='{one}']:focus")).to_have_count(1)

    pressed = page.locator(f"[data-post='{one}'] button[aria-pressed]").first
    was = await pressed.get_attribute("aria-pressed")
    await page.keyboard.press("l")
    await expect(pressed).to_have_attribute("aria-pressed", "false" if was == "true" else "true")
    await page.keyboard.press("l")
    await expect(pressed).to_have_attribute("aria-pressed", was or "")

    await page.keyboard.press("c")
    await expect(page.get_by_label("Add a comment…")).to_be_focused()
    for _ in range(40):
        await page.keyboard.press("Tab")
        inside = (
            "document.activeElement === document.body || !!document.activeElement.closest('dialog')"
        )
        assert await page.evaluate(inside), "the focus left an open sheet"
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog")).to_have_count(0)
    # The focus is back where it was.
    await expect(page.locator(f"[data-post='{one}']:focus")).to_have_count(1)

    await page.keyboard.press("?")
    await expect(page.locator("dialog").get_by_text("Next post")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.keyboard.press("n")
    await expect(page.locator("dialog").get_by_text("Choose photos")).to_be_visible()


async def test_a_feed_without_layout_shift(visits: Visits) -> None:
    visitor = await visits.log_in("ana", PHONE)
    await visitor.context.add_init_script(
        """window.shift = 0;
        new PerformanceObserver((list) => {
            for (const entry of list.getEntries()) if (!entry.hadRecentInput) shift += entry.value;
        }).observe({ type: "layout-shift", buffered: true });"""
    )
    await visitor.go("/")
    await visitor.page.locator("[data-post]").first.wait_for(timeout=PATIENCE_MS)
    await settle(2)
    assert await visitor.page.evaluate("shift") < 0.02
