"""Fixtures of the worker tests: an empty database and Redis, and what runs on them."""

from collections.abc import AsyncIterator

import pytest

from app import checkpoint
from app.resources import Resources, open_resources
from app.settings import Settings
from tests.workers.rig import Rig
from workers import runtime


@pytest.fixture
async def resources(fresh_settings: Settings) -> AsyncIterator[Resources]:
    """Without the indexes of every collection, which these tests don't need and which take
    most of a second to make."""
    async with open_resources(fresh_settings) as opened:
        for name in ("counts", "counter_offsets", "recounts", "likes"):
            await opened.mongo.create_collection(name)
        await checkpoint.begin(opened.mongo, fresh_settings)
        yield opened


@pytest.fixture
async def rig(resources: Resources) -> AsyncIterator[Rig]:
    async with Rig(resources) as made:
        yield made


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shorter pauses: the same steps, sooner."""
    monkeypatch.setattr(runtime, "_BLOCK_MS", 200)
    monkeypatch.setattr(runtime, "_RETRY_FIRST_S", 0.01)
    monkeypatch.setattr(runtime, "_FORGOTTEN_S", 1.0)
