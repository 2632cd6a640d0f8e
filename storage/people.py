"""The people of a programme: adding them, finding them, and the roster of those who work there."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import Row, bindparam, delete, func, insert, select, text, update

from flows.errors import HandrailError
from flows.grant import FieldClass, Role
from flows.ladder import Roster
from flows.people import Location, Participant, StaffMember
from flows.phi import Phi
from flows.plan import Plan, PlanEntry
from flows.rota import Hours, Shift, clock_time, read_hours
from flows.schedule import first_day
from flows.turn import SetTimer
from storage import tables as t
from storage import timers
from storage.ids import new_id
from storage.schema import setting
from storage.store import Unit

ROSTER_VERSION = "roster_version"
#: Channels on which several people can share a room.
WITH_ROOMS = frozenset({"matrix"})
#: Channels on which a file goes as private as words do.
WITH_FILES = frozenset({"matrix", "telegram"})
#: Channels where we can put a key on the screen that says where its owner is.
WITH_PLACES = frozenset({"telegram"})
#: Channels where a message can stay at the head of a chat.
WITH_PINS = frozenset({"telegram"})
#: The channel of pages by other services, and the state of an address there until its owner has written back a code.
PAGER = "pager"
UNCONFIRMED = "unconfirmed"


class AlreadyThere(HandrailError):
    """Somebody is reached at this address already. One address belongs to one person."""


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody to be added. `places` are (channel, address, private), the first tried first."""

    role: Role
    name: str
    language: str
    zone: str
    status: str = "active"
    therapist_id: str = ""
    check_in_at: str = ""
    hours: str = ""
    flags: tuple[str, ...] = ()
    location: Location | None = None
    places: tuple[tuple[str, str, bool], ...] = ()
    person_id: str = ""


def add_person(unit: Unit, new: NewPerson) -> str:
    """Add somebody and everything sealed about them; returns their id."""
    person_id = new.person_id or new_id()
    profile = {"name": new.name, "flags": list(new.flags), "location": _location_out(new.location)}
    address_ids = [_add_address(unit, person_id, rank, place) for rank, place in enumerate(new.places)]
    row = {
        "id": person_id,
        "role": new.role.value,
        "status": new.status,
        "language": new.language,
        "zone": new.zone,
        "therapist_id": new.therapist_id or None,
        "check_in_at": new.check_in_at or None,
        "hours": new.hours or None,
        "address_id": address_ids[0] if address_ids else None,
        "profile": unit.vault.seal(person_id, "person", "profile", person_id, json.dumps(profile)),
        "since": unit.now,
    }
    unit.connection.execute(insert(t.person), row)
    _mark_name(unit, person_id, new.name)
    if new.role is Role.PARTICIPANT and new.status == "active" and new.check_in_at:
        day, at = first_day(clock_time(new.check_in_at), new.zone, unit.now)
        timers.change(unit, [SetTimer(person_id, "check_in", day.isoformat(), at, wall=True)])
    unit.ledger.note(unit.now, "handrail", "person_added", person_id, "person", person_id, {"role": new.role.value})
    bump_roster(unit)
    return person_id


def _location_out(place: Location | None) -> dict[str, str] | None:
    if place is None:
        return None
    return {
        "label": place.label,
        "address": place.address,
        "emergency_number": place.emergency_number,
        "verified": place.verified,
    }


def _add_address(unit: Unit, person_id: str, rank: int, place: tuple[str, str, bool]) -> str:
    channel, written, private = place
    mark = unit.vault.blind(f"address.{channel}", written)
    _make_room(unit, channel, mark)
    address_id = new_id()
    row = {
        "id": address_id,
        "person_id": person_id,
        "channel": channel,
        "rank": rank,
        "private": private,
        "state": "ok",
        "mark": mark,
        "place": unit.vault.seal(person_id, "address", "place", address_id, written),
    }
    unit.connection.execute(insert(t.address), row)
    return address_id


_OWN = select(t.address).where(t.address.c.person_id == bindparam("of"))


def move(unit: Unit, person_id: str, place: tuple[str, str, bool]) -> str:
    """This person is reached there from now on, before anywhere else, and at no other place of that channel; returns
    the id of the address. Raises AlreadyThere."""
    channel, written, _ = place
    own = unit.connection.execute(_OWN, {"of": person_id}).all()
    there = next((row.id for row in own if row.channel == channel), None)
    first = min((row.rank for row in own), default=1) - 1
    mark = unit.vault.blind(f"address.{channel}", written)
    if there is None:
        there = _add_address(unit, person_id, first, place)
    else:  # what is on its way to them goes to the new place
        if all(row.mark != mark for row in own):
            _make_room(unit, channel, mark)
        sealed = unit.vault.seal(person_id, "address", "place", there, written)
        change = update(t.address).where(t.address.c.id == there)
        unit.connection.execute(change.values(mark=mark, place=sealed, rank=first))
    unit.connection.execute(update(t.person).where(t.person.c.id == person_id).values(address_id=there))
    bump_roster(unit)
    return str(there)


def _make_room(unit: Unit, channel: str, mark: bytes) -> None:
    """An address belongs to one person. Somebody who wrote before they were entered is a stranger no more."""
    holder = (
        select(t.address.c.id, t.person.c.status)
        .join(t.person, t.person.c.id == t.address.c.person_id)
        .where(t.address.c.channel == channel, t.address.c.mark == mark)
    )
    taken = unit.connection.execute(holder).first()
    if taken is not None and taken.status != "stranger":
        raise AlreadyThere()
    if taken is not None:
        unit.connection.execute(delete(t.address).where(t.address.c.id == taken.id))


def _mark_name(unit: Unit, person_id: str, name: str) -> None:
    words = {unit.vault.blind("name", word) for word in name.casefold().split()}
    if words:
        rows = [{"person_id": person_id, "word": word} for word in sorted(words)]
        unit.connection.execute(insert(t.person_name), rows)


def people_named(unit: Unit, words: str) -> list[str]:
    """The ids of everybody whose name holds all of these words."""
    found: set[str] | None = None
    for word in words.casefold().split():
        mark = unit.vault.blind("name", word)
        ids = {row[0] for row in unit.connection.execute(_BY_NAME, {"mark": mark})}
        found = ids if found is None else found & ids
    return sorted(found or ())


_BY_NAME = select(t.person_name.c.person_id).where(t.person_name.c.word == bindparam("mark"))


# -- reading a person ----------------------------------------------------------------------------------------------


NO_PROFILE: dict[str, Any] = {"name": "Somebody", "flags": [], "location": None}


def read_profile(unit: Unit, person_id: str, sealed: bytes) -> dict[str, Any]:
    """Name, flags and location of the person who is being handled."""
    opened = unit.open(person_id, ("person", "profile", person_id), sealed, FieldClass.NAME)
    profile: dict[str, Any] = json.loads(opened.reveal())
    return profile


#: Read for every message, and there are no more than so many minutes in a day.
_time_of_day = lru_cache(1440)(clock_time)


def participant_of(unit: Unit, row: Row[Any], *, private: bool) -> Participant:
    """A participant from their row. Without their name they are still heard."""
    profile = unit.opened("person", row.id, lambda: read_profile(unit, row.id, row.profile), NO_PROFILE)
    place = profile["location"]
    return Participant(
        id=row.id,
        name=Phi(profile["name"]),
        language=row.language,
        zone=row.zone,
        status=row.status,
        therapist_id=row.therapist_id or "",
        check_in_at=_time_of_day(row.check_in_at) if row.check_in_at else None,
        private=private,
        flags=Phi(tuple(profile["flags"])),
        location=Phi(Location(**place)) if place else None,
        rooms=row.channel in WITH_ROOMS,
        files=row.channel in WITH_FILES,
        shares_place=row.channel in WITH_PLACES,
        pins=row.channel in WITH_PINS,
    )


# -- the roster ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Registry:
    """Everybody who works here, with the address each is reached at first."""

    version: str
    roster: Roster
    address_of: dict[str, str]
    next_number: int = 1  # of the next case
    pager_of: dict[str, str] = field(default_factory=dict)  # confirmed or not


_STAFF = (
    select(t.person, t.address.c.private, t.address.c.channel, t.address.c.state.label("address_state"))
    .outerjoin(t.address, t.address.c.id == t.person.c.address_id)
    .where(
        text("person.role != 'participant'"),  # written out, not bound: only so the index on staff serves
        t.person.c.role != Role.CONTACT.value,
        t.person.c.status == "active",
    )
)
_SHIFTS = select(t.shift).order_by(t.shift.c.id)
# Written out, not bound: a partial index serves only a condition that says the same at the time of planning.
_PAGERS = select(t.address.c.person_id, t.address.c.id, t.address.c.state).where(text("address.channel = 'pager'"))


_VERSION = select(
    select(setting.c.value).where(setting.c.key == ROSTER_VERSION).scalar_subquery().label("version"),
    select(func.max(t.care_case.c.number)).scalar_subquery().label("newest"),
)


def fresh_registry(unit: Unit, known: Registry) -> Registry:
    """`known`, or the roster read again if somebody has changed it since; the number of the next case in any case."""
    version, newest = unit.run(_VERSION).all()[0]
    registry = known if (version or "") == known.version else load_registry(unit, version or "")
    number = (newest or 0) + 1
    return registry if registry.next_number == number else replace(registry, next_number=number)


_ADDRESS = select(t.person.c.address_id).where(t.person.c.id == bindparam("of"))


def address_id_of(unit: Unit, person_id: str) -> str:
    """Where a person is reached first; nothing for one without an address."""
    return unit.connection.execute(_ADDRESS, {"of": person_id}).scalar() or ""


_STATUS = select(t.person.c.status).where(t.person.c.id == bindparam("of"))


def is_known(unit: Unit, person_id: str) -> bool:
    """Whether somebody entered this person, or they are a stranger who wrote."""
    return unit.connection.execute(_STATUS, {"of": person_id}).scalar() != "stranger"


_WHOSE = select(t.address.c.person_id).where(
    t.address.c.channel == bindparam("on"), t.address.c.mark == bindparam("mark")
)


def person_at(unit: Unit, channel: str, place: str) -> str:
    """Who is reached at this address; somebody nobody knows becomes a stranger with an id, so that they can be
    answered and their words kept."""
    mark = unit.vault.blind(f"address.{channel}", place)
    found = unit.run(_WHOSE, {"on": channel, "mark": mark}).scalar()
    if found:
        return str(found)
    stranger = NewPerson(Role.CONTACT, "", "en", "UTC", status="stranger", places=((channel, place, False),))
    return add_person(unit, stranger)


def operators(roster: Roster) -> tuple[str, ...]:
    """Who hears of faults of the machine: operators, else supervisors, else directors, else whoever works here."""
    for role in (Role.OPERATOR, Role.SUPERVISOR, Role.DIRECTOR, Role.THERAPIST):
        if found := tuple(person.id for person in roster.staff if person.role is role):
            return found
    return ()


def load_registry(unit: Unit, version: str) -> Registry:
    """The roster as it stands in the database."""
    # Sorted here: asked for the order of ids, SQLite would rather go through everybody.
    rows = sorted(unit.connection.execute(_STAFF).all(), key=lambda row: row.id)
    pagers = {row.person_id: row for row in unit.connection.execute(_PAGERS)}
    staff = tuple(_staff_of(unit, row, pagers.get(row.id)) for row in rows)
    shifts = [unit.opened("shift", row.id, partial(_shift_of, row), None) for row in unit.connection.execute(_SHIFTS)]
    roster = Roster(staff, tuple(shift for shift in shifts if shift is not None))
    reached = {row.id: row.address_id for row in rows if row.address_id and row.address_state != UNCONFIRMED}
    return Registry(version, roster, reached, pager_of={person: row.id for person, row in pagers.items()})


def _shift_of(row: Row[Any]) -> Shift | None:
    return Shift(row.person_id, row.layer, read_hours(row.hours), row.zone)


def _staff_of(unit: Unit, row: Row[Any], pager: Row[*tuple[Any, ...]] | None) -> StaffMember:
    """Somebody who works here. A name that does not open must not cost everybody else the roster."""
    profile = unit.opened("person", row.id, lambda: read_profile(unit, row.id, row.profile), NO_PROFILE)
    return StaffMember(
        id=row.id,
        name=profile["name"],
        role=Role(row.role),
        zone=row.zone,
        hours=unit.opened("person", row.id, lambda: read_hours(row.hours), Hours()) if row.hours else Hours(),
        private=bool(row.private),
        rooms=row.channel in WITH_ROOMS,
        pager=pager is not None and pager.state != UNCONFIRMED and pager.id != row.address_id,
        channel=row.channel or "",
    )


def bump_roster(unit: Unit) -> None:
    """Say that people or shifts have changed, so that nobody works with an old roster."""
    version = new_id()
    changed = unit.connection.execute(update(setting).where(setting.c.key == ROSTER_VERSION).values(value=version))
    if not changed.rowcount:
        unit.connection.execute(insert(setting), {"key": ROSTER_VERSION, "value": version})


def add_shift(unit: Unit, person_id: str, layer: str, hours: str, zone: str) -> str:
    """Put somebody on a layer of the on-call rota; returns the shift's id."""
    shift_id = new_id()
    row = {"id": shift_id, "person_id": person_id, "layer": layer, "hours": hours, "zone": zone}
    unit.connection.execute(insert(t.shift), row)
    unit.ledger.note(unit.now, "handrail", "shift_added", person_id, "shift", shift_id, {"layer": layer})
    bump_roster(unit)
    return shift_id


def remove_shifts(unit: Unit, person_id: str, layer: str) -> int:
    """Take somebody off a layer; returns how many shifts went."""
    gone = unit.connection.execute(delete(t.shift).where(t.shift.c.person_id == person_id, t.shift.c.layer == layer))
    unit.ledger.note(unit.now, "handrail", "shifts_removed", person_id, "shift", None, {"layer": layer})
    bump_roster(unit)
    return gone.rowcount


# -- plans ---------------------------------------------------------------------------------------------------------


def keep_plan(unit: Unit, person_id: str, sections: dict[str, Iterable[str]], made_by: str) -> int:
    """A new version of a participant's safety plan, active at once; returns its number. Earlier versions stay."""
    newest = select(t.plan.c.version).where(t.plan.c.person_id == person_id).order_by(t.plan.c.version.desc()).limit(1)
    version = (unit.connection.execute(newest).scalar() or 0) + 1
    plan_id = new_id()
    entries = [[new_id(), section, text] for section, texts in sections.items() for text in texts]
    row = {
        "id": plan_id,
        "person_id": person_id,
        "version": version,
        "body": unit.vault.seal(person_id, "plan", "body", plan_id, json.dumps({"v": version, "entries": entries})),
        "made_at": unit.now,
        "made_by": made_by,
    }
    unit.connection.execute(insert(t.plan), row)
    unit.connection.execute(update(t.person).where(t.person.c.id == person_id).values(plan_id=plan_id))
    _renew_pin(unit, person_id)
    unit.ledger.note(unit.now, made_by, "plan_kept", person_id, "plan", plan_id, {"version": version})
    return version


def _renew_pin(unit: Unit, person_id: str) -> None:
    """Whoever has their plan at the head of their chat must not read an old one there."""
    talk = unit.connection.execute(select(t.talk.c.state).where(t.talk.c.person_id == person_id)).scalar()
    if talk and json.loads(talk).get("pinned"):
        timers.change(unit, [SetTimer(person_id, "plan_changed", "", unit.now)])


def plan_of(opened: str) -> Plan:
    """A plan from its opened body."""
    body = json.loads(opened)
    return Plan(body["v"], tuple(PlanEntry(entry[0], entry[1], Phi(entry[2])) for entry in body["entries"]))


def set_check_in(unit: Unit, person_id: str, at: str, zone: str) -> None:
    """Move a participant's daily check-in to another time or zone."""
    unit.connection.execute(update(t.person).where(t.person.c.id == person_id).values(check_in_at=at, zone=zone))
    unit.ledger.note(unit.now, "handrail", "check_in_moved", person_id, "person", person_id, {})
