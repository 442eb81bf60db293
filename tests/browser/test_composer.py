"""Making a post: what is picked, cut, written, and what goes wrong."""

import asyncio
import re
from pathlib import Path
from time import time_ns

import pytest
from playwright.async_api import Route, expect

from tests.browser.visitor import PATIENCE_MS, PHOTOS, Visitor

MEDIA = re.compile(r"/media/")
"""The server's own picture, not the local one that stands in for it."""


async def pick(visitor: Visitor, *files: Path) -> None:
    await visitor.page.keyboard.press("n")
    await visitor.page.locator("dialog input[type=file]").set_input_files(files)


async def test_uploads_begin_when_photos_are_picked(ana: Visitor) -> None:
    await pick(ana, PHOTOS / "coffee.png", PHOTOS / "rocket.jpg")
    tiles = ana.page.get_by_role("button", name="Uploaded")
    await expect(tiles).to_have_count(2, timeout=PATIENCE_MS)
    await ana.shot("composer")
    await ana.page.keyboard.press("Escape")
    await ana.button("Discard").click()
    await expect(ana.page.locator("dialog")).to_have_count(0)


@pytest.mark.parametrize(
    ("label", "ratio"), [("1:1", 1.0), ("4:5", 0.8), ("1.91:1", 1.91)], ids=str
)
async def test_a_crop_is_what_is_posted(ana: Visitor, label: str, ratio: float) -> None:
    caption = f"Cut to {label} {time_ns()}"
    await ana.compose(caption, "coffee.png")
    await ana.page.get_by_text(label, exact=True).click()
    await ana.button("Rotate").click()
    await ana.button("Share").click()
    photo = ana.post(caption).locator("picture img").first
    await expect(photo).to_have_attribute("src", MEDIA, timeout=PATIENCE_MS)
    shape = await photo.evaluate("image => image.naturalWidth / image.naturalHeight")
    assert shape == pytest.approx(ratio, abs=0.02)


async def test_what_is_no_photo_is_refused_by_name(ana: Visitor, tmp_path: Path) -> None:
    notes, empty, large = (tmp_path / name for name in ("notes.txt", "empty.jpg", "large.jpg"))
    notes.write_text("words")
    empty.touch()
    large.write_bytes(b"\xff\xd8" + bytes(20 * 1024 * 1024))
    await pick(ana, notes, empty, large, PHOTOS / "moon.png")
    alert = ana.page.get_by_role("alert")
    await expect(alert).to_contain_text("notes.txt is neither a photo")
    await expect(alert).to_contain_text("empty.jpg is empty")
    await expect(alert).to_contain_text("large.jpg is larger than 20 MB")
    await expect(ana.page.get_by_role("button", name="Photo 1 of 1")).to_be_visible()


async def test_more_than_ten_are_too_many(ana: Visitor) -> None:
    await pick(ana, *[PHOTOS / "moon.png"] * 11)
    await expect(ana.page.get_by_role("alert")).to_contain_text("up to 10")
    await expect(ana.page.get_by_role("button", name="Photo 10 of 10")).to_be_visible()


async def test_a_broken_upload_says_so_and_can_be_tried_again(ana: Visitor) -> None:
    ana.forgiven = ("Failed to load resource",)

    async def cut(route: Route) -> None:
        if route.request.method == "PUT":
            await route.abort("connectionreset")
        else:
            await route.continue_()

    await ana.page.route("**/*X-Amz-Signature*", cut)
    await pick(ana, PHOTOS / "coffee.png")
    alert = ana.page.get_by_role("alert").filter(has_text="broke off")
    await expect(alert).to_be_visible(timeout=PATIENCE_MS)
    await expect(ana.button("Share")).to_be_disabled()
    await ana.page.unroute("**/*X-Amz-Signature*")
    await ana.button("Try again", alert).click()
    await expect(ana.page.get_by_role("button", name="Uploaded")).to_be_visible(timeout=PATIENCE_MS)


async def test_sharing_never_waits_for_the_bytes(ana: Visitor) -> None:
    caption = f"Slow line {time_ns()}"
    shared = asyncio.Event()

    async def slow(route: Route) -> None:
        if route.request.method == "PUT":
            await shared.wait()
        await route.continue_()

    await ana.page.route("**/*X-Amz-Signature*", slow)
    await ana.compose(caption, "astronaut.png")
    await ana.button("Share").click()
    draft = ana.page.get_by_label("Posting…")
    try:
        await expect(draft).to_contain_text(caption)
        await ana.shot("composer-pending")
    finally:
        shared.set()
    await expect(ana.post(caption)).to_be_visible(timeout=PATIENCE_MS)
    await expect(draft).to_have_count(0)


async def test_a_caption_that_is_too_long_cannot_be_shared(ana: Visitor) -> None:
    await ana.compose("a" * 2_205, "moon.png")
    await expect(ana.page.get_by_text("5 characters too long")).to_be_visible()
    await expect(ana.button("Share")).to_be_disabled()


async def test_files_dropped_anywhere_begin_a_post(ana: Visitor) -> None:
    await ana.page.locator("[data-post]").first.wait_for()
    data = await ana.page.evaluate_handle(
        """async () => {
            const canvas = new OffscreenCanvas(400, 300);
            canvas.getContext("2d").fillRect(0, 0, 200, 300);
            const blob = await canvas.convertToBlob({ type: "image/jpeg" });
            const data = new DataTransfer();
            data.items.add(new File([blob], "dropped.jpg", { type: "image/jpeg" }));
            return data;
        }"""
    )
    await ana.page.dispatch_event("main", "drop", {"dataTransfer": data})
    await expect(ana.page.get_by_role("button", name="Photo 1 of 1")).to_be_visible()
