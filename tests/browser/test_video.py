"""Videos, from the file that somebody picks to the picture that moves on another's screen."""

import re
import struct
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from time import time_ns

import pytest
from playwright.async_api import Browser, Locator, expect

from tests.app.media.clips import clip
from tests.browser.cable import Cable
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_messages import open_with, thread
from tests.browser.test_story_editor import begin, newcomers, share
from tests.browser.visitor import PATIENCE_MS, PHOTOS, Site, Visits

WORK_MS = 2 * PATIENCE_MS
"""For what a worker makes of a video."""
PART_BYTES = 5 * 1024 * 1024
LARGE_BYTES = 32 * 1024 * 1024
LOST = ("Failed to load resource", "WebSocket", "ERR_")


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Six seconds, upright, with a tone."""
    file = tmp_path / "film.mp4"
    file.write_bytes(clip("mp4", "180x320", 6))
    return file


@pytest.fixture
def large_film(tmp_path: Path) -> Path:
    """Nearly all of it is what players skip: a `free` box (ISO/IEC 14496-12, 8.1.2)."""
    file = tmp_path / "large.mp4"
    seen = clip("mp4", "320x180", 2)
    padding = LARGE_BYTES - len(seen)
    with file.open("wb") as sink:
        sink.write(seen + struct.pack(">I4s", padding, b"free") + bytes(padding - 8))
    return file


async def plays(video: Locator, seconds: float) -> None:
    """It has its length, its time goes on, and there is a picture."""
    await expect(video).to_have_js_property("paused", False, timeout=PATIENCE_MS)
    page = video.page
    element = await video.element_handle()
    await page.wait_for_function("video => video.currentTime > 0.3", arg=element)
    shown = await video.evaluate("video => [video.duration, video.videoWidth]")
    assert shown[0] == pytest.approx(seconds, abs=0.2)
    assert shown[1] > 0


async def test_a_video_is_told_and_played(visits: Visits, site: Site, film: Path) -> None:
    author, viewer = await newcomers(site, "director", "audience")
    teller = await visits.log_in(author, PHONE)
    await begin(teller, film)
    stage = teller.page.locator("[data-stage] video")
    await plays(stage, 6)
    await teller.shot("story-editor-video-390")
    await share(teller)

    seen = await visits.log_in(viewer, DESKTOP)
    await seen.page.locator(f"[data-teller='{author}']").click()
    video = seen.page.locator("dialog video").last
    await plays(video, 6)
    await seen.button("Pause").click()
    await expect(video).to_have_js_property("paused", True)
    bar = seen.page.locator("dialog [data-bar=current]")
    share_of = "bar => bar.getBoundingClientRect().width / bar.parentElement.clientWidth"
    seen_share = await video.evaluate("video => video.currentTime / video.duration")
    assert await bar.evaluate(share_of) == pytest.approx(seen_share, abs=0.15)
    await seen.shot("story-video-1440")
    await seen.button("Play").click()
    await seen.page.wait_for_function(
        f"bar => ({share_of})(bar) > {seen_share + 0.1}", arg=await bar.element_handle()
    )
    # It ends with the video, and there is no other.
    await expect(seen.page.locator("dialog")).to_have_count(0, timeout=PATIENCE_MS)


async def test_a_video_in_a_message_plays_on_the_other_side(
    visits: Visits, site: Site, film: Path, tmp_path: Path
) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("words")
    author, friend = await newcomers(site, "talker", "listener")
    talker = await visits.log_in(author, DESKTOP)
    listener = await visits.log_in(friend, PHONE, dark=True)
    await open_with(talker, friend)
    await open_with(listener, author)
    await talker.page.locator("input[type=file][multiple]").set_input_files([notes, film])
    await expect(talker.page.get_by_text("notes.txt is neither a photo")).to_be_visible()
    for screen in (talker, listener):
        cell = thread(screen).get_by_role("button", name="Play video 0:06")
        await expect(cell).to_be_visible(timeout=WORK_MS)
    await listener.shot("message-video-390-dark")
    await talker.shot("message-video-1440")
    await thread(listener).get_by_role("button", name="Play video 0:06").click()
    box = listener.page.get_by_role("dialog", name="Video from")
    await plays(box.locator("video"), 6)
    await listener.shot("message-video-large-390-dark")
    await listener.go("/messages")
    row = listener.page.locator("a[data-conversation]").filter(has_text="sent a video")
    await expect(row).to_be_visible()


async def test_a_large_video_goes_on_after_the_line_was_cut(
    site: Site, chromium: Browser, visits: Visits, large_film: Path
) -> None:
    """In a post, beside a photo. What arrived stays, and the file is not sent anew."""
    author, reader = await newcomers(site, "sender", "reader")
    caption = f"Long take {time_ns()}"
    arrived: list[str] = []
    async with Cable(site.url) as cable, AsyncExitStack() as stack:
        far = Visits(replace(site, url=cable.url), chromium, stack)
        sender = await far.log_in(author, DESKTOP, workers=False)
        sender.forgiven = LOST
        page = sender.page
        page.on(
            "response",
            lambda answer: (
                arrived.append(answer.url.split("partNumber=")[1].split("&")[0])
                if answer.ok and "partNumber=" in answer.url
                else None
            ),
        )
        await page.keyboard.press("n")
        cable.sent_bytes = 0
        cable.cut_at_bytes = int(4.5 * PART_BYTES)
        picker = page.locator("dialog input[type=file]")
        await picker.set_input_files([PHOTOS / "coffee.png", large_film])
        tile = page.get_by_role("button", name="Video 2 of 2")
        await tile.click()
        await expect(tile).to_have_accessible_name(
            re.compile("Waiting for the connection"), timeout=PATIENCE_MS
        )
        await sender.shot("composer-paused-1440")
        before = cable.sent_bytes
        assert arrived, "nothing had arrived when the line was cut"
        cable.mend()
        await expect(tile).to_have_accessible_name(re.compile("Uploaded"), timeout=WORK_MS)
        again = cable.sent_bytes - before
        await sender.shot("composer-video-1440")
        await page.get_by_label("Write a caption…").fill(caption)
        await sender.button("Share").click()
        await sender.post(caption).wait_for(timeout=PATIENCE_MS)
        await sender.shot("post-video-pending-1440")
        await expect(sender.post(caption).locator("video")).to_be_attached(timeout=WORK_MS)
        assert sender.errors == []
    assert len(set(arrived)) == len(arrived), "what had arrived was sent again"
    assert again < LARGE_BYTES - 2 * PART_BYTES

    seen = await visits.log_in(reader, PHONE)
    post = seen.post(caption)
    await post.locator("[aria-roledescription=carousel]").wait_for(timeout=PATIENCE_MS)
    await post.locator("[tabindex='0']").first.press("ArrowRight")
    video = post.locator("video")
    await expect(video).to_be_in_viewport(ratio=0.5)
    await video.evaluate("video => video.play()")
    await plays(video, 2)
    await seen.shot("post-video-390")
