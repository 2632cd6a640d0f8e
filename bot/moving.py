"""A participant's daily check-in moves to another time, or the participant to another zone.

What still waits for today keeps its time; from the next day on the new one counts. No local date is asked twice:
neither in the calendar of the old zone, by which days are counted, nor on the wall of the new one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flows.schedule import after_move, at_local, first_day, local_date
from flows.turn import DropTimer, SetTimer
from storage import timers
from storage.lookup import Prompt, hour_of, last_asked, prompts_of
from storage.people import set_check_in
from storage.store import Unit

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of it. `today` is what still comes at the old time, `first` the first at the new one."""

    changed: bool
    zone: str
    today: datetime | None = None
    first: datetime | None = None


def move_check_in(unit: Unit, person_id: str, clock: time, zone: str | None = None) -> Moved:
    """Move it, and the prompt that waits for it, in this unit of work."""
    before = hour_of(unit, person_id)
    wanted = zone or before.zone
    if (f"{clock:%H:%M}", wanted) == (before.at, before.zone):
        return Moved(changed=False, zone=wanted)
    waiting = prompts_of(unit, person_id)
    today = local_date(unit.now, before.zone)
    kept = [one for one in waiting if one.day <= today]
    later = [one for one in waiting if one.day > today]
    asked = max((at for at in (last_asked(unit, person_id), *(one.due_at for one in kept)) if at), default=None)
    day, at = _first_free(unit.now, clock, wanted, before.zone, later or kept, asked)
    timers.change(
        unit,
        [
            *(DropTimer(person_id, "check_in", one.day.isoformat()) for one in later),
            *(_as_planned(person_id, one) for one in kept),
            SetTimer(person_id, "check_in", day.isoformat(), at, wall=True),
        ],
    )
    set_check_in(unit, person_id, f"{clock:%H:%M}", wanted)
    return Moved(changed=True, zone=wanted, today=kept[0].due_at if kept else None, first=at)


def _first_free(
    now: datetime, clock: time, zone: str, old_zone: str, waiting: list[Prompt], asked: datetime | None
) -> tuple[date, datetime]:
    """The first local date for the new time that nobody was or will be asked on, still to come."""
    if waiting:
        day, at = after_move(clock, zone, waiting[0].day, now, old_zone)
    else:
        day, at = first_day(clock, zone, now)
    while at <= now or (asked is not None and local_date(asked, zone) >= day):
        day += DAY
        at = at_local(day, clock, zone)
    return day, at


def _as_planned(person_id: str, today: Prompt) -> SetTimer:
    """Today's prompt as it was, but tomorrow's is no longer its business: that is set already, at the new time."""
    data = {"planned": today.planned_at.isoformat()}
    return SetTimer(person_id, "check_in", today.day.isoformat(), today.due_at, data, wall=True)
