"""Lists of one's own, as whom a story and a post are for."""

from time import time_ns

from playwright.async_api import expect

from tests.browser.conftest import PHONE
from tests.browser.test_story_editor import begin, newcomers, share, write
from tests.browser.visitor import PATIENCE_MS, PHOTOS, Site, Visitor, Visits

SERVICE_WORKERS = False


async def test_a_list_of_ones_own_is_an_audience(visits: Visits, site: Site) -> None:
    author, member, other = await newcomers(site, "planner", "crew", "outsider")
    host = await visits.log_in(author, PHONE, at="/settings/audiences")
    await host.button("New list").click()
    await host.page.get_by_label("Name", exact=True).fill("Crew")
    await host.button("Create", host.page.locator("dialog")).click()
    await host.page.get_by_label("Search people").fill(member)
    await host.button(f"Add {member}").click()
    await expect(host.button(f"Remove {member}")).to_be_visible()
    await host.shot("list-390")

    words, caption = f"For the crew {time_ns()}", f"Crew only {time_ns()}"
    await begin(host, PHOTOS / "coffee.png")
    await write(host, words)
    await pick_list(host, "Crew")
    await host.shot("story-for-list-390")
    await share(host)
    await host.compose(caption, "rocket.jpg")
    await pick_list(host, "Crew")
    await host.button("Share").click()
    await host.post(caption).wait_for(timeout=PATIENCE_MS)
    await expect(host.post(caption).locator("picture img[src*='/media/']")).to_be_visible(
        timeout=PATIENCE_MS
    )

    near = await visits.log_in(member, PHONE)
    await near.post(caption).wait_for(timeout=PATIENCE_MS)
    await near.page.locator(f"[data-teller='{author}']").click()
    await expect(near.page.get_by_text(words)).to_be_visible(timeout=PATIENCE_MS)
    far = await visits.log_in(other, PHONE, at=f"/u/{author}")
    await expect(far.page.get_by_text("No posts yet")).to_be_visible(timeout=PATIENCE_MS)
    await far.go(f"/stories/{author}")
    await expect(far.page.get_by_text("No story here")).to_be_visible(timeout=PATIENCE_MS)


async def pick_list(visitor: Visitor, name: str) -> None:
    await visitor.page.get_by_role("button", name="Who can see this").click()
    await visitor.button(f"{name} 1 person").click()
    await expect(
        visitor.page.get_by_role("button", name=f"Who can see this: {name}")
    ).to_be_visible()
