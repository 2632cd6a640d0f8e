"""A message that does not get where it was to go: another address, another try, or somebody is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from flows import privacy
from flows.message import Urgency
from flows.turn import SetTimer
from storage import tables as t
from storage import timers
from storage.people import PAGER, UNCONFIRMED
from storage.store import Unit

_CHANGE = (
    update(t.outbox)
    .where(t.outbox.c.id == bindparam("of"))
    .values(state=bindparam("to"), attempts=bindparam("tries"), due_at=bindparam("next"), address_id=bindparam("via"))
)


def to_a_human(row: Row[Any]) -> bool:
    """A participant's words to the person who speaks with them. Nobody in a crisis is asked whether to send again, so
    they are repeated; and where they do not arrive, the program must know that nobody is listening."""
    return bool(row.urgency == Urgency.RELAY and not row.sender_id)


def may_be_repeated(row: Row[Any]) -> bool:
    """Of what may have arrived, all that somebody waits for is said again: help, and the answer to what they have just
    written. Nobody waits for a reminder; and what people say to each other is repeated only when its sender says so."""
    return row.urgency in {Urgency.CRISIS, Urgency.REPLY} or to_a_human(row)


def change(unit: Unit, row: Row[Any], state: str, next_try: datetime, address_id: str | None) -> None:
    values = {"of": row.id, "to": state, "tries": row.attempts + 1, "next": next_try, "via": address_id}
    unit.connection.execute(_CHANGE, values)


def next_address(unit: Unit, row: Row[Any]) -> None:
    """This address will never take it: the person's next one is tried at once; without one, somebody is told."""
    addresses = select(t.address).where(t.address.c.person_id == row.person_id).order_by(t.address.c.rank)
    found = [one for one in unit.connection.execute(addresses) if one.id == row.address_id or _takes(one, row)]
    known = [(one.id, one.private) for one in found]
    position = next((place for place, (key, _) in enumerate(known) if key == row.address_id), -1)
    written_for = position >= 0 and known[position][1]
    about = row.subject_id != row.person_id
    left = [
        key
        for key, is_private in known[position + 1 :]
        if privacy.may_move(
            about_a_participant=about, is_page=row.page is not None, written_for=written_for, goes_to=is_private
        )
    ]
    if left:
        change(unit, row, "waiting", unit.now, left[0])
    else:
        give_up(unit, row, "failed")
        if row.urgency == Urgency.CRISIS or to_a_human(row):
            raise_alarm(unit, row)


def _takes(address: Row[Any], row: Row[Any]) -> bool:
    """Whether a message may move to this address: a pager takes pages alone, and only once it is known to be theirs."""
    return address.channel != PAGER or (row.page is not None and address.state != UNCONFIRMED)


def raise_alarm(unit: Unit, row: Row[Any]) -> None:
    """A page that reaches nobody climbs; a crisis text that does not reach its participant is told to people.

    What staff are told besides pages raises no alarm of its own: telling them of that would fail in the same way, at
    once and for ever. The clocks of the case go on.
    """
    if to_a_human(row):
        unheard = SetTimer(row.subject_id, "unheard", f"{row.ref}/{row.person_id}", unit.now, {"person": row.person_id})
        timers.change(unit, [unheard])
    elif row.page or (row.person_id != row.subject_id and row.ref):
        timers.change(unit, [page_failed(row.subject_id, row.ref, row.person_id, unit.now)])
    elif row.person_id == row.subject_id:
        timers.change(unit, [SetTimer(row.subject_id, "unreached", row.person_id, unit.now)])


def page_failed(subject_id: str, case_id: str, person_id: str, now: datetime) -> SetTimer:
    return SetTimer(subject_id, "page_failed", f"{case_id}/{person_id}", now, {"person": person_id})


def lose_track(unit: Unit, row: Row[Any]) -> None:
    """Nobody knows whether it arrived. It is not sent twice by itself; the sender of a relay is asked."""
    change(unit, row, "uncertain", row.due_at, row.address_id)
    _tell_sender(unit, row)


def give_up(unit: Unit, row: Row[Any], state: str) -> None:
    change(unit, row, state, row.due_at, row.address_id)
    _tell_sender(unit, row)


def _tell_sender(unit: Unit, row: Row[Any]) -> None:
    if row.urgency == Urgency.RELAY and row.sender_id:
        data = {"sender": row.sender_id, "case": row.ref}
        timers.change(unit, [SetTimer(row.subject_id, "uncertain", row.id, unit.now, data)])
