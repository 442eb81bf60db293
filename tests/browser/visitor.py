"""Somebody at a browser, and the few things that all tests do there."""

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import skimage
from playwright.async_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    ViewportSize,
)

from infra.local.layout import Layout

SHOTS = Path(__file__).parent / "screenshots"
PHOTOS = Path(skimage.__file__).parent / "data"
PATIENCE_MS = 15_000


@dataclass(frozen=True, slots=True)
class Site:
    url: str
    password: str = "glimpse-demo-1"
    layout: Layout | None = None
    """Of the stack behind it, for faults; None when only the address is known."""


@dataclass
class Visitor:
    site: Site
    context: BrowserContext
    page: Page
    errors: list[str] = field(default_factory=list)
    forgiven: tuple[str, ...] = ()
    """Parts of console errors that the test provokes."""

    def listen(self) -> None:
        self.page.on("pageerror", lambda error: self.errors.append(f"page: {error}"))
        self.page.on("console", self._console)

    def _console(self, message: ConsoleMessage) -> None:
        text = message.text
        if message.type == "error" and not any(part in text for part in self.forgiven):
            self.errors.append(f"console: {text}")

    async def go(self, path: str) -> None:
        try:
            await self.page.goto(self.site.url + path)
        except Error as error:
            # A sheet that closed a moment ago still takes its step back, which ends this one.
            if "ERR_ABORTED" not in error.message:
                raise
            await self.page.goto(self.site.url + path)

    async def shot(self, name: str) -> None:
        SHOTS.mkdir(exist_ok=True)
        await self.page.screenshot(path=SHOTS / f"{name}.png")

    def button(self, name: str, within: Locator | None = None) -> Locator:
        return (within or self.page).get_by_role("button", name=name, exact=True)

    def post(self, caption: str) -> Locator:
        return self.page.locator("[data-post]").filter(has_text=caption)

    async def compose(self, caption: str, *photos: str) -> None:
        """Picks photos and writes; sharing is left to the test."""
        await self.page.keyboard.press("n")
        await self.page.locator("dialog input[type=file]").set_input_files(
            [PHOTOS / photo for photo in photos]
        )
        await self.page.get_by_label("Write a caption…").fill(caption)

    async def share(self, caption: str, *photos: str) -> None:
        await self.compose(caption, *photos)
        await self.button("Share").click()
        await self.post(caption).wait_for(timeout=PATIENCE_MS)

    async def comment(self, caption: str, text: str) -> None:
        await self.button("Comment", self.post(caption)).click()
        await self.page.get_by_label("Add a comment…").fill(text)
        await self.page.keyboard.press("Enter")
        await self.page.locator("dialog").get_by_text(text).wait_for()


@dataclass
class Visits:
    site: Site
    browser: Browser
    stack: AsyncExitStack
    workers: bool = True
    """Whether service workers may run, whose requests a test does not see."""
    all: list[Visitor] = field(default_factory=list)

    async def arrive(
        self,
        viewport: ViewportSize,
        *,
        dark: bool = False,
        still: bool = False,
        workers: bool | None = None,
    ) -> Visitor:
        """A fresh browser profile. `still`: its owner asked for reduced motion; `workers`: as
        above, for this one alone."""
        context = await self.browser.new_context(
            viewport=viewport,
            color_scheme="dark" if dark else "light",
            has_touch=viewport["width"] < 500,
            is_mobile=viewport["width"] < 500,
            reduced_motion="reduce" if still else "no-preference",
            service_workers="allow" if (self.workers if workers is None else workers) else "block",
        )
        self.stack.push_async_callback(context.close)
        visitor = Visitor(self.site, context, await context.new_page())
        visitor.listen()
        self.all.append(visitor)
        return visitor

    async def log_in(
        self,
        username: str,
        viewport: ViewportSize,
        *,
        dark: bool = False,
        still: bool = False,
        workers: bool | None = None,
        at: str = "/",
    ) -> Visitor:
        """Somebody who logged in here before and opens the page `at`: the browser holds what
        the form leaves behind (`enter` fills it in). The form's page took a third of a visit."""
        visitor = await self.arrive(viewport, dark=dark, still=still, workers=workers)
        answer = await visitor.context.request.post(
            f"{self.site.url}/api/v1/users/login",
            data={"username": username, "password": self.site.password},
        )
        assert answer.ok, await answer.text()
        # Any file of the site will do to reach its storage.
        await visitor.go("/theme.js")
        await visitor.page.evaluate("localStorage.setItem('glimpse.session', '1')")
        await visitor.go(at)
        await self._inside(visitor)
        return visitor

    async def enter(self, visitor: Visitor, username: str) -> None:
        """Through the form."""
        await visitor.go("/login")
        await visitor.page.get_by_label("Username or email").fill(username)
        await visitor.page.get_by_label("Password", exact=True).fill(self.site.password)
        await visitor.button("Log in").click()
        await self._inside(visitor)

    async def _inside(self, visitor: Visitor) -> None:
        await visitor.page.get_by_role("link", name="Profile").first.wait_for(state="attached")
