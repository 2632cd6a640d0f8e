"""Somebody sets the clock of the machine: an escalation neither stops nor hurries, and a clock that cannot be right is
refused at the start."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot import heartbeat
from bot.channels.base import Inbound
from bot.clock import SystemClock
from bot.heartbeat import Heartbeat
from bot.loading import load_library, shipped_config
from bot.program import Program
from flows.phi import Phi
from storage.outbox import marking
from storage.schema import to_microseconds
from storage.store import Store
from tests.faults.hands import hands
from tests.faults.phones import Phones
from tests.faults.process import console, running, spawn
from tests.faults.programme import Programme, found
from tests.faults.world import Fickle, World

#: Tiers that come quickly, so that the tests do not take long.
QUICK = {
    "urgent": {
        "tiers": [
            {"after": "0s", "page": ["therapist"]},
            {"after": "1.5s", "page": ["backup"]},
            {"after": "3s", "page": ["supervisor"]},
            {"after": "4.5s", "page": ["director"]},
        ],
        "repeat_every": "1m",
        "engage_within": "1h",
    }
}
DUE = {"tess": 0.0, "back": 1.5, "supe": 3.0, "dire": 4.5}
#: A heartbeat comes every second, and a busy machine takes its time.
LATE = 1.0 + 0.7
HOUR = timedelta(hours=1)


@dataclass
class Wall:
    """A clock on the wall that somebody can set."""

    off: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.off


@asynccontextmanager
async def clinic_on(wall: Wall, folder: Path) -> AsyncIterator[World]:
    """The program with its own heartbeat, on a clock whose wall can be moved."""
    programme = found(folder, ladder=QUICK)
    clock = SystemClock(wall)
    channels = {name: Fickle(name, name == "private", clock) for name in ("private", "public")}
    store = Store(programme.store().engine, programme.master)
    program = Program(store, load_library([shipped_config(), programme.folder]), channels, clock)
    beats = Heartbeat(program.line, clock, _nothing)
    line = asyncio.create_task(program.line.run())
    await program.start()
    beats.start()
    try:
        yield World(programme, program, clock, channels)
    finally:
        beats.stop()
        line.cancel()
        program.abandon()


async def _nothing() -> None:
    pass


async def until_paged(clinic: World, who: str, patience: float = 10.0) -> float:
    """When somebody was first tried, in seconds that really passed."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if clinic.shown(who, "needs you"):
            return time.monotonic()
        await asyncio.sleep(0.01)
    raise AssertionError(f"{who} was never asked")


@pytest.mark.parametrize(
    "sets",
    [[HOUR], [-HOUR], [timedelta(days=1)], [timedelta(days=-1)], [timedelta(seconds=-30)], [timedelta(seconds=30)],
     [HOUR, -HOUR, -HOUR]],
    ids=["hour-on", "hour-back", "day-on", "day-back", "half-minute-back", "half-minute-on", "to-and-fro"],
)  # fmt: skip
async def test_a_clock_that_is_set_neither_stops_nor_hurries_a_ladder(tmp_path: Path, sets: list[timedelta]) -> None:
    """Every tier comes at its own distance from the beginning, give or take a heartbeat."""
    wall = Wall()
    async with clinic_on(wall, tmp_path / "clinic") as clinic:
        await clinic.program.receive(_says("p00", "I want to die"))
        began = time.monotonic()
        waiting = {who: asyncio.create_task(until_paged(clinic, who)) for who in DUE}
        for by in sets:
            await asyncio.sleep(0.9)
            wall.off += by
        asked = {who: await task - began for who, task in waiting.items()}
        for who, due in DUE.items():
            assert due - 0.2 <= asked[who] <= due + LATE, asked
        with clinic.program.store.engine.begin() as connection:
            jumps = connection.execute(text("select count(*) from audit where action = 'clock_jumped'")).scalar()
        assert jumps == len(sets)


async def test_a_crisis_between_the_jump_and_the_next_heartbeat_keeps_its_ladder(tmp_path: Path) -> None:
    """The moment in which two clocks could be mixed up."""
    wall = Wall()
    async with clinic_on(wall, tmp_path / "clinic") as clinic:
        await asyncio.sleep(1.2)
        wall.off -= HOUR
        await clinic.program.receive(_says("p00", "I want to die"))
        began = time.monotonic()
        assert DUE["back"] - 0.2 <= await until_paged(clinic, "back") - began <= DUE["back"] + LATE


@pytest.mark.parametrize("by", [HOUR, -HOUR], ids=["on", "back"])
async def test_a_page_that_does_not_go_climbs_in_time_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: timedelta
) -> None:
    """Patience with a dead phone is counted in time that passes, too."""
    monkeypatch.setattr(marking, "PAGE_PATIENCE", timedelta(seconds=3))
    monkeypatch.setattr(marking, "LONGEST_PAUSE", timedelta(seconds=1))
    monkeypatch.setitem(QUICK["urgent"]["tiers"][1], "after", "40s")
    monkeypatch.setitem(QUICK["urgent"]["tiers"][2], "after", "50s")
    monkeypatch.setitem(QUICK["urgent"]["tiers"][3], "after", "60s")
    wall = Wall()
    async with clinic_on(wall, tmp_path / "clinic") as clinic:
        clinic.channels["private"].at["tess"] = "refuse"
        await clinic.program.receive(_says("p00", "I want to die"))
        began = time.monotonic()
        await asyncio.sleep(1)
        wall.off += by
        assert 2.8 <= await until_paged(clinic, "back") - began <= 3 + 2 + LATE


def _says(place: str, words: str) -> Inbound:
    return Inbound("private", f"{place}-{time.monotonic_ns()}", place, "text", Phi(words))


# -- at the start --------------------------------------------------------------------------------------------------


def set_mark(programme: Programme, ahead: timedelta) -> None:
    """The database was last in use `ahead` of now."""
    store, at = programme.store(), str(to_microseconds(datetime.now(UTC) + ahead))
    with store.engine.begin() as connection:
        connection.execute(text("delete from setting where key = 'clock_mark'"))
        connection.execute(text("insert into setting (key, value) values ('clock_mark', :at)"), {"at": at})
    store.close()


async def test_a_clock_more_than_a_day_behind_is_refused(programme: Programme) -> None:
    """A machine that woke up in 1970 must not decide when people are asked."""
    set_mark(programme, timedelta(hours=24, minutes=5))
    process = await spawn(console(programme))
    assert await process.gone() == 1
    [sentence] = process.said.decode().strip().splitlines()
    assert sentence.startswith("The clock says ")
    assert "Nothing was started. Set the clock, then start again." in sentence
    set_mark(programme, -HOUR)
    async with running(programme):
        pass


async def test_a_clock_that_went_back_while_nobody_watched_is_followed(tmp_path: Path, phones: Phones) -> None:
    """An hour back in the night: a ladder that was being climbed goes on where it was, not an hour later."""
    programme = found(tmp_path / "clinic", phones=phones.address)
    async with running(programme) as process, hands(programme) as people:
        await people.says("p00", "I want to die")
        await phones.until(lambda: any(one.page for one in phones.screen("tess")))
        process.kill()
    store = programme.store()
    hour = HOUR // timedelta(microseconds=1)
    with store.engine.begin() as connection:  # as if all of it had happened by a clock that was an hour fast
        for statement in (
            f"update timer set due_at = due_at + {hour}",
            f"update care_case set ladder_at = ladder_at + {hour}, opened_at = opened_at + {hour}",
            f"update outbox set made_at = made_at + {hour}, due_at = due_at + {hour}",
        ):
            connection.execute(text(statement))
    store.close()
    set_mark(programme, HOUR)
    async with running(programme):
        started = time.monotonic()
        await phones.until(lambda: any(one.page for one in phones.screen("back")), patience=8)
        assert time.monotonic() - started < 5 + 2.5


def test_a_heartbeat_is_a_second() -> None:
    """What the tolerances above rest on."""
    assert timedelta(seconds=1) == heartbeat.EVERY
