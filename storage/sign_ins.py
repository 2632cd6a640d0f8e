"""How we are signed in to the networks we speak on: secrets of the programme, sealed like everything else."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import select

from flows.grant import SYSTEM, FieldClass
from storage.dialect import upsert
from storage.schema import setting
from storage.store import Unit


def keep_sign_in(unit: Unit, network: str, facts: Mapping[str, str]) -> None:
    """From now on this is how we are signed in to `network`."""
    name = _name(network)
    sealed = unit.vault.seal(SYSTEM, "setting", "sealed", name, json.dumps(dict(facts)))
    unit.connection.execute(upsert(unit.dialect, setting), {"key": name, "value": None, "sealed": sealed})


def sign_in(unit: Unit, network: str) -> dict[str, str] | None:
    """How we are signed in to `network`; None where we are not."""
    name = _name(network)
    sealed = unit.connection.execute(select(setting.c.sealed).where(setting.c.key == name)).scalar()
    if sealed is None:
        return None
    facts: dict[str, str] = json.loads(
        unit.open(SYSTEM, ("setting", "sealed", name), sealed, FieldClass.WORDS).reveal()
    )
    return facts


def _name(network: str) -> str:
    return f"sign_in.{network}"
