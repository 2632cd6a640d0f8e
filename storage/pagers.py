"""Pagers: who has one, the code that proves it is theirs, and what a link to acknowledge is about.

One pager a person. A new one takes the place of the old one, and nothing counts of what went to the old one: a lost
phone must not answer for its owner.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, insert, select, update

from flows.errors import HandrailError
from flows.grant import FieldClass
from flows.message import Page
from flows.pager import Pager, PagerChange, Tried, shown
from storage import tables as t
from storage.dialect import upsert
from storage.ids import new_id
from storage.outbox.rows import page_in
from storage.people import PAGER, UNCONFIRMED, bump_roster
from storage.store import Unit

#: A code counts for so long, may be tried so often, and is followed by another one no sooner.
CODE_COUNTS_FOR = timedelta(minutes=15)
TRIES = 5
REST = timedelta(minutes=1)


class SharedPager(HandrailError):
    """Somebody else is rung at this address already. A pager is one person's: it says who answered."""


_ALL = (
    select(t.address)
    .join(t.person, t.person.c.id == t.address.c.person_id)
    .where(t.address.c.channel == PAGER, t.person.c.status == "active")
    .order_by(t.address.c.person_id)
)
_THEIRS = select(t.address).where(t.address.c.channel == PAGER, t.address.c.person_id == bindparam("of"))
_CODE = select(t.pager_code).where(t.pager_code.c.address_id == bindparam("of"))
_AT = select(t.address.c.person_id).where(t.address.c.channel == PAGER, t.address.c.mark == bindparam("mark"))
_NEXT_RANK = select(func.max(t.address.c.rank)).where(t.address.c.person_id == bindparam("of"))


# -- having one ----------------------------------------------------------------------------------------------------


def set_pager(unit: Unit, person_id: str, url: str) -> None:
    """From now on this is somebody's pager; not confirmed yet, even if it was theirs before. Raises SharedPager."""
    mark = unit.vault.blind(f"address.{PAGER}", url)
    holder = unit.connection.execute(_AT, {"mark": mark}).scalar()
    if holder not in (None, person_id):
        raise SharedPager()
    remove_pager(unit, person_id)
    rank = unit.connection.execute(_NEXT_RANK, {"of": person_id}).scalar()
    address_id = new_id()
    row = {
        "id": address_id,
        "person_id": person_id,
        "channel": PAGER,
        "rank": 0 if rank is None else rank + 1,
        "private": False,
        "state": UNCONFIRMED,
        "mark": mark,
        "place": unit.vault.seal(person_id, "address", "place", address_id, url),
    }
    unit.connection.execute(insert(t.address), row)
    if rank is None:  # the only way to reach them
        unit.connection.execute(update(t.person).where(t.person.c.id == person_id).values(address_id=address_id))
    unit.ledger.note(unit.now, "handrail", "pager_set", person_id, "address", address_id, {})
    bump_roster(unit)


def remove_pager(unit: Unit, person_id: str) -> bool:
    """Nobody is rung by it any more, and links that went to it answer nothing. False where there was none."""
    row = unit.connection.execute(_THEIRS, {"of": person_id}).first()
    if row is None:
        return False
    unit.connection.execute(
        update(t.outbox)
        .where(t.outbox.c.address_id == row.id, t.outbox.c.state.in_(["waiting", "later", "sending"]))
        .values(state="replaced")
    )
    unit.connection.execute(delete(t.pager_code).where(t.pager_code.c.address_id == row.id))
    unit.connection.execute(delete(t.address).where(t.address.c.id == row.id))
    unit.connection.execute(update(t.person).where(t.person.c.address_id == row.id).values(address_id=None))
    unit.ledger.note(unit.now, "handrail", "pager_removed", person_id, "address", row.id, {})
    bump_roster(unit)
    return True


@dataclass(frozen=True, slots=True)
class Kept:
    """Somebody's pager with its address: for whoever rings it, or looks whether it can be rung."""

    person_id: str
    address_id: str
    confirmed: bool
    url: str = field(repr=False)


def all_pagers(unit: Unit) -> tuple[Kept, ...]:
    """Everybody's. What does not open is left out."""
    rows = unit.connection.execute(_ALL).all()
    found = (unit.opened("address", row.id, partial(_kept, unit, row), None) for row in rows)
    return tuple(one for one in found if one is not None)


def pager_of(unit: Unit, person_id: str) -> Kept | None:
    """Somebody's pager; None where they have none."""
    row = unit.connection.execute(_THEIRS, {"of": person_id}).first()
    return None if row is None else unit.opened("address", row.id, partial(_kept, unit, row), None)


def _kept(unit: Unit, row: Row[Any]) -> Kept | None:
    place = unit.open(row.person_id, ("address", "place", row.id), row.place, FieldClass.ADDRESS)
    return Kept(row.person_id, row.id, row.state != UNCONFIRMED, place.reveal())


# -- proving it ----------------------------------------------------------------------------------------------------


def look(unit: Unit, person_id: str, written: str) -> Pager | None:
    """Somebody's pager, and what `written`, as the code that was sent to it, comes to."""
    kept = pager_of(unit, person_id)
    if kept is None:
        return None
    code = unit.connection.execute(_CODE, {"of": kept.address_id}).first()
    resting = code is not None and unit.now - code.made_at < REST
    tried = _tried(unit, kept.address_id, code, written) if written else Tried.NOTHING
    return Pager(shown(kept.url), kept.confirmed, resting, tried)


def _tried(unit: Unit, address_id: str, code: Row[Any] | None, written: str) -> Tried:
    if code is None or code.tries >= TRIES or unit.now - code.made_at > CODE_COUNTS_FOR:
        return Tried.OVER
    return Tried.RIGHT if hmac.compare_digest(code.mark, _mark(unit, address_id, written)) else Tried.WRONG


def _mark(unit: Unit, address_id: str, code: str) -> bytes:
    return unit.vault.blind("pager_code", f"{address_id}/{''.join(code.split())}")


def change(unit: Unit, person_id: str, decided: PagerChange) -> None:
    """Make true what was decided: a code to remember, a try that counts, a pager that is theirs."""
    address_id = unit.connection.execute(_THEIRS, {"of": person_id}).scalar()
    if address_id is None:
        return
    if decided.code:
        row = {"address_id": address_id, "mark": _mark(unit, address_id, decided.code), "tries": 0, "made_at": unit.now}
        unit.connection.execute(upsert(unit.dialect, t.pager_code), row)
    elif decided.tried is Tried.RIGHT:
        _confirm(unit, person_id, address_id)
    elif decided.tried is Tried.WRONG:
        tries = update(t.pager_code).where(t.pager_code.c.address_id == address_id)
        unit.connection.execute(tries.values(tries=t.pager_code.c.tries + 1))


def _confirm(unit: Unit, person_id: str, address_id: str) -> None:
    """A code counts once."""
    unit.connection.execute(delete(t.pager_code).where(t.pager_code.c.address_id == address_id))
    unit.connection.execute(update(t.address).where(t.address.c.id == address_id).values(state="ok"))
    unit.ledger.note(unit.now, person_id, "pager_confirmed", person_id, "address", address_id, {})
    bump_roster(unit)


# -- answering by a link -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page by pager asked, and how that stands now."""

    person_id: str
    page: Page
    answered: bool
    case_state: str
    holder_id: str
    place: str = field(repr=False)


_PAGE = (
    select(
        t.outbox.c.person_id,
        t.outbox.c.page,
        t.outbox.c.answered_at,
        t.address.c.id.label("address_id"),
        t.address.c.place,
        t.care_case.c.state,
        t.care_case.c.holder_id,
    )
    .join(t.address, t.address.c.id == t.outbox.c.address_id)
    .join(t.care_case, t.care_case.c.id == t.outbox.c.ref)
    .where(t.outbox.c.id == bindparam("of"), t.address.c.channel == PAGER, t.address.c.state != UNCONFIRMED)
)


def asked_by(unit: Unit, key: str) -> Asked | None:
    """The page of this key, if it went to a pager that is still its owner's."""
    row = unit.connection.execute(_PAGE, {"of": key}).first()
    page = page_in(row.page) if row is not None else None
    if row is None or page is None:
        return None
    place = unit.open(row.person_id, ("address", "place", row.address_id), row.place, FieldClass.ADDRESS)
    return Asked(row.person_id, page, row.answered_at is not None, row.state, row.holder_id, place.reveal())
