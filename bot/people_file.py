"""People as a clinic writes them down (`people:`, as in a rehearsal), and adding those who are not there yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from bot.channels.pager.kinds import kind_of
from bot.reading import BadFiles, read_as, read_document
from bot.rehearsal.cast import Person
from bot.rehearsal.enrolling import ORDER, enrol_one
from bot.rehearsal.file import with_whole_addresses
from bot.rehearsal.references import references
from flows.errors import HandrailError
from flows.settings import ProgrammeSettings
from flows.strict import Strict
from storage.lookup import whose_address
from storage.pagers import set_pager
from storage.store import Unit


def _pager(written: str) -> str:
    if written:
        try:
            kind_of(written)
        except HandrailError as wrong:
            raise ValueError(str(wrong)) from None
    return written


PagerAddress = Annotated[str, AfterValidator(_pager)]


class Member(Person):
    """Somebody of a real programme, who may have an account on Matrix and, if they work there, a pager."""

    matrix: str = Field("", pattern=r"^(@[^:\s]+:\S+)?$")
    pager: PagerAddress = ""


class PeopleFile(Strict):
    """The one key of such a file."""

    people: dict[str, Member] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Who was added and who was there already, by the word that stands for them in the file."""

    added: tuple[str, ...]
    there: tuple[str, ...]


def read_people(path: Path) -> Mapping[str, Member]:
    """The people in a file. Raises BadFiles with everything that is wrong with it."""
    document = with_whole_addresses(read_document(path))
    people = read_as(PeopleFile, document).people
    if wrong := list(references(document, people, {}, ())):
        raise BadFiles(sorted(wrong, key=lambda one: one.line or 0))
    return people


def add_people(unit: Unit, people: Mapping[str, Member], programme: ProgrammeSettings) -> Enrolled:
    """Add everybody who is not reached at their address already; nobody who is there is changed."""
    there = {name: found for name, person in people.items() if (found := whose_address(unit, person.channel, name))}
    ids = dict(there)
    for name in sorted(people.keys() - there.keys(), key=lambda one: (ORDER.index(people[one].role), one)):
        real = [("matrix", people[name].matrix, True)] if people[name].matrix else []
        ids[name] = enrol_one(unit, name, people[name], programme, ids, real)
        if pager := people[name].pager:
            set_pager(unit, ids[name], pager)
    return Enrolled(tuple(name for name in people if name not in there), tuple(there))
