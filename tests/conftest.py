"""Fixtures of all tests; each noun has its file under tests/fixtures."""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

pytest_plugins = [
    "tests.fixtures.stores",
    "tests.fixtures.full_stack",
    "tests.fixtures.api",
    "tests.fixtures.loop",
    "tests.fixtures.tally",
    "tests.fixtures.limit",
    "tests.fixtures.news",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long",
        action="store_true",
        help="faults: every experiment; properties: many more examples",
    )
    parser.addoption("--fault-seed", type=int, help="faults: repeat the run of this seed")


_TOGETHER = ("tests/browser/", "tests/faults/")


def _share(nodeid: str) -> str:
    """What is done in one process with `-n`: a file, or a folder that shares a whole stack."""
    file = nodeid.partition("::")[0]
    return next((folder for folder in _TOGETHER if file.startswith(folder)), file)


class _Shares(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return _share(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _Shares:
    return _Shares(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Those folders take longest, so they come first."""
    items.sort(key=lambda item: _share(item.nodeid) not in _TOGETHER)
