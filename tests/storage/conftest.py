"""What is kept must be kept on both databases: `shelf` runs a test once on each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.shelves import MAYA, OKAFOR, PARK, SAM, Shelf, store_at


@pytest.fixture
def shelf(database_url: str) -> Iterator[Shelf]:
    """Maya and Sam, and Okafor and Park who look after them."""
    with store_at(database_url) as store:
        yield Shelf(store).enrol(MAYA, SAM, OKAFOR, PARK)
