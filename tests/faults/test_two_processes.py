"""Two processes on one database would page people twice: the second one says so and goes; a dead one leaves no lock."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.dialect import AlreadyRunning
from tests.faults.hands import hands
from tests.faults.phones import Phones
from tests.faults.process import console, running, spawn
from tests.faults.programme import Programme, found

#: From the moment the second process is started; most of it is Python reading its own modules.
AT_MOST = 2.0


@pytest.fixture
def shared(tmp_path: Path, phones: Phones, database_url: str) -> Programme:
    """A programme on either database."""
    return found(tmp_path / "clinic", url=database_url, phones=phones.address)


async def test_a_second_process_is_refused_at_once(shared: Programme, phones: Phones) -> None:
    """With a sentence that says what to do, on another port as well; and the first does not even notice."""
    async with running(shared), hands(shared) as people:
        started = time.monotonic()
        second = await spawn([*console(shared)])
        status = await second.gone()
        took = time.monotonic() - started
        said = second.said.decode()
        assert status == 1
        assert "Another Handrail process works on this database" in said
        assert "Stop it first" in said
        assert len(said.strip().splitlines()) == 1
        assert took < AT_MOST + await _python_alone(shared)
        await people.says("p00", "are you still there")
        await phones.sees("p00", "I have kept this for your team")


async def _python_alone(programme: Programme) -> float:
    """How much longer this machine takes just now than it should, to start Python and read the modules."""
    started = time.monotonic()
    help_only = await spawn([*console(programme)[:3], "run", "--help"])
    await help_only.gone()
    return max(0.0, time.monotonic() - started - 1.0)


async def test_after_a_kill_the_next_one_starts_at_once(shared: Programme, phones: Phones) -> None:
    """Nobody is there at night to delete a lock file."""
    for number in range(3):
        async with running(shared) as process, hands(shared) as people:
            second = await spawn(console(shared))
            assert await second.gone() == 1
            await people.says("p00", f"good evening {number}")
            process.kill()
            await process.gone()
    async with running(shared), hands(shared) as people:
        await people.says("p00", "and again")
    kept = shared.store()
    with kept.engine.connect() as connection:
        assert connection.execute(text("select count(*) from inbox")).scalar() == 4
    kept.close()


async def test_a_process_that_was_asked_to_stop_leaves_no_lock(shared: Programme) -> None:
    """A restart by the service manager, in the middle of the day."""
    for _ in range(2):
        async with running(shared) as process:
            assert await process.stop() == 0


def test_the_sentence_says_what_to_do() -> None:
    """Whoever reads it at three in the morning knows whether to stop something."""
    assert str(AlreadyRunning("process 12")) == (
        "Another Handrail process works on this database (process 12). Stop it first; two would page people twice."
    )
