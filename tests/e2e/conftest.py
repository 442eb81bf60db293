"""A whole Glimpse that is driven from outside."""

from collections.abc import Iterator

import pytest

from tests.fixtures.full_stack import FullStack, full_stack


@pytest.fixture(scope="package")
def glimpse() -> Iterator[FullStack]:
    """One for all tests of this folder, with the product's own limits."""
    with full_stack({}) as stack:
        yield stack
