"""Fixtures of the fault tests. All of them are slow: they start the real process.

HANDRAIL_KILLS=3000 makes the campaign longer than the hundred kills of a pipeline; HANDRAIL_SEED repeats one.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.hands import Hands, hands
from tests.faults.phones import Phones
from tests.faults.programme import Programme, found

HERE = Path(__file__).parent
KILLS = int(os.environ.get("HANDRAIL_KILLS", "100"))
SEED = int(os.environ.get("HANDRAIL_SEED", "0"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.slow)


@pytest.fixture
async def phones() -> AsyncIterator[Phones]:
    """Everybody's phone."""
    async with Phones().open() as server:
        yield server


@pytest.fixture
def programme(tmp_path: Path, phones: Phones) -> Programme:
    """A programme of three participants on a SQLite file."""
    return found(tmp_path / "clinic", phones=phones.address)


@pytest.fixture
async def people(programme: Programme) -> AsyncIterator[Hands]:
    """What people do with their phones."""
    async with hands(programme) as fingers:
        yield fingers
