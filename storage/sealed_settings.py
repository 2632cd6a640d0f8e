"""Settings that are secrets of the programme, sealed like everything else."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from flows.grant import SYSTEM, FieldClass
from storage.dialect import upsert
from storage.schema import setting
from storage.store import Unit


def keep_sealed(unit: Unit, name: str, value: object) -> None:
    """From now on this is the setting of that name."""
    sealed = unit.vault.seal(SYSTEM, "setting", "sealed", name, json.dumps(value))
    unit.connection.execute(upsert(unit.dialect, setting), {"key": name, "value": None, "sealed": sealed})


def read_sealed(unit: Unit, name: str) -> Any:
    """The setting of that name; None where there is none."""
    sealed = unit.connection.execute(select(setting.c.sealed).where(setting.c.key == name)).scalar()
    if sealed is None:
        return None
    return json.loads(unit.open(SYSTEM, ("setting", "sealed", name), sealed, FieldClass.WORDS).reveal())
