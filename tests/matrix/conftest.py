"""One homeserver for all tests here, and new people on it for each."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from tests.support.clinic import Signup
from tests.support.homeserver import Account, Homeserver, homeserver

pytest.register_assert_rewrite("tests.matrix.evenings")
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
def signup(server: Homeserver, newcomer: Callable[[str], Awaitable[Account]], tmp_path: Path) -> Signup:
    """Where a clinic may be."""
    return Signup(server, newcomer, tmp_path)
