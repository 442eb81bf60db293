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
