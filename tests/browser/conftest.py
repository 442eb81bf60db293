"""A real Chromium on a whole private Glimpse that is filled with the demo."""

import asyncio
import itertools
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from playwright.async_api import Browser, ViewportSize, async_playwright, expect

from infra.demo.stories import STORIES
from infra.local.layout import Layout
from tests.browser.telling import Teller
from tests.browser.visitor import PATIENCE_MS, Site, Visitor, Visits
from tests.fixtures.full_stack import CHEAP_PASSWORDS, UNLIMITED, full_stack
from tests.fixtures.missing import missing

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "frontend" / "dist" / "index.html"
NAMES = ("chromium", "chromium-browser", "google-chrome")

PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1440, "height": 900}

# Five seconds otherwise, which a busy machine may take.
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="package")
def site() -> Iterator[Site]:
    """The stack with 16 people, their photos and their talk (about 30 s). While writing tests,
    GLIMPSE_BROWSER_SITE names one that runs already, with the demo and without limits, and
    GLIMPSE_BROWSER_DATA its folder."""
    if running := os.environ.get("GLIMPSE_BROWSER_SITE"):
        data = os.environ.get("GLIMPSE_BROWSER_DATA")
        yield Site(running, layout=Layout(Path(data)) if data else None)
        return
    if not BUILT.exists():
        missing("the web app is not built: run `npm run build` in frontend")
    with full_stack({**UNLIMITED, **CHEAP_PASSWORDS}) as stack:
        subprocess.run(
            [sys.executable, "-m", "infra.demo"],
            env={**os.environ, **stack.environment},
            cwd=ROOT,
            check=True,
            capture_output=True,
        )
        made = Site(stack.url, layout=stack.layout)
        asyncio.run(_take_stories_back(made))
        yield made


async def _take_stories_back(site: Site) -> None:
    """The demo's: in a tray stands what a test tells, and nothing after it in the viewer."""
    for username in {story.by for story in STORIES}:
        async with Teller(site, username) as teller:
            await teller.end_all()


@pytest.fixture(scope="package")
async def chromium() -> AsyncIterator[Browser]:
    found = next((path for path in map(shutil.which, NAMES) if path), None)
    if found is None:
        missing("no Chromium on PATH")
    arguments = ["--disable-background-networking"]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=arguments)
        yield browser
        await browser.close()


@pytest.fixture
async def visits(
    site: Site, chromium: Browser, request: pytest.FixtureRequest
) -> AsyncIterator[Visits]:
    """Opens pages; after the test none of them may have met an error. A module that says
    `SERVICE_WORKERS = False` is spared the worker's installation, a third of a visit."""
    async with AsyncExitStack() as stack:
        workers = getattr(request.module, "SERVICE_WORKERS", True)
        made = Visits(site, chromium, stack, workers)
        yield made
        for visitor in made.all:
            assert visitor.errors == [], visitor.errors


_numbers = itertools.count(1)


@pytest.fixture
async def stranger(site: Site) -> str:
    """The username of a new account (password as in the demo) that follows nobody."""
    return await register(site, f"guest{next(_numbers)}_{os.getpid()}")


async def register(site: Site, username: str) -> str:
    async with httpx.AsyncClient(base_url=f"{site.url}/api/v1") as client:
        answer = await client.post(
            "/users/register",
            json={
                "username": username,
                "email": f"{username}@example.org",
                "password": site.password,
                "full_name": username.title(),
            },
        )
        answer.raise_for_status()
    return username


@pytest.fixture
async def ana(visits: Visits) -> Visitor:
    return await visits.log_in("ana", DESKTOP)


@pytest.fixture
async def kofi(visits: Visits) -> Visitor:
    """A follower of Ana's, on a phone, in the dark."""
    return await visits.log_in("kofi", PHONE, dark=True)


async def settle(seconds: float = 0.5) -> None:
    """For what is only absent: nothing can be waited for."""
    await asyncio.sleep(seconds)
