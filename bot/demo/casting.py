"""The people of a story, as the page names them."""

from __future__ import annotations

from collections.abc import Mapping

from bot.demo.cast import Cast, Character
from bot.rehearsal.cast import Person
from bot.rehearsal.enrolling import enrol
from bot.rehearsal.file import Rehearsal
from flows.library import Library
from storage.store import Unit

#: What a layer of the rota is called, and in few words.
LAYERS = {
    "primary": ("on call", "on call"),
    "backup": ("backup on call", "backup"),
    "supervisor": ("supervisor on call", "supervisor"),
    "director": ("director on call", "director"),
}


def seat(unit: Unit, rehearsal: Rehearsal, library: Library) -> Cast:
    """Put everybody into the database; whoever is asked first comes first among the staff."""
    ids = enrol(unit, rehearsal, library)
    people = rehearsal.people
    return Cast(
        tuple(_character(name, people[name], ids, people) for name in sorted(people, key=lambda n: _rank(people, n)))
    )


def _rank(people: Mapping[str, Person], name: str) -> int:
    person = people[name]
    order = ["primary", "backup"]
    for position, layer in enumerate(order):
        if layer in person.on_call:
            return position
    if _own_people(name, people):
        return 2
    return {"supervisor": 3, "director": 4}.get(person.role, 5)


def _character(name: str, person: Person, ids: Mapping[str, str], people: Mapping[str, Person]) -> Character:
    seat, short = _seat(name, person, people)
    return Character(
        key=name,
        person_id=ids[name],
        name=person.name or name.capitalize(),
        role=person.as_role,
        channel=person.channel,
        place=name,
        seat=seat,
        short=short,
        therapist_id=ids.get(person.therapist, ""),
    )


def _seat(name: str, person: Person, people: Mapping[str, Person]) -> tuple[str, str]:
    layer = next((layer for layer in LAYERS if layer in person.on_call), None)
    if layer is not None:
        return f"{person.role.capitalize()}, {LAYERS[layer][0]}", LAYERS[layer][1]
    if own := _own_people(name, people):
        whose = (people[own[0]].name or own[0].capitalize()).split()[0]
        return f"{whose}’s own {person.role}", person.role
    if person.role == "contact" and person.of:
        whose = (people[person.of].name or person.of.capitalize()).split()[0]
        return f"{whose}’s trusted contact", "contact"
    return person.role.capitalize(), person.role


def _own_people(name: str, people: Mapping[str, Person]) -> list[str]:
    return [other for other, person in people.items() if person.therapist == name]
