"""Two processes on one database would page people twice: the second one says so and goes; a dead one leaves no lock."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest
from sqlalchemy import text

from storage.dialect import AlreadyRunning
from tests.faults.hands import hands
from tests.faults.phones import Phones
from tests.faults.process import console, running, spawn
from tests.faults.programme import Programme, found

#: What the second process may take, in seconds; most of it is Python reading its own modules.
AT_MOST = 2.0


@pytest.fixture(params=["sqlite", "postgresql"])
def shared(tmp_path: Path, phones: Phones, request: pytest.FixtureRequest) -> Programme:
    """A programme on either database."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    return found(tmp_path / "clinic", url=url, phones=phones.address)


async def test_a_second_process_is_refused_at_once(shared: Programme, phones: Phones) -> None:
    """With one sentence that says what to do; and the first one does not even notice."""
    async with running(shared), hands(shared) as people:
        worked_before = _work_of_children()
        second = await spawn(console(shared))
        assert await second.gone() == 1
        assert _work_of_children() - worked_before < AT_MOST
        [sentence] = second.said.decode().strip().splitlines()
        assert sentence.startswith("Another Handrail process works on this database")
        assert sentence.endswith("Stop it first; two would page people twice.")
        await people.says("p00", "are you still there")
        await phones.sees("p00", "I have kept this for your team")


def _work_of_children() -> float:
    """Processor seconds of all children that have ended. A busy machine lengthens the wait, not the work."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


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
