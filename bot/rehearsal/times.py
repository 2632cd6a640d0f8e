"""Days and times as a rehearsal writes them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from flows.rota import clock_time
from flows.schedule import at_local, local_date, next_day

DAY_AND_TIME = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2})?(Z|[+-]\d{2}:\d{2})?")


def day_and_time(written: object) -> datetime:
    """`2026-03-10 21:00` as it stands: without a zone, unless one is written. Raises ValueError."""
    if isinstance(written, datetime):
        return written
    text = str(written).strip()
    wrong = ValueError(f"{text!r} is not a day and time; write it like 2026-03-10 21:00")
    if not DAY_AND_TIME.fullmatch(text):
        raise wrong
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise wrong from None


def in_zone(moment: datetime, zone: str) -> datetime:
    """A moment without a zone of its own, as the clock on the wall in `zone` shows it; in UTC."""
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    return moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def clock_or_moment(written: str) -> time | datetime:
    """`21:10`, or a day and a time. Raises ValueError, saying what would be right."""
    if "-" in written:
        return day_and_time(written)
    return clock_time(written)


def next_time(clock: time, zone: str, now: datetime) -> datetime:
    """When the wall in `zone` shows `clock` next, after `now`."""
    day = local_date(now, zone)
    at = at_local(day, clock, zone)
    while at <= now:
        day, at = next_day(clock, zone, day)
    return at
