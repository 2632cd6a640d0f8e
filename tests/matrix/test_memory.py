"""A homeserver knows a message of ours again for a day. What is tried once more after that shows twice."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.channels.matrix.channel import MatrixChannel
from flows.message import Urgency
from storage import outbox
from storage.outbox import KNOWN_AGAIN_FOR, Sendable
from storage.people import NewPerson
from flows.grant import Role
from tests.matrix.channels import connected
from tests.support.between import Between, between
from tests.support.homeserver import Account, Homeserver, homeserver
from tests.support.matrix import app_hears, hardened, ours, room_of, stock
from tests.support.shelves import Shelf, say, store_at

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
A_DAY = timedelta(hours=24)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Homeserver]:
    """One of its own: it is stopped, and made to forget."""
    with homeserver(tmp_path / "synapse") as server:
        yield server
