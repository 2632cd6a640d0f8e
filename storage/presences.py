"""Sessions attended and missed, and discharges from hospital. Nothing in the program writes one down yet."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import insert

from flows.over_time import WRITTEN_DOWN
from flows.turn import SetTimer
from storage import tables as t
from storage import timers
from storage.ids import new_id
from storage.store import Unit


class Presence(StrEnum):
    """What can be known about where somebody was on a day."""

    ATTENDED = "attended"
    MISSED = "missed"
    DISCHARGED = "discharged"


_NEW = insert(t.presence)


def write_down(unit: Unit, person_id: str, kind: Presence, day: date) -> None:
    """Keep it, under the date on the participant's wall. The rules about patterns look at it with the next beat."""
    row = {"id": new_id(), "person_id": person_id, "kind": kind.value, "local_date": day.isoformat(), "at": unit.now}
    unit.write(_NEW, row)
    timers.change(unit, [SetTimer(person_id, WRITTEN_DOWN, "", unit.now)])
