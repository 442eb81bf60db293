"""Fixtures of the worker tests: an empty database and Redis, and what runs on them."""

from collections.abc import AsyncIterator

import pytest

from app.resources import Resources, open_resources
from app.settings import Settings
from app.setup import prepare
from tests.workers.rig import Rig


@pytest.fixture
async def resources(fresh_settings: Settings) -> AsyncIterator[Resources]:
    await prepare(fresh_settings)
    async with open_resources(fresh_settings) as opened:
        yield opened


@pytest.fixture
async def rig(resources: Resources) -> AsyncIterator[Rig]:
    async with Rig(resources) as made:
        yield made
