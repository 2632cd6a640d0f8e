"""What is done in the database thread is done in order, and comes back to whoever waits."""

import asyncio
from concurrent.futures import Future
from threading import Event, current_thread

import pytest

from bot.database_thread import DatabaseThread


async def test_work_is_done_in_one_thread_in_the_order_it_was_given():
    """One transaction after the other: what was said first is kept first."""
    done, threads = [], set()

    def work(number):
        done.append(number)
        threads.add(current_thread().name)
        return number

    with DatabaseThread() as database:
        brought = await asyncio.gather(*(database.run(lambda number=number: work(number)) for number in range(20)))
    assert brought == done == list(range(20))
    assert threads == {"database"}


async def test_what_work_raises_is_raised_where_somebody_waits_and_the_next_piece_is_done():
    """A failed transaction must be heard of, and must not be the last one."""

    def fail():
        raise LookupError("no such row")

    with DatabaseThread() as database:
        with pytest.raises(LookupError, match="no such row"):
            await database.run(fail)
        assert await database.run(lambda: "next") == "next"


async def test_work_that_nobody_waits_for_any_more_is_not_begun():
    """A message whose channel has hung up before its turn will come again; work under way is finished."""
    begun, go_on, done = Event(), Event(), []

    def slowly():
        begun.set()
        go_on.wait()
        done.append("slowly")

    with DatabaseThread() as database:
        first = asyncio.create_task(database.run(slowly))
        second = asyncio.create_task(database.run(lambda: done.append("never")))
        await asyncio.to_thread(begun.wait)
        first.cancel()
        second.cancel()
        await asyncio.gather(first, second, return_exceptions=True)
        go_on.set()
        await database.run(lambda: done.append("last"))
    assert done == ["slowly", "last"]


def test_work_outlives_the_loop_that_asked_for_it():
    """When the program is stopped in the middle of a commit, the commit is finished, and so is what follows it."""
    begun, go_on, done = Event(), Event(), []

    def slowly():
        begun.set()
        go_on.wait()
        done.append("slowly")

    async def ask(database):
        task = asyncio.create_task(database.run(slowly))
        await asyncio.to_thread(begun.wait)
        task.cancel()

    with DatabaseThread() as database:
        asyncio.run(ask(database))
        go_on.set()
        last: Future = database.submit(done.append, "last")
        assert last.result(10) is None
    assert done == ["slowly", "last"]
