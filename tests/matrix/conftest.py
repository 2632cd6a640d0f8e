"""One homeserver for all tests here, and new people on it for each.

The pipeline kills a dozen times and is cut off for seconds. HANDRAIL_MATRIX_KILLS=100 HANDRAIL_MATRIX_MESSAGES=500
HANDRAIL_MATRIX_OUTAGE=120 is the whole measure; HANDRAIL_SEED repeats the dice, though not the moments.
"""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from tests.matrix.home import Clinic
from tests.support.clinic import Signup
from tests.support.homeserver import Account, Homeserver, homeserver

pytest.register_assert_rewrite("tests.matrix.evenings")
KILLS = int(os.environ.get("HANDRAIL_MATRIX_KILLS", "12"))
MESSAGES = int(os.environ.get("HANDRAIL_MATRIX_MESSAGES", "60"))
OUTAGE = float(os.environ.get("HANDRAIL_MATRIX_OUTAGE", "3"))  # seconds without a homeserver
SEED = int(os.environ.get("HANDRAIL_SEED", "0")) or random.randrange(1, 1_000_000)
_numbers = itertools.count()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homeserver]:
    with homeserver(tmp_path_factory.mktemp("synapse") / "data") as server:
        yield server


@pytest.fixture
def newcomer(server: Homeserver) -> Callable[[str], Awaitable[Account]]:
    """Sign somebody up."""
    return lambda name: server.sign_up(f"{name}{next(_numbers)}")


@pytest.fixture
async def accounts(newcomer: Callable[[str], Awaitable[Account]]) -> tuple[Account, Account]:
    """Ours, and somebody's."""
    return await newcomer("handrail"), await newcomer("maya")


@pytest.fixture
def signup(server: Homeserver, newcomer: Callable[[str], Awaitable[Account]], tmp_path: Path) -> Signup:
    """Where a clinic may be."""
    return Signup(server, newcomer, tmp_path)


@pytest.fixture
async def clinic(server: Homeserver, newcomer: Callable[[str], Awaitable[Account]], tmp_path: Path) -> Clinic:
    """Nothing is set up yet."""
    folder = tmp_path / "home"
    folder.mkdir()
    return Clinic(folder, server, await newcomer("handrail"), await newcomer("maya"), await newcomer("jo"))
