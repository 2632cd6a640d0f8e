"""Do the names in a rehearsal belong to people who are in it, and does what is written about them fit their role?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from bot.reading import Complaint, Document, did_you_mean, listed
from bot.rehearsal.cast import BY_ROLE, EVERYBODY, STAFF_KEYS, Group, Person


def references(
    document: Document, people: Mapping[str, Person], groups: Mapping[str, Group], strict: Iterable[str]
) -> Iterator[Complaint]:
    """Everything of the kind that is wrong."""
    for name, person in people.items():
        yield from _keys(document, name, person)
        yield from _ties(document, name, person, people)
    for name, group in groups.items():
        place = ("groups", name)
        yield from _one(document, (*place, "facilitator"), group.facilitator, _staff(people), "facilitator")
        for number, member in enumerate(group.members):
            yield from _one(document, (*place, "members", number), member, _participants(people), "participant")
    for number, name in enumerate(strict):
        yield from _one(document, ("strict", number), name, people, "person")


def _keys(document: Document, name: str, person: Person) -> Iterator[Complaint]:
    """A plan of a therapist, or hours of a participant, would do nothing."""
    own = BY_ROLE.get(person.role, STAFF_KEYS)
    for key in document.at(("people", name)).parts:
        if str(key) not in (*EVERYBODY, *own):
            what = f'"{key}" is not for a {person.role}.'
            hint = f"For a {person.role} there are also {listed(own, 'and')}."
            yield document.complaint(("people", name, key), what, hint)


def _ties(document: Document, name: str, person: Person, people: Mapping[str, Person]) -> Iterator[Complaint]:
    if person.therapist:
        yield from _one(document, ("people", name, "therapist"), person.therapist, _staff(people), "member of staff")
    if person.role == "contact" and not person.of:
        yield document.complaint(("people", name), f"Whose contact is {name}?", "Write `of:` and a participant.")
    if person.of:
        yield from _one(document, ("people", name, "of"), person.of, _participants(people), "participant")


def _one(
    document: Document, place: tuple[str | int, ...], name: str, known: Iterable[str], kind: str
) -> Iterator[Complaint]:
    names = list(known)
    if name not in names:
        yield document.complaint(place, f'There is no {kind} "{name}" in this file.', did_you_mean(name, names))


def _staff(people: Mapping[str, Person]) -> list[str]:
    return [name for name, person in people.items() if person.is_staff]


def _participants(people: Mapping[str, Person]) -> list[str]:
    return [name for name, person in people.items() if person.role == "participant"]
