"""Working hours and who is on call.

Hours are weekly and local to a zone; a shift that ends before it starts runs over midnight. Local times that a clock
change skips or doubles are resolved by the zone itself (PEP 495, the first of a doubled hour).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_WORDS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
WINDOW = re.compile(r"(?P<days>[a-z,\- ]+?)\s+(?P<start>\d{1,2}:\d{2})\s*-\s*(?P<end>\d{1,2}:\d{2})")
LAYERS = ("primary", "backup", "supervisor", "director")
ANY_DAY = range(7)


@dataclass(frozen=True, slots=True)
class Window:
    """From `start` to `end` on a weekday (Monday is 0); `end` not after `start` means the next day."""

    day: int
    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Hours:
    """Weekly opening hours. No windows means never; `Hours.always()` is every minute of the week."""

    windows: tuple[Window, ...] = ()
    written: str = ""

    @classmethod
    def always(cls) -> Hours:
        return cls(tuple(Window(day, time(0), time(0)) for day in ANY_DAY), "always")

    def open_at(self, now: datetime, zone: str) -> bool:
        """Whether `now` (aware) falls into one of the windows, in the local time of `zone`."""
        local = now.astimezone(ZoneInfo(zone))
        return any(self._holds(window, local) for window in self.windows)

    def opens_next(self, now: datetime, zone: str) -> datetime | None:
        """The next start of a window after `now`, in UTC; None for hours that never open."""
        tz = ZoneInfo(zone)
        today = now.astimezone(tz).date()
        starts = (
            datetime.combine(today + timedelta(days=ahead), window.start, tz)
            for ahead in range(9)
            for window in self.windows
            if window.day == (today + timedelta(days=ahead)).weekday()
        )
        later = [start.astimezone(now.tzinfo) for start in starts if start > now]
        return min(later, default=None)

    @staticmethod
    def _holds(window: Window, local: datetime) -> bool:
        clock = local.time()
        over_midnight = window.end <= window.start
        if local.weekday() == window.day:
            return clock >= window.start and (over_midnight or clock < window.end)
        return over_midnight and local.weekday() == (window.day + 1) % 7 and clock < window.end


def read_hours(written: str) -> Hours:
    """`Mon-Fri 09:00-17:00; Sat 10:00-12:00`, or `always`. Raises ValueError, saying what would be right."""
    text = written.strip().lower()
    if text in {"always", "24/7"}:
        return Hours.always()
    windows = tuple(window for part in text.split(";") for window in _windows(part.strip(), written))
    return Hours(windows, written.strip())


def _windows(part: str, written: str) -> Iterable[Window]:
    found = WINDOW.fullmatch(part)
    if not found:
        raise ValueError(f"{written!r} is not a list of hours; write them like Mon-Fri 09:00-17:00")
    start, end = _clock(found["start"]), _clock(found["end"])
    for day in _days(found["days"], written):
        yield Window(day, start, end)


def _days(words: str, written: str) -> Iterable[int]:
    for piece in words.replace(" ", "").split(","):
        ends = piece.split("-")
        try:
            first, last = DAYS.index(ends[0][:3]), DAYS.index(ends[-1][:3])
        except ValueError:
            raise ValueError(f"{piece!r} in {written!r} is no day; the days are {', '.join(DAY_WORDS)}") from None
        yield from ((first + step) % 7 for step in range((last - first) % 7 + 1))


def _clock(written: str) -> time:
    if written == "24:00":
        return time(0)
    hour, minute = written.split(":")
    if int(hour) > 23 or int(minute) > 59:
        raise ValueError(f"{written!r} is not a time of day; write it like 09:00 or 21:30")
    return time(int(hour), int(minute))


def clock_time(written: object) -> time:
    """`21:00` as a time of day. Raises ValueError, saying what would be right."""
    if isinstance(written, time):
        return written
    if not re.fullmatch(r"\d{1,2}:\d{2}", str(written).strip()):
        raise ValueError(f"{written!r} is not a time of day; write it like 09:00 or 21:30")
    return _clock(str(written).strip())


@dataclass(frozen=True, slots=True)
class Shift:
    """A person's weekly share of one on-call layer, in the local time of `zone`."""

    staff_id: str
    layer: str
    hours: Hours
    zone: str

    def on_at(self, now: datetime) -> bool:
        return self.hours.open_at(now, self.zone)


def who_is_on(shifts: Iterable[Shift], layer: str, now: datetime) -> tuple[str, ...]:
    """The ids of everybody who is on `layer` at `now`, in the order of the shifts, nobody twice."""
    return tuple(dict.fromkeys(shift.staff_id for shift in shifts if shift.layer == layer and shift.on_at(now)))


def gaps(
    shifts: tuple[Shift, ...], layer: str, start: datetime, days: int = 14
) -> tuple[tuple[datetime, datetime], ...]:
    """The stretches (UTC, to the quarter hour) in the next `days` days in which nobody is on `layer`."""
    step = timedelta(minutes=15)
    found: list[tuple[datetime, datetime]] = []
    for index in range(days * 96):
        at = start + index * step
        if who_is_on(shifts, layer, at):
            continue
        if found and found[-1][1] == at:
            found[-1] = (found[-1][0], at + step)
        else:
            found.append((at, at + step))
    return tuple(found)
