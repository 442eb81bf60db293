"""Fixtures of all tests; each noun has its file under tests/fixtures."""

import pytest

pytest_plugins = [
    "tests.fixtures.stores",
    "tests.fixtures.full_stack",
    "tests.fixtures.api",
    "tests.fixtures.loop",
    "tests.fixtures.tally",
]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--long",
        action="store_true",
        help="faults: every experiment; properties: many more examples",
    )
    parser.addoption("--fault-seed", type=int, help="faults: repeat the run of this seed")


_TOGETHER = ("tests/browser/", "tests/faults/")


@pytest.hookimpl(tryfirst=True)  # xdist reads the mark in a hook of the same name
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """With `-n`, the tests of a file run in one process, and so do those of a folder that shares
    a whole stack."""
    for item in items:
        file = item.nodeid.partition("::")[0]
        folder = next((f for f in _TOGETHER if file.startswith(f)), file)
        item.add_marker(pytest.mark.xdist_group(folder))
