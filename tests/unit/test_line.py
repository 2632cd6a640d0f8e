"""Who is served first, when more wait than one commit takes; and what becomes of those whose channel went away."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from bot.channels.base import Inbound
from bot.clock import SystemClock
from bot.line import Queue, Waiting
from bot.loading import load_library, shipped_config
from bot.program import Program
from flows.level import Level
from flows.phi import Phi
from storage.inbox import Arrival
from tests.support.shelves import store_at


@pytest.fixture(scope="module", autouse=True)
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """For the futures of those who wait."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    yield loop
    asyncio.set_event_loop(None)
    loop.close()


def queue_of(*arrivals: tuple[str, Level]) -> Queue:
    queue = Queue()
    for number, (who, level) in enumerate(arrivals):
        arrival = Arrival(str(number), "matrix", str(number), who, "text", level, Phi(""))
        queue.add(Waiting(arrival, asyncio.get_event_loop().create_future()))
    return queue


def ids(taken: list[Waiting]) -> list[int]:
    return [int(one.arrival.id) for one in taken]


def test_a_crisis_takes_what_the_same_person_wrote_before_it_along() -> None:
    """In order, and all of it ahead of everybody else: otherwise the cry itself comes last."""
    crowd = [(f"person {number}", Level.NONE) for number in range(5)]
    queue = queue_of(*crowd, ("maya", Level.NONE), ("maya", Level.NONE), ("maya", Level.EMERGENCY))
    assert ids(queue.take(3)) == [5, 6, 7]
    assert ids(queue.take(10)) == [0, 1, 2, 3, 4]


def test_a_crisis_does_not_lose_its_place_when_a_commit_is_full() -> None:
    """What the same person wrote before it fills this commit; the crisis is the first of the next."""
    crowd = [(f"person {number}", Level.NONE) for number in range(5)]
    queue = queue_of(*crowd, *[("maya", Level.NONE)] * 3, ("maya", Level.EMERGENCY))
    assert ids(queue.take(3)) == [5, 6, 7]
    assert ids(queue.take(2)) == [8, 0]


ARRIVALS = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(list(Level))), max_size=20)


@given(ARRIVALS, st.integers(1, 7))
def test_everything_is_taken_once_and_each_persons_in_order(arrivals: list[tuple[str, Level]], at_most: int) -> None:
    """Whoever is worst off, however many fit."""
    queue, taken = queue_of(*arrivals), []
    while queue:
        some = ids(queue.take(at_most))
        assert 0 < len(some) <= at_most
        taken += some
    assert sorted(taken) == list(range(len(arrivals)))
    for who in "abcd":
        theirs = [number for number in taken if arrivals[number][0] == who]
        assert theirs == sorted(theirs)
    assert queue.take(at_most) == []


async def test_whoever_went_away_does_not_keep_the_others_waiting(tmp_path: Path) -> None:
    """A channel is made anew while its message waits to be stored, and just then the database is away: everybody else
    must hear that theirs was not stored, or their channel waits for ever."""
    folder = tmp_path / "data"
    folder.mkdir()
    with store_at(f"sqlite:///{folder / 'handrail.db'}") as store:
        program = Program(store, load_library([shipped_config()]), {}, SystemClock())
        gone, stays = (
            asyncio.create_task(program.receive(Inbound("matrix", number, "somebody", "text", Phi("hello"))))
            for number in "12"
        )
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.sleep(0)
        store.close()
        shutil.rmtree(folder)
        with pytest.raises(OperationalError):
            await program.line.once()
        with pytest.raises(OperationalError):
            await asyncio.wait_for(stays, 5)
