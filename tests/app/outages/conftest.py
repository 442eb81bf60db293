"""Stores of these tests' own, which may be taken down."""

from collections.abc import AsyncIterator, Iterator

import pytest

from infra.local.launch import running
from infra.local.layout import Layout
from infra.local.services import STORES
from tests.fixtures.api import Api, open_api
from tests.fixtures.folders import data_folder
from tests.fixtures.full_stack import CHEAP_PASSWORDS, UNLIMITED
from tests.fixtures.stores import Stores


@pytest.fixture(scope="package")
def frail_stores() -> Iterator[Stores]:
    with data_folder() as data, running(data, frozenset(STORES)) as state:
        yield Stores(state.environment, Layout(data))


@pytest.fixture
async def api(frail_stores: Stores) -> AsyncIterator[Api]:
    settings = frail_stores.settings("outages", **UNLIMITED, **CHEAP_PASSWORDS)
    async with open_api(settings) as opened:
        yield opened
