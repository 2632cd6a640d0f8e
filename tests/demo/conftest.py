"""A demo on the loopback interface, in the test's own loop, with a story that does not change."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.demo import DemoServer
from bot.places import SHIPPED

PROGRAMME = Path(__file__).parent / "programme"


@pytest.fixture
async def demo() -> AsyncIterator[DemoServer]:
    """A demo that plays its stories without pauses."""
    server = DemoServer((SHIPPED, PROGRAMME), story="demo-evening", pace=0)
    await server.start()
    yield server
    await server.stop()
