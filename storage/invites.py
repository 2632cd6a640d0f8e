"""Invitations to a channel: a link that binds an account to one person, once, for some days.

Only the mark of a code is kept, so that nobody who reads the database can use one.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Row, bindparam, insert, select, update

from flows.grant import Role
from storage import people
from storage import tables as t
from storage.store import Unit

#: So many random bytes, written in letters that may stand in a link.
CODE_BYTES: Final = 24
#: So long a link may wait to be followed.
GOOD_FOR: Final = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Followed:
    """Somebody came with a code that was made for them. `new` is False where they came with it before."""

    person_id: str
    address_id: str
    new: bool
    works_here: bool = False


def invite(unit: Unit, person_id: str, channel: str, good_for: timedelta = GOOD_FOR) -> str:
    """A code for this person to come with; the ones made for them before are good no more."""
    code = secrets.token_urlsafe(CODE_BYTES)
    earlier = update(t.invite).where(t.invite.c.person_id == person_id, t.invite.c.used_by.is_(None))
    unit.connection.execute(earlier.values(expires_at=unit.now))
    row = {
        "code": unit.vault.blind("invite", code),
        "person_id": person_id,
        "channel": channel,
        "made_at": unit.now,
        "expires_at": unit.now + good_for,
    }
    unit.connection.execute(insert(t.invite), row)
    unit.ledger.note(unit.now, "handrail", "invited", person_id, "person", person_id, {"channel": channel})
    return code


_MADE = select(t.invite).where(t.invite.c.code == bindparam("code"), t.invite.c.channel == bindparam("on"))


def follow(unit: Unit, channel: str, code: str, place: str) -> Followed | None:
    """From now on the person whom the code was made for is reached at `place`, before anywhere else, and at no other
    place on this channel. None where the code is unknown, was used by somebody else, or is too old.

    Raises AlreadyThere where `place` is somebody else's.
    """
    made = unit.connection.execute(_MADE, {"code": unit.vault.blind("invite", code), "on": channel}).first()
    mark = unit.vault.blind(f"address.{channel}", place)
    if made is None or not _is_good(unit, made, mark):
        return None
    if made.used_by is not None:
        return Followed(made.person_id, "", new=False)
    address_id = people.move(unit, made.person_id, (channel, place, False))
    used = update(t.invite).where(t.invite.c.code == made.code).values(used_by=mark, used_at=unit.now)
    unit.connection.execute(used)
    unit.ledger.note(unit.now, made.person_id, "came", made.person_id, "address", address_id, {"channel": channel})
    return Followed(made.person_id, address_id, new=True, works_here=_works_here(unit, made.person_id))


def _works_here(unit: Unit, person_id: str) -> bool:
    role = unit.connection.execute(select(t.person.c.role).where(t.person.c.id == person_id)).scalar_one()
    return role not in {Role.PARTICIPANT, Role.CONTACT}


def _is_good(unit: Unit, made: Row[Any], mark: bytes) -> bool:
    if made.used_by is not None:
        return bool(made.used_by == mark)  # the same account again: the message came twice
    return bool(unit.now < made.expires_at)


_NOT_FOLLOWED = select(t.invite.c.person_id, t.invite.c.expires_at).where(
    t.invite.c.channel == bindparam("on"), t.invite.c.used_by.is_(None)
)
_REACHED = select(t.address.c.person_id).where(t.address.c.channel == bindparam("on"))


def not_followed(unit: Unit, channel: str) -> tuple[int, int]:
    """How many people have a link that waits for them; and how many have none any more and never came."""
    links = unit.connection.execute(_NOT_FOLLOWED, {"on": channel}).all()
    there = {row[0] for row in unit.connection.execute(_REACHED, {"on": channel})}
    waiting = {row.person_id for row in links if row.expires_at > unit.now}
    return len(waiting), len({row.person_id for row in links} - waiting - there)
