"""Fixtures that every test may ask for. Whoever asks for a browser or for PostgreSQL is slow, and is marked so here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

from tests.support.browser import Witness, open_browser, watched_page
from tests.support.postgres import Postgres, running_postgres

# A busy machine is no bug. `--hypothesis-profile=thorough` looks harder, by night.
settings.register_profile("handrail", settings(), deadline=None)
settings.register_profile("thorough", settings(), deadline=None, max_examples=5_000)
settings.load_profile("handrail")

TOLD = pytest.StashKey[list[str]]()
SLOW_FIXTURES = {"postgres", "postgres_url", "browser_page"}


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TOLD] = []
    # With all that was known at every step, an expected fault took seconds to be printed, and the database waited.
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.processors.add_log_level, plain])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if SLOW_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for line in config.stash[TOLD]:
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def tell(pytestconfig: pytest.Config) -> Iterator[object]:
    """Says a line at the end of the run: the figures of a campaign."""
    return pytestconfig.stash[TOLD].append


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One real server for the whole run, started by the first test that needs it."""
    with running_postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """The address of an empty PostgreSQL database, dropped afterwards."""
    with postgres.database() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The address of a SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'handrail.db'}"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def database_url(request: pytest.FixtureRequest) -> str:
    """What holds on one database holds on the other: a test that asks for this runs once on each."""
    fixture = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    return str(request.getfixturevalue(fixture))


@pytest.fixture
async def browser_page() -> AsyncIterator[Witness]:
    """A page in a real Chromium, with a witness: `browser_page.page`, `.complaints()`, `.left_the_loopback()`."""
    async with open_browser() as context:
        yield await watched_page(context)
