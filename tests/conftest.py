"""Fixtures of all tests; each noun has its file under tests/fixtures."""

pytest_plugins = [
    "tests.fixtures.stores",
    "tests.fixtures.full_stack",
    "tests.fixtures.api",
    "tests.fixtures.loop",
]
