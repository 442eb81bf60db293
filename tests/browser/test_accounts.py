"""Signing up, logging in and out, profiles and how people stand to each other."""

from time import time_ns

from playwright.async_api import expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.visitor import PATIENCE_MS, PHOTOS, Visitor, Visits

REFUSED = ("Failed to load resource",)


async def test_signing_up_says_what_is_wrong_and_then_lets_in(visits: Visits) -> None:
    guest = await visits.arrive(PHONE)
    guest.forgiven = REFUSED
    await guest.go("/register")
    name = f"new{time_ns() % 10**12}"
    page = guest.page
    await page.get_by_label("Email").fill(f"{name}@example.org")
    await page.get_by_label("Full name").fill("Somebody New")
    await page.get_by_label("Password", exact=True).fill("short")
    await page.get_by_label("Username").fill("ana")
    await expect(page.get_by_text("Use at least 8 characters.")).to_be_visible()
    await page.get_by_label("Password", exact=True).fill("a long quiet evening")
    await guest.button("Sign up").click()
    await expect(page.get_by_label("Username")).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("Username").fill(name)
    await guest.button("Sign up").click()
    await expect(page.get_by_text("Your feed starts with people")).to_be_visible()
    await expect(guest.button("Follow").first).to_be_visible()


async def test_a_wrong_password_is_said_once_and_kept_apart(visits: Visits) -> None:
    guest = await visits.arrive(DESKTOP)
    guest.forgiven = REFUSED
    await guest.go("/")
    await guest.page.get_by_label("Username or email").fill("ana")
    await guest.page.get_by_label("Password", exact=True).fill("not this one")
    await guest.button("Log in").click()
    await expect(guest.page.get_by_role("alert")).to_be_visible()
    await expect(guest.page.get_by_label("Username or email")).to_have_value("ana")


async def test_a_reload_stays_logged_in_and_no_token_is_in_storage(visits: Visits) -> None:
    ana = await visits.arrive(DESKTOP)
    await visits.enter(ana, "ana")
    await ana.page.reload()
    await expect(ana.page.locator("[data-post]").first).to_be_visible(timeout=PATIENCE_MS)
    stored = await ana.page.evaluate("JSON.stringify({ ...localStorage, ...sessionStorage })")
    assert "eyJ" not in stored
    assert "refresh" not in stored
    cookies = await ana.context.cookies()
    assert [cookie["httpOnly"] for cookie in cookies if "refresh" in cookie["name"]] == [True]


async def test_logging_out_shows_the_door(visits: Visits) -> None:
    visitor = await visits.arrive(PHONE)
    await visits.enter(visitor, "tomas")
    await visitor.go("/settings")
    await visitor.button("Log out").last.click()
    await expect(visitor.button("Log in")).to_be_visible()
    await visitor.page.reload()
    await expect(visitor.button("Log in")).to_be_visible()


async def test_logging_all_other_devices_out_closes_them_at_once(visits: Visits) -> None:
    here = await visits.log_in("lena", DESKTOP)
    there = await visits.log_in("lena", PHONE)
    there.forgiven = REFUSED
    await here.go("/settings")
    await here.button("Log out all other devices").click()
    await here.button("Log out", here.page.locator("dialog")).click()
    await expect(there.button("Log in")).to_be_visible(timeout=PATIENCE_MS)


async def test_following_counts_on_both_sides(visits: Visits, stranger: str) -> None:
    visitor = await visits.log_in(stranger, DESKTOP, at="/u/ana")
    followers = visitor.page.get_by_role("button", name="followers")
    before = int((await followers.inner_text()).split()[0])
    await visitor.button("Follow").click()
    await expect(followers).to_contain_text(str(before + 1))
    await visitor.button("Following").click()
    await visitor.button("Unfollow").click()
    await expect(visitor.button("Follow")).to_be_visible()
    await expect(followers).to_contain_text(str(before))


async def test_a_block_hides_both_ways_at_once(visits: Visits, stranger: str) -> None:
    one = await visits.log_in(stranger, DESKTOP, at="/u/luca")
    await one.button("Profile options").click()
    await one.button("Block").click()
    await one.button("Block").click()
    await expect(one.button("Unblock")).to_be_visible()
    await expect(one.page.locator("a[href^='/p/']")).to_have_count(0)


async def test_editing_a_profile_with_a_new_picture(visits: Visits, stranger: str) -> None:
    owner = await visits.log_in(stranger, DESKTOP, at=f"/u/{stranger}")
    await owner.button("Edit profile").click()
    await owner.page.get_by_label("Bio").fill("Light, and who it falls on. https://example.org")
    await owner.page.locator("dialog input[type=file]").set_input_files(PHOTOS / "astronaut.png")
    await expect(owner.button("Save")).to_be_enabled(timeout=PATIENCE_MS)
    await owner.button("Save").click()
    await expect(owner.page.get_by_text("Light, and who it falls on.")).to_be_visible()
    link = owner.page.get_by_role("link", name="example.org")
    await expect(link).to_have_attribute("href", "https://example.org")


async def test_saving_into_a_collection(visits: Visits, stranger: str) -> None:
    owner = await visits.log_in(stranger, DESKTOP, at="/u/ana")
    await owner.page.locator("a[href^='/p/']").first.click()
    await owner.button("Save").click()
    await owner.button("Save to").click()
    await owner.page.get_by_label("New collection").fill("Light")
    await owner.button("Create", owner.page.locator("dialog")).click()
    await expect(owner.page.get_by_text("Saved to Light")).to_be_visible()
    await owner.go(f"/u/{stranger}/saved")
    await owner.page.get_by_role("link", name="Light").click()
    await expect(owner.page.locator("main a[href^='/p/']")).to_have_count(1)


async def test_unknown_addresses_say_so(ana: Visitor) -> None:
    ana.forgiven = REFUSED
    for path, words in (
        ("/nowhere/at/all", "This page isn't here"),
        ("/u/nobody_of_that_name", "Nobody here by that name"),
        ("/p/post_00000000000000000000000000", "This post is no longer available"),
    ):
        await ana.go(path)
        await expect(ana.page.get_by_text(words)).to_be_visible()
