"""Two processes on one database would page people twice: the second one says so and goes; a dead one leaves no lock."""

from __future__ import annotations

import asyncio
import resource
import time
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.running import LOOK_AT_LOCK
from storage.dialect import AlreadyRunning, OneProcess
from tests.faults.hands import hands
from tests.faults.phones import Phones
from tests.faults.process import Process, console, running, spawn
from tests.faults.programme import Programme, found

#: What the second process may work, in seconds, beyond reading its own modules (which takes about one).
AT_MOST = 0.8


@pytest.fixture(params=["sqlite", "postgresql"])
def shared(tmp_path: Path, phones: Phones, request: pytest.FixtureRequest) -> Programme:
    """A programme on either database."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    return found(tmp_path / "clinic", url=url, phones=phones.address)


async def test_a_second_process_is_refused_at_once(shared: Programme, phones: Phones) -> None:
    """With one sentence that says what to do; and the first one does not even notice."""
    async with running(shared), hands(shared) as people:
        second, took = await _work_of(console(shared))
        assert second.child.returncode == 1
        _, reading = await _work_of([*console(shared)[:3], "run", "--help"])
        assert took - reading < AT_MOST
        [sentence] = second.said.decode().strip().splitlines()
        assert sentence.startswith("Another Handrail process works on this database")
        assert sentence.endswith("Stop it first; two would page people twice.")
        await people.says("p00", "are you still there")
        await phones.sees("p00", "I have kept this for your team")


async def _work_of(command: list[str]) -> tuple[Process, float]:
    """A process that ended, and its seconds on the processor. A busy machine lengthens the wait, not the work."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    process = await spawn(command)
    await process.gone()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return process, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


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


async def test_a_server_that_hung_up_does_not_let_a_second_one_in(
    tmp_path: Path, phones: Phones, postgres_url: str
) -> None:
    """With its connection a server drops the lock; the process takes it again before anybody else comes along."""
    clinic = found(tmp_path / "clinic", url=postgres_url, phones=phones.address)
    async with running(clinic), hands(clinic) as people:
        _cut_all_connections(clinic)
        await asyncio.sleep(LOOK_AT_LOCK + 1)
        second = await spawn(console(clinic))
        assert await second.gone() == 1
        assert b"Another Handrail process" in second.said
        await people.says("p00", "are you still there")


async def test_of_two_that_were_let_in_one_goes(tmp_path: Path, phones: Phones, postgres_url: str) -> None:
    """Somebody else was faster after the server hung up: the first one ends by itself, with the same sentence."""
    clinic = found(tmp_path / "clinic", url=postgres_url, phones=phones.address)
    async with running(clinic) as first:
        thief = clinic.store()
        lock = OneProcess(thief.engine)
        for _ in range(20):  # until we are faster
            _cut_all_connections(clinic)
            with suppress(AlreadyRunning):
                lock.take()
                break
        assert await asyncio.wait_for(first.gone(), 10) == 1
        assert b"Another Handrail process works on this database" in first.said
        lock.release()
        thief.close()


def _cut_all_connections(clinic: Programme) -> None:
    store = clinic.store()
    with store.engine.connect() as connection:
        connection.execute(
            text(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and pid <> pg_backend_pid()"
            )
        )
    store.close()


async def test_a_process_that_is_stopped_at_work_loses_nothing(shared: Programme, phones: Phones) -> None:
    """A restart in a busy minute: whoever stands in the door is served, then it ends, in good time and good order."""
    async with running(shared) as process, hands(shared) as people:
        names = shared.participants * 20
        writing = [asyncio.create_task(people.says(who, f"hello {number}")) for number, who in enumerate(names)]
        await phones.until(lambda: any(posted.confirmed for posted in people.posted))
        started = time.monotonic()
        assert await process.stop() == 0
        assert time.monotonic() - started < 8
        assert b"not sent" not in process.said
        assert b"rror" not in process.said
        confirmed = sum(bool(posted.confirmed) for posted in people.posted)
        store = shared.store()
        with store.engine.connect() as connection:
            assert connection.execute(text("select count(*) from inbox")).scalar() >= confirmed
            assert not connection.execute(text("select count(*) from outbox where state = 'sending'")).scalar()
        store.close()
        async with running(shared):
            assert all(posted.confirmed for posted in await asyncio.gather(*writing))


def test_the_sentence_says_what_to_do() -> None:
    """Whoever reads it at three in the morning knows whether to stop something."""
    assert str(AlreadyRunning("process 12")) == (
        "Another Handrail process works on this database (process 12). Stop it first; two would page people twice."
    )
