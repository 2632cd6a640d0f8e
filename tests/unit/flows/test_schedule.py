"""Local times in every zone, whatever the clocks do: one prompt a local date, at the right hour."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.rota import Hours, Shift, clock_time, gaps, read_hours, who_is_on
from flows.schedule import after_move, at_local, first_day, next_day

ZONES = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc", "posix", "right")))
CLOCKS = st.times(min_value=time(0), max_value=time(23, 59)).map(lambda at: at.replace(second=0, microsecond=0))


@settings(max_examples=300, deadline=None)
@given(zone=st.sampled_from(ZONES), clock=CLOCKS, start=st.dates(date(2025, 1, 1), date(2027, 12, 1)))
def test_every_local_date_is_prompted_exactly_once_and_moments_go_forward(zone: str, clock: time, start: date) -> None:
    """Over the clock changes of three years, in every zone."""
    days, moments = [], []
    day = start
    for _ in range(40):
        day, at = next_day(clock, zone, day)
        days.append(day)
        moments.append(at)
    assert days == [start + timedelta(days=n + 1) for n in range(40)]
    assert all(early < late for early, late in itertools.pairwise(moments))


@settings(max_examples=300, deadline=None)
@given(zone=st.sampled_from(ZONES), clock=CLOCKS, day=st.dates(date(2025, 1, 1), date(2027, 12, 1)))
def test_the_wall_shows_the_chosen_time_but_for_a_gap(zone: str, clock: time, day: date) -> None:
    """Only where the clocks skip the hour is it later, by no more than the gap."""
    local = at_local(day, clock, zone).astimezone(ZoneInfo(zone))
    wanted = datetime.combine(day, clock)
    assert timedelta() <= local.replace(tzinfo=None) - wanted <= timedelta(hours=2)


def test_a_time_that_says_which_of_two_it_means_is_taken_for_the_first() -> None:
    """Where the clocks skip the hour, it would be an hour too early."""
    second = time(1, 0, fold=1)
    assert at_local(date(2025, 3, 30), second, "Europe/Belfast") == at_local(
        date(2025, 3, 30), time(1), "Europe/Belfast"
    )


def test_both_clock_changes_in_new_york_keep_nine_in_the_evening() -> None:
    """The spring night has 23 hours between two prompts, the autumn one 25."""
    for day, hours in ((date(2026, 3, 7), 23), (date(2026, 10, 31), 25)):
        _, first = next_day(time(21), "America/New_York", day - timedelta(days=1))
        _, second = next_day(time(21), "America/New_York", day)
        assert second - first == timedelta(hours=hours)


def test_somebody_who_moves_is_asked_at_the_new_hour_from_the_next_day_on() -> None:
    """Today keeps its time; no date is asked twice, none is left out."""
    now = datetime(2026, 5, 4, 15, tzinfo=UTC)
    today = date(2026, 5, 4)
    assert first_day(time(21), "America/New_York", now)[0] == today
    day, at = after_move(time(21), "Europe/Berlin", today, now, "America/New_York")
    assert (day, at) == (date(2026, 5, 5), datetime(2026, 5, 5, 19, tzinfo=UTC))
    assert after_move(time(21), "Europe/Berlin", date(2026, 5, 5), now, "America/New_York")[0] == date(2026, 5, 5)


@pytest.mark.parametrize(
    ("written", "local", "is_open"),
    [
        ("Mon-Fri 09:00-17:00", "2026-03-10 09:00", True),
        ("Mon-Fri 09:00-17:00", "2026-03-10 17:00", False),
        ("Mon-Fri 09:00-17:00", "2026-03-14 12:00", False),
        ("Fri-Mon 20:00-08:00", "2026-03-10 07:59", True),
        ("Fri-Mon 20:00-08:00", "2026-03-10 08:00", False),
        ("Sat, Sun 10:00-12:00; Mon 08:00-09:00", "2026-03-15 11:00", True),
        ("always", "2026-03-15 03:00", True),
    ],
)
def test_hours_are_open_when_the_wall_says_so(written: str, local: str, is_open: bool) -> None:
    """Weekly windows, some of them over midnight."""
    at = datetime.fromisoformat(local).replace(tzinfo=ZoneInfo("America/New_York"))
    assert read_hours(written).open_at(at, "America/New_York") is is_open


@pytest.mark.parametrize("written", ["nine to five", "Mon-Fry 09:00-17:00", "Mon 25:00-26:00", "Mon 09:00"])
def test_hours_that_cannot_be_read_say_what_would_be_right(written: str) -> None:
    """A misspelt rota must not become an empty one."""
    with pytest.raises(ValueError, match=r"write|days are"):
        read_hours(written)


def test_a_time_of_day_that_cannot_be_read_says_what_would_be_right() -> None:
    """21.00 and 9pm are understood by people only."""
    with pytest.raises(ValueError, match="21:30"):
        clock_time("9pm")


def test_a_gap_in_the_rota_is_found_to_the_quarter_hour() -> None:
    """Nobody on call from two to six tomorrow is known today."""
    zone = "America/New_York"
    shifts = (
        Shift("jo", "primary", read_hours("Mon-Sun 06:00-02:00"), zone),
        Shift("lee", "backup", Hours.always(), zone),
    )
    start = datetime(2026, 5, 4, 16, tzinfo=UTC)
    found = gaps(shifts, "primary", start, days=1)
    assert found == ((datetime(2026, 5, 5, 6, tzinfo=UTC), datetime(2026, 5, 5, 10, tzinfo=UTC)),)
    assert gaps(shifts, "backup", start, days=14) == ()
    assert who_is_on(shifts, "primary", start) == ("jo",)
