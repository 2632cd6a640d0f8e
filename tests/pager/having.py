"""Giving somebody in a world a pager."""

from __future__ import annotations

from storage import pagers
from storage.ids import new_code
from tests.faults.world import World


def give(clinic: World, who: str, *, confirmed: bool = True) -> str:
    """A pager for somebody; returns its address."""
    url = f"json://{who}"
    with clinic.program.store.begin(clinic.clock.now()) as unit:
        pagers.set_pager(unit, who, url)
        if confirmed:
            prove(unit, who)
    return url


def prove(unit: pagers.Unit, who: str) -> None:
    """They write back the code."""
    code = new_code()
    pagers.change(unit, who, pagers.PagerChange(code=code))
    found = pagers.look(unit, who, code)
    assert found is not None
    assert found.tried is pagers.Tried.RIGHT
    pagers.change(unit, who, pagers.PagerChange(tried=found.tried))
