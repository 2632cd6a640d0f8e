"""When things are due in people's own time zones: once per local date, whatever the clocks do."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def at_local(day: date, clock: time, zone: str) -> datetime:
    """`clock` on `day` in `zone`, in UTC. A time that the clocks skip becomes the first moment after the gap shifted
    by as much; of a time that comes twice, the first (PEP 495, fold 0)."""
    return datetime.combine(day, clock.replace(fold=0), ZoneInfo(zone)).astimezone(UTC)


def local_date(at: datetime, zone: str) -> date:
    """The date on the wall in `zone`."""
    return at.astimezone(ZoneInfo(zone)).date()


def next_day(clock: time, zone: str, after_date: date) -> tuple[date, datetime]:
    """The local date after `after_date` and the moment of `clock` on it. The date, not the moment, is what counts:
    some gaps push a late time into the next date."""
    day = after_date + timedelta(days=1)
    return day, at_local(day, clock, zone)


def first_day(clock: time, zone: str, now: datetime) -> tuple[date, datetime]:
    """The first local date on which `clock` is still to come at `now`."""
    day = local_date(now, zone)
    at = at_local(day, clock, zone)
    return (day, at) if at > now else next_day(clock, zone, day)


def after_move(clock: time, zone: str, pending: date, now: datetime, old_zone: str) -> tuple[date, datetime]:
    """What becomes of a pending prompt when the participant moves (other time or zone).

    Today's prompt keeps its old time; from the next day on the new one counts. No date is prompted twice.
    """
    today = local_date(now, old_zone)
    day = pending if pending > today else today + timedelta(days=1)
    return day, at_local(day, clock, zone)
