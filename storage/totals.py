"""Totals of instruments (PHQ-9, GAD-7, WHO-5), as they were taken. Nothing in the program takes one yet."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import insert

from flows.over_time import WRITTEN_DOWN
from flows.phi import Phi
from flows.turn import SetTimer
from storage import tables as t
from storage import timers
from storage.ids import new_id
from storage.store import Unit

_NEW = insert(t.total)


def write_down(unit: Unit, person_id: str, instrument: str, total: int, taken_at: datetime) -> None:
    """Keep a total. The rules about patterns look at it with the next beat of the heart."""
    row_id = new_id()
    value = unit.vault.seal(person_id, "total", "value", row_id, Phi(str(total)))
    unit.write(_NEW, {"id": row_id, "person_id": person_id, "instrument": instrument, "value": value, "at": taken_at})
    timers.change(unit, [SetTimer(person_id, WRITTEN_DOWN, "", unit.now)])
