"""Telling a story: what is laid over the picture, for whom, and what becomes of it."""

import asyncio
from itertools import count
from os import getpid
from pathlib import Path
from time import time_ns

import httpx
import pytest
from playwright.async_api import Locator, Page, Route, expect

from tests.browser.clip import write_clip
from tests.browser.conftest import DESKTOP, PHONE, register, settle
from tests.browser.test_accessibility import AXE, findings
from tests.browser.visitor import PATIENCE_MS, PHOTOS, Site, Visitor, Visits

SERVICE_WORKERS = False

_numbers = count(1)


async def newcomers(site: Site, *names: str) -> list[str]:
    """New accounts; those after the first follow it."""
    suffix = f"{getpid()}_{next(_numbers)}"
    made = [await register(site, f"{name}{suffix}") for name in names]
    async with httpx.AsyncClient(base_url=f"{site.url}/api/v1") as client:
        for name in made[1:]:
            who = {"username": name, "password": site.password}
            token = (await client.post("/users/login", json=who)).json()["data"]["access_token"]
            answer = await client.post(
                f"/users/{made[0]}/follow", headers={"Authorization": f"Bearer {token}"}
            )
            answer.raise_for_status()
    return made


async def begin(visitor: Visitor, *files: Path) -> None:
    await visitor.go("/stories/new")
    await visitor.page.locator("dialog input[type=file]").first.set_input_files(files)
    await expect(visitor.page.get_by_role("button", name="Story 1 of")).to_be_visible()


async def write(visitor: Visitor, text: str) -> Locator:
    await visitor.button("Text").click()
    await visitor.page.get_by_label("Type something").fill(text)
    await visitor.button("Done").click()
    return visitor.page.locator("[data-layer=text]")


async def share(visitor: Visitor) -> None:
    await visitor.button("Share").click()
    await expect(visitor.page.get_by_text("Shared to your story")).to_be_visible(
        timeout=PATIENCE_MS
    )


async def middle_in_frame(page: Page, thing: Locator) -> tuple[float, float]:
    """Where the middle of something is, in shares of the 9:16 frame that it lies in."""
    x, y = await thing.evaluate(
        """(element) => {
            let frame = element.parentElement;
            const is = ({ width, height }) => Math.abs(width / height - 9 / 16) < 0.01;
            while (!is(frame.getBoundingClientRect())) frame = frame.parentElement;
            const box = element.getBoundingClientRect();
            const around = frame.getBoundingClientRect();
            return [
                (box.left + box.width / 2 - around.left) / around.width,
                (box.top + box.height / 2 - around.top) / around.height,
            ];
        }"""
    )
    return x, y


async def test_a_story_is_seen_as_it_was_made_kept_and_counted(visits: Visits, site: Site) -> None:
    author, viewer = await newcomers(site, "teller", "viewer")
    teller = await visits.log_in(author, DESKTOP)
    words = f"Good morning {time_ns()}"
    await begin(teller, PHOTOS / "rocket.jpg")
    layer = await write(teller, words)
    await layer.focus()
    for key in ("Shift+ArrowUp", "ArrowRight", "ArrowRight", "]", "+"):
        await teller.page.keyboard.press(key)
    made_at = await middle_in_frame(teller.page, layer.get_by_text(words))
    assert made_at[1] < 0.4, "the keys did not move it"

    await teller.button("Stickers").click()
    await teller.button("Poll").click()
    await teller.page.get_by_label("Question").fill("Tea or coffee?")
    await teller.page.get_by_label("Option 1").fill("Tea")
    await teller.button("Done").click()
    await expect(teller.page.get_by_text("Fill this in.")).to_be_visible()
    await teller.page.get_by_label("Option 2").fill("Coffee")
    await teller.button("Done").click()
    await teller.button("Filters").click()
    await teller.button("Noir").click()
    await teller.shot("story-editor-1440")
    await share(teller)

    seen = await visits.log_in(viewer, PHONE, dark=True)
    await seen.page.locator(f"[data-teller='{author}']").click()
    shown = seen.page.get_by_text(words)
    await expect(shown).to_be_visible(timeout=PATIENCE_MS)
    shown_at = await middle_in_frame(seen.page, shown)
    assert shown_at == pytest.approx(made_at, abs=0.01)
    await seen.button("Tea").click()
    await expect(seen.page.get_by_role("button", name="Tea 100%")).to_be_visible()

    await teller.go(f"/u/{author}")
    await teller.button("New").click()
    await teller.page.locator("dialog [data-story]").first.click()
    await teller.page.get_by_label("Name", exact=True).fill("Mornings")
    await teller.shot("highlight-new-1440")
    await teller.page.locator("dialog").get_by_role("button", name="Create", exact=True).click()
    await expect(teller.page.get_by_role("link", name="Mornings")).to_be_visible()

    await seen.go(f"/u/{author}")
    await seen.page.get_by_role("link", name="Mornings").click()
    await expect(seen.page.get_by_text(words)).to_be_visible(timeout=PATIENCE_MS)
    await seen.button("Pause").click()
    await seen.shot("highlight-390-dark")
    assert await findings(seen, AXE.read_text()) == []

    await teller.go(f"/stories/{author}")
    story_id = await teller.page.evaluate(
        """async () => {
            while (location.pathname.split("/").length < 4)
                await new Promise((resolve) => setTimeout(resolve, 50));
            return location.pathname.split("/")[3];
        }"""
    )
    await teller.go(f"/stories/{story_id}/insights")
    page = teller.page.get_by_role("main")
    await expect(page.locator("dl > div").filter(has_text="Reach")).to_contain_text(
        "1", timeout=PATIENCE_MS
    )
    await expect(page.get_by_role("img", name="Views by hour. 1 views")).to_be_visible(
        timeout=2 * PATIENCE_MS
    )
    await page.get_by_text("As a table").click()
    await expect(page.get_by_role("table")).to_contain_text("0–1 h")
    await expect(page.get_by_text("1 answer", exact=True).last).to_be_visible()
    await teller.shot("insights-1440")
    assert await findings(teller, AXE.read_text()) == []


async def test_close_friends_alone_see_what_is_for_them(visits: Visits, site: Site) -> None:
    author, friend, other = await newcomers(site, "host", "friend", "other")
    host = await visits.log_in(author, PHONE, at="/settings/audiences")
    await host.page.get_by_role("button", name="Close friends").click()
    await host.page.get_by_label("Search people").fill(friend)
    await host.button(f"Add {friend}").click()
    await expect(host.button(f"Remove {friend}")).to_be_visible()
    await host.shot("close-friends-390")

    await begin(host, PHOTOS / "coffee.png")
    words = f"Between us {time_ns()}"
    await write(host, words)
    await host.page.get_by_role("button", name="Who can see this").click()
    await host.page.get_by_role("button", name="Close friends 1 on your list").click()
    await share(host)

    near = await visits.log_in(friend, PHONE, at=f"/stories/{author}")
    await expect(near.page.get_by_text(words)).to_be_visible(timeout=PATIENCE_MS)
    far = await visits.log_in(other, PHONE, at=f"/stories/{author}")
    await expect(far.page.get_by_text("No story here")).to_be_visible(timeout=PATIENCE_MS)
    await expect(far.page.get_by_text(words)).to_have_count(0)


async def test_sharing_never_waits_and_a_failure_says_why(visits: Visits, site: Site) -> None:
    [author] = await newcomers(site, "patient")
    teller = await visits.log_in(author, PHONE)
    teller.forgiven = ("Failed to load resource",)
    cut = True
    shared = asyncio.Event()

    async def storage(route: Route) -> None:
        if route.request.method != "PUT":
            await route.continue_()
        elif cut:
            await shared.wait()
            await route.abort("connectionreset")
        else:
            await route.continue_()

    await teller.page.route("**/*X-Amz-Signature*", storage)
    await begin(teller, PHOTOS / "coffee.png", PHOTOS / "rocket.jpg")
    await teller.button("Share").click()
    ring = teller.page.locator("[data-telling]")
    try:
        await expect(ring).to_be_visible()
        await teller.shot("story-pending-390")
    finally:
        shared.set()
    await expect(ring).to_have_attribute("data-telling", "failed", timeout=PATIENCE_MS)
    await ring.click()
    await expect(teller.page.get_by_role("alert")).to_contain_text("broke off")
    cut = False
    await teller.button("Try again").click()
    await expect(teller.page.get_by_text("Shared to your story")).to_be_visible(timeout=PATIENCE_MS)
    await expect(ring).to_have_count(0)
    # Both parts, in the order in which they were picked.
    await teller.go(f"/stories/{author}")
    await expect(teller.page.locator("dialog")).to_contain_text("1 of 2", timeout=PATIENCE_MS)


async def test_what_can_not_be_told_is_refused_by_name(ana: Visitor, tmp_path: Path) -> None:
    notes, long = tmp_path / "notes.txt", tmp_path / "long.webm"
    notes.write_text("words")
    write_clip(long, duration_s=75)
    sent: list[str] = []
    ana.page.on("request", lambda request: sent.append(request.url))
    await ana.go("/stories/new")
    await ana.page.locator("dialog input[type=file]").first.set_input_files([notes, long])
    alert = ana.page.get_by_role("alert")
    await expect(alert).to_contain_text("notes.txt is neither a photo")
    await expect(alert).to_contain_text("long.webm lasts 1:15", timeout=PATIENCE_MS)
    assert not [url for url in sent if "upload-url" in url]


async def test_things_are_dragged_undone_and_thrown_away(ana: Visitor) -> None:
    await begin(ana, PHOTOS / "astronaut.png")
    layer = await write(ana, "Somewhere")
    before = await middle_in_frame(ana.page, layer)

    async def drag(x: float, y: float) -> None:
        box = await layer.bounding_box()
        frame = await ana.page.locator("[data-stage]").bounding_box()
        assert box is not None
        assert frame is not None
        await ana.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        await ana.page.mouse.down()
        await ana.page.mouse.move(
            frame["x"] + x * frame["width"], frame["y"] + y * frame["height"], steps=8
        )
        await ana.page.mouse.up()

    await drag(0.3, 0.7)
    assert await middle_in_frame(ana.page, layer) == pytest.approx((0.3, 0.7), abs=0.02)
    await ana.button("Undo").click()
    assert await middle_in_frame(ana.page, layer) == pytest.approx(before, abs=0.01)
    # Far out of the picture its middle stays on the edge.
    await drag(-0.4, 0.3)
    assert await middle_in_frame(ana.page, layer) == pytest.approx((0, 0.3), abs=0.02)
    await ana.button("Undo").click()
    await drag(0.5, 0.92)
    await expect(layer).to_have_count(0)
    await ana.button("Undo").click()
    await expect(layer).to_have_count(1)
    await ana.button("Close").click()
    await ana.button("Discard").click()
    await expect(ana.page.locator("dialog")).to_have_count(0)


async def test_a_story_shown_again_carries_the_first_with_it(visits: Visits, site: Site) -> None:
    author, fan = await newcomers(site, "first", "fan")
    teller = await visits.log_in(author, DESKTOP)
    words = f"Pass it on {time_ns()}"
    await begin(teller, PHOTOS / "rocket.jpg")
    await write(teller, words)
    await share(teller)
    follower = await visits.log_in(fan, PHONE, at=f"/stories/{author}")
    await expect(follower.page.get_by_text(words)).to_be_visible(timeout=PATIENCE_MS)
    await follower.button("Story options").click()
    await follower.button("Add to your story").click()
    await expect(follower.page.get_by_text(words)).to_be_visible()
    await write(follower, "Look at this")
    await follower.shot("story-again-390")
    await share(follower)
    await follower.go(f"/stories/{fan}")
    for text in (words, "Look at this", f"from {author}"):
        await expect(follower.page.get_by_text(text)).to_be_visible(timeout=PATIENCE_MS)


async def test_axe_finds_nothing_where_stories_are_made(visits: Visits) -> None:
    axe = AXE.read_text()
    visitor = await visits.log_in("ana", PHONE, still=True)
    page = visitor.page
    problems: list[str] = []

    async def look(name: str) -> None:
        await settle(0.4)
        await visitor.shot(f"{name}-390")
        wide = await page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
        problems.extend([f"{name} scrolls sideways"] if wide > 0 else [])
        problems.extend(f"{name}: {finding}" for finding in await findings(visitor, axe))

    await begin(visitor, PHOTOS / "coffee.png")
    await write(visitor, "Words")
    await look("story-editor")
    await visitor.button("Text").click()
    await look("story-text")
    await visitor.button("Done").click()
    await visitor.button("Stickers").click()
    await look("story-stickers")
    await visitor.button("Quiz").click()
    await look("story-quiz")
    await page.keyboard.press("Escape")
    await visitor.button("Filters").click()
    await visitor.button("Draw").click()
    await look("story-draw")
    await visitor.button("Done").click()
    await visitor.button("Options").click()
    await look("story-options")
    for name, path in (
        ("story-new", "/stories/new"),
        ("audiences", "/settings/audiences"),
        ("story-archive", "/u/ana/archive/stories"),
    ):
        await visitor.go(path)
        await look(name)
    await visitor.go("/u/ana")
    await visitor.button("New").click()
    await look("highlight-new")
    assert problems == []
