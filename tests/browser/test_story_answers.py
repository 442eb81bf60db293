"""What people write to a question on a story, and what its author makes of it."""

from time import time_ns

from playwright.async_api import expect

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.test_accessibility import AXE, findings
from tests.browser.test_story_editor import begin, newcomers, share
from tests.browser.visitor import PATIENCE_MS, PHOTOS, Site, Visits

SERVICE_WORKERS = False


async def test_what_was_answered_to_a_question_is_read_and_answered(
    visits: Visits, site: Site
) -> None:
    author, fan = await newcomers(site, "asker", "curious")
    words = f"The lighthouse {time_ns()}"
    teller = await visits.log_in(author, DESKTOP)
    await begin(teller, PHOTOS / "rocket.jpg")
    await teller.button("Stickers").click()
    await teller.button("Question").click()
    await teller.page.get_by_role("textbox", name="Question").fill("Where to next?")
    await teller.button("Done").click()
    await share(teller)

    seen = await visits.log_in(fan, PHONE, dark=True)
    await seen.page.locator(f"[data-teller='{author}']").click()
    await seen.page.get_by_label("Where to next?").fill(words)
    await seen.page.keyboard.press("Enter")
    await expect(seen.page.get_by_text("Sent", exact=True)).to_be_visible()

    await teller.go(f"/stories/{author}")
    await teller.page.locator("[data-viewers]").click()
    await teller.page.get_by_role("link", name="Read 1 answer").click()
    answer = teller.page.locator(f"[data-answer='{fan}']")
    await expect(answer).to_contain_text(words, timeout=PATIENCE_MS)
    insights = teller.page.url
    await teller.shot("insights-answers-1440")
    assert await findings(teller, AXE.read_text()) == []
    await teller.button(f"Show what {fan} said in your story").click()
    await teller.page.locator("dialog input[type=file]").first.set_input_files(
        PHOTOS / "coffee.png"
    )
    await expect(teller.page.locator("[data-layer=text]")).to_contain_text(words)
    await teller.shot("story-answer-shown-1440")
    await share(teller)

    await teller.page.goto(insights)
    await teller.button(f"Reply to {fan}").click()
    field = teller.page.get_by_placeholder("Message…")
    await expect(field).to_have_value(f"“{words}” ", timeout=PATIENCE_MS)
    await field.press("End")
    await field.press_sequentially("We leave in May")
    await field.press("Enter")
    await seen.go("/messages")
    row = seen.page.locator("a[data-conversation]").filter(has_text="We leave in May")
    await expect(row).to_be_visible(timeout=PATIENCE_MS)
