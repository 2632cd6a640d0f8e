"""Puts the people of a rehearsal into its database, as an enrolment would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from bot.rehearsal.cast import Person
from bot.rehearsal.file import Rehearsal
from flows.library import Library
from flows.people import Location
from flows.rota import clock_time
from flows.schedule import at_local, local_date, next_day
from flows.settings import ProgrammeSettings
from flows.turn import SetTimer
from storage import timers
from storage.people import NewPerson, add_person, add_shift, keep_plan
from storage.store import Unit

ORDER = ("director", "supervisor", "operator", "therapist", "facilitator", "participant", "contact")


#: A channel, the address there, and whether it is private.
Place = tuple[str, str, bool]


def enrol(
    unit: Unit, rehearsal: Rehearsal, library: Library, elsewhere: Mapping[str, Place] = MappingProxyType({})
) -> dict[str, str]:
    """Everybody, staff first; returns their ids by the word that stands for them in the file. Whoever is reached
    `elsewhere` is reached nowhere else."""
    ids: dict[str, str] = {}
    programme = library.settings.programme
    for name, person in sorted(rehearsal.people.items(), key=lambda one: ORDER.index(one[1].role)):
        there = (elsewhere[name],) if name in elsewhere else ()
        ids[name] = enrol_one(unit, name, person, programme, ids, there, simulated=not there)
    return ids


def enrol_one(
    unit: Unit,
    name: str,
    person: Person,
    programme: ProgrammeSettings,
    ids: Mapping[str, str],
    real: Sequence[Place] = (),
    *,
    simulated: bool = True,
) -> str:
    """One person, reached at their `real` places, and (`simulated`) at `name` on their simulated channel. `ids` must
    hold their therapist already."""
    zone = person.zone or programme.zone
    place = person.location
    places = [*real, *([(person.channel, name, person.channel == "private")] if simulated else [])]
    person_id = add_person(
        unit,
        NewPerson(
            role=person.as_role,
            name=person.name or name.capitalize(),
            language=person.language or programme.language,
            zone=zone,
            status="active" if person.status == "enrolled" else person.status,
            therapist_id=ids.get(person.therapist, ""),
            check_in_at=person.check_in or "",
            hours=person.hours,
            flags=person.flags,
            location=Location(place.label, place.address, place.emergency_number, place.verified) if place else None,
            places=tuple(places),
        ),
    )
    for layer, hours in person.on_call.items():
        add_shift(unit, person_id, layer, hours, zone)
    if person.role == "participant":
        _begin(unit, person_id, person, zone, ids)
    return person_id


def _begin(unit: Unit, person_id: str, person: Person, zone: str, ids: Mapping[str, str]) -> None:
    """The plan, and the first check-in: at the very start, if the rehearsal begins at its time of day."""
    sections = {section: texts for section, texts in person.plan if texts}
    if sections:
        keep_plan(unit, person_id, sections, ids.get(person.therapist, person_id))
    if person.check_in is None:
        return
    clock = clock_time(person.check_in)
    day = local_date(unit.now, zone)
    at = at_local(day, clock, zone)
    if at < unit.now:
        day, at = next_day(clock, zone, day)
    timers.change(unit, [SetTimer(person_id, "check_in", day.isoformat(), at, wall=True)])
