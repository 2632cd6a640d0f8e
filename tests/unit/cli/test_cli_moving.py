"""A daily check-in that moves: today's stays as it was, and no date is asked twice, whatever the clocks do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from bot.moving import move_check_in
from flows.grant import Role
from flows.rota import clock_time
from flows.schedule import local_date, next_day
from flows.turn import DropTimer, SetTimer
from storage import tables as t
from storage import timers
from storage.dialect import engine_for
from storage.ids import new_id
from storage.keyfile import MasterKey
from storage.lookup import hour_of, prompts_of
from storage.people import NewPerson, add_person
from storage.store import Store, Unit
from storage.upgrade import create_throwaway

NEW_YORK, TOKYO, SYDNEY, LONDON = "America/New_York", "Asia/Tokyo", "Australia/Sydney", "Europe/London"


class Diary:
    """One participant and everything they were asked, as the program would ask it."""

    def __init__(self, store: Store, at: datetime, clock: str, zone: str) -> None:
        self.store = store
        self.asked: list[tuple[date, datetime, str]] = []  # the date, the moment, the zone of the participant then
        self.on_the_new_wall: list[bool] = []  # whether no earlier one was asked on that date of this zone
        with store.begin(at) as unit:
            new = NewPerson(Role.PARTICIPANT, "Maya", "en", zone, check_in_at=clock)
            self.person = add_person(unit, new)
            day, first = next_day(clock_time(clock), zone, local_date(at, zone) - timedelta(days=1))
            if first <= at:
                day, first = next_day(clock_time(clock), zone, day)
            timers.change(unit, [SetTimer(self.person, "check_in", day.isoformat(), first, wall=True)])

    def move(self, at: datetime, clock: time, zone: str) -> None:
        with self.store.begin(at) as unit:
            move_check_in(unit, self.person, clock, zone)

    def until(self, moment: datetime) -> None:
        """Everything that falls due until then is asked, as `flows.check_in.due` does it."""
        while due := self._next(moment):
            with self.store.begin(due) as unit:
                self._ask(unit, due)

    def _next(self, moment: datetime) -> datetime | None:
        with self.store.begin(moment) as unit:
            first = min((one.due_at for one in prompts_of(unit, self.person)), default=moment + timedelta(days=1))
        return first if first <= moment else None

    def _ask(self, unit: Unit, due: datetime) -> None:
        prompt = min(prompts_of(unit, self.person), key=lambda one: one.due_at)
        hour = hour_of(unit, self.person)
        [row] = [one for one in timers.take_due(unit, 1) if one.person_id == self.person]
        if "planned" not in row.data:
            day, at = next_day(clock_time(hour.at), hour.zone, prompt.day)
            while at <= unit.now:
                day, at = next_day(clock_time(hour.at), hour.zone, day)
            timers.change(unit, [SetTimer(self.person, "check_in", day.isoformat(), at, wall=True)])
        kept = "planned" in row.data
        walls = {local_date(at, hour.zone) for _, at, _ in self.asked}
        self.on_the_new_wall.append(kept or local_date(due, hour.zone) not in walls)
        self.asked.append((prompt.day, due, hour.zone))
        values = {"id": new_id(), "person_id": self.person, "local_date": prompt.day.isoformat(), "state": "asked"}
        unit.connection.execute(
            insert(t.check_in), {**values, "conversation": "check_in", "reminders": 0, "asked_at": due}
        )


@contextmanager
def diary(at: datetime, clock: str, zone: str) -> Iterator[Diary]:
    engine = engine_for("sqlite:///:memory:", throwaway=True)
    create_throwaway(engine)
    store = Store(engine, MasterKey(b"k" * 32))
    try:
        yield Diary(store, at, clock, zone)
    finally:
        store.close()


def local(written: str, zone: str = NEW_YORK) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def test_todays_check_in_keeps_its_time() -> None:
    """Somebody who expects it at nine tonight gets it at nine tonight."""
    with diary(local("2026-05-01 12:00"), "21:00", NEW_YORK) as maya:
        maya.move(local("2026-05-01 13:00"), time(8), NEW_YORK)
        maya.until(local("2026-05-03 23:00"))
    assert [at for _, at, _ in maya.asked] == [
        local("2026-05-01 21:00"),
        local("2026-05-02 08:00"),
        local("2026-05-03 08:00"),
    ]


def test_after_todays_the_new_time_counts_from_tomorrow() -> None:
    """Not a second one today, though the new time is still to come today."""
    with diary(local("2026-05-01 07:00"), "08:00", NEW_YORK) as maya:
        maya.until(local("2026-05-01 09:00"))
        maya.move(local("2026-05-01 10:00"), time(20), NEW_YORK)
        maya.until(local("2026-05-02 23:00"))
    assert [at for _, at, _ in maya.asked] == [local("2026-05-01 08:00"), local("2026-05-02 20:00")]


def test_a_local_time_that_the_clocks_skip_is_asked_once() -> None:
    """02:30 on the night of 8 March 2026 does not exist in New York."""
    with diary(local("2026-03-06 12:00"), "21:00", NEW_YORK) as maya:
        maya.until(local("2026-03-06 22:00"))
        maya.move(local("2026-03-06 23:00"), time(2, 30), NEW_YORK)
        maya.until(local("2026-03-09 12:00"))
    assert [day.isoformat() for day, _, _ in maya.asked] == ["2026-03-06", "2026-03-07", "2026-03-08", "2026-03-09"]


def test_moving_east_asks_nobody_twice_on_a_date_of_the_new_wall() -> None:
    """Nine at night in New York is ten in the morning of the next day in Tokyo: that day has had its question."""
    with diary(local("2026-05-01 12:00"), "21:00", NEW_YORK) as maya:
        maya.move(local("2026-05-01 13:00"), time(22), TOKYO)
        maya.until(local("2026-05-04 23:00", TOKYO))
    assert [at for _, at, _ in maya.asked] == [
        local("2026-05-01 21:00"),
        local("2026-05-03 22:00", TOKYO),
        local("2026-05-04 22:00", TOKYO),
    ]


HOURS = st.times(min_value=time(0), max_value=time(23, 59)).map(lambda at: at.replace(second=0, microsecond=0))
MOVES = st.lists(
    st.tuples(
        st.timedeltas(timedelta(minutes=1), timedelta(days=2)),
        HOURS,
        st.sampled_from([NEW_YORK, TOKYO, SYDNEY, LONDON]),
    ),
    max_size=6,
)
STARTS = st.integers(0, 270 * 1440).map(lambda minutes: datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=minutes))


@settings(max_examples=50)  # each is days of a life, in a database
@given(start=STARTS, first=HOURS, moves=MOVES)
def test_no_date_is_asked_twice(start: datetime, first: time, moves: list[tuple[timedelta, time, str]]) -> None:
    """Whatever somebody moves when: dates only go on, and one prompt at a time waits."""
    now = start
    with diary(now, f"{first:%H:%M}", NEW_YORK) as maya:
        for after, clock, zone in moves:
            now += after
            maya.until(now)
            maya.move(now, clock, zone)
        maya.until(now + timedelta(days=3))
        with maya.store.begin(now) as unit:
            waiting = prompts_of(unit, maya.person)
    days = [day for day, _, _ in maya.asked]
    assert days == sorted(set(days))
    assert [at for _, at, _ in maya.asked] == sorted(at for _, at, _ in maya.asked)
    assert len(waiting) == 1
    assert all(maya.on_the_new_wall)


@pytest.mark.parametrize("planned", [True, False])
def test_without_anything_waiting_the_first_is_set(planned: bool) -> None:
    """A participant who had no check-in so far, or whose timer was lost."""
    with diary(local("2026-05-01 12:00"), "21:00", NEW_YORK) as maya:
        with maya.store.begin(local("2026-05-01 12:00")) as unit:
            timers.change(unit, [DropTimer(maya.person, "check_in")])
        clock = time(20) if planned else time(9)
        maya.move(local("2026-05-01 12:01"), clock, NEW_YORK)
        maya.until(local("2026-05-02 12:00"))
    assert [at for _, at, _ in maya.asked] == [local("2026-05-01 20:00") if planned else local("2026-05-02 09:00")]
